"""A small client of Folkmoot. Python 3.9 or later, standard library only.

    moot = Folkmoot("http://127.0.0.1:8080", "aldermoor")
    moot.sign_in("resident1@aldermoor.example", "seven herons over aldermoor-by-sea")
    for idea in moot.items("/challenges/…/ideas", sort="most_supported"):
        print(idea["number"], idea["title"])
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """A refusal (RFC 9457). Decide by `code`, which is stable; `detail` and the faults in `errors` are for people."""

    def __init__(self, status, members):
        self.status = status
        self.code = members.get("code", "internal")
        self.detail = members.get("detail", f"The server answered {status}.")
        self.errors = members.get("errors", [])
        self.members = members
        faults = "".join(f"\n  {fault['pointer']}: {fault['detail']}" for fault in self.errors)
        super().__init__(f"{self.code}: {self.detail}{faults}")


class Folkmoot:
    def __init__(self, url, council, patience=5):
        self.url = url.rstrip("/")
        self.home = "/v1/councils/" + urllib.parse.quote(council, safe="")
        self.patience = patience  # how often one request is sent when it is told to come back later
        self.session = None

    # -- sessions

    def sign_in(self, email, password):
        self.session = None
        self.session = self.post("/sessions", {"email": email, "password": password})

    def sign_out(self):
        self.delete("/sessions/current")
        self.session = None

    def _refresh(self):
        spent, self.session = self.session["refresh_token"], None  # good once
        self.session = self.post("/sessions/refresh", {"refresh_token": spent})

    # -- requests; a path is the one behind /v1/councils/{council}

    def get(self, path, fresh=False, **query):
        # `fresh` goes past the caches between here and the server.
        return self._call("GET", path, query=query, headers={"Cache-Control": "no-cache"} if fresh else {})

    def post(self, path, body=None, version=None, key=None, **query):
        # Each POST has a key, so that it is done once however often it is sent. To be safe across a crash of your own, make
        # the key yourself, and of what the step is about: "answer ALD-1042, first".
        return self._call("POST", path, body, version, {"Idempotency-Key": key or str(uuid.uuid4())}, query)

    def put(self, path, body, version=None):
        return self._call("PUT", path, body, version)

    def patch(self, path, body, version=None):
        return self._call("PATCH", path, body, version)

    def delete(self, path, version=None):
        return self._call("DELETE", path, version=version)

    def items(self, path, **query):
        """All items of a list, page after page."""
        query = {"limit": 100, **query}
        while True:
            page = self.get(path, **query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]  # with the very same question: it fits no other

    def _call(self, method, path, body=None, version=None, headers=None, query=None):
        """Sends a request; `version` is that of the text one has read, so that nobody's change is lost."""
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in (query or {}).items()}
        address = self.url + self.home + path + ("?" + urllib.parse.urlencode(words) if words else "")
        refreshed = False
        attempt = 1
        while True:
            sent = dict(headers or {})
            if body is not None:
                sent["Content-Type"] = "application/json"
            if version is not None:
                sent["If-Match"] = f'"{version}"'
            if self.session:
                sent["Authorization"] = "Bearer " + self.session["access_token"]
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(address, data, sent, method=method)
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    text = response.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as refusal:
                with refusal:
                    problem = Problem(refusal.code, _members(refusal.read()))
                if problem.code == "token_expired" and self.session and not refreshed:
                    # When it is refused, and not by the clock: clocks differ.
                    self._refresh()
                    refreshed = True
                elif refusal.code in (429, 503) and attempt < self.patience:
                    time.sleep(int(refusal.headers.get("Retry-After", "1")))  # both say how many seconds
                    attempt += 1
                else:
                    raise problem from None


def _members(text):
    try:
        members = json.loads(text)
    except ValueError:  # what a proxy says is not a problem document
        return {}
    return members if isinstance(members, dict) else {}
