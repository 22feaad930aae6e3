"""A text of YAML that is edited line by line: comments, quotes and layout of all other lines stay as they are.

What is JSON stays JSON.
"""

import json
import re
from typing import Any

import yaml  # noqa: TID251 (only for the lines and columns of nodes; no value is read by it)

from mockserver.checks.drift.edits import Action, Edit
from mockserver.errors import MockserverError
from mockserver.openapi.structure import Steps

INDENT = 2
_PLAIN = re.compile(r"[A-Za-z$/][\w $./;-]*[\w.]|[A-Za-z]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class CantEdit(MockserverError):
    """The error that a text isn't written in a way that can be edited."""


def edited(text: str, edit: Edit) -> str:
    """The text with an edit in it. Raises CantEdit."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        return _Text(text, root).edited(edit)
    except (yaml.YAMLError, LookupError) as error:
        raise CantEdit(f"the place of {edit.key or edit.value!r} can't be found in this file: {error}") from error


class _Text:
    """A text, and its nodes."""

    def __init__(self, text: str, root: Any) -> None:
        self._lines, self._root, self._is_json = text.splitlines(keepends=True), root, _is_json(text)
        self._is_unended = bool(self._lines) and not self._lines[-1].endswith("\n")
        if self._is_unended:
            self._lines[-1] += "\n"

    def edited(self, edit: Edit) -> str:
        node = self._node(edit.steps)
        if edit.action is Action.ADD:
            self._add(node, edit.value)
        elif isinstance(node, yaml.SequenceNode):
            self._drop_entry(node, edit)
        elif edit.action is Action.RENAME:
            key = _entry(node, edit.key)[0]
            self._replace(key.start_mark, key.end_mark, self._inline(edit.value))
        elif edit.action is Action.DROP:
            self._drop_key(node, edit.key)
        else:
            self._put(node, edit.key, edit.value)
        return "".join(self._lines).removesuffix("\n" if self._is_unended else "")

    # ---------------------------------------------------------------- finding
    def _node(self, steps: Steps) -> Any:
        node = self._root
        for step in steps:
            node = node.value[int(step)] if isinstance(node, yaml.SequenceNode) else _entry(node, str(step))[1]
        return node

    def _last_line(self, node: Any, key: Any) -> int:
        """The number of the last line of a value; that of its key where the value stands elsewhere, or is none."""
        if node.start_mark.line < key.start_mark.line:
            return int(key.start_mark.line)  # an alias
        if isinstance(node, yaml.ScalarNode):
            line = node.end_mark.line - (node.style in ("|", ">"))
            while line > key.start_mark.line and not self._lines[line].strip():
                line -= 1
            return int(line)
        if node.flow_style:
            return int(node.end_mark.line)
        last = node.value[-1]
        return self._last_line(*(reversed(last) if isinstance(last, tuple) else (last, last)))

    # ---------------------------------------------------------------- changing
    def _put(self, mapping: Any, key: str, value: Any) -> None:
        found = next((pair for pair in mapping.value if pair[0].value == key), None)
        if mapping.flow_style:
            text = self._inline(value)
            if found:
                self._replace(found[1].start_mark, found[1].end_mark, text)
            else:
                self._before_end(mapping, f"{self._inline(key)}: {text}")
            return
        lines = _block({key: value}, mapping.start_mark.column)
        if found is None:
            at = self._place_for(mapping, key)
            self._lines[at:at] = lines
            return
        first, last_line = found[0].start_mark.line, self._last_line(found[1], found[0])
        lead = self._lines[first][: mapping.start_mark.column]
        lines[0] = lead + lines[0][mapping.start_mark.column :]
        self._lines[first : last_line + 1] = lines

    def _place_for(self, mapping: Any, key: str) -> int:
        """The number of the line before which a new key stands: among numbers, such as statuses, in their order; else
        at the end."""
        larger = [one.start_mark.line for one, _ in mapping.value if one.value.isdecimal() and key < one.value]
        if key.isdecimal() and larger:
            return int(larger[0])
        last_key, last = mapping.value[-1]
        return self._last_line(last, last_key) + 1

    def _add(self, sequence: Any, value: Any) -> None:
        if sequence.flow_style:
            self._before_end(sequence, self._inline(value))
            return
        last = sequence.value[-1]
        at = self._last_line(last, last) + 1
        self._lines[at:at] = _item(value, sequence.start_mark.column)

    def _drop_key(self, mapping: Any, key: str) -> None:
        found = _entry(mapping, key)
        if len(mapping.value) == 1:
            raise CantEdit(f"{key} is all that stands at line {found[0].start_mark.line + 1}")
        if mapping.flow_style:
            starts, ends = [one.start_mark for one, _ in mapping.value], [one.end_mark for _, one in mapping.value]
            self._cut(starts, ends, mapping.value.index(found))
            return
        first, last = found[0].start_mark.line, self._last_line(found[1], found[0])
        lead = self._lines[first][: mapping.start_mark.column]
        del self._lines[first : last + 1]
        if lead.strip():  # the first key of an entry of a list stands behind its dash
            self._lines[first] = lead + self._lines[first][mapping.start_mark.column :]

    def _drop_entry(self, sequence: Any, edit: Edit) -> None:
        index = next((number for number, one in enumerate(sequence.value) if one.value == str(edit.key)), None)
        if index is None:
            raise CantEdit(f"the list at line {sequence.start_mark.line + 1} has no {edit.key!r}")
        if len(sequence.value) == 1:
            self._drop_key(self._node(edit.steps[:-1]), str(edit.steps[-1]))
        elif sequence.flow_style:
            nodes = sequence.value
            self._cut([one.start_mark for one in nodes], [one.end_mark for one in nodes], index)
        else:
            del self._lines[sequence.value[index].start_mark.line]

    def _cut(self, starts: list[Any], ends: list[Any], index: int) -> None:
        """Take out one of several entries, with the comma before or behind it."""
        if index + 1 < len(starts):
            self._replace(starts[index], starts[index + 1], "")
        else:
            self._replace(ends[index - 1], ends[index], "")

    def _before_end(self, node: Any, text: str) -> None:
        """Write an entry before the bracket that ends a collection."""
        last = node.value[-1] if node.value else None
        first, after = last if isinstance(last, tuple) else (last, last)
        mark = after.end_mark if after is not None else node.start_mark
        line, column = mark.line, mark.column + (after is None)
        lead = self._lines[first.start_mark.line][: first.start_mark.column] if first is not None else ""
        comma = "" if after is None else f",\n{lead}" if lead and lead.isspace() else ", "
        added = (self._lines[line][:column] + comma + text + self._lines[line][column:]).splitlines(keepends=True)
        self._lines[line : line + 1] = added

    def _inline(self, value: Any) -> str:
        """A value in one line, as the text has them."""
        return json.dumps(value, ensure_ascii=False) if self._is_json else _flow(value)

    def _replace(self, start: Any, end: Any, text: str) -> None:
        head, tail = self._lines[start.line][: start.column], self._lines[end.line][end.column :]
        self._lines[start.line : end.line + 1] = (head + text + tail).splitlines(keepends=True)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _entry(mapping: Any, key: str) -> tuple[Any, Any]:
    """Key and value of a mapping. Raises LookupError."""
    entries = mapping.value if isinstance(mapping, yaml.MappingNode) else ()
    for name, value in entries:
        if name.value == key:
            return name, value
    raise LookupError(key)


# ---------------------------------------------------------------- writing
def _block(value: dict[str, Any], column: int) -> list[str]:
    """The lines of a mapping."""
    lines = list[str]()
    for key, item in value.items():
        lead = f"{' ' * column}{_scalar(key)}:"
        if isinstance(item, dict) and item:
            lines += [f"{lead}\n", *_block(item, column + INDENT)]
        elif isinstance(item, list) and any(isinstance(one, dict | list) for one in item):
            lines.append(f"{lead}\n")
            for one in item:
                lines += _item(one, column + INDENT)
        else:
            lines.append(f"{lead} {_flow(item)}\n")
    return lines


def _item(value: Any, column: int) -> list[str]:
    """The lines of an entry of a list."""
    if isinstance(value, dict) and value:
        lines = _block(value, column + INDENT)
        return [f"{' ' * column}- {lines[0].lstrip(' ')}", *lines[1:]]
    return [f"{' ' * column}- {_flow(value)}\n"]


def _flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A scalar: plain where it can be nothing but that text, else in quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and ": " not in value and " #" not in value:
        return value
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else json.dumps(value)
