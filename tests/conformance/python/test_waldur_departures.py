"""Where the server does better than Waldur on purpose: each departure that Waldur's callers see."""

from waldur_api_client.api.projects import projects_list_users_list
from waldur_api_client.api.user_action_executions import user_action_executions_list
from waldur_api_client.api.user_actions import (
    user_actions_execute_action,
    user_actions_list,
    user_actions_silence,
    user_actions_update_actions,
)
from waldur_api_client.api.user_permission_requests import user_permission_requests_approve
from waldur_api_client.api.users import users_send_notification, users_update_actions
from waldur_api_client.models import (
    ExecuteActionRequest,
    ReviewCommentRequest,
    SilenceActionRequest,
    UpdateActionsRequest,
)

from support.clock import until
from support.inbox import DAY, ahead, inbox, soon
from support.mail_sink import text
from support.organisation import roles_of
from support.provider_sink import asked
from support.waldur import refused


def execute(person, action, label):
    """The answer when the person carries out the corrective action."""
    body = ExecuteActionRequest(action_label=label)
    return user_actions_execute_action.sync(action.uuid, client=person.client, body=body)


def approve(person, request):
    """The person approves the request."""
    user_permission_requests_approve.sync_detailed(
        request.uuid, client=person.client, body=ReviewCommentRequest()
    )


def test_departure_1_urgency_is_sorted_by_meaning(market, scene):
    user = scene.user
    later, sooner = (
        market.todo(user, urgency="medium", dueAt=ahead(days * DAY)).uuid for days in (9, 8)
    )
    undated = market.todo(user, urgency="medium").uuid
    low = market.todo(user, urgency="low", dueAt=ahead(DAY)).uuid
    high = [market.todo(user, urgency="high").uuid for _ in range(2)]

    def order(**query):
        return [each.uuid for each in user_actions_list.sync(client=user.client, **query)]

    # The most urgent first, then the soonest, then the newest.
    assert order() == [*reversed(high), sooner, later, undated, low]
    assert order(o="urgency")[0] == low
    assert set(order(o="urgency")[-2:]) == set(high)
    assert order(o="-urgency")[-1] == low


def test_departure_2_a_snoozed_item_silences_itself_alone(scene, market):
    user = scene.user
    for _ in range(2):
        market.todo(user, urgency="high")
    snoozed = market.todo(user, urgency="high")
    body = SilenceActionRequest(duration_days=7)
    user_actions_silence.sync(snoozed.uuid, client=user.client, body=body)
    answer = users_send_notification.sync(user.uuid, client=scene.staff.client)
    assert answer.message == f"Notification for {user.username} has been scheduled"
    (letter,) = scene.at.letters.wait_for_those(lambda letter: user.email in str(letter["To"]), 1)
    said = text(letter)
    assert user.full_name in said and "/profile/" in said
    assert "2" in said and "3" not in said.replace(user.full_name, "")


def test_departure_3_what_was_carried_out_is_kept(market, scene):
    look = {"label": "Look", "category": "view"}
    action = market.todo(scene.user, correctiveActions=[look])
    execute(scene.user, action, "Look")
    market.settle(action)
    assert inbox(scene.user) == []
    (entry,) = user_action_executions_list.sync(client=scene.user.client)
    assert (entry.corrective_action_label, entry.success) == ("Look", True)


def test_departure_4_a_silence_survives(market, scene):
    action = market.todo(scene.user)
    body = SilenceActionRequest(duration_days=7)
    user_actions_silence.sync(action.uuid, client=scene.user.client, body=body)
    (silenced,) = inbox(scene.user)
    market.settle(action)
    assert inbox(scene.user) == []
    again = market.todo(scene.user, external=market.externals[action.uuid])
    assert again.is_temporarily_silenced is True
    assert again.silenced_until == silenced.silenced_until
    assert user_actions_list.sync(client=scene.user.client) == []


def test_departure_5_ones_own_or_for_staff_everybodys(market, scene):
    user = scene.user
    with asked(market) as provider:
        body = UpdateActionsRequest(provider_action_type=provider.action_type)

        def update(person):
            answer = user_actions_update_actions.sync(client=person.client, body=body)
            assert (answer.status, answer.provider_action_type) == (
                "scheduled",
                provider.action_type,
            )

        update(user)
        own = [str(user.uuid)]
        provider.wait_for(lambda question: question["userIds"] == own, "one's own")
        assert [question["userIds"] for question in provider.questions] == [own]
        update(scene.staff)
        provider.wait_for(lambda question: question["userIds"] is None, "everybody's")
        # Staff may also name one.
        users_update_actions.sync(scene.other.uuid, client=scene.staff.client, body=body)
        others = [str(scene.other.uuid)]
        provider.wait_for(lambda question: question["userIds"] == others, "another's")
    assert refused(403, users_update_actions.sync, user.uuid, client=user.client, body=body)


def test_departure_6_to_approve_is_to_approve(market, scene):
    assert scene.manager
    order = market.order(scene.project)
    (action,) = soon(scene.manager, "pending_order")
    assert execute(scene.manager, action, "Approve Order").action == "completed"
    assert market.order_state(order) == "approved"


def test_departure_7_nobody_reviews_the_own_request(scene):
    boss = scene.at.person("boss", is_staff=True)
    request = scene.at.request(scene.on_customer, boss)
    assert refused(403, approve, boss, request) == {"detail": "You cannot review your own request."}
    assert scene.at.seen(request).state == "pending"
    assert roles_of(boss) == set()


def test_departure_8_a_request_outlives_its_reviewer(scene):
    approve(scene.owner, scene.request)
    before = scene.at.seen(scene.request)
    scene.at.fusionauth.api.delete_user(str(scene.owner.uuid))
    until(lambda: scene.owner.uuid not in team(scene), what="the reviewer's end")
    assert scene.at.seen(scene.request) == before
    assert before.reviewed_by_username == scene.owner.username
    assert before.reviewed_by_full_name == scene.owner.full_name


def team(scene):
    """Those who have a role on the project."""
    members = projects_list_users_list.sync(scene.project.uuid, client=scene.staff.client)
    return {member.user_uuid for member in members}
