"""bench.memory.pets: the same pets for everybody."""

import json

from bench.memory import pets
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import recognise


def test_the_mock_can_derive_them() -> None:
    """From the document alone."""
    (one,) = recognise(Contract.load(pets.document()))

    assert one.is_remembered
    assert {role.value for role in one.operations} == {"create", "read", "list"}


def test_scalar_is_told_at_each_operation() -> None:
    """Its store keeps nothing otherwise."""
    paths = json.loads(pets.scalar().read_text("utf-8"))["paths"]

    assert all("x-handler" in item[method] for item in paths.values() for method in item if method != "parameters")
