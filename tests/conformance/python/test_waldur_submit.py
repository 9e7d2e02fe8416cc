"""Waldur cases 82 to 88: to ask for what an invitation offers, and who hears of it."""

import uuid

import pytest
from waldur_api_client.api.user_group_invitations import user_group_invitations_submit_request
from waldur_api_client.models import SubmitRequestRequest

from support.clock import until
from support.mail_sink import recipients, text
from support.make import unique
from support.organisation import roles_of
from support.waldur import anonymous, refused

ALREADY_ASKED = ["Permission request already exists for this scope."]
ALREADY_HAS = ["User already has this role in the scope."]
NO_MATCH = [
    "You are not allowed to accept this invitation. "
    "Your email or organization must match the invitation restrictions."
]


def elsewhere(organisation, **facts):
    """Somebody whose address is not at example.com."""
    return organisation.person("guest", email=f"{uuid.uuid4().hex}@elsewhere.test", **facts)


@pytest.mark.parametrize("who", ["user", "admin", "staff"])
def test_case_082_asked_for_once(scene, who):
    # Staff are there for all tests; this one asks for a scope of its own.
    person = getattr(scene, who)
    answer = scene.at.submit(scene.on_customer, person)
    assert uuid.UUID(answer.uuid).hex == answer.uuid
    assert answer.scope_name == scene.customer.name
    assert answer.scope_uuid == scene.customer.uuid.hex
    assert answer.auto_approved is False
    assert answer.scope_type.value == "customer"
    assert (answer.project_uuid, answer.project_created) == (None, None)
    assert refused(400, scene.at.submit, scene.on_customer, person) == ALREADY_ASKED


def test_case_083_who_has_the_role_does_not_ask(scene):
    assert refused(400, scene.at.submit, scene.on_customer, scene.owner) == ALREADY_HAS


def test_case_084_nobody_asks_for_nothing(scene):
    with anonymous(scene.at.url) as client:
        refused(
            401,
            user_group_invitations_submit_request.sync,
            scene.on_customer.uuid,
            client=client,
            body=SubmitRequestRequest(),
        )


def test_case_085_only_who_matches(scene):
    invitation = scene.at.invitation(
        scene.customer,
        "CUSTOMER.OWNER",
        user_email_patterns=[".*@example.com"],
        user_affiliations=["staff", "student"],
    )
    assert scene.at.submit(invitation, scene.user).uuid
    student = elsewhere(scene.at, affiliations=["student"])
    assert scene.at.submit(invitation, student).uuid
    nobody = elsewhere(scene.at, affiliations=["alum"])
    assert refused(400, scene.at.submit, invitation, nobody) == NO_MATCH
    assert len(scene.at.requests(invitation)) == 2


def test_case_086_a_project_at_once(scene):
    invitation = scene.at.invitation(
        scene.customer,
        "PROJECT.ADMIN",
        auto_approve=True,
        auto_create_project=True,
        user_email_patterns=[".*@example.com"],
    )
    answer = scene.at.submit(invitation, scene.user)
    (project,) = scene.at.projects(scene.customer)
    assert project.name == scene.user.username
    assert (answer.auto_approved, answer.project_created) == (True, True)
    assert answer.project_uuid == project.uuid.hex
    assert roles_of(scene.user) == {("PROJECT.ADMIN", project.uuid)}
    (request,) = scene.at.requests(invitation)
    assert (request.state, request.reviewed_by_username) == ("approved", scene.user.username)

    there = scene.at.project(scene.customer, name=scene.other.username)
    answer = scene.at.submit(invitation, scene.other)
    assert (answer.auto_approved, answer.project_created) == (True, False)
    assert answer.project_uuid == there.uuid.hex
    assert roles_of(scene.other) == {("PROJECT.ADMIN", there.uuid)}


def test_case_086_a_project_with_details(scene):
    invitation = scene.at.invitation(
        scene.customer,
        "PROJECT.ADMIN",
        auto_approve=True,
        auto_create_project=True,
        allow_custom_project_details=True,
    )
    name = unique("My own")
    scene.at.submit(invitation, scene.user, project_name=name, project_description="Mine")
    (project,) = scene.at.projects(scene.customer)
    assert (project.name, project.description) == (name, "Mine")


def test_case_087_a_role_at_once(scene):
    invitation = scene.at.invitation(
        scene.project, "PROJECT.MEMBER", auto_approve=True, user_email_patterns=[".*@example.com"]
    )
    answer = scene.at.submit(invitation, scene.user)
    assert answer.auto_approved is True
    assert (answer.project_uuid, answer.project_created) == (None, None)
    assert roles_of(scene.user) == {("PROJECT.MEMBER", scene.project.uuid)}


def told(scene, customer, count):
    """The letters about requests at this customer, as soon as there are this many."""
    word = f"/organizations/{customer.uuid.hex}/group-invitations/"
    return scene.at.letters_of(word, count)


def test_case_088_the_customer_is_told_of_a_request(scene):
    desk, first, second = (f"{uuid.uuid4().hex}@example.com" for _ in range(3))
    customer = scene.at.customer(
        email=desk, notification_emails=f"{first},{second}, {desk},{first}"
    )
    invitation = scene.at.invitation(customer, "CUSTOMER.OWNER")
    scene.at.submit(invitation, scene.user)
    letters = told(scene, customer, 3)
    assert recipients(letters) == sorted([desk, first, second])
    for letter in letters:
        assert scene.user.full_name in text(letter)


def test_case_088_those_who_may_review_are_told(scene):
    assert scene.owner and scene.admin
    scene.at.submit(scene.on_customer, scene.user)
    assert recipients(told(scene, scene.customer, 1)) == [scene.owner.email]


def test_case_088_staff_are_told_when_nobody_else_is_there(scene):
    customer = scene.at.customer()
    scene.at.submit(scene.at.invitation(customer, "CUSTOMER.OWNER"), scene.user)
    wanted = {scene.staff.email, scene.at.root.email}

    def all_told():
        return wanted <= set(recipients(told(scene, customer, 2)))

    until(all_told, what="a letter to every member of staff")
    assert scene.support.email not in recipients(told(scene, customer, 2))
