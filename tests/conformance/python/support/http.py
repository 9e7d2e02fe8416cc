"""Plain HTTP for what the official client cannot send: broken bodies, bare headers, odd queries."""

import requests

TENANT_HEADER = "X-FusionAuth-TenantId"
_OWN_KEY = object()


class Http:
    """Requests to one server under one key, exactly as written."""

    def __init__(self, url, key, tenant_id=None):
        self.url = url
        self.key = key
        self.tenant_id = tenant_id

    def send(self, method, path, *, key=_OWN_KEY, headers=None, **rest):
        """Sends one request; `key=None` sends none, `headers` win over everything."""
        key = self.key if key is _OWN_KEY else key
        own = {} if key is None else {"Authorization": key}
        if self.tenant_id:
            own[TENANT_HEADER] = self.tenant_id
        return requests.request(
            method, self.url + path, headers=own | (headers or {}), timeout=60, **rest
        )

    def get(self, path, **rest):
        return self.send("GET", path, **rest)

    def post(self, path, **rest):
        return self.send("POST", path, **rest)

    def put(self, path, **rest):
        return self.send("PUT", path, **rest)

    def patch(self, path, **rest):
        return self.send("PATCH", path, **rest)

    def delete(self, path, **rest):
        return self.send("DELETE", path, **rest)
