"""mockserver.world.memory.json_patches: JSON Patch on records."""

import pytest

from mockserver.errors import BadRequest, Conflict
from mockserver.world.memory.json_patches import MOST_OPERATIONS, patched

OLD = {"a": {"b": [1, 2]}, "c": "d"}


def test_operations_change_a_copy() -> None:
    """All operations of RFC 6902 are applied in their order; the old value stays."""
    operations = [
        {"op": "test", "path": "/c", "value": "d"},
        {"op": "add", "path": "/a/b/-", "value": 3},
        {"op": "remove", "path": "/a/b/0"},
        {"op": "replace", "path": "/c", "value": None},
        {"op": "copy", "from": "/a/b", "path": "/e"},
        {"op": "move", "from": "/c", "path": "/f"},
    ]

    assert patched(OLD, operations) == {"a": {"b": [2, 3]}, "e": [2, 3], "f": None}
    assert OLD == {"a": {"b": [1, 2]}, "c": "d"}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/c", "value": "x"},
        {"op": "remove", "path": "/x"},
        {"op": "replace", "path": "/a/b/7", "value": 1},
        {"op": "move", "from": "/a", "path": "/a/b"},
    ],
)
def test_what_does_not_fit_is_a_conflict(operation: dict[str, object]) -> None:
    """An operation on what isn't there, or isn't so, changes nothing."""
    with pytest.raises(Conflict):
        patched(OLD, [{"op": "add", "path": "/new", "value": 1}, operation])


@pytest.mark.parametrize(
    "patch",
    [
        {},
        "x",
        [1],
        [{}],
        [{"op": "x", "path": "/a"}],
        [{"op": "add", "path": 1}],
        [{"op": "add", "path": "/a"}],
        [{"op": "add", "path": "a", "value": 1}],
    ],
)
def test_what_is_no_patch_is_a_bad_request(patch: object) -> None:
    """A patch is a list of operations that can be read."""
    with pytest.raises(BadRequest):
        patched(OLD, patch)


def test_a_patch_is_bounded() -> None:
    """It may have so many operations, and can't blow up a record by copying."""
    with pytest.raises(BadRequest):
        patched(OLD, [{"op": "test", "path": "/c", "value": "d"}] * (MOST_OPERATIONS + 1))
    with pytest.raises(Conflict, match="Conflict"):
        patched(OLD, [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(40)])
