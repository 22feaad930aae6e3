"""mockserver.world.memory.later_moments: what isn't completed has no moment at which it was."""

from mockserver.world.memory.later_moments import settled
from tests.support.contracts_of import INFO, Json
from tests.support.remembering import contract_of

TEXT: Json = {"type": "string"}
TASK: Json = {
    "required": ["paidAt"],
    "properties": {
        "state": TEXT,
        "completed_at": {"type": ["string", "null"]},
        "archivedAt": TEXT,
        "paidAt": TEXT,
        "created_at": TEXT,
    },
}
TIMES = dict.fromkeys(("completed_at", "archivedAt", "paidAt", "created_at"), "2026-01-01")


def task(state: str) -> Json:
    """A task in this state, with moments, after what was too early is left out."""
    contract = contract_of({"openapi": "3.1.0", "info": INFO, "paths": {}, "components": {"schemas": {"Task": TASK}}})
    return settled(contract, "/components/schemas/Task", {"state": state, **TIMES})


def test_what_is_open_has_no_end() -> None:
    """A moment that is still to come is null or left out; what is required stays."""
    kept = {"paidAt": "2026-01-01", "created_at": "2026-01-01"}
    assert task("open") == {"state": "open", "completed_at": None, **kept}


def test_what_is_done_has_one() -> None:
    """The moment of the state that a record says stays, whatever the word for it."""
    assert task("done")["completed_at"] == "2026-01-01"
    assert task("archived")["archivedAt"] == "2026-01-01"
