"""bench.contestants.own_constant: it answers what the floor does, whatever it gets."""

import asyncio
import json
from typing import Any

import pytest

from bench.contestants.floor import CREATED, EVENTS, MEMBER, PAGE
from bench.contestants.own_constant import OwnConstant
from mockserver.http.messages import Request


@pytest.mark.parametrize(
    ("method", "target", "content"),
    [
        ("GET", b"/api/DEFAULT/webhook/event", EVENTS),
        ("GET", b"/api/DEFAULT/webhook/subscription?_page=2", PAGE),
        ("POST", b"/api/DEFAULT/webhook/subscription", CREATED),
        ("POST", b"/api/DEFAULT/member", MEMBER),
        ("POST", b"/api/admin/login_check", MEMBER),
    ],
)
def test_answers_are_constants(method: str, target: bytes, content: Any) -> None:
    """Every row of the benchmark has an answer with 200."""
    response = asyncio.run(OwnConstant().answer(Request(method, target, {}, None)))

    assert (response.status, json.loads(response.body)) == (200, content)
