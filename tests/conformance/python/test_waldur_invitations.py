"""Waldur cases 69 to 81: group invitations, who sees them and who may make, change and end them."""

import pytest
from waldur_api_client.api.user_group_invitations import (
    user_group_invitations_cancel,
    user_group_invitations_create,
    user_group_invitations_destroy,
    user_group_invitations_list,
    user_group_invitations_partial_update,
    user_group_invitations_projects_list,
    user_group_invitations_retrieve,
    user_group_invitations_update,
)
from waldur_api_client.models import (
    GroupInvitationRequest,
    GroupInvitationUpdateRequest,
    PatchedGroupInvitationUpdateRequest,
)

from support.waldur import NOT_FOUND, anonymous, found, no_such, refused

PATH = "/api/user-group-invitations/"
UNKNOWN = no_such("GroupInvitation")


@pytest.fixture
def public(scene):
    """An offer to everybody: a project of one's own in C."""
    invitation = scene.at.invitation(
        scene.customer, "PROJECT.ADMIN", is_public=True, auto_create_project=True
    )
    yield invitation
    # Everybody would go on seeing it, in the tests that follow.
    cancel(scene.staff, invitation)


def listed(client):
    """The UUIDs of the invitations that are listed."""
    return {each.uuid for each in user_group_invitations_list.sync_all(client=client)}


def create(scene, caller, scope, role, **fields):
    """The caller offers the role on the scope."""
    return scene.at.invitation(scope, role, by=caller, **fields)


def cancel(caller, invitation):
    """The caller ends the offer."""
    answer = user_group_invitations_cancel.sync_detailed(invitation.uuid, client=caller.client)
    assert answer.status_code == 200


def retrieve(client, invitation):
    """The invitation as this caller sees it."""
    return user_group_invitations_retrieve.sync(invitation.uuid, client=client)


def test_case_069_who_sees_which(scene):
    elsewhere = scene.at.invitation(scene.at.customer(), "CUSTOMER.OWNER")
    here = {scene.on_customer.uuid, scene.on_project.uuid}
    made = here | {elsewhere.uuid}
    assert listed(scene.staff.client) >= made
    assert listed(scene.support.client) >= made
    assert listed(scene.owner.client) & made == here
    assert listed(scene.user.client) & made == set()
    of_customer = user_group_invitations_list.sync(
        client=scene.staff.client, customer_uuid=scene.customer.uuid
    )
    assert {each.uuid for each in of_customer} == here
    on_project = user_group_invitations_list.sync(
        client=scene.staff.client, scope=scene.project.url
    )
    assert [each.uuid for each in on_project] == [scene.on_project.uuid]


def test_case_070_whoever_has_the_id_sees_it(scene):
    for viewer in (scene.staff, scene.owner, scene.admin, scene.manager, scene.user):
        seen = retrieve(viewer.client, scene.on_project)
        assert (seen.scope_uuid, seen.scope_type) == (scene.project.uuid, "project")
        assert (seen.customer_uuid, seen.customer_name) == (
            scene.customer.uuid,
            scene.customer.name,
        )
        assert (seen.role, seen.role_name) == (
            scene.at.role("PROJECT.ADMIN").uuid,
            "PROJECT.ADMIN",
        )
        assert (seen.is_active, seen.is_public, seen.auto_approve) == (True, False, False)
        assert (seen.scope_description, seen.scope_image, seen.custom_text) == ("", None, "")
        assert seen.created_by_username == scene.at.root.username
        assert seen.url.endswith(f"{PATH}{seen.uuid.hex}/")


def test_case_071_everybody_sees_a_public_one(scene, public):
    with anonymous(scene.at.url) as client:
        assert public.uuid in listed(client)
        seen = retrieve(client, public)
    assert (seen.created_by_full_name, seen.created_by_username) == (None, None)
    assert (seen.created_by_image, seen.is_public) == (None, True)
    assert retrieve(scene.user.client, public).created_by_username is None
    assert retrieve(scene.staff.client, public).created_by_username == scene.at.root.username


def test_case_072_nobody_sees_a_private_one(scene):
    with anonymous(scene.at.url) as client:
        assert scene.on_customer.uuid not in listed(client)
        assert refused(404, retrieve, client, scene.on_customer) == UNKNOWN


def test_case_073_the_projects_behind_it(scene):
    assert scene.project
    on_customer = user_group_invitations_projects_list.sync(
        scene.on_customer.uuid, client=scene.staff.client
    )
    assert [(each.uuid, each.url) for each in on_customer] == [
        (scene.project.uuid, scene.project.url)
    ]
    body = refused(
        404,
        user_group_invitations_projects_list.sync,
        scene.on_project.uuid,
        client=scene.staff.client,
    )
    assert body is None


def test_case_074_on_a_project(scene):
    for creator in (scene.owner, scene.manager):
        made = create(scene, creator, scene.project, "PROJECT.MEMBER")
        assert (made.scope_uuid, made.created_by_username) == (
            scene.project.uuid,
            creator.username,
        )
    assert refused(404, create, scene, scene.admin, scene.project, "PROJECT.MEMBER") == NOT_FOUND
    body = refused(400, create, scene, scene.user, scene.project, "PROJECT.MEMBER")
    assert body == {"scope": [f"Can't restore object from url: {scene.project.url}"]}


def test_case_075_on_a_customer(scene):
    assert create(scene, scene.owner, scene.customer, "CUSTOMER.SUPPORT").is_active
    for insider in (scene.admin, scene.manager):
        body = refused(404, create, scene, insider, scene.customer, "CUSTOMER.SUPPORT")
        assert body == NOT_FOUND
    body = refused(400, create, scene, scene.user, scene.customer, "CUSTOMER.SUPPORT")
    assert body == {"scope": [f"Can't restore object from url: {scene.customer.url}"]}


def test_case_076_neither_without_a_scope_nor_without_a_role(scene):
    # The client needs both.
    required = ["This field is required."]
    role = scene.at.role("CUSTOMER.OWNER").uuid.hex
    for body, missing in (({"role": role}, "scope"), ({"scope": scene.customer.url}, "role")):
        answer = scene.staff.http.post(PATH, json=body)
        assert found(answer, 400) == {missing: required}


def test_case_077_to_everybody(scene):
    def public(caller, role="PROJECT.ADMIN", **fields):
        return create(scene, caller, scene.customer, role, is_public=True, **fields)

    assert refused(400, public, scene.owner, auto_create_project=True) == {
        "is_public": ["Only staff users can create public invitations."]
    }
    assert refused(400, public, scene.staff) == {
        "auto_create_project": ["Public invitations must have auto_create_project enabled."]
    }
    assert refused(400, public, scene.staff, "CUSTOMER.OWNER", auto_create_project=True) == {
        "role": ["Public invitations can only use project-level roles, not customer-level roles."]
    }


@pytest.mark.parametrize("template", ["{user}_project", "{user.username}"])
def test_case_078_templates_name_what_there_is(scene, template):
    body = refused(
        400,
        create,
        scene,
        scene.staff,
        scene.customer,
        "PROJECT.ADMIN",
        auto_create_project=True,
        project_name_template=template,
    )
    (text,) = body["project_name_template"]
    assert text.startswith("Invalid placeholders in template: ")
    assert text.endswith("Allowed placeholders are: email, full_name, username")


@pytest.mark.parametrize("caller", ["staff", "owner", "manager"])
def test_case_079_ended_by_those_who_may(scene, caller):
    answer = user_group_invitations_cancel.sync_detailed(
        scene.on_project.uuid, client=getattr(scene, caller).client
    )
    # The client reads nothing of the answer's body.
    assert b"Invitation has been successfully canceled." in answer.content
    assert retrieve(scene.staff.client, scene.on_project).is_active is False
    assert refused(400, cancel, scene.staff, scene.on_project) == [
        "Only pending invitation can be canceled."
    ]


@pytest.mark.parametrize("caller", ["admin", "user"])
def test_case_079_and_by_nobody_else(scene, caller):
    assert refused(404, cancel, getattr(scene, caller), scene.on_project) == NOT_FOUND
    assert retrieve(scene.staff.client, scene.on_project).is_active is True


def test_case_080_deleted_once_it_has_ended(scene):
    request, invitation = scene.request, scene.on_customer

    def delete():
        answer = user_group_invitations_destroy.sync_detailed(
            invitation.uuid, client=scene.owner.client
        )
        assert (answer.status_code, answer.content) == (204, b"")

    assert refused(400, delete) == ["Only canceled invitation can be deleted."]
    cancel(scene.owner, invitation)
    assert scene.at.seen(request).state == "pending"
    delete()
    assert refused(404, scene.at.seen, request) == no_such("PermissionRequest")
    assert refused(404, retrieve, scene.staff.client, invitation) == UNKNOWN


def test_case_081_not_changed_once_it_has_ended(scene):
    def patch(**fields):
        return user_group_invitations_partial_update.sync(
            scene.on_customer.uuid,
            client=scene.staff.client,
            body=PatchedGroupInvitationUpdateRequest(**fields),
        )

    changed = patch(custom_text="Welcome", user_affiliations=["staff"])
    assert (changed.custom_text, changed.user_affiliations) == ("Welcome", ["staff"])
    assert changed.scope == scene.customer.url
    replaced = user_group_invitations_update.sync(
        scene.on_customer.uuid,
        client=scene.staff.client,
        body=GroupInvitationUpdateRequest(allow_multiple_requests=True),
    )
    assert replaced.allow_multiple_requests is True
    cancel(scene.staff, scene.on_customer)
    assert refused(400, patch, custom_text="Too late") == {
        "non_field_errors": ["Only active invitations can be edited."]
    }


def test_case_081_what_the_client_sends_is_what_there_is(scene):
    body = GroupInvitationRequest(
        role=scene.at.role("CUSTOMER.SUPPORT").uuid,
        scope=scene.customer.url,
        auto_approve=True,
        allow_multiple_requests=True,
        allow_custom_project_details=True,
        user_email_patterns=[".*@example.com"],
        user_identity_sources=["local"],
        custom_text="Come in",
    )
    made = user_group_invitations_create.sync(client=scene.owner.client, body=body)
    seen = retrieve(scene.owner.client, made).to_dict()
    for name, value in body.to_dict().items():
        if name not in ("role", "scope"):
            assert seen[name] == value, name
