"""What live doesn't delete, a run makes no more of."""

import pytest

from mockserver.checks.drift.upkeep import Upkeep
from tests.checks.drift.pairs import answer, pets


def test_a_refusal_holds_back_what_creates_and_deletes() -> None:
    """Both aren't called any more, and one line tells why."""
    surface = pets()
    upkeep, calls = Upkeep(surface), surface.calls

    assert upkeep.is_refused(calls["deletePet"], answer(403))

    held = [name for name, call in calls.items() if upkeep.holds_back(call)]
    assert held == ["addPet", "deletePet"]
    (line,) = upkeep.told
    assert line.startswith("live answers 403 to deletePet on a record of this run: it created no more of them")
    assert line.endswith("addPet and deletePet no further")


@pytest.mark.parametrize("status", [204, 404, 410, 429, 500, 0])
def test_what_is_no_refusal(status: int) -> None:
    """A success, a record that is gone, an answer that may come later, and an error are compared like all others."""
    surface = pets()
    upkeep = Upkeep(surface)

    assert not upkeep.is_refused(surface.calls["deletePet"], answer(status))
    assert upkeep.told == []


def test_a_refusal_after_a_success_is_a_difference() -> None:
    """Who has deleted one may do so; and what deletes nothing is refused like anything."""
    surface = pets()
    upkeep = Upkeep(surface)
    upkeep.is_refused(surface.calls["deletePet"], answer(204))

    assert not upkeep.is_refused(surface.calls["deletePet"], answer(403))
    assert not upkeep.is_refused(surface.calls["addPet"], answer(403))
