"""The mock under Schemathesis, in this process. `make fuzz` does the same over HTTP, with more examples."""

import asyncio

import pytest
from schemathesis.schemas import BaseSchema

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world import World
from tests.fuzz import control
from tests.fuzz.gate import declared, verdict
from tests.fuzz.harness import Json, fuzz, loader, walk_along

SEED = 20_260_115
EXAMPLES = 6
FEW = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}  # phases that take nine tenths of a run
CONTROL_EXAMPLES = 3


@pytest.fixture
def token(world: World) -> str:
    """A token of the admin of a world that is seeded."""
    asyncio.run(world.seed())
    return asyncio.run(world.auth.log_in("admin", None, "admin", "password", "")).token


def test_a_few_answers_obey_the_contract(world: World, token: str) -> None:
    """Every operation is asked, and its answers are inside the contract, under all checks; plain Schemathesis has the
    other phases (tests/test_schemathesis_toml.py), and `make fuzz` has all of all operations."""
    load = loader(create_app(world))

    report = fuzz(lambda configuration: load(configuration | {"phases": FEW}), token, SEED, EXAMPLES, walks=0)

    assert (dict(report.failures), report.server_errors) == ({}, 0), report.samples
    assert {name for name, _ in report.statuses} == {name for name, _ in declared(load({}))}


@pytest.mark.slow_fuzz
def test_the_mock_obeys_its_contract(world: World, token: str) -> None:
    """Every answer is inside the contract, under all checks and phases; every status and every link is put to the
    test."""
    load = loader(create_app(world))

    report = fuzz(load, token, SEED, EXAMPLES)

    assert verdict(report, load({})) == []
    assert report.server_errors == 0


@pytest.mark.slow_fuzz
def test_the_control_plane_obeys_its_contract(settings: Settings) -> None:
    """The same for /_mock over HTTP, as deliveries need a server that goes on between two requests."""
    with MockServer(settings) as mock:
        load = control.loader(mock.url)

        report = fuzz(load, "", SEED, CONTROL_EXAMPLES, subject=control.CONTROL)

        assert verdict(report, load({}), control.probed) == []
        assert report.server_errors == 0


@pytest.mark.slow_fuzz
@pytest.mark.parametrize("source", ["listFaults", "listDeliveries"])
def test_walks_follow_a_link_from_a_list(settings: Settings, source: str) -> None:
    """A walk makes what is to be listed, so the gate doesn't depend on what other phases have left behind."""
    surface = Surface(Contract.of_control())
    links = [link for link in surface.links if link.source == source]
    with MockServer(settings) as mock:
        prepared = control.loader(mock.url)

        def load(configuration: Json) -> BaseSchema:
            return prepared(walk_along(links, surface, configuration))

        report = fuzz(load, "", SEED, CONTROL_EXAMPLES, walks=3, subject=control.CONTROL)

    assert {link.key for link in links} <= report.links.keys()
