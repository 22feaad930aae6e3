"""Planted lies: handlers that break the contract in one way each, and who sees them.

    python -m tests.fuzz.lies

The answer of an operation is changed before it leaves, error answers too. Plain Schemathesis runs with all its checks.
Exit code 1 if the response validator misses one.
"""

import asyncio
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any

import click

from mockserver.app import create_app
from mockserver.errors import ApiError
from mockserver.openapi.contract import Contract
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler
from mockserver.settings import Settings
from mockserver.world import World
from tests.fuzz.harness import Json, fuzz, loader

logger = logging.getLogger("mockserver")

EXAMPLES = 8
Reply = tuple[Any, int]
Lie = Callable[[Any, int], Reply]


class Teapot(ApiError):
    """An error that no operation declares."""

    status = 418
    message = "I'm a teapot"


class WrongShape(ApiError):
    """A 404 as the vendor's 4.x had it."""

    status = 404
    message = "Not Found"

    def body(self) -> Json:
        return {"error": {"code": 404, "message": self.message}}


class Problem(ApiError):
    """A 403 as RFC 7807 has it."""

    status = 403
    message = "Forbidden."

    def body(self) -> Json:
        return {"type": "about:blank", "title": "Forbidden", "status": 403}


class Silent(ApiError):
    """A 429 that doesn't say when to come back: the header is declared, and required."""

    status = 429
    message = "Too Many Requests"


def _raise(error: type[ApiError]) -> Reply:
    raise error


def _in_row(name: str, value: object) -> Lie:
    def lie(content: Any, status: int) -> Reply:
        return content | {"items": [row | {name: value} for row in content["items"]]}, status

    return lie


LIES: dict[str, tuple[str, Lie]] = {
    "wrong type in a list": (
        "webhookEventGetList",
        lambda content, status: ({"items": [*content["items"], 1]}, status),
    ),
    "list instead of object": ("webhookEventGetList", lambda content, status: (content["items"], status)),
    "undeclared success": ("webhookEventGetList", lambda content, _: (content, 201)),
    "body on 204": ("userGetTokenRevoke", lambda _, status: ({"revoked": 1}, status)),
    "no body on 200": ("webhookEventGetList", lambda _, status: (None, status)),
    "200 instead of 204": ("webhookSubscriptionDelete", lambda _c, _s: ({}, 200)),
    "id is no UUID": ("_webhookSubscriptionPost", lambda c, s: (c | {"webhookSubscriptionId": "17"}, s)),
    "secret without its prefix": ("_webhookSubscriptionPost", lambda c, s: (c | {"hmacSecretKey": "0" * 64}, s)),
    "null where not nullable": ("webhookSubscriptionGet", lambda c, s: (c | {"url": None}, s)),
    "date without a time": ("webhookSubscriptionGet", lambda c, s: (c | {"createdAt": "2026-01-15"}, s)),
    "date that doesn't exist": ("webhookSubscriptionGetList", _in_row("createdAt", "2026-02-30T00:00:00+00:00")),
    "text instead of boolean": ("webhookSubscriptionGetList", _in_row("legacy", "no")),
    "headers as an object": ("webhookSubscriptionGet", lambda c, s: (c | {"headers": {"X-A": "1"}}, s)),
    "count as text": ("webhookSubscriptionGetList", lambda c, s: (c | {"total": {"all": "1"}}, s)),
    "fraction as a count": ("membersStatsGet", lambda c, s: (c | {"total": 1.5}, s)),
    "intervals as an object": ("membersStatsGet", lambda c, s: (c | {"intervals": c["intervals"][0]}, s)),
    "number as a token": ("adminLoginCheck", lambda c, s: (c | {"token": 1}, s)),
    "undeclared error": ("membersStatsGet", lambda _c, _s: _raise(Teapot)),
    "old error shape": ("webhookSubscriptionGet", lambda _c, _s: _raise(WrongShape)),
    "problem document": ("webhookEventGetList", lambda _c, _s: _raise(Problem)),
    "missing Retry-After": ("adminLoginCheck", lambda _c, _s: _raise(Silent)),
    "defect of a handler": ("_memberPost", lambda content, status: (content["nothing"], status)),
    "id as a number": ("_transactionPost", lambda c, s: (c | {"transactionId": 7}, s)),
    "null as an id": ("_memberPost", lambda c, s: (c | {"customerId": None}, s)),
}


def planted(operation_id: str, lie: Lie) -> dict[str, Handler]:
    """The handlers, one of which lies."""
    honest = OPERATIONS[operation_id]

    async def liar(world: World, **arguments: Any) -> Reply:
        return lie(*await honest(world, **arguments))

    liar.__signature__ = inspect.signature(honest)  # type: ignore[attr-defined]
    return OPERATIONS | {operation_id: liar}


class Breaches(logging.Handler):
    """Counts what the response validator reports."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        self.count += record.getMessage().startswith("contract violation")


def seen(operation_id: str, lie: Lie) -> tuple[int, int]:
    """How often the response validator and Schemathesis saw the lie."""
    world = World.build(Settings(seed=1), Contract.load())
    app = create_app(world, planted(operation_id, lie))
    asyncio.run(world.seed())
    token = asyncio.run(world.auth.log_in("admin", None, "admin", "password", "")).token

    breaches = Breaches()
    logger.addHandler(breaches)
    report = fuzz(loader(app), token, seed=1, examples=EXAMPLES, walks=1)
    logger.removeHandler(breaches)
    return breaches.count, report.failures.total()


def main() -> None:
    """Plant each lie and print who saw it."""
    logger.propagate = False
    caught = [0, 0]
    for name, (operation_id, lie) in LIES.items():
        counts = seen(operation_id, lie)
        caught = [before + bool(count) for before, count in zip(caught, counts, strict=True)]
        marks = ["caught" if count else "MISSED" for count in counts]
        click.echo(f"{name:28} {operation_id:28} guard {marks[0]}, Schemathesis {marks[1]}")
    click.echo(f"guard {caught[0]}/{len(LIES)}, Schemathesis {caught[1]}/{len(LIES)}")
    sys.exit(caught[0] < len(LIES))


if __name__ == "__main__":
    main()
