"""mockserver.openapi.structure: places of a document, and the JSON pointers that lead to them."""

from typing import Any

import pytest

from mockserver.openapi.structure import Steps, at, find, is_json_type, pointer_to, readable, steps_of

DOCUMENT: dict[str, Any] = {"paths": {"/a/{b}": {"~c": [{"200": None}, "x %41"]}}, "": {"": 1}}

PLACES: list[tuple[Steps, str, str, Any]] = [
    ((), "", "#", DOCUMENT),
    (("paths", "/a/{b}", "~c", 1), "/paths/~1a~1%7Bb%7D/~0c/1", "#/paths/~1a~1{b}/~0c/1", "x %41"),
    (("paths", "/a/{b}", "~c", 0, 200), "/paths/~1a~1%7Bb%7D/~0c/0/200", "#/paths/~1a~1{b}/~0c/0/200", None),
    (("", ""), "//", "#//", 1),
]
NOWHERE: list[Steps] = [
    ("none",),
    ("paths", "/a/{b}", "~c", 2),
    ("paths", "/a/{b}", "~c", -1),
    ("paths", "/a/{b}", "~c", "x"),
    ("paths", "/a/{b}", "~c", "9" * 5_000),
    ("paths", "/a/{b}", "~c", 1, 0),
    ("paths", "/a/{b}", "~c", 0, 200, "none"),
]


@pytest.mark.parametrize(("steps", "pointer", "shown", "value"), PLACES)
def test_a_pointer_leads_where_it_was_made_for(steps: Steps, pointer: str, shown: str, value: Any) -> None:
    """A place has one pointer, percent-encoded in references and not for people; both lead back to it."""
    assert (pointer_to(*steps), readable(steps)) == (pointer, shown)
    assert steps_of(f"#{pointer}") == tuple(map(str, steps))
    assert at(DOCUMENT, steps) == at(DOCUMENT, steps_of(f"#{pointer}")) == find(DOCUMENT, steps) == value


@pytest.mark.parametrize("steps", NOWHERE, ids=lambda steps: str(steps)[:40])
def test_what_leads_nowhere_is_told(steps: Steps) -> None:
    """A missing value is a LookupError for `at`, and None for `find`; negative indices count as missing."""
    assert find(DOCUMENT, steps) is None
    with pytest.raises(LookupError):
        at(DOCUMENT, steps)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON ; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", True),
        ("application/x-ndjson", False),
        ("application/json-seq", False),
        ("text/html; a=application/json", False),
        ("", False),
    ],
)
def test_json_is_known_by_its_media_type(media_type: str, expected: bool) -> None:  # noqa: FBT001 (pytest's)
    """One text of JSON, whatever it is of; a sequence of texts is none."""
    assert is_json_type(media_type) is expected
