"""mockserver.world.memory.record_keys: ids of new records that the contract accepts."""

import re

import pytest

from mockserver.clock import Clock, Ids
from mockserver.openapi.examples import Examples
from mockserver.storage.resource_records import MemoryResourceRecords
from mockserver.world.memory import Means
from mockserver.world.memory.record_keys import RecordKeys
from tests.support.contracts_of import INFO, Json
from tests.support.remembering import contract_of


def keys(schema: Json) -> RecordKeys:
    """The ids of a resource whose id has this schema."""
    contract = contract_of({"openapi": "3.0.3", "info": INFO, "paths": {}, "components": {"schemas": {"Id": schema}}})
    means = Means(contract, Examples(contract, 1), Ids(1), Clock(), MemoryResourceRecords())
    return RecordKeys(means, "pets", "/components/schemas/Id")


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ({"type": "integer"}, "3"),
        ({"type": "integer", "minimum": 100}, "102"),
        ({"type": "string", "enum": ["a", "b", "c"]}, "c"),
        ({"type": "string", "format": "uuid"}, "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ({"type": "string", "maxLength": 10}, "[0-9a-f]{10}"),
        ({"type": "string", "pattern": "^[0-9]+$"}, "[0-9]+"),
        ({"type": "string", "pattern": "^usr_[a-z]{4}$"}, "usr_[a-z]{4}"),
    ],
)
def test_the_id_of_a_number_is_valid(schema: Json, pattern: str) -> None:
    """Whatever the schema asks for, the id of a number fits it, and is the same each time."""
    made = keys(schema).made_of(3)

    assert re.fullmatch(pattern, str(made))
    assert made == keys(schema).made_of(3) != keys(schema).made_of(4)


def test_the_number_of_a_key_is_known() -> None:
    """A key that an id of a number would have; others have none."""
    assert [keys({"type": "integer", "minimum": 100}).number_of(key) for key in ("102", "99", "rex")] == [3, None, None]
    assert keys({"type": "string", "format": "uuid"}).number_of("3") is None
