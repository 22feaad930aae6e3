"""Every file in tests/scenarios is a test: what there is, what is requested, what is answered (see README.md there)."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.scenarios.player import Matches, play, read

FOLDER = Path(__file__).parent / "scenarios"
FILES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.glob("*/*.yaml"))}


@pytest.mark.parametrize("name", FILES)
def test_scenario(name: str, settings: Settings, contract: Contract, clock: Clock) -> None:
    """Each answer of the scenario is as its file says."""
    scenario = read(FILES[name].read_text("utf-8"))
    changed = (scenario.get("given") or {}).get("settings", {})
    world = World.build(replace(settings, **changed), contract, clock)

    with TestClient(create_app(world)) as client:
        problems = list(play(scenario, client, clock))

    assert not problems, "\n".join([name, *problems])


LOGIN = "POST /api/admin/login_check"
WRONG = {
    "status": ({"expect": 200}, "expected 200, got 401"),
    "body": ({"expect": {"status": 401, "body": {}}}, "body.message: expected nothing, got 'Bad credentials.'"),
    "text": ({"expect": {"status": 401, "body": {"message": "No."}}}, "expected 'No.', got 'Bad credentials.'"),
    "part": ({"expect": {"status": 401, "includes": {"code": 401}}}, "body.code: expected 401, got nothing"),
    "pattern": ({"expect": {"status": 401, "includes": {"message": Matches("Bad")}}}, "text that matches Bad"),
    "header": ({"expect": {"status": 401, "headers": {"Allow": "GET"}}}, "header.allow: expected 'GET', got None"),
    "shown": ({"expect": {"status": 401, "without": ["credentials"]}}, "the body shows 'credentials'"),
}


@pytest.mark.parametrize(("step", "problem"), WRONG.values(), ids=WRONG)
def test_difference_is_told(client: TestClient, clock: Clock, step: dict[str, Any], problem: str) -> None:
    """A scenario that expects something else fails, and says at which step, what it expected and what it got."""
    request = {"request": LOGIN, "body": {"username": "admin", "password": "wrong"}}

    problems = list(play({"steps": [request | {"expect": 401}, request | step]}, client, clock))

    assert len(problems) == 1
    assert problems[0].startswith(f"step 2, {LOGIN}: ")
    assert problem in problems[0]


def test_misspelt_word_is_an_error(client: TestClient, clock: Clock) -> None:
    """A word that the README doesn't know can't slip through as an expectation that is never checked."""
    with pytest.raises(TypeError, match="expects"):
        list(play({"steps": [{"request": LOGIN, "expects": 200}]}, client, clock))
    with pytest.raises(TypeError, match="bodies"):
        list(play({"steps": [{"request": LOGIN, "expect": {"status": 400, "bodies": {}}}]}, client, clock))


def test_every_operation_has_a_scenario(contract: Contract) -> None:
    """Each operation of the contract, and of the control plane's, is requested in some scenario."""
    requests = re.findall(r"request: (\w+) (/[^?\s]*)", "".join(path.read_text("utf-8") for path in FILES.values()))
    paths = contract.routes()["paths"] | Contract.of_control().routes()["paths"]
    declared = [(method, path) for path, item in paths.items() for method in item]

    unseen = [
        (method, path)
        for method, path in declared
        if not any(
            verb.lower() == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), target)
            for verb, target in requests
        )
    ]
    assert declared
    assert unseen == []
