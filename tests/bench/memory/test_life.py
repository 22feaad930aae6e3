"""bench.memory.life: what is kept is right, each lie is wrong, and what isn't claimed is left alone."""

import pytest

from bench.memory.life import ALONE, RIGHT, WRONG, Life, filled
from tests.bench.memory.shelf import ALL, Shelf, books


def _kinds(shelf: Shelf, recognised: frozenset[str] = ALL) -> dict[str, str]:
    return {role: each.kind for role, each in Life(shelf, books(), (), recognised).live().items()}


def test_what_is_kept_is_right() -> None:
    """A server that does as it says has no wrong role."""
    assert _kinds(Shelf()) == dict.fromkeys(ALL, RIGHT)


@pytest.mark.parametrize(
    ("lie", "roles"),
    [
        ("refuses", {"create"}),
        ("forgets", {"create", "read", "list", "replace", "patch", "delete"}),
        ("changes", {"create", "read", "list"}),
        ("forgets in lists", {"list"}),
        ("ignores", {"replace", "patch"}),
        ("replaces", {"patch"}),
        ("keeps", {"delete"}),
    ],
)
def test_each_lie_is_wrong_where_it_is_told(lie: str, roles: set[str]) -> None:
    """The role that isn't as it should be is named."""
    assert roles <= {role for role, kind in _kinds(Shelf(lie)).items() if kind == WRONG}


def test_a_key_that_creating_doesnt_tell_is_looked_for_in_the_list() -> None:
    """By what was sent."""
    assert _kinds(Shelf("tells nothing")) == dict.fromkeys(ALL, RIGHT)


def test_what_isnt_claimed_is_left_alone() -> None:
    """A role that isn't recognised can't be wrong, and neither can an answer that says that it is an example."""
    assert _kinds(Shelf("keeps"), ALL - {"delete"})["delete"] == ALONE
    assert _kinds(Shelf(source="example"))["read"] == ALONE


def test_what_nothing_creates_is_taken_from_the_list() -> None:
    """A resource without create is lived through by its first record."""
    life = Life(Shelf(), books(roles="list read"), (), ALL)

    assert {role: each.kind for role, each in life.live().items()} == {"read": RIGHT, "list": RIGHT}
    assert life.key == "1"


def test_a_path_is_filled_in_its_order() -> None:
    """The records around come first."""
    assert filled("/shelves/{shelfId}/books/{bookId}", ("7", "8")) == "/shelves/7/books/8"
