"""Waldur cases 89 to 91: to sign in, to give somebody a role, and to list who has one."""

import uuid

import pytest
from waldur_api_client.api.api_auth import api_auth_logout, api_auth_password
from waldur_api_client.api.customers import (
    customers_list_users_count,
    customers_list_users_list,
)
from waldur_api_client.api.projects import projects_add_user, projects_list_users_list
from waldur_api_client.api.users import users_me_retrieve
from waldur_api_client.models import (
    AuthTokenChallenge,
    ObtainAuthTokenRequest,
    UserRoleCreateRequest,
)
from waldur_api_client.types import UNSET

from support.make import PASSWORD
from support.organisation import roles_of
from support.waldur import FORBIDDEN, anonymous, refused, sign_in

MEMBER = "PROJECT.MEMBER"


def add(caller, project, person, role=MEMBER):
    """The answer when the caller gives the person a role on the project."""
    body = UserRoleCreateRequest(role=role, user=person.uuid)
    return projects_add_user.sync_detailed(project.uuid, client=caller.client, body=body)


def test_case_089_the_right_password(scene):
    token = sign_in(scene.at.url, scene.user.username, PASSWORD)
    assert len(token) == 40 and int(token, 16)
    # One token a user, in whatever case the name is written.
    assert token == scene.user.token
    assert token == sign_in(scene.at.url, scene.user.username.upper(), PASSWORD)


@pytest.mark.parametrize("known", [True, False])
def test_case_089_a_wrong_password(scene, known):
    username = scene.user.username if known else uuid.uuid4().hex
    body = ObtainAuthTokenRequest(username=username, password="not this one")
    with anonymous(scene.at.url) as client:
        answer = api_auth_password.sync_detailed(client=client, body=body)
    assert answer.status_code == 401
    assert isinstance(answer.parsed, AuthTokenChallenge)
    assert answer.parsed.detail == "Invalid username/password."


def test_case_089_too_many_wrong_passwords(scene):
    username = scene.user.username
    with anonymous(scene.at.url) as client:

        def said(password):
            body = ObtainAuthTokenRequest(username=username, password=password)
            return api_auth_password.sync(client=client, body=body).detail

        assert {said("wrong") for _ in range(4)} == {"Invalid username/password."}
        assert said(PASSWORD) == "Username is locked out. Try in 10 minutes."


def test_case_089_signed_out(scene):
    answer = api_auth_logout.sync_detailed(client=scene.user.client)
    assert answer.status_code == 204
    body = refused(401, users_me_retrieve.sync, client=scene.user.client)
    assert body == {"detail": "Invalid token."}


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_case_090_a_role_is_given(scene, who):
    caller = getattr(scene, who)
    answer = add(caller, scene.project, scene.user)
    assert answer.status_code == 201
    assert answer.parsed.expiration_time is None
    assert roles_of(scene.user) == {(MEMBER, scene.project.uuid)}
    again = add(caller, scene.project, scene.user)
    assert again.status_code == 400
    assert b"User has already the same role in this scope." in again.content


def test_case_090_not_by_everybody(scene):
    assert refused(403, add, scene.admin, scene.project, scene.user) == FORBIDDEN
    assert roles_of(scene.user) == set()


def test_case_091_the_team(scene):
    giver = scene.creator("PROJECT.CREATE_PERMISSION")
    add(giver, scene.project, scene.user)

    def team():
        return {
            each.user_uuid: each
            for each in projects_list_users_list.sync(scene.project.uuid, client=scene.owner.client)
        }

    grant = team()[scene.user.uuid]
    assert (grant.role_name, grant.user_username) == (MEMBER, scene.user.username)
    assert (grant.created_by_uuid, grant.expiration_time) == (giver.uuid, None)
    # Whoever gave it is gone, and the client would not survive a null.
    scene.at.fusionauth.api.delete_user(str(giver.uuid))
    orphan = team()[scene.user.uuid]
    assert orphan.uuid == grant.uuid
    assert orphan.created_by_uuid in (UNSET, giver.uuid)


def test_case_091_the_team_of_a_customer(scene):
    assert scene.owner and scene.manager
    query = {"client": scene.owner.client, "role": ["CUSTOMER.OWNER"]}
    (grant,) = customers_list_users_list.sync(scene.customer.uuid, **query)
    assert grant.user_uuid == scene.owner.uuid
    assert customers_list_users_count.sync(scene.customer.uuid, **query) == 1
