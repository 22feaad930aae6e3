"""Lies for a recording: each changes what a correct server was asked or answered, and says what has to be found."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.checks.recording.archive import Entry, answered, named
from tests.mutants.exchange import STORE

LIST = f"/api/{STORE}/webhook/subscription"
NAMES = "webhookEventGetList"
LOGIN, EVENTS, FIGURES = "/api/admin/login_check", f"/api/{STORE}/webhook/event", f"/api/{STORE}/analytics/members"
PERSON, SALE = f"/api/{STORE}/member", f"/api/{STORE}/transaction"
GET_LIST, GET, POST, PUT = (
    *("webhookSubscriptionGetList", "webhookSubscriptionGet"),
    *("_webhookSubscriptionPost", "_webhookSubscriptionPut"),
)
NOWHERE = "/api/NOWHERE/webhook/subscription"
PAGE = "<html><body>We'll be back soon.</body></html>"


class Lie(NamedTuple):
    """A lie: the first entry with this method, path and status is changed. `said` is in the finding's message, or in
    what it got, `place` in the line of the contract that it names."""

    method: str
    path: str
    status: int
    change: Callable[[Entry], Any]
    check: str
    operation: str
    said: str
    place: str = ""
    assumption: str | None = None
    blame: str = "instance"


def _answers(**content: Any) -> Callable[[Entry], Any]:
    """Another answer."""

    def change(entry: Entry) -> None:
        status, kind = content.get("status", entry["response"]["status"]), content.get("kind", "application/json")
        text = content.get("text", entry["response"]["content"]["text"])
        headers = [one for one in entry["response"]["headers"] if one["name"].lower() != "content-type"]
        entry["response"] = {
            "status": status,
            "headers": [*headers, *named([("Content-Type", kind)])],
            "content": {"text": text, "size": len(text), "mimeType": kind},
        }

    return change


def _with(*steps: str | int, value: Any) -> Callable[[Entry], Any]:
    """An answer with another value at the end of a path."""

    def change(content: Any) -> Any:
        *way, last = steps
        inner = content
        for step in way:
            inner = inner[step]
        inner[last] = value
        return content

    return lambda entry: answered(entry, change)


def _without(*steps: str | int) -> Callable[[Entry], Any]:
    def change(content: Any) -> Any:
        *way, last = steps
        inner = content
        for step in way:
            inner = inner[step]
        del inner[last]
        return content

    return lambda entry: answered(entry, change)


def _header(name: str, value: str | None) -> Callable[[Entry], Any]:
    def change(entry: Entry) -> None:
        kept = [one for one in entry["response"]["headers"] if one["name"].lower() != name.lower()]
        entry["response"]["headers"] = kept + ([] if value is None else named([(name, value)]))

    return change


def _asks(query: str) -> Callable[[Entry], Any]:
    """Another query, which is answered as before."""
    return lambda entry: entry["request"].update(url=f"{entry['request']['url'].partition('?')[0]}?{query}")


def _sends(change: Callable[[Any], Any]) -> Callable[[Entry], Any]:
    """Another body, which is answered as before."""

    def changed(entry: Entry) -> None:
        content = json.loads(entry["request"]["postData"]["text"])
        entry["request"]["postData"]["text"] = json.dumps(change(content))

    return changed


def _as(kind: str) -> Callable[[Entry], Any]:
    """A body of another media type."""

    def change(entry: Entry) -> None:
        kept = [one for one in entry["request"]["headers"] if one["name"] != "Content-Type"]
        entry["request"]["headers"] = [*kept, *named([("Content-Type", kind)])]

    return change


def _anonymous(entry: Entry) -> None:
    entry["request"]["headers"] = [one for one in entry["request"]["headers"] if one["name"] != "Authorization"]


def _unanswered(entry: Entry) -> None:
    entry["request"]["postData"]["text"] = "{}"
    entry["response"] = {"status": 0, "headers": [], "content": {"size": 0, "mimeType": "x-unknown"}}


def _patched(entry: Entry) -> None:
    entry["request"]["method"] = "PATCH"


SCHEMA, STATUS, KIND = "response_schema_conformance", "status_code_conformance", "content_type_conformance"
LIES: dict[str, Lie] = {
    "a status that isn't declared": Lie("GET", LIST, 200, _answers(status=206), STATUS, GET_LIST, "206", "responses"),
    "a server error": Lie("GET", EVENTS, 200, _answers(status=500), "not_a_server_error", "webhookEventGetList", "500"),
    "a gateway fails": Lie(
        *("GET", EVENTS, 200, _answers(status=502, kind="text/html", text=PAGE), "not_a_server_error"),
        *("webhookEventGetList", "502", "", None, "gateway"),
    ),
    "a page in place of JSON": Lie(
        *("GET", LIST, 200, _answers(kind="text/html; charset=utf-8", text=PAGE), KIND, GET_LIST, "text/html"),
        *("'200':", None, "gateway"),
    ),
    "another media type": Lie("GET", LIST, 200, _answers(kind="application/xml", text="<a/>"), KIND, GET_LIST, "xml"),
    "no JSON": Lie("GET", EVENTS, 200, _answers(text="{'items': []}"), SCHEMA, NAMES, "is no JSON"),
    "an empty body": Lie("GET", EVENTS, 200, _answers(text=""), SCHEMA, NAMES, "an empty body"),
    "a list in place of an object": Lie("GET", EVENTS, 200, _answers(text="[]"), SCHEMA, NAMES, "object"),
    "a header is missing": Lie(
        *("POST", "/rotate-hmac-key", 429, _header("Retry-After", None), "response_headers_conformance"),
        *("webhookSubscriptionRotateHmacKey", "header Retry-After: is missing", "", "A16", "contract"),
    ),
    "a header is malformed": Lie(
        *("POST", "/rotate-hmac-key", 429, _header("Retry-After", "soon"), "response_headers_conformance"),
        *("webhookSubscriptionRotateHmacKey", "header Retry-After", "", "A16", "contract"),
    ),
    "an id is missing": Lie(
        *("POST", LIST, 200, _without("webhookSubscriptionId"), SCHEMA, POST),
        *("webhookSubscriptionId: is missing", "webhookSubscriptionId:", "A78", "contract"),
    ),
    "a total is a text": Lie("GET", LIST, 200, _with("total", "all", value="3"), SCHEMA, GET_LIST, "total.all: "),
    "a URL is null": Lie("GET", LIST, 200, _with("items", 0, "url", value=None), SCHEMA, GET_LIST, "items[].url: "),
    "a message that is a number": Lie(
        "GET", NOWHERE, 404, _with("message", value=5), SCHEMA, GET_LIST, "message: ", "message:"
    ),
    "a date of another form": Lie(
        *("GET", LIST, 200, _with("items", 0, "createdAt", value="15.01.2026 10:30"), SCHEMA, GET_LIST),
        *('a text like "00.00.0000 00:00"', "createdAt:", "A33", "contract"),
    ),
    "a figure with a comma": Lie(
        "GET", FIGURES, 200, _with("intervals", 0, "in_1_days", value=1.5), SCHEMA, "membersStatsGet", "in_1_days"
    ),
    "a token is missing": Lie(
        *("POST", LOGIN, 200, _without("token"), SCHEMA, "adminLoginCheck", "token: is missing"),
        *("token:", "A76", "contract"),
    ),
    "a size that is forbidden is taken": Lie(
        *("GET", LIST, 200, _asks("_itemsOnPage=1000")),
        *("accepted_parameters", GET_LIST, "_itemsOnPage", "itemsOnPage:"),
        assumption="A02",
        blame="contract",
    ),
    "a parameter that nobody knows is taken": Lie(
        *("GET", LIST, 200, _asks("colour=red"), "accepted_parameters", GET_LIST, "colour", "", "A02", "contract"),
    ),
    "a field that is forbidden is taken": Lie(
        *("POST", LIST, 200, _sends(lambda body: {"webhookSubscription": body["webhookSubscription"] | {"note": "x"}})),
        *("accepted_body", POST, "webhookSubscription.note: ", "", "A18", "contract"),
    ),
    "a field that is required is missing": Lie(
        *("POST", LIST, 200, _sends(lambda body: {"webhookSubscription": {"url": body["webhookSubscription"]["url"]}})),
        *("accepted_body", POST, "webhookSubscription.eventName: is missing"),
        blame="contract",
    ),
    "a body of another type is taken": Lie(
        *("POST", LIST, 200, _as("text/plain"), "accepted_media_type", POST, "text/plain", "", None, "contract"),
    ),
    "a method that isn't declared": Lie(
        *("GET", FIGURES, 200, _patched, "accepted_method", f"PATCH {FIGURES.replace(STORE, '{storeCode}')}"),
        *("isn't declared for this path", "", None, "contract"),
    ),
    "a refused method is not told": Lie(
        *("PATCH", LIST, 405, _without("message"), SCHEMA, GET_LIST, "message: is missing", "message:"),
    ),
    "anybody may": Lie("GET", EVENTS, 200, _anonymous, "ignored_auth", "webhookEventGetList", "without a credential"),
    "a request that breaks off": Lie(
        *("POST", LIST, 200, _unanswered, "accepted_body", POST, "has no answer", "", None, "client"),
    ),
}
