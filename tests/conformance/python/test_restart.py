"""The binary's life: started, ended in good order, killed, and started again on its database."""

import pytest

from support import database, expect, native, server
from support.make import Make


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_answered_survives_the_server(engine, tmp_path, end):
    key, headers = server.new_key(), {"Idempotency-Key": "before the end"}
    with database.fresh(engine) as url:
        first = server.start(url, tmp_path, key)
        make = Make(first.url, key)
        user, ban = make.user(), make.ban()
        body = make.request(ban, user, comment="c1")
        taken = make.http.post("/api/user/action", json=body, headers=headers)
        action = expect.ok(taken)["action"]
        getattr(first, end)()

        with server.ending(server.start(url, tmp_path, key)) as second:
            make = Make(second.url, key)
            assert expect.ok(make.api.retrieve_action(action["id"]))["action"] == action
            expect.status(make.login(user), 409)
            native.blocks(native.gate(make, user))
            again = make.http.post("/api/user/action", json=body, headers=headers)
            assert again.headers["Idempotency-Replayed"] == "true"
            assert again.content == taken.content
            assert len(make.actions(user)) == 1
            assert len(expect.ok(make.api.retrieve_tenants())["tenants"]) == 1


def test_the_first_administrator_can_log_in(api):
    body = {"loginId": server.ADMIN_EMAIL, "password": server.ADMIN_PASSWORD}
    assert expect.ok(api.login(body))["user"]["active"] is True
