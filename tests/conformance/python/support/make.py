"""Whatever a test needs to exist first, made through the official client with names of its own."""

import uuid

from fusionauth.fusionauth_client import FusionAuthClient

from support.clock import far, past
from support.expect import empty, ok
from support.http import Http

PASSWORD = "a long enough password"
UNSET = object()


def unique(name):
    """A name that no other test has."""
    return f"{name} {uuid.uuid4().hex[:16]}"


def unique_email():
    """An address that no other test has."""
    return f"user-{uuid.uuid4().hex[:16]}@example.com"


class Make:
    """A caller of one server, perhaps in the name of one tenant, and the things it makes."""

    def __init__(self, url, key, tenant_id=None):
        self.url = url
        self.key = key
        self.tenant_id = tenant_id
        self.api = FusionAuthClient(key, url)
        if tenant_id is not None:
            self.api.set_tenant_id(tenant_id)
        self.http = Http(url, key, tenant_id)
        self._actioner = None
        self._lender = None

    def caller(self, key=UNSET, tenant_id=UNSET):
        """Another caller of the same server."""
        return Make(
            self.url,
            self.key if key is UNSET else key,
            self.tenant_id if tenant_id is UNSET else tenant_id,
        )

    @property
    def actioner(self):
        """The user who takes actions here; the same throughout, for no test changes it."""
        if self._lender is not None:
            return self._lender.actioner
        if self._actioner is None:
            self._actioner = self.user()
        return self._actioner

    # --- people -------------------------------------------------------------------------------

    def user(self, **fields):
        """A user with an address and a password, which is added to what the server tells."""
        wanted = {"email": unique_email(), "password": PASSWORD} | fields
        user = ok(self.api.create_user({"user": wanted}))["user"]
        return user | {"password": wanted["password"]}

    def application(self, **fields):
        """An application."""
        wanted = {"name": unique("Application")} | fields
        return ok(self.api.create_application({"application": wanted}))["application"]

    def registered(self, user, application):
        """The user's registration for the application."""
        wanted = {"registration": {"applicationId": application["id"]}}
        return ok(self.api.register(wanted, user["id"]))["registration"]

    def login(self, user, application=None, **fields):
        """The answer to the user's login with the right password, unless told otherwise."""
        wanted = {"loginId": user["email"], "password": user["password"]}
        if application is not None:
            wanted["applicationId"] = application["id"]
        return self.api.login(wanted | fields)

    # --- vocabulary ---------------------------------------------------------------------------

    def definition(self, name="Note", **fields):
        """A definition; instant unless told otherwise."""
        wanted = {"name": unique(name)} | fields
        return ok(self.api.create_user_action({"userAction": wanted}))["userAction"]

    def ban(self, **fields):
        """The contract's D1: temporal, prevents login."""
        return self.definition("Ban", **{"temporal": True, "preventLogin": True} | fields)

    def mute(self, **fields):
        """The contract's D2: temporal."""
        return self.definition("Mute", **{"temporal": True} | fields)

    def reward(self, **fields):
        """The contract's D3: instant, with two options in two languages."""
        options = [
            {"name": "Gold", "localizedNames": {"eo": "Oro", "de": "Gold (de)"}},
            {"name": "Silver", "localizedNames": {"eo": "Arĝento"}},
        ]
        return self.definition("Reward", **{"options": options} | fields)

    def reason(self, **fields):
        """The contract's R1."""
        wanted = {
            "code": unique("TOS"),
            "text": unique("Broke the rules"),
            "localizedTexts": {"eo": "Rompis la regulojn"},
        } | fields
        created = self.api.create_user_action_reason({"userActionReason": wanted})
        return ok(created)["userActionReason"]

    def template(self, **fields):
        """An e-mail template."""
        wanted = {
            "name": unique("Template"),
            "defaultSubject": "Hello",
            "defaultHtmlTemplate": "<p>Hello</p>",
            "defaultTextTemplate": "Hello",
        } | fields
        return ok(self.api.create_email_template({"emailTemplate": wanted}))["emailTemplate"]

    # --- actions ------------------------------------------------------------------------------

    def request(self, definition, actionee, actioner=None, **fields):
        """The body that takes an action; temporal ones last an hour unless told otherwise."""
        action = {
            "actioneeUserId": actionee["id"],
            "actionerUserId": (actioner or self.actioner)["id"],
            "userActionId": definition["id"],
        }
        if definition["temporal"]:
            action["expiry"] = far()
        return {"action": action | fields}

    def take(self, definition, actionee, actioner=None, broadcast=None, **fields):
        """An action taken on the user."""
        body = self.request(definition, actionee, actioner, **fields)
        if broadcast is not None:
            body["broadcast"] = broadcast
        return ok(self.api.action_user(body))["action"]

    def expired(self, definition, actionee, **fields):
        """An action whose time is over."""
        return self.take(definition, actionee, expiry=past(), **fields)

    def change(self, actioner=None, **fields):
        """The body that modifies or cancels an action."""
        return {"action": {"actionerUserId": (actioner or self.actioner)["id"]} | fields}

    def modify(self, action, actioner=None, **fields):
        """The action as it is after a modification; it lasts another hour unless told otherwise."""
        body = self.change(actioner, **{"expiry": far()} | fields)
        return ok(self.api.modify_action(action["id"], body))["action"]

    def cancel(self, action, actioner=None, **fields):
        """The action as it is after it was cancelled."""
        return ok(self.api.cancel_action(action["id"], self.change(actioner, **fields)))["action"]

    def actions(self, user):
        """Every action ever taken on the user."""
        return ok(self.api.retrieve_actions(user["id"]))["actions"]

    # --- administration -----------------------------------------------------------------------

    def tenant(self, **fields):
        """A tenant. Only for the servers on which a test may have several."""
        wanted = {"name": unique("Tenant")} | fields
        return ok(self.caller(tenant_id=None).api.create_tenant({"tenant": wanted}))["tenant"]

    def in_new_tenant(self, **fields):
        """A caller in the name of a tenant of its own."""
        return self.caller(tenant_id=self.tenant(**fields)["id"])

    def api_key(self, **fields):
        """An API key."""
        return ok(self.caller(tenant_id=None).api.create_api_key({"apiKey": fields}))["apiKey"]

    def with_key(self, **fields):
        """A caller under a new key, which it remembers as `api_key_id`."""
        made = self.api_key(**fields)
        caller = self.caller(key=made["key"], tenant_id=None)
        caller.api_key_id = made["id"]
        # Its key may not allow it to make users: it borrows the one who takes its actions.
        caller._lender = self
        return caller

    def key_for(self, **endpoints):
        """A caller whose key may do only this: `key_for(**{"/api/user": ["GET"]})`."""
        return self.with_key(permissions={"endpoints": endpoints})

    def delete_definition(self, definition):
        """The definition is gone for good, and its actions with it."""
        empty(self.api.delete_user_action(definition["id"]))

    def default_tenant_id(self):
        """The id of the tenant that every server is born with."""
        tenants = ok(self.caller(tenant_id=None).api.retrieve_tenants())["tenants"]
        return next(tenant["id"] for tenant in tenants if tenant["name"] == "Default")
