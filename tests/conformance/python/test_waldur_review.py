"""Waldur cases 45 to 59: permission requests, seen and reviewed by those who may."""

import uuid

import pytest
from waldur_api_client.api.projects import projects_destroy
from waldur_api_client.api.roles import roles_disable
from waldur_api_client.api.user_permission_requests import (
    user_permission_requests_approve,
    user_permission_requests_list,
    user_permission_requests_reject,
    user_permission_requests_retrieve,
)
from waldur_api_client.models import ReviewCommentRequest

from support.mail_sink import recipients
from support.make import unique
from support.organisation import roles_of
from support.waldur import NOT_FOUND, found, no_such, refused

WRONG_STATE = {"detail": "Valid states for operation: pending."}


def approve(person, request, **fields):
    """The person approves the request; the answer has no body."""
    body = ReviewCommentRequest(**fields)
    answer = user_permission_requests_approve.sync_detailed(
        request.uuid, client=person.client, body=body
    )
    assert (answer.status_code, answer.content) == (200, b"")


def reject(person, request, **fields):
    """The person rejects the request; the answer has no body."""
    body = ReviewCommentRequest(**fields)
    answer = user_permission_requests_reject.sync_detailed(
        request.uuid, client=person.client, body=body
    )
    assert (answer.status_code, answer.content) == (200, b"")


def new_project(scene, person, **fields):
    """A request for a project of the person's own, in C."""
    fields = {"role": "PROJECT.ADMIN", "auto_create_project": True} | fields
    role = fields.pop("role")
    return scene.at.request(scene.at.invitation(scene.customer, role, **fields), person)


def test_case_045_those_concerned_see_it(scene):
    request = scene.request
    for viewer in (scene.staff, scene.owner, scene.user, scene.support):
        (listed,) = user_permission_requests_list.sync(
            client=viewer.client, customer_uuid=scene.customer.uuid
        )
        one = user_permission_requests_retrieve.sync(request.uuid, client=viewer.client)
        assert listed == one
        assert (one.state, one.created_by_email) == ("pending", scene.user.email)
        assert one.created_by_username == scene.user.username
        assert (one.reviewed_by_full_name, one.reviewed_by_username) == (None, None)
        assert (one.reviewed_at, one.review_comment) == (None, None)
        assert one.project_name_template is None
        assert (one.project_name, one.project_description) == ("", "")
        assert (one.scope_uuid, one.customer_uuid) == (scene.customer.uuid,) * 2
        assert (one.scope_name, one.role_name) == (scene.customer.name, "CUSTOMER.OWNER")
        assert one.url.endswith(f"/api/user-permission-requests/{one.uuid.hex}/")
        assert one.invitation == scene.on_customer.url


def test_case_046_nobody_else_does(scene):
    request = scene.request
    for viewer in (scene.admin, scene.manager, scene.other):
        assert user_permission_requests_list.sync(client=viewer.client) == []
        body = refused(
            404, user_permission_requests_retrieve.sync, request.uuid, client=viewer.client
        )
        assert body == no_such("PermissionRequest")


@pytest.mark.parametrize("reviewer", ["staff", "owner"])
def test_case_047_approved(scene, reviewer):
    reviewer = getattr(scene, reviewer)
    approve(reviewer, scene.request)
    seen = scene.at.seen(scene.request)
    assert (seen.state, seen.reviewed_by_username) == ("approved", reviewer.username)
    assert seen.reviewed_by_full_name == reviewer.full_name
    assert seen.reviewed_at >= seen.created
    assert roles_of(scene.user) == {("CUSTOMER.OWNER", scene.customer.uuid)}


def test_case_047_approved_without_a_body(scene):
    # The web UI sends none; the client always sends one.
    path = f"/api/user-permission-requests/{scene.request.uuid}/approve/"
    assert found(scene.owner.http.post(path)) is None
    assert scene.at.seen(scene.request).state == "approved"


@pytest.mark.parametrize("reviewer", ["staff", "owner"])
def test_case_048_not_twice(scene, reviewer):
    reviewer = getattr(scene, reviewer)
    approve(reviewer, scene.request)
    assert refused(409, approve, reviewer, scene.request) == WRONG_STATE
    assert refused(409, reject, reviewer, scene.request) == WRONG_STATE
    # That it is reviewed is told before who may review it.
    assert refused(409, approve, scene.support, scene.request) == WRONG_STATE


def test_case_049_not_without_authority(scene):
    idle = scene.creator("INVITATION.LIST")
    for caller in (idle, scene.user, scene.support):
        assert refused(404, approve, caller, scene.request) == NOT_FOUND
        assert refused(404, reject, caller, scene.request) == NOT_FOUND
    assert scene.at.seen(scene.request).state == "pending"
    assert roles_of(scene.user) == set()


def test_case_050_the_owner_of_the_customer_for_a_project(scene):
    creator = scene.creator("CUSTOMER.CREATE_PERMISSION")
    request = scene.at.request(scene.on_project, scene.user)
    approve(creator, request)
    assert roles_of(scene.user) == {("PROJECT.ADMIN", scene.project.uuid)}


def test_case_051_a_new_project_takes_the_permission_for_projects(scene):
    creator = scene.creator("PROJECT.CREATE_PERMISSION")
    request = new_project(scene, scene.user)
    approve(creator, request)
    assert scene.at.seen(request).state == "approved"


def test_case_052_and_not_the_one_for_customers(scene):
    creator = scene.creator("CUSTOMER.CREATE_PERMISSION")
    request = new_project(scene, scene.user)
    assert refused(404, approve, creator, request) == NOT_FOUND
    assert scene.at.seen(request).state == "pending"


def test_case_053_a_project_named_by_the_template(scene):
    template = "{username}_custom_project"
    request = new_project(scene, scene.user, project_name_template=template)
    assert request.project_name_template == template
    approve(scene.staff, request)
    (project,) = scene.at.projects(scene.customer)
    assert project.name == f"{scene.user.username}_custom_project"
    assert roles_of(scene.user) == {("PROJECT.ADMIN", project.uuid)}


def test_case_053_a_role_of_its_own_for_the_project(scene):
    request = new_project(
        scene,
        scene.user,
        role="CUSTOMER.OWNER",
        project_role=scene.at.role("PROJECT.MEMBER").uuid,
        project_name_template="{email} {full_name}",
    )
    approve(scene.staff, request)
    (project,) = scene.at.projects(scene.customer)
    assert project.name == f"{scene.user.email} {scene.user.full_name}"
    assert roles_of(scene.user) == {("PROJECT.MEMBER", project.uuid)}


@pytest.mark.parametrize("template", [None, ""])
def test_case_054_a_project_named_by_the_user(scene, template):
    request = new_project(scene, scene.user, project_name_template=template)
    approve(scene.staff, request)
    (project,) = scene.at.projects(scene.customer)
    assert project.name == scene.user.username


def test_case_055_one_project_for_all_of_a_name(scene):
    name = unique("Shared")
    invitation = scene.at.invitation(
        scene.customer, "PROJECT.ADMIN", auto_create_project=True, project_name_template=name
    )
    for person in (scene.user, scene.other):
        approve(scene.staff, scene.at.request(invitation, person))
    (project,) = scene.at.projects(scene.customer)
    assert project.name == name
    for person in (scene.user, scene.other):
        assert roles_of(person) == {("PROJECT.ADMIN", project.uuid)}


def test_case_056_a_removed_project_stays_removed(scene):
    removed = scene.at.project(scene.customer, name=scene.user.username)
    projects_destroy.sync_detailed(removed.uuid, client=scene.staff.client)
    approve(scene.staff, new_project(scene, scene.user))
    (project,) = scene.at.projects(scene.customer)
    assert project.name == removed.name
    assert project.uuid != removed.uuid


def test_case_057_a_role_that_cannot_be_granted(scene):
    role = scene.at.new_role("customer")
    request = scene.at.request(scene.at.invitation(scene.customer, role), scene.user)
    roles_disable.sync_detailed(role.uuid, client=scene.staff.client)
    assert refused(400, approve, scene.staff, request) == ["Role is not active."]
    seen = scene.at.seen(request)
    assert (seen.state, seen.reviewed_at, seen.reviewed_by_username) == ("pending", None, None)
    assert roles_of(scene.user) == set()


def test_case_057_the_new_project_is_taken_back(scene):
    role = scene.at.new_role("project", name="PROJECT.OFF")
    request = new_project(scene, scene.user, role=role)
    roles_disable.sync_detailed(role.uuid, client=scene.staff.client)
    assert refused(400, approve, scene.staff, request) == ["Role is not active."]
    assert scene.at.projects(scene.customer) == []


def test_case_058_rejected(scene):
    comment = f"Not eligible: {uuid.uuid4().hex}"
    reject(scene.owner, scene.request, comment=comment)
    seen = scene.at.seen(scene.request)
    assert (seen.state, seen.review_comment) == ("rejected", comment)
    assert seen.reviewed_by_username == scene.owner.username
    assert roles_of(scene.user) == set()
    letters = scene.at.letters_of(comment, 1)
    assert recipients(letters) == [scene.user.email]
    assert "rejected" in letters[0]["Subject"].lower()


@pytest.mark.parametrize("review", [approve, reject])
def test_case_059_a_blank_comment(scene, review):
    blank = {"comment": ["This field may not be blank."]}
    assert refused(400, review, scene.staff, scene.request, comment="") == blank
    assert scene.at.seen(scene.request).state == "pending"


def test_case_059_no_comment_is_not_null(scene):
    # The client cannot send null here.
    path = f"/api/user-permission-requests/{scene.request.uuid}/approve/"
    answer = scene.staff.http.post(path, json={"comment": None})
    assert found(answer, 400) == {"comment": ["This field may not be null."]}
