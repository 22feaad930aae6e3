"""What tests of recordings share: a walk through everything that a correct mock answers."""

import asyncio

import pytest

from mockserver.openapi.contract import Contract
from mockserver.world.keys import SigningKey
from tests.mutants.walk import Step, walked


@pytest.fixture(scope="session")
def walk(contract: Contract, signing_key: str) -> list[Step]:
    """It is made once: nobody changes it."""
    return asyncio.run(walked(contract, SigningKey(signing_key)))
