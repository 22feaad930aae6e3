"""YAML to values, by the core schema of version 1.2, as OpenAPI recommends: `no`, `2020-01-01` and `12:30` are strings,
and so is every key. Lines come from a second reading, which only errors pay for.
"""

import re
from math import isfinite
from typing import Any

import yaml

from mockserver.errors import ContractError
from mockserver.grammar import Steps
from mockserver.nesting import DEEPEST_CONTRACT

MOST_VALUES = 2_000_000  # that a document may have once its anchors are written out, wherever they are used

_PLAIN, _QUOTED = "plain", "quoted"
_TEXT_TAGS = (_QUOTED, "tag:yaml.org,2002:str")
_VALUE_TAGS = (_PLAIN, *(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")))
_COLLECTION_TAGS = (_PLAIN, _QUOTED, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelling: value
    for word, value in (("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_OPEN = object()


class _Composer(yaml.CSafeLoader):
    """Leaves open what a plain scalar means: `_plain` decides that, by YAML 1.2."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ARG002 (the signature is PyYAML's)
        return _PLAIN if implicit is True or (implicit and implicit[0]) else _QUOTED


def values(name: str, text: str) -> Any:
    """What the file `name` says. Raises ContractError."""
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ContractError(f"{where}: this is not YAML: {error.problem or error.context}. Correct it.") from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise ContractError(f"{name}:{line}: this is not YAML: {error.reason}. Correct it.") from None
    return None if node is None else _Values(name).value(node)


def _composed(text: str) -> Any:
    loader = _Composer(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


class _Values:
    """Makes values of nodes. Keys are strings, whatever they look like; anchors stand for one and the same object."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._built: dict[int, Any] = {}
        self._extents: dict[int, tuple[int, int]] = {}  # how many values a node stands for, and on how many levels

    def value(self, node: Any) -> Any:
        """The value of a node. Raises ContractError."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
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
            self._measure(node, node.value if not is_mapping else [value for _, value in node.value])
        return built

    def _measure(self, node: Any, children: list[Any]) -> None:
        """Refuse what is harmless only as long as nobody writes out its anchors."""
        extents = [self._extents.get(id(child), (1, 0)) for child in children]
        size, levels = 1 + sum(size for size, _ in extents), 1 + max((levels for _, levels in extents), default=0)
        if size > MOST_VALUES:
            raise self._refusal(node, f"with its anchors written out, this has over {MOST_VALUES} values. Use `$ref`.")
        if levels > DEEPEST_CONTRACT:
            raise self._refusal(node, f"this is nested more than {DEEPEST_CONTRACT} levels deep. Flatten it.")
        self._extents[id(node)] = size, levels

    def _mapping(self, node: Any) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refusal(key, "a key must be a string. Quote it.")
            if key.value == "<<" and key.tag == _PLAIN:
                merged = {**self._merged(value), **merged}
            elif key.value in found:
                raise self._refusal(key, f"the key {key.value!r} is there twice. Remove one.")
            else:
                found[key.value] = self.value(value)
        return {**merged, **found} if merged else found

    def _merged(self, node: Any) -> dict[str, Any]:
        """What `<<` brings in: a mapping, or several of which the earlier win."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values = [self.value(each) for each in reversed(nodes)]
        if not all(isinstance(value, dict) for value in values):
            raise self._refusal(node, "`<<` merges mappings only. Refer to one.")
        return {key: entry for value in values for key, entry in value.items()}

    def _scalar(self, node: Any) -> Any:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag not in _VALUE_TAGS:
            raise self._refusal(node, f"the tag {node.tag} means nothing in OpenAPI. Remove it, or use `$ref`.")
        try:
            return _plain(node.value)
        except ValueError:
            raise self._refusal(node, "this number is too long. Quote it.") from None

    def _refusal(self, node: Any, message: str) -> ContractError:
        return ContractError(f"{self._name}:{node.start_mark.line + 1}: {message}")


def _plain(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2 (core schema). JSON has no infinity: it stays a string."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text


class Lines:
    """Where what stands in which line of a text."""

    def __init__(self, text: str) -> None:
        try:
            self._root = _composed(text)
        except yaml.YAMLError:
            self._root = None

    def of(self, steps: Steps) -> int | None:
        """The line of what stands at the end of `steps`, or of as much of them as exists; None if it can't be told."""
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
    """The mark of a key or an item, and the node of its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return node.value[int(step)].start_mark, node.value[int(step)]
    return None
