"""mockserver.pipeline.echoes: what of a request stands in its answer."""

from typing import Any

import pytest

from mockserver.pipeline.echoes import Echo, telling_parameters
from tests.support.contracts_of import INFO
from tests.support.remembering import contract_of

ANSWER = {"id": 1, "name": "old", "size": {"x": 1, "y": 2}, "note": "n", "made": "then"}
TEXT = {"type": "string"}


@pytest.fixture
def echo() -> Echo:
    """What an answer says of a body."""
    shown: dict[str, Any] = {
        "required": ["name"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string", "maxLength": 5},
            "size": {"type": "object"},
            "note": TEXT,
            "made": {**TEXT, "readOnly": True},
            "secret": {**TEXT, "writeOnly": True},
            "pet_id": {"type": "integer"},
        },
    }
    names = ("id", "name", "size", "note", "made", "secret", "unknown")
    taken: dict[str, Any] = {"properties": {name: {} for name in names}}
    schemas = {"Shown": {"type": "object", **shown}, "Taken": {"type": "object", **taken}}
    contract = contract_of({"openapi": "3.0.3", "info": INFO, "paths": {}, "components": {"schemas": schemas}})
    return Echo(contract, "/components/schemas/Shown", "/components/schemas/Taken")


def test_what_both_schemas_know_is_echoed(echo: Echo) -> None:
    """Fields of both have the values that were sent; what only one side writes doesn't, nor what doesn't fit."""
    sent = {"id": 5, "name": "new", "note": 3, "made": "now", "secret": "s", "unknown": 1}

    assert echo.is_alike
    assert echo.of_body(ANSWER, sent) == {**ANSWER, "name": "new"}
    assert echo.of_body(ANSWER, {"name": "too long"}) == echo.of_body(ANSWER, ["no object"]) == ANSWER


def test_a_merge_goes_into_objects_and_removes(echo: Echo) -> None:
    """A merge patch changes a part of an object, and null removes what isn't required."""
    found = echo.of_body(ANSWER, {"size": {"x": 3}, "note": None, "name": None}, merges=True)

    assert found == {"id": 1, "name": "old", "size": {"x": 3, "y": 2}, "made": "then"}


def test_a_path_is_echoed(echo: Echo) -> None:
    """The field that is called like a parameter has its value, in its type."""
    assert echo.of_path(ANSWER, {"petId": "7", "id": "none", "other": "1"}) == {**ANSWER, "pet_id": 7}
    assert [echo.says(name) for name in ("petId", "other")] == [True, False]


@pytest.mark.parametrize(
    ("path", "names"),
    [("/pets/{id}", ["id"]), ("/pets/{id}/owner", []), ("/shops/{shopId}/pets/{name}", ["shopId", "name"])],
)
def test_general_names_tell_of_the_last_step(path: str, names: list[str]) -> None:
    """`id` in the middle of a path is the id of something else."""
    assert telling_parameters(path) == names
