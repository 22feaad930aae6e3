"""Loading a contract: from a file or a URL, with everything it refers to, to one document with local references only.

The way of a document: read → parsed (JSON or YAML 1.2) → shape and version → bundled → judged by openapi-spec-validator.
What refuses a document names the file and the line. Lines come from a second, slower reading that only errors pay for.

The bundler knows which object of OpenAPI stands where (`_FIELDS`). So it follows references only where there can be any
(an example may contain `$ref`), and puts what it takes from other files where it belongs: a schema under
components/schemas. It changes nothing until all is resolved, copies nothing, and so keeps recursion what it is.
"""

import json
import os
import re
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import yaml

from mockserver.errors import ContractError

TIMEOUT = 10  # seconds that a server may be silent
MAX_DOWNLOAD = 20 * 2**20  # bytes
MAX_PROBLEMS = 5

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI 3.0 document as one piece: every reference is local.

    `source` is the path or URL it was read from, `text` the root file as it is, `content` what all files say together,
    with strings as keys; `files` are the local files that were read, the root first.
    """

    source: str
    text: bytes
    content: dict[str, Any]
    files: tuple[Path, ...]


def load(source: str | Path, *, check: bool = True) -> Document:
    """Read a contract from a file or an http(s) URL.

    Without `check`, the document isn't judged by openapi-spec-validator; what can't be served at all is refused anyway.
    Raises ContractError, which names the file, the line where there is one, and what to do.
    """
    library = _Library(str(source))
    root = library.root
    _check_shape(root)
    bundler = _Bundler(library)
    try:
        bundler.bundle()
        problems = list(islice(_problems(bundler), MAX_PROBLEMS)) if check else []
    except RecursionError:
        raise ContractError(f"{root.name}: the document is nested too deeply. Flatten it.") from None
    if problems:
        raise ContractError("\n  ".join([f"{source} is no valid OpenAPI 3.0 document. Mend this:", *problems]))
    return Document(str(source), root.text, root.content, tuple(library.files))


# ---------------------------------------------------------------- files and URLs
class _Source:
    """One file, parsed."""

    def __init__(self, name: str, text: bytes) -> None:
        self.name = name
        self.text = text
        self.content = _parsed(name, text)

    def at(self, steps: Steps) -> str:
        """`name:line` of what stands at the end of `steps`, or of what of them exists."""
        line = _line(self.text, steps)
        return f"{self.name}:{line}" if line else self.name


class _Library:
    """What was read: each file once."""

    def __init__(self, root: str) -> None:
        self.files: list[Path] = []
        self._sources: dict[str, _Source] = {}
        self.root = self._read(root)

    def neighbour(self, source: _Source, reference: str) -> _Source:
        """The file that a reference in `source` leads to. Raises ContractError."""
        if _is_url(source.name) or _is_url(reference):
            name = urldefrag(urljoin(source.name, reference)).url
            _check_origin(self.root.name, name)
        else:
            name = os.path.normpath(Path(source.name).parent / unquote(reference))
        return self._read(name)

    def _read(self, name: str) -> _Source:
        key = name if _is_url(name) else str(Path(name).absolute())
        if key not in self._sources:
            final, text = _fetched(name) if _is_url(name) else (name, self._read_file(name))
            self._sources[key] = self._sources.setdefault(final, _Source(final, text))
        return self._sources[key]

    def _read_file(self, name: str) -> bytes:
        try:
            text = Path(name).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ContractError(f"{name} can't be read: {reason}. Check the path.") from error
        self.files.append(Path(name))
        return text


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _check_origin(root: str, url: str) -> None:
    """A document may not make this machine ask other servers than its own."""
    if not _is_url(root):
        raise ContractError(f"a file may not refer to the web ({url}). Download it and refer to it by a relative path.")
    if urlsplit(root)[:2] != urlsplit(url)[:2]:
        raise ContractError(f"{url} is not on the server of the contract. Download all files and serve the local ones.")


def _fetched(url: str) -> tuple[str, bytes]:
    """Where redirects ended, and what is there."""
    request = urllib.request.Request(url, headers={"Accept": "application/yaml, application/json, */*"})  # noqa: S310 (http(s) only: _is_url)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 (the same)
            text: bytes = answer.read(MAX_DOWNLOAD + 1)
            final = urldefrag(answer.url).url
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ContractError(f"{url} can't be fetched: {error}. Check the URL, or download it and serve the file.") from error
    if len(text) > MAX_DOWNLOAD:
        raise ContractError(f"{url} has more than {MAX_DOWNLOAD >> 20} MB. Download it and serve the file.")
    return final, text


# ---------------------------------------------------------------- JSON and YAML
_PLAIN, _QUOTED = "plain", "quoted"
_TEXT_TAGS = (_QUOTED, "tag:yaml.org,2002:str")
_VALUE_TAGS = (_PLAIN, *(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")))
_COLLECTION_TAGS = (_PLAIN, _QUOTED, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelling: value for word, value in (("true", True), ("false", False)) for spelling in (word, word.title(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", re.ASCII)
_OPEN = object()


class _Composer(yaml.CSafeLoader):
    """Leaves open what a plain scalar means: `_scalar` decides that by YAML 1.2, whose `no` and `2020-01-01` are strings."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ARG002 (the signature is PyYAML's)
        return _PLAIN if implicit is True or (implicit and implicit[0]) else _QUOTED


def _parsed(name: str, raw: bytes) -> Any:
    """What a file says: JSON if it begins as JSON does, else YAML."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContractError(f"{name}:{line}: this is not UTF-8. Save the file as UTF-8.") from None
    try:
        return _json(name, text) if text.lstrip().startswith("{") else _yaml(name, text)
    except RecursionError:
        raise ContractError(f"{name}: the document is nested too deeply. Flatten it.") from None


def _json(name: str, text: str) -> Any:
    """JSON; what isn't may still be a YAML file that begins with a brace."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if name.lower().endswith(".json"):
            raise ContractError(f"{name}:{error.lineno}: this is not JSON: {error.msg}. Correct it.") from None
        return _yaml(name, text)
    except ValueError as error:
        _yaml(name, _SURROGATE.sub(r"\\u0020", text))  # knows the line of a key that is there twice
        raise ContractError(f"{name}: this is not JSON: {error}. Correct it.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _yaml(name: str, text: str) -> Any:
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ContractError(f"{name}{line}: this is not YAML: {error.problem or error.context}. Correct it.") from None
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
        return built

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


def _line(raw: bytes, steps: Steps) -> int | None:
    """The line of what stands at the end of `steps`, or of as much of them as exists; None if it can't be told."""
    try:
        node = _composed(_SURROGATE.sub(r"\\u0020", raw.decode("utf-8-sig")))
    except yaml.YAMLError:
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
