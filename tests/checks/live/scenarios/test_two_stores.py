"""mockserver.checks.live.scenarios.two_stores: what belongs to one store is seen to be in another, and nothing else."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from mockserver.checks.findings.promises import Promise
from tests.checks.conftest import Judged
from tests.checks.findings.test_promises import FIGURES, PERSON
from tests.mutants.exchange import OTHER_STORE, STORE, Answer, Request, Send
from tests.mutants.proxy import Fault, honest

MEMBER_LOGIN = "memberLoginCheck"
_EMAIL = re.compile(rb'"email": *"([^"]+)"')
TRIED = "in two stores|a member under another store"


def _in_one(operation: str) -> Fault:
    """An operation that takes the other store for the first one."""

    async def fault(request: Request, send: Send) -> Answer:
        is_there = request.operation == operation and request.store == OTHER_STORE
        target = request.target.replace(f"/{OTHER_STORE}/", f"/{STORE}/", 1)
        return await send(replace(request, target=target) if is_there else request)

    return fault


def _refusing(known: set[bytes]) -> Fault:
    """Nobody may have an e-mail address that somebody has in any store."""

    async def fault(request: Request, send: Send) -> Answer:
        if request.operation != PERSON:
            return await send(request)
        email = _EMAIL.findall(request.body)[0]
        if email in known:
            return Answer.of(400, {"code": 400, "message": "Validation failed.", "errors": []})
        answer = await send(request)
        known.update([email] if answer.status == 200 else [])
        return answer

    return fault


FAULTS: dict[str, tuple[Callable[[], Fault], str]] = {
    "a member of one store logs in under another": (lambda: _in_one(MEMBER_LOGIN), MEMBER_LOGIN),
    "the members of all stores are counted": (lambda: _in_one(FIGURES), FIGURES),
    "an identifier that a record of one store has is refused in another": (lambda: _refusing(set()), PERSON),
}


@pytest.mark.parametrize("message", FAULTS)
def test_what_one_store_has_in_another_is_found(message: str, judged: Judged) -> None:
    """Each by itself, at its operation."""
    make, operation = FAULTS[message]

    found = judged(make(), TRIED).findings

    assert [(one.check, one.operation, one.message) for one in found] == [
        (Promise.STORES_ARE_APART, operation, message)
    ]


def test_stores_that_are_apart_are_not_blamed(judged: Judged) -> None:
    """Somebody else may have the same name and password there, and as many members may be in both stores."""
    assert judged(honest, TRIED).findings == []


@pytest.mark.parametrize("options", [{"other_store": None}, {"allow_residue": ()}])
def test_what_leaves_something_takes_leave(options: dict[str, object], judged: Judged) -> None:
    """Without it, or without another store, no member is made."""
    report = judged(honest, "in two stores", **options)

    assert report.requests == judged(honest, "no such scenario", **options).requests
