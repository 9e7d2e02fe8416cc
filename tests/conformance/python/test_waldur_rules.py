"""The small print of invitations and requests: what may be offered, and who may still ask."""

import concurrent.futures
import uuid

import pytest
from waldur_api_client.api.customers import customers_add_user, customers_delete_user
from waldur_api_client.api.roles import roles_disable
from waldur_api_client.api.user_group_invitations import (
    user_group_invitations_cancel,
    user_group_invitations_list,
    user_group_invitations_partial_update,
)
from waldur_api_client.api.user_permission_requests import (
    user_permission_requests_approve,
    user_permission_requests_cancel_request,
    user_permission_requests_list,
    user_permission_requests_reject,
)
from waldur_api_client.models import (
    PatchedGroupInvitationUpdateRequest,
    ReviewCommentRequest,
    UserRoleCreateRequest,
    UserRoleDeleteRequest,
)

from support import server as servers
from support.organisation import Organisation, roles_of
from support.waldur import found, refused

PATH = "/api/user-group-invitations/"
EXISTS = ["Permission request already exists for this scope."]
SAME_TYPE = {"non_field_errors": ["Role and scope should belong to the same content type."]}


def review(scene, call, request):
    """The owner decides on the request."""
    call.sync_detailed(request.uuid, client=scene.owner.client, body=ReviewCommentRequest())


# --- what may be offered --------------------------------------------------------------------------


def test_a_role_that_nobody_knows(scene):
    nobody = uuid.uuid4()
    body = {"scope": scene.customer.url, "role": nobody.hex}
    # The client's function takes a role; this one has none.
    answer = found(scene.staff.http.post(PATH, json=body), 400)
    (text,) = answer["role"]
    assert text.startswith("Object with uuid=") and text.endswith(" does not exist.")


def test_a_role_that_is_switched_off(scene):
    role = scene.at.new_role("customer")
    roles_disable.sync_detailed(role.uuid, client=scene.staff.client)
    assert set(refused(400, scene.at.invitation, scene.customer, role)) == {"role"}


@pytest.mark.parametrize(
    ("scope", "role"), [("customer", "PROJECT.ADMIN"), ("project", "CUSTOMER.OWNER")]
)
def test_a_role_for_something_else(scene, scope, role):
    assert refused(400, scene.at.invitation, getattr(scene, scope), role) == SAME_TYPE


def test_a_new_project_needs_a_role_on_it(scene):
    def offer(**fields):
        return scene.at.invitation(
            scene.customer, "CUSTOMER.OWNER", auto_create_project=True, **fields
        )

    assert refused(400, offer) == {
        "project_role": [
            "project_role is required when auto_create_project is enabled and the invitation role "
            "is not project-scoped."
        ]
    }
    wrong = scene.at.role("CUSTOMER.SUPPORT").uuid
    assert set(refused(400, offer, project_role=wrong)) == {"project_role"}
    right = scene.at.role("PROJECT.MEMBER").uuid
    assert offer(project_role=right).project_role == right


@pytest.mark.parametrize(
    "pattern", ["(", "a" * 201, "(?P<n>a+)+", "(a|b)++", "a+?+"], ids=lambda pattern: pattern[:12]
)
def test_patterns_that_are_none_or_dangerous(scene, pattern):
    body = refused(
        400, scene.at.invitation, scene.customer, "CUSTOMER.OWNER", user_email_patterns=[pattern]
    )
    assert set(body) == {"user_email_patterns"}


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"custom_text": "x" * 501}, "custom_text"),
        ({"project_name_template": "x" * 256}, "project_name_template"),
        ({"auto_approve": "perhaps"}, "auto_approve"),
        ({"user_affiliations": "staff"}, "user_affiliations"),
        ({"role": "not-an-id"}, "role"),
        ({"scope": "not-a-url"}, "scope"),
        ({"scope": None}, "scope"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read(scene, fields, blamed):
    body = {"scope": scene.customer.url, "role": scene.at.role("CUSTOMER.OWNER").uuid.hex}
    # The client would send nothing of the kind.
    assert set(found(scene.staff.http.post(PATH, json=body | fields), 400)) == {blamed}


def test_a_change_is_looked_at_as_a_whole(scene):
    body = PatchedGroupInvitationUpdateRequest(role=scene.at.role("PROJECT.ADMIN").uuid)
    refusal = refused(
        400,
        user_group_invitations_partial_update.sync,
        scene.on_customer.uuid,
        client=scene.owner.client,
        body=body,
    )
    assert refusal == SAME_TYPE


def test_filters_of_invitations(scene):
    here = {"client": scene.staff.client, "customer_uuid": scene.customer.uuid}
    assert scene.on_customer and scene.on_project
    user_group_invitations_cancel.sync_detailed(scene.on_customer.uuid, client=scene.staff.client)

    def shown(**query):
        return [each.uuid for each in user_group_invitations_list.sync(**here, **query)]

    assert shown() == [scene.on_project.uuid, scene.on_customer.uuid]
    assert shown(is_active=True) == [scene.on_project.uuid]
    assert shown(is_active=False) == [scene.on_customer.uuid]
    assert shown(is_public=True) == []
    assert shown(role_name="PROJECT.ADMIN") == [scene.on_project.uuid]
    assert shown(role_uuid=scene.at.role("CUSTOMER.OWNER").uuid) == [scene.on_customer.uuid]
    assert shown(scope_type="project") == [scene.on_project.uuid]
    assert shown(scope_type="galaxy") == []
    assert shown(scope=scene.customer.url) == [scene.on_customer.uuid]


# --- who may ask ----------------------------------------------------------------------------------


def test_what_has_ended_cannot_be_asked_for(scene):
    user_group_invitations_cancel.sync_detailed(scene.on_customer.uuid, client=scene.staff.client)
    body = refused(400, scene.at.submit, scene.on_customer, scene.user)
    assert body == ["Only pending invitation can be requested."]


def test_another_invitation_to_the_same_scope(scene):
    assert scene.request
    other = scene.at.invitation(scene.customer, "CUSTOMER.SUPPORT")
    assert refused(400, scene.at.submit, other, scene.user) == EXISTS
    again = scene.at.invitation(scene.customer, "CUSTOMER.SUPPORT", allow_multiple_requests=True)
    assert scene.at.submit(again, scene.user).uuid


@pytest.mark.parametrize("end", ["rejected", "canceled"])
def test_whoever_was_refused_may_ask_again(scene, end):
    if end == "rejected":
        review(scene, user_permission_requests_reject, scene.request)
    else:
        user_permission_requests_cancel_request.sync(scene.request.uuid, client=scene.user.client)
    assert scene.at.seen(scene.request).state == end
    assert scene.at.submit(scene.on_customer, scene.user).uuid


def test_whoever_had_the_role_may_not_ask_again(scene):
    review(scene, user_permission_requests_approve, scene.request)
    body = UserRoleDeleteRequest(role="CUSTOMER.OWNER", user=scene.user.uuid)
    customers_delete_user.sync_detailed(scene.customer.uuid, client=scene.staff.client, body=body)
    assert refused(400, scene.at.submit, scene.on_customer, scene.user) == EXISTS


@pytest.mark.parametrize("level", ["customer", "project"])
def test_restrictions_of_the_scope(organisation, level):
    restricted = {"user_affiliations": ["staff"]}
    customer = organisation.customer(**(restricted if level == "customer" else {}))
    project = organisation.project(customer, **(restricted if level == "project" else {}))
    invitation = organisation.invitation(project, "PROJECT.MEMBER")
    outside, inside = organisation.person(), organisation.person(affiliations=["staff"])
    body = refused(400, organisation.submit, invitation, outside)
    assert len(body) == 1 and body[0].startswith("User email, affiliation, or identity source")
    assert organisation.submit(invitation, inside).uuid
    # Nor is the role given by hand.
    answer = organisation.root.http.post(
        f"/api/projects/{project.uuid}/add_user/",
        json=UserRoleCreateRequest(role="PROJECT.MEMBER", user=outside.uuid).to_dict(),
    )
    assert set(found(answer, 400)) == {"non_field_errors"}


def test_a_pattern_holds_from_the_start_only(scene):
    invitation = scene.at.invitation(
        scene.customer, "CUSTOMER.OWNER", user_email_patterns=[".*@example.com"]
    )
    evil = scene.at.person("evil", email=f"{uuid.uuid4().hex}@example.com.evil")
    assert scene.at.submit(invitation, evil).uuid


@pytest.mark.parametrize(("name", "limit"), [("project_name", 500), ("project_description", 2000)])
def test_details_that_are_too_long(scene, name, limit):
    body = refused(400, scene.at.submit, scene.on_customer, scene.user, **{name: "x" * (limit + 1)})
    assert body == {name: [f"Ensure this field has no more than {limit} characters."]}


def test_details_nobody_asked_for_are_ignored(scene):
    request = scene.at.request(scene.on_customer, scene.user, project_name="Mine")
    assert (request.project_name, request.project_description) == ("", "")


def test_a_request_at_once_that_fails_leaves_nothing(scene):
    role = scene.at.new_role("customer")
    invitation = scene.at.invitation(scene.customer, role, auto_approve=True)
    roles_disable.sync_detailed(role.uuid, client=scene.staff.client)
    assert refused(400, scene.at.submit, invitation, scene.user) == ["Role is not active."]
    assert scene.at.requests(invitation) == []


def test_a_scope_that_cannot_be_resolved(scene):
    body = refused(
        400,
        user_permission_requests_list.sync,
        client=scene.user.client,
        scope=scene.customer.url,
    )
    assert body == [f"Can't restore object from url: {scene.customer.url}"]


def test_somebody_who_has_the_role_already_is_approved_silently(scene):
    request = scene.request
    body = UserRoleCreateRequest(role="CUSTOMER.OWNER", user=scene.user.uuid)
    customers_add_user.sync_detailed(scene.customer.uuid, client=scene.staff.client, body=body)
    review(scene, user_permission_requests_approve, request)
    assert scene.at.seen(request).state == "approved"
    assert roles_of(scene.user) == {("CUSTOMER.OWNER", scene.customer.uuid)}


# --- who is first ---------------------------------------------------------------------------------


def all_at_once(times, call):
    """The statuses of so many calls at the same time, sorted."""
    with concurrent.futures.ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(lambda _: call().status_code, range(times)))


def test_of_eight_approvals_one_counts(scene):
    path = f"/api/user-permission-requests/{scene.request.uuid}/approve/"
    # The client would raise, and not say which it was.
    statuses = all_at_once(8, lambda: scene.staff.http.post(path, json={}))
    assert statuses == [200] + [409] * 7
    assert roles_of(scene.user) == {("CUSTOMER.OWNER", scene.customer.uuid)}


def test_of_eight_requests_one_counts(scene):
    path = f"{PATH}{scene.on_customer.uuid}/submit_request/"
    statuses = all_at_once(8, lambda: scene.user.http.post(path, json={}))
    assert statuses == [200] + [400] * 7
    assert len(scene.at.requests(scene.on_customer)) == 1


def test_approved_or_taken_back(scene):
    path = f"/api/user-permission-requests/{scene.request.uuid}"
    calls = iter(
        [
            lambda: scene.staff.http.post(f"{path}/approve/", json={}),
            lambda: scene.user.http.post(f"{path}/cancel_request/"),
        ]
    )
    statuses = all_at_once(2, lambda: next(calls)())
    assert statuses in ([200, 400], [200, 409])
    state = scene.at.seen(scene.request).state
    assert state == ("approved" if roles_of(scene.user) else "canceled")


# --- what operators may set -----------------------------------------------------------------------

STRICT = """
[access]
only_one_project_manager = true
disable_multiple_roles = true
allow_self_review = true
"""


def test_what_operators_may_set(engine):
    with servers.running(engine, STRICT) as server:
        scene = Organisation(server).scene()
        assert scene.manager
        second = scene.at.person("second")
        answer = scene.staff.http.post(
            f"/api/projects/{scene.project.uuid}/add_user/",
            json=UserRoleCreateRequest(role="PROJECT.MANAGER", user=second.uuid).to_dict(),
        )
        one = ["Project already has an active project manager."]
        assert found(answer, 400) == {"non_field_errors": one}
        body = refused(400, scene.at.invitation, scene.project, "PROJECT.MANAGER")
        assert body == {"non_field_errors": one}
        body = refused(400, scene.at.submit, scene.on_project, scene.manager)
        assert body == ["User already has role within this scope."]
        # Whoever may decide may decide on the own request, too.
        request = scene.at.request(scene.on_customer, scene.staff)
        user_permission_requests_approve.sync_detailed(
            request.uuid, client=scene.staff.client, body=ReviewCommentRequest()
        )
        assert scene.at.seen(request).state == "approved"
