"""What a key may do: methods by path, ids belonging to the longest path in front of them."""

import uuid

from support import expect
from support.make import unique

OVERRIDE = {"X-HTTP-Method-Override": "PATCH"}


def test_no_permissions_mean_all(make):
    for caller in (make.with_key(), make.with_key(permissions={"endpoints": {}})):
        expect.ok(caller.api.retrieve_user_actions())
        caller.take(make.mute(), caller.user())


def test_a_path_grants_its_ids_for_the_methods_named(make):
    definition = make.definition()
    caller = make.key_for(**{"/api/user-action": ["GET", "PUT"]})
    expect.ok(caller.api.retrieve_user_actions())
    expect.ok(caller.api.retrieve_user_action(definition["id"]))
    wanted = {"userAction": {"name": unique("Note")}}
    expect.ok(caller.api.update_user_action(definition["id"], wanted))
    expect.empty(caller.api.create_user_action(wanted), 401)
    expect.empty(caller.api.patch_user_action(definition["id"], wanted), 401)
    expect.empty(caller.api.deactivate_user_action(definition["id"]), 401)


def test_users_do_not_grant_their_actions(make):
    user = make.user()
    action = make.take(make.mute(), user)
    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    caller = make.key_for(**{"/api/user": everything})
    expect.ok(caller.api.retrieve_user(user["id"]))
    expect.empty(caller.api.retrieve_actions(user["id"]), 401)
    expect.empty(caller.api.retrieve_action(action["id"]), 401)
    expect.empty(caller.api.cancel_action(action["id"], make.change()), 401)
    expect.empty(caller.api.search_users_by_ids([user["id"]]), 401)
    expect.empty(caller.api.retrieve_user_comments(user["id"]), 401)
    expect.empty(caller.api.delete_users_by_query({"userIds": [user["id"]]}), 401)


def test_actions_do_not_grant_users(make):
    user = make.user()
    action = make.take(make.mute(), user)
    caller = make.key_for(**{"/api/user/action": ["GET"]})
    expect.ok(caller.api.retrieve_actions(user["id"]))
    expect.ok(caller.api.retrieve_action(action["id"]))
    expect.empty(caller.api.retrieve_user(user["id"]), 401)
    expect.empty(caller.api.modify_action(action["id"], make.change()), 401)


def test_a_path_is_no_prefix_of_words(make):
    reason = make.reason()
    caller = make.key_for(**{"/api/user-action": ["GET"]})
    expect.empty(caller.api.retrieve_user_action_reasons(), 401)
    expect.empty(caller.api.retrieve_user_action_reason(reason["id"]), 401)


def test_several_ids_belong_to_the_path_as_well(make):
    user, application = make.user(), make.application()
    make.registered(user, application)
    caller = make.key_for(**{"/api/login": ["PUT"], "/api/user/registration": ["GET"]})
    expect.empty(caller.api.login_ping(user["id"], application["id"]))
    expect.ok(caller.api.retrieve_registration(user["id"], application["id"]))
    expect.empty(caller.login(user), 401)


def test_an_override_is_judged_as_patch(make):
    path = f"/api/user-action/{make.definition()['id']}"
    body = {"userAction": {"sendEndEvent": False}}
    poster = make.key_for(**{"/api/user-action": ["POST"]})
    expect.empty(poster.http.post(path, json=body, headers=OVERRIDE), 401)
    patcher = make.key_for(**{"/api/user-action": ["PATCH"]})
    expect.ok(patcher.http.post(path, json=body, headers=OVERRIDE))
    expect.empty(patcher.http.post(path, json=body), 401)


def test_permission_is_asked_before_existence(make):
    caller = make.key_for(**{"/api/user": ["GET"]})
    expect.empty(caller.api.retrieve_user_action(str(uuid.uuid4())), 401)
    expect.empty(caller.http.get("/api/user-action/xyz"), 401)
