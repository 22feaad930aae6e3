"""Bodies that the contract forbids."""

from mockserver.checks.live.scenarios.forbidden_bodies import spoiled
from mockserver.openapi.contract import Contract

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "note": {"nullable": True},
        "at": {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}},
    },
    "additionalProperties": False,
}
GOOD = {"name": "x", "kind": "a", "at": {"day": "2026-01-15"}}


def test_each_forbidden_body_has_one_fault_and_says_which() -> None:
    """What is required is left out, every property gets a value that it may not have, and what another operation takes
    is added; what the contract allows isn't among them."""
    contract = Contract(b"", {"schema": SCHEMA})

    found = dict(spoiled(contract, "/schema", GOOD, "odd", [{"name": "y", "event": "E"}]))

    assert found == {
        "with event": {**GOOD, "event": "E"},
        "without name": {"kind": "a", "at": {"day": "2026-01-15"}},
        "with an odd name": {**GOOD, "name": 0.5},
        "with a too long name": {**GOOD, "name": "xaaa"},
        "with an odd kind": {**GOOD, "kind": "odd"},
        "with an odd at": {**GOOD, "at": "odd"},
        "with an odd at.day": {**GOOD, "at": {"day": "odd"}},
        "with at.day as 1700000000": {**GOOD, "at": {"day": "1700000000"}},
        "with at.day as 15.01.2026": {**GOOD, "at": {"day": "15.01.2026"}},
        "with at.day as 2026-02-30": {**GOOD, "at": {"day": "2026-02-30"}},
    }
