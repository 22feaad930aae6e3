"""The rows of load: what is asked, and what an answer must be to count.

A `Check` that must hold leaves a contestant out of the row, with its text as the reason; one that only should is told
as a remark beside the figure.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import jwt

from bench.shared.client import burst
from bench.shared.request import UNIQUE, Request
from bench.shared.servers import Answer, Server

STORE = "/api/DEFAULT"
EVENTS, SUBSCRIPTIONS, MEMBERS = f"{STORE}/webhook/event", f"{STORE}/webhook/subscription", f"{STORE}/member"
LOGIN = "/api/admin/login_check"
ADMIN = {"username": "admin", "password": "password"}
NAMES = ("CustomerRegistered", "TransactionRegistered", "CustomerUpdated")
QUERY = f"eventName={NAMES[0]}&_orderBy%5BcreatedAt%5D=desc&_page=2&_itemsOnPage=10"
LISTED = 1_000
OK, BAD_REQUEST, UNAUTHORIZED = 200, 400, 401
REFUSALS = (400, 422)
Test = Callable[[Server], bool]


@dataclass(frozen=True, slots=True)
class Check:
    """Something to find out about a contestant, and what to say if it doesn't hold."""

    holds: Test
    otherwise: str
    must: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of load."""

    name: str
    work: str
    request: Request
    checks: tuple[Check, ...]
    expected: int = OK
    rows: int = 0  # subscriptions that must be there
    floors: frozenset[str] = field(default_factory=lambda: frozenset({"floor", "limit"}))


@dataclass(frozen=True, slots=True)
class Credentials:
    """A JWT that is good with every contestant, and the key that verifies it (PEM)."""

    token: str
    public_key: str

    @property
    def headers(self) -> dict[str, str]:
        """What to send."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def forged(self) -> dict[str, str]:
        """The same with another signature."""
        head, _, signature = self.token.rpartition(".")
        return {"Authorization": f"Bearer {head}.{signature[::-1]}"}


def subscription(event: str = NAMES[0]) -> dict[str, Any]:
    """A valid subscription with two headers."""
    headers = [
        {"headerName": f"X-{name}", "headerValue": value} for name, value in (("Tenant", "north"), ("Stage", "a"))
    ]
    return {"webhookSubscription": {"eventName": event, "url": "http://localhost:9/hook", "headers": headers}}


WRONG = {
    "webhookSubscription": {"eventName": "", "url": "not a url", "headers": [{"headerName": "", "headerValue": "x"}]}
}


def rows(credentials: Credentials) -> tuple[Row, ...]:
    """The rows, as the holder of a JWT."""
    return tuple(make(credentials) for make in (_get, _list, _post, _bad, _login, _create))


def subscribed(server: Server, headers: Mapping[str, str], number: int) -> None:
    """Make subscriptions, a third of them of the event that LIST looks for. Raises Refused."""
    third = [Request.post(SUBSCRIPTIONS, subscription(name), headers).raw() for name in NAMES]
    burst(server.port, (third[i % len(third)] for i in range(number)))


def _get(credentials: Credentials) -> Row:
    request = Request(EVENTS, headers=credentials.headers)

    def lists(server: Server) -> bool:
        items = _json(server.ask(request)).get("items")
        return isinstance(items, list) and NAMES[0] in items

    return Row(
        "GET",
        "authorised webhook/event, RS256 bearer",
        request,
        (Check(lists, "lists no events"), *_credential_checks(request, credentials)),
    )


def _list(credentials: Credentials) -> Row:
    request = Request(f"{SUBSCRIPTIONS}?{QUERY}", headers=credentials.headers)

    def page(server: Server) -> list[dict[str, Any]]:
        items = _json(server.ask(request)).get("items")
        return items if isinstance(items, list) else []

    def sorts(server: Server) -> bool:
        dates = [item.get("createdAt", "") for item in page(server)]
        return dates == sorted(dates, reverse=True)

    def counts(server: Server) -> bool:
        total = _json(server.ask(request)).get("total", {})
        return (total.get("all"), total.get("filtered")) == (LISTED, -(-LISTED // len(NAMES)))

    checks = (
        Check(counts, "doesn't remember subscriptions: the list is fixed"),
        Check(lambda server: len(page(server)) == 10, "doesn't page"),  # noqa: PLR2004 (as asked for)
        Check(lambda server: all(item.get("eventName") == NAMES[0] for item in page(server)), "doesn't filter"),
        Check(sorts, "doesn't sort"),
        *_credential_checks(request, credentials),
    )
    work = f"subscriptions with filter, sort, page; {LISTED:,} in the store"
    return Row("LIST", work, request, checks, rows=LISTED, floors=frozenset({"floor"}))


def _post(credentials: Credentials) -> Row:
    request = Request.post(SUBSCRIPTIONS, subscription(), credentials.headers)
    bad = Request.post(SUBSCRIPTIONS, WRONG, credentials.headers)
    checks = (
        Check(lambda server: bool(_id(server.ask(request))), "answers no id"),
        Check(lambda server: server.ask(bad).status in REFUSALS, "doesn't validate the body"),
        Check(lambda server: _id(server.ask(request)) != _id(server.ask(request)), "always the same id", must=False),
        *_credential_checks(request, credentials),
    )
    return Row("POST", "valid subscription with two headers", request, checks)


def _bad(credentials: Credentials) -> Row:
    request = Request.post(SUBSCRIPTIONS, WRONG, credentials.headers)

    def names_all(server: Server) -> bool:
        text = json.dumps(_json(server.ask(request)))
        return all(name in text for name in ("eventName", "url", "headerName"))

    checks = (
        Check(lambda server: server.ask(request).status in REFUSALS, "doesn't validate the body"),
        Check(lambda server: server.ask(request).status == BAD_REQUEST, "answers 422, which isn't in the contract"),
        Check(names_all, "doesn't name the three errors", must=False),
        *_credential_checks(request, credentials),
    )
    work = "POST with three validation errors: 400 (of the floor, a POST like any other)"
    return Row("BAD", work, request, checks, BAD_REQUEST, floors=frozenset({"floor"}))


def _login(credentials: Credentials) -> Row:
    request = Request.post(LOGIN, ADMIN, {})
    wrong = Request.post(LOGIN, ADMIN | {"password": "wrong"}, {})

    def signs(server: Server) -> bool:
        try:
            return bool(jwt.decode(_json(server.ask(request)).get("token", ""), credentials.public_key, ["RS256"]))
        except jwt.PyJWTError:
            return False

    checks = (
        Check(signs, "signs no token: the answer is fixed"),
        Check(lambda server: server.ask(wrong).status == UNAUTHORIZED, "takes any password"),
    )
    return Row("LOGIN", "admin login, an RS256 signature each", request, checks, floors=frozenset())


def _create(credentials: Credentials) -> Row:
    numbers = count()
    request = Request.post(
        MEMBERS, {"customer": {"email": f"m{UNIQUE}@example.com", "firstName": "Jane"}}, credentials.headers
    )

    def creates(server: Server) -> bool:
        answer = server.ask(request.unique(f"c{next(numbers)}"))
        return answer.status == OK and "customerId" in _json(answer)

    def knows(server: Server) -> bool:
        same = request.unique(f"c{next(numbers)}")
        return (server.ask(same).status, server.ask(same).status) == (OK, BAD_REQUEST)

    checks = (
        Check(creates, "answers no id"),
        Check(knows, "doesn't remember members: takes an address twice"),
        *_credential_checks(request.unique("secured"), credentials),
    )
    return Row("CREATE", "member creation, no subscriber", request, checks, floors=frozenset({"floor"}))


def _credential_checks(request: Request, credentials: Credentials) -> tuple[Check, Check]:
    anonymous = request.without("Authorization")
    forged = Request(request.path, request.method, {**request.headers, **credentials.forged}, request.body)
    return (
        Check(lambda server: server.ask(anonymous).status == UNAUTHORIZED, "answers without a token"),
        Check(lambda server: server.ask(forged).status == UNAUTHORIZED, "takes a forged token", must=False),
    )


def _id(answer: Answer) -> str:
    """The id of a new subscription, or nothing."""
    found = str(_json(answer).get("webhookSubscriptionId"))
    return found if re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found) else ""


def _json(answer: Answer) -> dict[str, Any]:
    content = answer.json() if answer.status in (OK, BAD_REQUEST) else {}
    return content if isinstance(content, dict) else {}
