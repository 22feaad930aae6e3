"""mockserver.world.memory.json_patches: JSON Patch on records."""

import pytest

from mockserver.errors import BadRequest, Conflict
from mockserver.world.memory.json_patches import DEEPEST, LARGEST, MOST_OPERATIONS, patched
from tests.support.contracts_of import Json

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


def test_all_copies_of_a_patch_count() -> None:
    """What is copied or moved, and then removed, has taken its time: a patch has so many bytes for all of that."""
    text = "x" * (LARGEST // 8)
    copies = [{"op": "copy", "from": "/l", "path": "/m"}, {"op": "remove", "path": "/m"}]
    moves = [{"op": "move", "from": "/l", "path": "/m"}, {"op": "move", "from": "/m", "path": "/l"}]

    for operations in (copies, moves):
        assert patched({"l": [text]}, operations * 3) == {"l": [text]}
        with pytest.raises(Conflict):
            patched({"l": [text]}, operations * 8)


def nested(levels: int) -> Json:
    """A value of so many levels."""
    return {"a": nested(levels - 1)} if levels > 1 else {}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "add", "path": "/a/a", "value": nested(DEEPEST - 1)}],
        [{"op": "copy", "from": "", "path": "/a/a"}] * DEEPEST * 8,
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "move", "from": "/b", "path": "/a/a/a"}] * 4 * DEEPEST,
    ],
)
def test_a_patch_nests_no_deeper_than_a_body(operations: list[object]) -> None:
    """A record that is nested deeper than a body may be could break every list that it is in."""
    fitting = nested(DEEPEST - 2)
    assert patched(nested(3), [{"op": "add", "path": "/a/a", "value": fitting}])["a"]["a"] == fitting
    with pytest.raises(Conflict, match="Conflict"):
        patched(nested(3), operations)
