"""mockserver.nesting: where a value is too deep."""

from typing import Any

import pytest

from mockserver.nesting import is_deeper, shallow_json


def _nested(levels: int, inside: Any) -> Any:
    for level in range(levels):
        inside = [1, inside] if level % 2 else {"a": inside, "b": None}
    return inside


@pytest.mark.parametrize(("levels", "expected"), [(0, False), (1, False), (3, False), (4, True), (50, True)])
@pytest.mark.parametrize("inside", ["text", 1, None])
def test_depth_is_counted_in_arrays_and_objects(levels: int, inside: Any, *, expected: bool) -> None:
    """So many levels are allowed, and one more is too deep; what lies in the last is of no matter."""
    assert is_deeper(_nested(levels, inside), 3) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[[1]]", [[1]]),
        (b"[[[1]]]", None),
        (b"x", None),
        (b"\xff", None),
        (b"", None),
        pytest.param(b"[" * 200_000, None, id="very deep"),
    ],
)
def test_json_of_others_is_read_as_far_as_it_is_shallow(text: bytes, expected: Any) -> None:
    """What is no JSON, or too deep, is None, however deep it is."""
    assert shallow_json(text, 2) == expected
