"""What people have to do: to-dos that are pushed, and the marketplace that some follow from."""

import datetime
import uuid

from waldur_api_client.api.user_actions import user_actions_list

from support.clock import until
from support.make import unique
from support.waldur import found

TYPE = "test_action"
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


def ago(span):
    """An instant that long before now."""
    return datetime.datetime.now(datetime.UTC) - span


def ahead(span):
    """An instant that long after now."""
    return datetime.datetime.now(datetime.UTC) + span


def written(instant):
    """An instant as the native surface writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def day(distance):
    """The date so many days from today, in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() + distance * DAY).isoformat()


class Marketplace:
    """Another system that tells the server of to-dos, of orders and of resources."""

    def __init__(self, organisation):
        self.http = organisation.root.http
        # Under which ids the to-dos were pushed.
        self.externals = {}

    # --- to-dos -------------------------------------------------------------------------------

    def todo(self, *people, urgency="medium", action_type=TYPE, external=None, **fields):
        """Every one of the people has this to do; gives what the first of them sees of it."""
        external = external or uuid.uuid4().hex
        body = self.body(*people, urgency=urgency, **fields)
        answer = self.http.put(f"/api/v1/todos/{action_type}/{external}", json=body)
        assert answer.status_code in (200, 201), answer.text
        action = next(each for each in inbox(people[0], action_type) if each.title == body["title"])
        self.externals[action.uuid] = external
        return action

    def todos(self, bodies, action_type=TYPE):
        """So many to-dos at once, each under an id of its own."""
        puts = [
            {"op": "put", "actionType": action_type, "externalId": uuid.uuid4().hex, **body}
            for body in bodies
        ]
        found(self.http.post("/api/v1/todos/batch", json={"items": puts}))

    def body(self, *people, **fields):
        """The body that gives the people something to do."""
        wanted = {"userIds": [str(person.uuid) for person in people], "title": unique("To do")}
        return {
            name: written(value) if isinstance(value, datetime.datetime) else value
            for name, value in (wanted | fields).items()
        }

    def settle(self, action):
        """The matter of a pushed to-do is settled."""
        path = f"/api/v1/todos/{action.action_type}/{self.externals[action.uuid]}"
        answer = self.http.delete(path)
        assert answer.status_code in (200, 204), answer.text

    # --- providers ----------------------------------------------------------------------------

    def register(self, action_type, url):
        """The server asks this address for to-dos of this type; gives the provider, with secret."""
        body = {"actionType": action_type, "displayName": action_type, "url": url}
        body |= {"schedule": "0 0 1 1 *", "enabled": True, "timeoutSeconds": 10}
        return found(self.http.post("/api/v1/providers", json=body), 201)

    def unregister(self, provider):
        """The server asks that provider no more."""
        answer = self.http.delete(f"/api/v1/providers/{provider['id']}")
        assert answer.status_code in (200, 204), answer.text

    # --- orders and resources -----------------------------------------------------------------

    def order(self, project, resource=None, **fields):
        """An order that has waited for its consumer for 25 hours; gives it with its id."""
        order = {
            "state": "pending-consumer",
            "type": "Create",
            "projectId": str(project.uuid),
            "offering": offering(),
            "resource": resource or {"name": unique("Resource"), "uuid": str(uuid.uuid4())},
            "estimatedCost": "12.50",
            "orderedAt": written(ago(25 * HOUR)),
        } | fields
        self.put_order(uuid.uuid4(), order)
        return order

    def put_order(self, id, order):
        """The order is like this from now on."""
        answer = self.http.put(f"/api/v1/orders/{id}", json=order)
        assert answer.status_code in (200, 201), answer.text
        order["id"] = id

    def change_order(self, order, **fields):
        """The order changes."""
        kept = {name: value for name, value in order.items() if name != "id"}
        self.put_order(order["id"], kept | fields)

    def order_state(self, order):
        """The state in which the order is."""
        return found(self.http.get(f"/api/v1/orders/{order['id']}"))["state"]

    def resource(self, project, **fields):
        """A prepaid resource that ends in 15 days; gives it with its id."""
        id = uuid.uuid4()
        resource = {
            "name": unique("Resource"),
            "state": "OK",
            "projectId": str(project.uuid),
            "offering": offering(),
            "prepaid": True,
            "endDate": day(15),
        } | fields
        answer = self.http.put(f"/api/v1/resources/{id}", json=resource)
        assert answer.status_code in (200, 201), answer.text
        return resource | {"id": id}


def offering():
    """What somebody offers on the marketplace."""
    return {"name": unique("Offering"), "uuid": str(uuid.uuid4()), "type": "Marketplace.Basic"}


def inbox(person, action_type=None, **filters):
    """All that the person has to do, silenced or not."""
    if action_type is not None:
        filters["action_type"] = action_type
    return user_actions_list.sync_all(client=person.client, include_silenced=True, **filters)


def soon(person, action_type, count=1):
    """The person's to-dos of a type, as soon as there are this many of them."""

    def come():
        actions = inbox(person, action_type)
        return (actions or [None]) if len(actions) == count else None

    found = until(come, what=f"{count} to-dos of type {action_type}")
    return [action for action in found if action is not None]
