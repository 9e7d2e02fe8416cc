"""Waldur cases 60 to 68: permission requests taken back, deleted, looked for."""

import pytest
from waldur_api_client.api.user_permission_requests import (
    user_permission_requests_approve,
    user_permission_requests_cancel_request,
    user_permission_requests_count,
    user_permission_requests_destroy,
    user_permission_requests_list,
    user_permission_requests_reject,
)
from waldur_api_client.models import (
    ProposalReviewOEnum,
    RemoteProjectUpdateRequestStateEnum,
    ReviewCommentRequest,
)

from support.waldur import FORBIDDEN, anonymous, found, no_such, refused

PENDING = RemoteProjectUpdateRequestStateEnum.PENDING
APPROVED = RemoteProjectUpdateRequestStateEnum.APPROVED
OVER = ["Only pending or draft requests can be canceled."]
UNKNOWN = no_such("PermissionRequest")


def cancel(person, request):
    """The answer when the person takes the request back."""
    return user_permission_requests_cancel_request.sync(request.uuid, client=person.client)


def delete(client, request):
    """The request is deleted for good."""
    answer = user_permission_requests_destroy.sync_detailed(request.uuid, client=client)
    assert (answer.status_code, answer.content) == (204, b"")


def review(scene, call):
    """The owner reviews the contract's request, one way or the other."""
    call.sync_detailed(scene.request.uuid, client=scene.owner.client, body=ReviewCommentRequest())


# A draft is never seen from outside: to submit is to make it and to leave it behind at once.
def test_case_060_ones_own(scene):
    assert cancel(scene.user, scene.request).to_dict() == {
        "uuid": scene.request.uuid.hex,
        "scope_name": scene.customer.name,
        "scope_uuid": scene.customer.uuid.hex,
    }
    seen = scene.at.seen(scene.request)
    assert (seen.state, seen.reviewed_at, seen.reviewed_by_username) == ("canceled", None, None)


def test_case_061_staff_take_back_anybodys(scene):
    cancel(scene.staff, scene.request)
    assert scene.at.seen(scene.request).state == "canceled"


def test_case_062_whoever_sees_it_may_not(scene):
    body = refused(403, cancel, scene.owner, scene.request)
    assert body == {"detail": "You can only cancel your own permission requests."}
    assert scene.at.seen(scene.request).state == "pending"


def test_case_063_whoever_does_not_see_it_finds_nothing(scene):
    assert refused(404, cancel, scene.other, scene.request) == UNKNOWN
    assert scene.at.seen(scene.request).state == "pending"


@pytest.mark.parametrize(
    "call", [user_permission_requests_approve, user_permission_requests_reject]
)
def test_case_064_not_once_it_is_reviewed(scene, call):
    review(scene, call)
    assert refused(400, cancel, scene.user, scene.request) == OVER


def test_case_064_not_twice(scene):
    cancel(scene.user, scene.request)
    assert refused(400, cancel, scene.user, scene.request) == OVER


def test_case_065_nobody_takes_nothing_back(scene):
    with anonymous(scene.at.url) as client:
        body = refused(
            401, user_permission_requests_cancel_request.sync, scene.request.uuid, client=client
        )
    assert set(body) == {"detail"}


def test_case_066_only_staff_delete(scene):
    request = scene.request
    assert refused(403, delete, scene.owner.client, request) == FORBIDDEN
    assert refused(404, delete, scene.manager.client, request) == UNKNOWN
    with anonymous(scene.at.url) as client:
        refused(401, delete, client, request)
    delete(scene.staff.client, request)
    assert scene.at.requests(scene.on_customer) == []


def test_case_067_in_one_of_several_states(scene):
    invitation = scene.at.invitation(scene.customer, "CUSTOMER.SUPPORT")
    pending, approved, gone = (
        scene.at.request(invitation, person) for person in (scene.user, scene.other, scene.manager)
    )
    cancel(scene.manager, gone)
    user_permission_requests_approve.sync_detailed(
        approved.uuid, client=scene.staff.client, body=ReviewCommentRequest()
    )
    query = {"client": scene.staff.client, "invitation": invitation.uuid}
    both = user_permission_requests_list.sync(**query, state=[PENDING, APPROVED])
    assert [request.uuid for request in both] == [approved.uuid, pending.uuid]
    assert user_permission_requests_count.sync(**query, state=[PENDING, APPROVED]) == 2
    by_state = user_permission_requests_list.sync(**query, o=[ProposalReviewOEnum.STATE])
    assert [request.uuid for request in by_state] == [pending.uuid, approved.uuid, gone.uuid]
    # Of several orders, the last one counts.
    last = user_permission_requests_list.sync(
        **query, o=[ProposalReviewOEnum.VALUE_1, ProposalReviewOEnum.CREATED]
    )
    assert [request.uuid for request in last] == [pending.uuid, approved.uuid, gone.uuid]
    mine = user_permission_requests_list.sync(**query, created_by=scene.other.uuid)
    assert [request.uuid for request in mine] == [approved.uuid]
    here = user_permission_requests_list.sync(client=scene.staff.client, scope=scene.customer.url)
    assert len(here) == 3


def test_case_067_no_such_state(scene):
    # The client knows only the states that there are.
    answer = scene.staff.http.get("/api/user-permission-requests/?state=pending&state=foo")
    assert set(found(answer, 400)) == {"state"}


def test_case_068_no_such_order(scene):
    # The client knows only the orders that there are.
    answer = scene.staff.http.get("/api/user-permission-requests/?o=foo")
    assert found(answer, 400) == {
        "o": ["Select a valid choice. foo is not one of the available choices."]
    }
