"""A provider: it knows which licences run out, so that Docket can remind those who hold them.

Docket asks `POST /pull` for everything that there is to do, page by page, and calls `POST /renew`
when somebody presses "Renew for a year". See README.md.
"""

import datetime
import json
import os
import pathlib

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
from standardwebhooks import Webhook, WebhookVerificationError

# The licences: {"<id>": {"product": …, "holder": <the id of a user>, "until": "2027-01-31"}}.
LICENCES = pathlib.Path(os.environ.get("LICENCES", "licences.json"))
# Where Docket reaches this program.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000")
# What Docket answered when the provider was registered: "whsec_…".
SECRET = os.environ.get("SECRET_FILE", "secret.txt")
# How many licences go on one page, and how long before its end a holder hears of a licence.
PAGE = int(os.environ.get("PAGE", "100"))
NOTICE = datetime.timedelta(days=30)

app = FastAPI(title="Licences that run out")


class Pull(BaseModel):
    """What Docket asks: everybody's to-dos, or those of some users; from the start, or further."""

    actionType: str
    userIds: list[str] | None = None
    cursor: str | None = None


async def signed(request: Request) -> dict:
    """The body of a request, if Docket signed it lately; else 401."""
    body = await request.body()
    try:
        # Read anew each time, because the secret changes when it is rotated.
        secret = pathlib.Path(SECRET).read_text().strip()
        Webhook(secret).verify(body, dict(request.headers))
    except (OSError, WebhookVerificationError) as wrong:
        # Without a secret, nobody can be believed.
        raise HTTPException(401, "the signature is wrong") from wrong
    return json.loads(body)


def read() -> dict:
    """The licences by their ids."""
    return json.loads(LICENCES.read_text())


def todo(id: str, licence: dict) -> dict:
    """What the licence's holder has to do; how urgent it is follows from `dueAt`."""
    return {
        "externalId": id,
        "userIds": [licence["holder"]],
        "title": f"Licence runs out: {licence['product']}",
        "description": f"{licence['product']} works until {licence['until']}.",
        "dueAt": f"{licence['until']}T00:00:00.000Z",
        "relatedObjectName": licence["product"],
        "relatedObjectType": "licence",
        "correctiveActions": [
            {
                "label": "Renew for a year",
                "category": "extend",
                "severity": "low",
                "method": "POST",
                "apiEndpoint": True,
                "confirmationRequired": True,
                "callbackUrl": f"{PUBLIC_URL}/renew",
                "metadata": {"licence": id},
            }
        ],
    }


@app.post("/pull")
async def pull(request: Request) -> dict:
    """One page of what there is to do. `next` leads to the page after it; the last has none."""
    asked = Pull.model_validate(await signed(request))
    soon = (datetime.datetime.now(datetime.UTC).date() + NOTICE).isoformat()
    due = {
        id: licence
        for id, licence in sorted(read().items())
        if licence["until"] <= soon
        and (asked.userIds is None or licence["holder"] in asked.userIds)
        and (asked.cursor is None or id > asked.cursor)
    }
    page = list(due)[:PAGE]
    return {
        "items": [todo(id, due[id]) for id in page],
        "next": page[-1] if len(due) > PAGE else None,
    }


@app.post("/renew")
async def renew(request: Request) -> dict:
    """Somebody pressed the button. What is answered here is what that person gets to see."""
    call = await signed(request)
    id = call["correctiveAction"]["metadata"]["licence"]
    licences = read()
    if id not in licences:
        raise HTTPException(404, "there is no such licence any more")
    until = datetime.date.fromisoformat(licences[id]["until"]) + datetime.timedelta(days=365)
    licences[id]["until"] = until.isoformat()
    LICENCES.write_text(json.dumps(licences, indent=2))
    return {"action": "completed", "message": f"Renewed until {until}"}
