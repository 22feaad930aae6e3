"""Every file in tests/scenarios is a test: what there is, what is requested, what is answered (see README.md there).

Each is played over three transports: in process, by the mock's own HTTP server, and as what other ASGI servers serve.
Those of the API are also played on the engine connexion; connexion.yaml names where that answers differently."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.settings import Settings
from mockserver.world import World
from tests.scenarios.player import Difference, Matches, play, read
from tests.scenarios.transports import HttpServers, Transport, compiled, connexion, foreign

FOLDER = Path(__file__).parent / "scenarios"
FILES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.glob("*/*.yaml"))}


DIFFERENCES = Source("connexion.yaml", (FOLDER / "connexion.yaml").read_bytes()).content
Steps = dict[int, str]  # how the answers to them differ
SHARED = [name for name in FILES if not name.startswith("control/")]  # /_mock is the same on both engines
NOT_SHARED = ("control/event-for-one-receiver.yaml",)  # what mocks that share a database refuse, by their docs


@pytest.fixture
def played(settings: Settings, contract: Contract, clock: Clock) -> Callable[..., list[Difference]]:
    """Plays a scenario over a transport, and says what differs from its file."""

    def play_through(
        transport: Transport, name: str, *, goes_on: bool = False, storage: str = "memory"
    ) -> list[Difference]:
        scenario = read(FILES[name])
        changed = {"storage": storage} | (scenario.get("given") or {}).get("settings", {})
        world = World.build(replace(settings, **changed), contract, clock)
        with transport(world) as client:
            return list(play(scenario, client, clock, goes_on=goes_on))

    return play_through


@pytest.fixture(scope="module")
def transports() -> Iterator[dict[str, Transport]]:
    """The transports of the compiled engine, by name."""
    servers = HttpServers()
    yield {"compiled": compiled, "over_http": servers.over_http, "foreign": foreign}
    servers.join()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("transport", ["compiled", "over_http", "foreign"])
def test_scenario(
    transport: str, transports: dict[str, Transport], name: str, played: Callable[..., list[Difference]]
) -> None:
    """Each response of the scenario is as its file says, over every transport."""
    problems = played(transports[transport], name)

    assert not problems, "\n".join([name, *map(str, problems)])


@pytest.mark.parametrize("name", [name for name in FILES if name not in NOT_SHARED])
def test_scenario_on_postgres(
    transports: dict[str, Transport], name: str, played: Callable[..., list[Difference]], database: str
) -> None:
    """Each response of the scenario is as its file says, too, where the state is kept in a database."""
    problems = played(transports["over_http"], name, storage=database)

    assert not problems, "\n".join([name, *map(str, problems)])


def _named(name: str) -> Steps:
    """The steps of a scenario that connexion.yaml names."""
    steps = [entry["scenarios"].get(name, {}) for entry in DIFFERENCES]
    return {int(step): str(kind) for found in steps for step, kind in found.items()}


@pytest.mark.parametrize("name", SHARED)
def test_scenario_on_connexion(name: str, played: Callable[..., list[Difference]]) -> None:
    """Stock Connexion, over the same contract and handlers, answers each step as the file says, but for those that
    connexion.yaml names: these differ in the very way that it says."""
    problems = played(connexion, name, goes_on=True)

    found = {(problem.step, problem.kind) for problem in problems}
    assert found == set(_named(name).items()), "\n".join([name, *map(str, problems)])


def test_named_differences_are_of_scenarios() -> None:
    """Each difference belongs to one reason, and to a scenario that both engines play."""
    named = [(name, step) for entry in DIFFERENCES for name, steps in entry["scenarios"].items() for step in steps]

    assert len(named) == len(set(named))
    assert {name for name, _ in named} <= set(SHARED)


def test_page_counts_the_differences() -> None:
    """docs/connexion.md says of how many scenarios both engines answer alike, and of how many not; and of each reason
    how many differ by it."""
    kinds = [set(_named(name).values()) for name in SHARED]
    alike, worded = kinds.count(set()), kinds.count({"wording"})

    page = (FOLDER.parent.parent / "docs" / "connexion.md").read_text("utf-8")

    told = f"Of the {len(SHARED)} scenarios of the API, {alike} are answered alike, {worded} but for the wording of"
    assert f"{told} refusals, and {len(SHARED) - alike - worded} differently:" in page
    counts = [
        int(count) for count in re.findall(r"^\| [^|]* \| (\d+) \|$", page.partition("differently:")[2], re.MULTILINE)
    ]
    assert counts[: len(DIFFERENCES)] == [len(entry["scenarios"]) for entry in DIFFERENCES]


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
    assert str(problems[0]).startswith(f"step 2, {LOGIN}: ")
    assert problem in problems[0].told


def test_misspelt_word_is_an_error(client: TestClient, clock: Clock) -> None:
    """A word that the README doesn't know can't slip through as an expectation that is never checked."""
    with pytest.raises(TypeError, match="expects"):
        list(play({"steps": [{"request": LOGIN, "expects": 200}]}, client, clock))
    with pytest.raises(TypeError, match="bodies"):
        list(play({"steps": [{"request": LOGIN, "expect": {"status": 400, "bodies": {}}}]}, client, clock))


def test_every_operation_has_a_scenario(contract: Contract) -> None:
    """Each operation of the contract, and of the control plane's, is requested in some scenario."""
    requests = re.findall(r"request: (\w+) (/[^?\s]*)", "".join(path.read_text("utf-8") for path in FILES.values()))
    declared = [(route.method, route.path) for route in contract.routes() + Contract.of_control().routes()]

    unseen = [
        (method, path)
        for method, path in declared
        if not any(
            verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), target) for verb, target in requests
        )
    ]
    assert declared
    assert unseen == []
