"""Customers, projects, roles and people, made through the official Waldur client."""

import functools
import uuid

from waldur_api_client.api.customers import customers_add_user, customers_create
from waldur_api_client.api.projects import projects_add_user, projects_create, projects_list
from waldur_api_client.api.roles import roles_list
from waldur_api_client.api.user_group_invitations import (
    user_group_invitations_create,
    user_group_invitations_submit_request,
)
from waldur_api_client.api.user_permission_requests import (
    user_permission_requests_list,
    user_permission_requests_retrieve,
)
from waldur_api_client.api.users import users_change_password, users_create, users_me_retrieve
from waldur_api_client.models import (
    CustomerRequest,
    GroupInvitationRequest,
    PasswordChangeRequest,
    ProjectRequest,
    RoleDetails,
    SubmitRequestRequest,
    UserRequest,
    UserRoleCreateRequest,
)
from waldur_api_client.types import UNSET

from support.mail_sink import text
from support.make import PASSWORD, Make, unique
from support.server import ADMIN_EMAIL, ADMIN_PASSWORD
from support.waldur import Person, found, sign_in


class Organisation:
    """One server, seen by its first administrator, who makes everything else."""

    def __init__(self, server, letters=None):
        self.server = server
        self.url = server.url
        self.fusionauth = Make(server.url, server.key)
        # What the server has mailed.
        self.letters = letters
        self._roles = {}
        self.root = self._signed_in(ADMIN_EMAIL, ADMIN_PASSWORD)

    def scene(self):
        """A customer with a project and the people around them, for one test alone."""
        return Scene(self)

    # --- people -------------------------------------------------------------------------------

    def person(self, name="user", **facts):
        """Somebody with no role anywhere, who is signed in."""
        username = f"{name}-{uuid.uuid4().hex[:12]}"
        body = UserRequest(
            **{"username": username, "email": f"{username}@example.com", "first_name": name} | facts
        )
        made = users_create.sync(client=self.root.client, body=body)
        password = PasswordChangeRequest(new_password=PASSWORD)
        users_change_password.sync_detailed(made.uuid, client=self.root.client, body=password)
        return self._signed_in(body.username, PASSWORD)

    @functools.cached_property
    def staff(self):
        """Somebody who may do everything."""
        return self.person("staff", is_staff=True)

    @functools.cached_property
    def support(self):
        """Somebody who sees everything and manages nothing."""
        return self.person("support", is_support=True)

    def _signed_in(self, username, password):
        person = Person(self.url, sign_in(self.url, username, password))
        me = users_me_retrieve.sync(client=person.client)
        person.uuid, person.username = me.uuid, me.username
        person.email, person.full_name = me.email, me.full_name
        return person

    # --- what people may do -------------------------------------------------------------------

    def role(self, name):
        """The system role of this name."""
        if name not in self._roles:
            roles = roles_list.sync(client=self.root.client, name=name)
            self._roles |= {role.name: role for role in roles}
        return self._roles[name]

    def new_role(self, content_type, *permissions, name=None):
        """A role of nobody's yet, with these permissions."""
        # The client can only send an object as permissions; they are a list.
        body = {
            "name": unique(name or content_type.upper()),
            "content_type": content_type,
            "permissions": list(permissions),
        }
        answer = self.root.http.post("/api/roles/", json=body)
        return RoleDetails.from_dict(found(answer, 201))

    def customer(self, **fields):
        """A customer."""
        body = CustomerRequest(**{"name": unique("Customer")} | fields)
        return customers_create.sync(client=self.root.client, body=body)

    def project(self, customer, **fields):
        """A project of the customer."""
        body = ProjectRequest(**{"name": unique("Project"), "customer": customer.url} | fields)
        return projects_create.sync(client=self.root.client, body=body)

    def projects(self, customer):
        """The customer's projects."""
        return projects_list.sync_all(client=self.root.client, customer=[customer.uuid])

    def grant(self, person, role, scope, expires=UNSET):
        """The person has the role on the customer or project from now on; gives the person back."""
        body = UserRoleCreateRequest(
            role=role if isinstance(role, str) else role.uuid.hex,
            user=person.uuid,
            expiration_time=expires,
        )
        add = projects_add_user if "/projects/" in scope.url else customers_add_user
        answer = add.sync_detailed(scope.uuid, client=self.root.client, body=body)
        assert answer.status_code == 201, answer.content
        return person

    # --- what people ask for ------------------------------------------------------------------

    def invitation(self, scope, role, by=None, **fields):
        """An offer of the role on the scope."""
        role = self.role(role) if isinstance(role, str) else role
        body = GroupInvitationRequest(role=role.uuid, scope=scope.url, **fields)
        return user_group_invitations_create.sync(client=(by or self.root).client, body=body)

    def submit(self, invitation, person, **fields):
        """The answer to a person who asks for what the invitation offers."""
        body = SubmitRequestRequest(**fields)
        return user_group_invitations_submit_request.sync(
            invitation.uuid, client=person.client, body=body
        )

    def request(self, invitation, person, **fields):
        """The request of a person who asks for what the invitation offers, pending as a rule."""
        return self.seen(uuid.UUID(self.submit(invitation, person, **fields).uuid))

    def seen(self, request):
        """The request as an administrator sees it now."""
        wanted = getattr(request, "uuid", request)
        return user_permission_requests_retrieve.sync(wanted, client=self.root.client)

    def requests(self, invitation):
        """The requests for the invitation."""
        return user_permission_requests_list.sync_all(
            client=self.root.client, invitation=invitation.uuid
        )

    def letters_of(self, word, count):
        """The letters in which the word stands, as soon as there are this many of them."""
        return self.letters.wait_for_those(lambda letter: word in text(letter), count)


class Scene:
    """The contract's fixture: customer C, its project P and those around them, made when needed."""

    def __init__(self, at):
        self.at = at
        self.staff = at.staff

    @property
    def support(self):
        return self.at.support

    @functools.cached_property
    def customer(self):
        return self.at.customer()

    @functools.cached_property
    def project(self):
        return self.at.project(self.customer)

    @functools.cached_property
    def owner(self):
        return self.at.grant(self.at.person("owner"), "CUSTOMER.OWNER", self.customer)

    @functools.cached_property
    def manager(self):
        return self.at.grant(self.at.person("manager"), "PROJECT.MANAGER", self.project)

    @functools.cached_property
    def admin(self):
        return self.at.grant(self.at.person("admin"), "PROJECT.ADMIN", self.project)

    @functools.cached_property
    def user(self):
        return self.at.person("user")

    @functools.cached_property
    def other(self):
        return self.at.person("other")

    @functools.cached_property
    def on_customer(self):
        """The contract's GI_C."""
        return self.at.invitation(self.customer, "CUSTOMER.OWNER")

    @functools.cached_property
    def on_project(self):
        """The contract's GI_P."""
        return self.at.invitation(self.project, "PROJECT.ADMIN")

    @functools.cached_property
    def request(self):
        """The contract's PR."""
        return self.at.request(self.on_customer, self.user)

    def creator(self, *permissions, scope=None):
        """Somebody whose only role, on C unless told otherwise, has just these permissions."""
        scope = scope or self.customer
        kind = "project" if "/projects/" in scope.url else "customer"
        return self.at.grant(self.at.person("creator"), self.at.new_role(kind, *permissions), scope)


def roles_of(person):
    """The roles that a person has now: pairs of a role's name and a scope's UUID."""
    answer = found(person.http.get("/api/users/me/"))
    return {(grant["role_name"], uuid.UUID(grant["scope_uuid"])) for grant in answer["permissions"]}
