"""Fixtures for operations without behaviour."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.foreign import zoo_contract


@pytest.fixture(scope="session")
def zoo() -> Contract:
    """A contract of somebody else."""
    return zoo_contract()


@pytest.fixture
def zoo_client(zoo: Contract) -> Iterator[TestClient]:
    """A client of the mock that serves it, strictly."""
    with TestClient(create_app(World.build(Settings(seed=1, strict=True), zoo))) as client:
        yield client
