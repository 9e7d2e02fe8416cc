"""Users, customers, projects, roles and teams: who sees them and who may change them."""

import datetime
import uuid

import pytest
from waldur_api_client.api.customers import (
    customers_add_user,
    customers_create,
    customers_delete_user,
    customers_destroy,
    customers_list,
    customers_list_users_list,
    customers_partial_update,
    customers_retrieve,
    customers_update_user,
)
from waldur_api_client.api.projects import (
    projects_create,
    projects_destroy,
    projects_list,
    projects_retrieve,
)
from waldur_api_client.api.roles import (
    roles_enable,
    roles_list,
    roles_retrieve,
)
from waldur_api_client.api.users import (
    users_list,
    users_me_retrieve,
    users_partial_update,
    users_refresh_token,
    users_retrieve,
    users_token_retrieve,
)
from waldur_api_client.api.version import version_retrieve
from waldur_api_client.models import (
    CustomerRequest,
    PatchedCustomerRequest,
    PatchedUserRequest,
    ProjectRequest,
    UserRoleCreateRequest,
    UserRoleDeleteRequest,
    UserRoleUpdateRequest,
)

from support.clock import until
from support.inbox import ahead
from support.make import unique
from support.organisation import roles_of
from support.waldur import FORBIDDEN, no_such, refused

SYSTEM_ROLES = {
    "CUSTOMER.OWNER": "customer",
    "CUSTOMER.SUPPORT": "customer",
    "CUSTOMER.MANAGER": "customer",
    "PROJECT.ADMIN": "project",
    "PROJECT.MANAGER": "project",
    "PROJECT.MEMBER": "project",
}


def test_who_i_am(scene):
    me = users_me_retrieve.sync(client=scene.manager.client)
    assert (me.username, me.is_staff, me.is_active) == (scene.manager.username, False, True)
    assert me.token == scene.manager.token
    (role,) = me.permissions
    assert (role.role_name, role.scope_uuid) == ("PROJECT.MANAGER", scene.project.uuid)
    assert (role.scope_type, role.customer_uuid) == ("project", scene.customer.uuid)


def test_who_sees_whom(scene):
    assert scene.manager and scene.admin and scene.other

    def seen(viewer):
        listed = users_list.sync_all(client=viewer.client, customer_uuid=scene.customer.uuid)
        return {each.username for each in listed}

    team = {scene.manager.username, scene.admin.username}
    assert seen(scene.staff) >= team
    assert seen(scene.admin) >= team
    assert seen(scene.other) & team == set()
    body = refused(404, users_retrieve.sync, scene.admin.uuid, client=scene.other.client)
    assert body == no_such("User")
    assert users_retrieve.sync(scene.other.uuid, client=scene.other.client).email


def test_what_users_change_of_themselves(scene):
    body = PatchedUserRequest(job_title="Librarian", organization="Library")
    changed = users_partial_update.sync(scene.user.uuid, client=scene.user.client, body=body)
    assert (changed.job_title, changed.organization) == ("Librarian", "Library")
    body = PatchedUserRequest(is_staff=True)
    # Whether it is refused or ignored, it is not done.
    answer = scene.user.http.patch(f"/api/users/{scene.user.uuid}/", json=body.to_dict())
    assert users_me_retrieve.sync(client=scene.user.client).is_staff is False, answer.text


def test_tokens_are_looked_after_by_staff(scene):
    token = users_token_retrieve.sync(scene.user.uuid, client=scene.staff.client)
    assert (token.user_username, token.user_is_active) == (scene.user.username, True)
    assert refused(403, users_token_retrieve.sync, scene.user.uuid, client=scene.user.client)
    users_refresh_token.sync(scene.user.uuid, client=scene.staff.client)
    body = refused(401, users_me_retrieve.sync, client=scene.user.client)
    assert body == {"detail": "Invalid token."}


def test_who_sees_which_customer(scene):
    for viewer in (scene.staff, scene.support, scene.owner, scene.admin):
        seen = customers_retrieve.sync(scene.customer.uuid, client=viewer.client)
        assert (seen.name, seen.archived, seen.blocked) == (scene.customer.name, False, False)
    body = refused(404, customers_retrieve.sync, scene.customer.uuid, client=scene.user.client)
    assert body == no_such("Customer")
    assert customers_list.sync(client=scene.user.client) == []
    (only,) = customers_list.sync(client=scene.owner.client)
    assert only.uuid == scene.customer.uuid


def test_who_changes_customers(scene):
    body = CustomerRequest(name=unique("Mine"))
    assert refused(403, customers_create.sync, client=scene.owner.client, body=body) == FORBIDDEN
    made = customers_create.sync(client=scene.staff.client, body=body)
    description = PatchedCustomerRequest(description="Ours")

    def patch(caller):
        return customers_partial_update.sync(
            scene.customer.uuid, client=caller.client, body=description
        )

    assert refused(403, patch, scene.admin) == FORBIDDEN
    assert patch(scene.staff).description == "Ours"
    assert customers_destroy.sync_detailed(made.uuid, client=scene.staff.client).status_code == 204
    assert scene.project
    assert refused(
        409, customers_destroy.sync_detailed, scene.customer.uuid, client=scene.staff.client
    )


def test_who_sees_and_makes_projects(scene):
    assert projects_retrieve.sync(scene.project.uuid, client=scene.admin.client).name
    body = refused(404, projects_retrieve.sync, scene.project.uuid, client=scene.user.client)
    assert body == no_such("Project")
    wanted = ProjectRequest(name=unique("New"), customer=scene.customer.url)
    made = projects_create.sync(client=scene.owner.client, body=wanted)
    assert (made.name, made.customer_uuid) == (wanted.name, scene.customer.uuid)
    assert refused(403, projects_create.sync, client=scene.admin.client, body=wanted) == FORBIDDEN
    projects_destroy.sync_detailed(made.uuid, client=scene.owner.client)
    names = {each.name for each in projects_list.sync(client=scene.owner.client)}
    assert names == {scene.project.name}


def test_the_roles_that_there_are(scene):
    roles = roles_list.sync_all(client=scene.user.client, is_system_role=True)
    found = {role.name: role.content_type.value for role in roles}
    assert found.items() >= SYSTEM_ROLES.items()
    manager = roles_retrieve.sync(scene.at.role("PROJECT.MANAGER").uuid, client=scene.user.client)
    assert "PROJECT.CREATE_PERMISSION" in manager.permissions
    assert refused(403, roles_enable.sync_detailed, manager.uuid, client=scene.owner.client)


def test_a_role_for_a_time(scene):
    end = ahead(datetime.timedelta(hours=1)).replace(microsecond=0)
    body = UserRoleCreateRequest(role="CUSTOMER.SUPPORT", user=scene.user.uuid, expiration_time=end)
    answer = customers_add_user.sync(scene.customer.uuid, client=scene.owner.client, body=body)
    assert answer.expiration_time == end
    (grant,) = customers_list_users_list.sync(
        scene.customer.uuid, client=scene.owner.client, user=scene.user.uuid
    )
    assert grant.expiration_time == end
    soon = ahead(datetime.timedelta(seconds=1))
    body = UserRoleUpdateRequest(
        role="CUSTOMER.SUPPORT", user=scene.user.uuid, expiration_time=soon
    )
    customers_update_user.sync_detailed(scene.customer.uuid, client=scene.owner.client, body=body)
    until(lambda: roles_of(scene.user) == set(), what="the end of the role")
    refused(404, customers_retrieve.sync, scene.customer.uuid, client=scene.user.client)


def test_a_role_that_is_taken_away(scene):
    body = UserRoleDeleteRequest(role="PROJECT.ADMIN", user=scene.admin.uuid)
    delete = UserRoleDeleteRequest(role="CUSTOMER.OWNER", user=scene.owner.uuid)
    answer = customers_delete_user.sync_detailed(
        scene.customer.uuid, client=scene.staff.client, body=delete
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert roles_of(scene.owner) == set()
    assert refused(
        404,
        customers_delete_user.sync_detailed,
        scene.customer.uuid,
        client=scene.other.client,
        body=body,
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"role": "NO.SUCH"}, {"role": ["Role is not found."]}),
        ({"user": uuid.UUID(int=1)}, {"user": ["User is not found."]}),
        (
            {"expiration_time": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)},
            {"expiration_time": ["Expiration time should be greater than current time."]},
        ),
        ({"role": "PROJECT.ADMIN"}, {"non_field_errors": ["Role is not valid for this scope."]}),
    ],
)
def test_a_role_that_cannot_be_given(scene, fields, message):
    wanted = {"role": "CUSTOMER.SUPPORT", "user": scene.user.uuid} | fields
    answer = scene.owner.http.post(
        f"/api/customers/{scene.customer.uuid}/add_user/",
        json=UserRoleCreateRequest(**wanted).to_dict(),
    )
    assert (answer.status_code, answer.json()) == (400, message)


def test_the_version_is_for_staff(scene):
    assert version_retrieve.sync(client=scene.staff.client).version
    assert refused(403, version_retrieve.sync, client=scene.user.client) == FORBIDDEN
