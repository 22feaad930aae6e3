"""The mutants are what they claim to be: each changes an answer, at the right place, and nothing is named twice."""

import asyncio
from contextlib import aclosing

import pytest

from mockserver.openapi.contract import Contract
from mockserver.world.keys import SigningKey
from tests.mutants.exchange import operation_ids
from tests.mutants.faults import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.proxy import Fault, honest
from tests.mutants.walk import Replay, Step, mock_in_process, walked


@pytest.fixture(scope="module")
def key(signing_key: str) -> SigningKey:
    """The key of all mocks here."""
    return SigningKey(signing_key)


@pytest.fixture(scope="module")
def steps(contract: Contract, key: SigningKey) -> list[Step]:
    """What a correct mock answers."""
    return asyncio.run(walked(contract, key))


def test_mutants_are_many_and_documented() -> None:
    """There are at least 70, each with a name of its own, a sentence, and places that the contract has."""
    names = [mutant.name for mutant in MUTANTS]

    assert len(names) >= 70
    assert len(set(names)) == len(names)
    assert [mutant.name for mutant in MUTANTS if not mutant.breaks.endswith(".")] == []
    assert [mutant.name for mutant in MUTANTS if not mutant.places <= operation_ids()] == []


def test_walks_are_repeatable(steps: list[Step], contract: Contract, key: SigningKey) -> None:
    """Without a fault a second walk gets the same answers, and the walk sees every operation succeed."""

    async def again() -> list[Step]:
        async with mock_in_process(contract, key) as send:
            return [(request, await honest(request, send)) for request, _ in steps]

    assert asyncio.run(again()) == steps
    assert {request.operation for request, answer in steps if answer.status < 300} >= operation_ids()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutants_change_what_they_say(mutant: Mutant, steps: list[Step], contract: Contract, key: SigningKey) -> None:
    """Each mutant changes an answer of one of the operations where a finding would be right."""

    async def changed(fault: Fault) -> bool:
        async with aclosing(Replay(steps, contract, key).changes(fault)) as changes:
            async for request, _ in changes:
                if request.operation in mutant.places | {None}:  # None: a method that the contract doesn't have
                    return True
        return False

    assert asyncio.run(changed(mutant.make()))
