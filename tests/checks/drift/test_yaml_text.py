"""A text is edited line by line: what isn't meant stays, and the result is what the same edit of its content gives."""

import json

import pytest

from mockserver.checks.drift.edits import Edit, add, apply, drop, put, rename
from mockserver.checks.drift.yaml_text import CantEdit, edited
from mockserver.openapi.loading import Source

TEXT = """\
# The top.
first:   # aligned
  name: 'Rex'
  text: |
    Two
    lines.

  flow: {a: 1, b: [x, 'y']}  # kept
  statuses:
    '200': good
    # Refused.
    '400':
      why: bad
  list:
    - one   # first
    - two
  rows:
    - id: 1
      size: 2
    - id: 3
empty: {}
last: [only]
"""
EDITS = (
    put(("first",), "more", {"a": [1, {"b": None}], "c d": "it's: so"}),
    put(("first",), "name", "Max"),
    put(("first",), "text", "One line."),
    put(("first", "flow"), "c", [True, "no"]),
    put(("first", "flow"), "a", {"x": "2"}),
    put(("first", "statuses"), "201", {"why": "made"}),
    put(("first", "statuses"), "500", "broken"),
    put(("empty",), "key", 1),
    put((), "another", ["a"]),
    add(("first", "list"), "three"),
    add(("first", "rows"), {"id": 4, "tags": ["a"]}),
    add(("first", "flow", "b"), "z"),
    drop(("first", "flow", "b"), "x"),
    drop(("first", "flow", "b"), "y"),
    drop(("first", "list"), "one"),
    drop(("first", "rows", 0), "id"),
    drop(("first",), "text"),
    drop(("first", "flow"), "a"),
    drop(("last",), "only"),
    rename(("first",), "list", "entries"),
)


@pytest.mark.parametrize("edit", EDITS, ids=repr)
def test_text_and_content_are_edited_alike(edit: Edit) -> None:
    """What the text says afterwards is what the edited content is; no comment is lost but that of what goes."""
    content = Source("a.yaml", TEXT.encode()).content
    apply(content, edit)

    text = edited(TEXT, edit)

    assert Source("a.yaml", text.encode()).content == content
    assert {"# The top.", "# kept"} <= {part for line in text.splitlines() for part in (line, line[-6:])}


@pytest.mark.parametrize("edit", EDITS, ids=repr)
@pytest.mark.parametrize("indent", [2, None])
def test_json_stays_json(edit: Edit, indent: int | None) -> None:
    """A text of JSON is one afterwards, with the same content, whether it has one line or many, and no end of line."""
    content = Source("a.yaml", TEXT.encode()).content
    text = json.dumps(content, indent=indent)
    apply(content, edit)

    after = edited(text, edit)

    assert json.loads(after) == content
    assert not after.endswith("\n")


def test_new_statuses_stand_in_their_order() -> None:
    """A status comes before the next larger one."""
    lines = edited(TEXT, put(("first", "statuses"), "201", "made")).splitlines()

    assert lines.index("    '201': made") < lines.index("    '400':")


@pytest.mark.parametrize(
    "edit",
    [
        put(("nowhere",), "a", 1),
        drop(("first", "list"), "ten"),
        drop(("empty",), "a"),
        drop(("first", "rows", 1), "id"),
    ],
)
def test_what_cannot_be_edited_is_told(edit: Edit) -> None:
    """A place that isn't there, and what would leave nothing behind, is no edit."""
    with pytest.raises(CantEdit):
        edited(TEXT, edit)
