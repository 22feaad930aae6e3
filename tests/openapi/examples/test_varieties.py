"""mockserver.openapi.examples.varieties: declared values, as other records of their kind would have them."""

from random import Random  # noqa: TID251 (with a seed of the test)
from typing import Any

import pytest

from mockserver.openapi.examples.budget import Budget
from mockserver.openapi.examples.varieties import Variety, kind_of_place, turn_of, varied


def other(value: object, name: str, turn: int = 3, **schema: Any) -> Any:
    """The value that the record of a turn has instead of a declared one."""
    return varied(value, schema, Variety(name, turn, Random(1)), Budget())  # noqa: S311


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", "Cordless drill", "Cordless drill 3"),
        ("title", "Fluffy", "Fluffy 3"),
        ("slug", "cordless-drill", "cordless-drill-3"),
        ("repoName", "my_repo", "my_repo_3"),
        ("sku", "DRL-0100", "DRL-0102"),
        ("phone", "+441632960009", "+441632960011"),
        ("email", "ada@example.com", "ada3@example.com"),
        ("createdAt", "2025-03-01T10:00:00Z", "2025-02-23T10:00:00Z"),
        ("birthday", "2025-03-01", "2025-02-23"),
        ("id", 7, 9),
        ("created", 1_700_000_000, 1_700_000_000 - 6 * 86_400),
    ],
)
def test_what_differs_between_records_does(name: str, value: object, expected: object) -> None:
    """Names are numbered, ids counted on, moments earlier; each looks as the declared one does."""
    assert other(value, name) == expected
    assert other(value, name, turn=1) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "EUR"),
        ("description", "A fine drill."),
        ("fileName", "a.pdf"),
        ("year", 2024),
        ("stock", 0),
        ("active", True),
        ("birthday", "2025-99-99"),
        ("anything", None),
    ],
)
def test_what_has_a_meaning_stays(name: str, value: object) -> None:
    """Codes, long texts, parts of dates, zero and flags aren't changed."""
    assert other(value, name) == value


def test_other_values_keep_to_the_schema() -> None:
    """What would be too long, out of bounds or no multiple isn't made."""
    assert other("Amber", "name", maxLength=5) == "Amber"
    assert other("A-1", "sku", patterns=("^A-1$",)) == "A-1"
    assert other(7, "id", high=(8, True)) == other(7, "id", high=(9, False)) == 7
    assert other(7, "id", multiples=(7,)) == 7
    assert other(-7, "id", low=(-5, True)) == -7


def test_amounts_and_people_change() -> None:
    """Amounts keep their decimals, shares their bound; people and towns are others."""
    assert 60 <= other(129.95, "price") <= 200
    assert round(other(129.95, "price"), 2) == other(129.95, "price") != 129.95
    assert 2.2 <= other(4.5, "rating") <= 4.5
    assert other("Zoe", "firstName") not in {"Zoe", other("Zoe", "firstName", turn=4)}
    first = "3f0e7c1a-5b1d-4c58-9f3e-0a4b8c2d6e10"
    assert other(first, "any") != first
    assert len(other(first, "any")) == len(first)


@pytest.mark.parametrize(("variation", "turn"), [("", 0), ("7", 7), ("initial 2", 2), ("0", 1), ("key 12", 12)])
def test_a_number_is_a_turn(variation: str, turn: int) -> None:
    """The number at the end of a variation is its turn; without a variation there are no turns."""
    assert turn_of(variation) == turn


def test_other_variations_have_turns_of_their_own() -> None:
    """Any text has a turn after the first one, always the same."""
    turns = {turn_of(f"a{letter}") for letter in "bcdefgh"}

    assert len(turns) > 5
    assert min(turns) > 1


def test_items_are_of_one_kind() -> None:
    """The places of all items of a list are alike."""
    assert kind_of_place(("pets", 3, "name")) == kind_of_place(("pets", 4, "name")) == ("pets", "*", "name")
