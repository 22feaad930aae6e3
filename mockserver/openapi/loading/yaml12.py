"""A YAML reader by the core schema of version 1.2, as OpenAPI recommends: `no`, `2020-01-01` and `12:30` are strings,
and so is every key. Line numbers come from a second parse, which is made only for errors.
"""

import re
from typing import Any

import yaml  # noqa: TID251 (here it is read)

from mockserver.errors import ContractError
from mockserver.nesting import is_deeper
from mockserver.openapi.loading.limits import DEEPEST, MOST_NODES, most_written_out, number, too_large
from mockserver.openapi.structure import Steps

_PLAIN, _QUOTED = "plain", "quoted"
_TEXT_TAGS = (_QUOTED, "tag:yaml.org,2002:str")
_VALUE_TAGS = (_PLAIN, *(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")))
_COLLECTION_TAGS = (_PLAIN, _QUOTED, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelling: value
    for word, value in (("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_OF_OTHER_BASE = 100  # characters of a number
_OPEN = object()


class _TooMany(Exception):
    """A document has more nodes than it may have."""


class _Composer(yaml.CSafeLoader):
    """A composer that leaves plain scalars unresolved, for `_plain` to resolve by YAML 1.2. Counts nodes, with keys."""

    def __init__(self, text: str, most: int) -> None:
        super().__init__(text)
        self._most = most
        self.nodes = 0

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ARG002 (the signature is PyYAML's)
        self.nodes += 1
        if self.nodes > self._most:
            raise _TooMany
        return _PLAIN if implicit is True or (implicit and implicit[0]) else _QUOTED


def values(name: str, text: str, most: int) -> tuple[Any, int]:
    """The content of the file `name`, and the number of its nodes, at most `most`. Raises ContractError."""
    try:
        node, nodes = _composed(text, min(most, MOST_NODES))
    except _TooMany:
        raise too_large(name, "Leave out what isn't needed, or save it as JSON, which takes less to read") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ContractError(f"{where}: this is not YAML: {error.problem or error.context}. Correct it.") from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise ContractError(f"{name}:{line}: this is not YAML: {error.reason}. Correct it.") from None
    return None if node is None else _content(name, node, most_written_out(nodes)), nodes


def _content(name: str, node: Any, most: int) -> Any:
    """The value of the root node. It is measured only if it has anchors, or is too deep. Raises ContractError."""
    plain = _Values(name, most, measures=False)
    content = plain.value(node)
    if plain.has_copies or is_deeper(content, DEEPEST):
        return _Values(name, most, measures=True).value(node)
    return content


def _composed(text: str, most: int) -> tuple[Any, int]:
    """The root node and the number of nodes. Raises YAMLError and _TooMany."""
    loader = _Composer(text, most)
    try:
        return loader.get_single_node(), loader.nodes
    finally:
        loader.dispose()


class _Values:
    """Converts nodes to values. Keys are strings, whatever they look like; an anchor gives the same object each time.

    `most` limits the values that `<<` merges make, and, if it `measures`, those of the document with its anchors and
    merges written out. `has_copies`: an array or an object was there twice.
    """

    def __init__(self, name: str, most: int, *, measures: bool) -> None:
        self.has_copies = False
        self._name = name
        self._most = most
        self._measures = measures
        self._made = 0
        self._built: dict[int, Any] = {}
        self._extents: dict[int, tuple[int, int]] = {}  # of arrays and objects: how many values, on how many levels

    def value(self, node: Any) -> Any:
        """The value of a node. Raises ContractError."""
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.tag in _TEXT_TAGS else self._scalar(node)
        if node.tag not in _COLLECTION_TAGS:
            raise self._refusal(node, f"the tag {node.tag} means nothing in OpenAPI. Remove it, or use `$ref`.")
        built = self._built.get(id(node))
        if built is _OPEN:
            raise self._refusal(node, "this anchor contains itself. Use `$ref` for recursion.")
        if built is None:
            self._built[id(node)] = _OPEN
            is_mapping = isinstance(node, yaml.MappingNode)
            built = self._mapping(node) if is_mapping else [self.value(item) for item in node.value]
            self._built[id(node)] = built
            if self._measures:
                self._measure(node, built)
        else:
            self.has_copies = True
        return built

    def _measure(self, node: Any, built: Any) -> None:
        """Refuse a value that is too large or too deep once its anchors are written out."""
        size, levels = 1, 0
        for child in built.values() if isinstance(built, dict) else built:
            child_size, child_levels = self._extents[id(child)] if isinstance(child, dict | list) else (1, 0)
            size, levels = size + child_size, max(levels, child_levels)
        if size > self._most:
            raise self._too_many(node)
        if levels >= DEEPEST:
            raise self._refusal(node, f"this is nested more than {DEEPEST} levels deep. Flatten it.")
        self._extents[id(built)] = size, 1 + levels

    def _mapping(self, node: Any) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refusal(key, "a key must be a string. Quote it.")
            if key.value == "<<" and key.tag == _PLAIN:
                self._merge(value, merged)
            elif key.value in found:
                raise self._refusal(key, f"the key {key.value!r} is there twice. Remove one.")
            else:
                found[key.value] = self.value(value)
        return {**merged, **found} if merged else found

    def _merge(self, node: Any, merged: dict[str, Any]) -> None:
        """Add the entries of the mapping, or of several, that `<<` merges; existing keys stay."""
        for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.value(each)
            if not isinstance(value, dict):
                raise self._refusal(node, "`<<` merges mappings only. Refer to one.")
            self._made += 1 + len(value)
            if self._made > self._most:
                raise self._too_many(node)
            for key, entry in value.items():
                merged.setdefault(key, entry)

    def _scalar(self, node: Any) -> Any:
        if node.tag not in _VALUE_TAGS:
            raise self._refusal(node, f"the tag {node.tag} means nothing in OpenAPI. Remove it, or use `$ref`.")
        try:
            return _plain(node.value)
        except ValueError:
            raise self._refusal(node, "this number is too long, or too large. Quote it.") from None

    def _too_many(self, node: Any) -> ContractError:
        return self._refusal(node, f"with its anchors written out, this has over {self._most} values. Use `$ref`.")

    def _refusal(self, node: Any, message: str) -> ContractError:
        return ContractError(f"{self._name}:{node.start_mark.line + 1}: {message}")


def _plain(text: str) -> Any:
    """The value of a plain scalar in YAML 1.2 (core schema). JSON has no infinity: `.inf` stays a string.

    Raises ValueError for a number that is too large.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _OTHER_BASE.fullmatch(text):
        return number(str(int(text, 0)) if len(text) <= _LONGEST_OF_OTHER_BASE else text)
    if _NUMBER.fullmatch(text):
        return number(text)
    return text


class Lines:
    """The line numbers of the values in a YAML text."""

    def __init__(self, text: str) -> None:
        try:
            self._root, _ = _composed(text, MOST_NODES)
        except (yaml.YAMLError, _TooMany):
            self._root = None

    def of(self, steps: Steps) -> int | None:
        """The line of the value at `steps`, or of the last of them that exists; None if it is unknown."""
        node = self._root
        if node is None:
            return None
        mark = node.start_mark
        for step in steps:
            found = _child_node(node, str(step))
            if found is None:
                break
            mark, node = found
        return int(mark.line) + 1


def _child_node(node: Any, step: str) -> tuple[Any, Any] | None:
    """The mark of a key or an item, and its node."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return node.value[int(step)].start_mark, node.value[int(step)]
    return None
