"""Hints: a refusal says why and what to do, in X-Mock-Hint, whichever engine serves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app, create_connexion_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.foreign import answering

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"
NOBODY = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
HINTS: list[tuple[str, str, dict[str, object], int, str]] = [
    ("GET", "/nothing", {}, 404, "No operation has this path; GET /docs lists them."),
    (
        "GET",
        "/api/WRONG/webhook/event",
        {"headers": API_KEY},
        404,
        "No store WRONG; this mock has DEFAULT, OTHER (--stores).",
    ),
    (
        "GET",
        "/api/a%20b/webhook/event",
        {"headers": API_KEY},
        404,
        "No store 'a b'; this mock has DEFAULT, OTHER (--stores).",
    ),
    ("GET", f"{SUBSCRIPTIONS}/{NOBODY}", {"headers": API_KEY}, 404, "No subscription with this id in store DEFAULT."),
    (
        "GET",
        EVENTS,
        {"headers": {"X-AUTH-TOKEN": "x"}},
        401,
        "No user of this mock has the API key that was sent (--api-key).",
    ),
    (
        "GET",
        EVENTS,
        {"headers": {"Authorization": "Bearer x"}},
        401,
        "The token is no JWT that is signed by RS256. Log in for one.",
    ),
    (
        "POST",
        "/api/token/refresh",
        {"json": {"refresh_token": "x"}},
        401,
        "Unknown refresh token: each is used up by one refresh, and revoking or a reset ends them. Log in again.",
    ),
    (
        "POST",
        "/api/admin/login_check",
        {"json": {"username": "admin", "password": "x"}},
        401,
        "No admin has this user name and password (--admin-username, --admin-password).",
    ),
]


@pytest.fixture(params=["compiled", "connexion"])
def either(request: pytest.FixtureRequest, world: World) -> Iterator[TestClient]:
    """A client of a mock, by each engine."""
    app = create_app(world) if request.param == "compiled" else create_connexion_app(world)
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(("method", "path", "request_", "expected"), [(*one[:3], one[3:]) for one in HINTS])
def test_refusals_say_why(
    either: TestClient, method: str, path: str, request_: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Missing operation, store and record are told apart, and so are the reasons of a 401, whichever engine serves; the
    body stays the vendor's, and no contract is violated."""
    answer = either.request(method, path, **request_)

    assert (answer.status_code, answer.headers["x-mock-hint"]) == expected
    assert "x-mock-contract-violation" not in answer.headers
    assert "hint" not in answer.text


def test_first_problem_of_a_400_is_told(either: TestClient) -> None:
    """The first problem of a 400 is in the hint, by its path."""
    bad = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": 5}}

    hint = either.post(SUBSCRIPTIONS, headers=API_KEY, json=bad).headers["x-mock-hint"]

    assert "url" in hint


def test_member_is_told_which_role_is_needed(either: TestClient) -> None:
    """A member's token at an admin's operation is a 403 that says so."""
    login = either.post("/api/DEFAULT/member/login_check", json={"username": "member", "password": "password"}).json()

    answer = either.get(EVENTS, headers={"Authorization": f"Bearer {login['token']}"})

    assert answer.status_code == 403
    assert answer.headers["x-mock-hint"] == "The token is a member's; this operation needs an admin's."


# ---------------------------------------------------------------- paths of other contracts
@pytest.mark.parametrize("strict", [False, True])
def test_unknown_paths_of_others_are_judged_by_nothing(tmp_path: Path, strict: bool) -> None:  # noqa: FBT001 (a parameter)
    """An unknown path of another contract is a plain 404, and a wrong method a 405, whatever its operations declare."""
    operation = answering()
    for status in ("404", "405"):
        operation["responses"][status] = {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}
    path = tmp_path / "openapi.json"
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}}
    path.write_text(json.dumps(document))
    world = World.build(Settings(seed=1, strict=strict, spec=str(path)), Contract.load(path))
    with TestClient(create_app(world)) as client:
        answers = [client.get("/nothing"), client.post("/a")]

    assert [answer.status_code for answer in answers] == [404, 405]
    assert not any("x-mock-contract-violation" in answer.headers for answer in answers)
