"""Parsing of JSON and YAML: from a text to its values, and from a place in them back to its line."""

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.errors import ContractError
from mockserver.escaping import masked_source
from mockserver.nesting import is_deeper
from mockserver.openapi.loading.limits import DEEPEST, MOST_VALUES, number, too_large

if TYPE_CHECKING:
    from mockserver.openapi.loading.yaml12 import Lines

ANCHOR = b"&"  # begins an anchor of YAML; a text without one has none
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SURROGATE = re.compile(
    r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", re.ASCII
)  # half a character, which JSON can write and YAML can't


class Source:
    """One parsed file of a contract. `name` is its path or URL, `values` the number of keys and values in it, at most
    `most`. Raises ContractError."""

    def __init__(self, name: str, text: bytes, most: int = MOST_VALUES) -> None:
        self.name = name
        self.shown = masked_source(name)  # the name for people, without secrets
        self.text = text
        self.content, self.values = _parsed(self.shown, text, most)

    def at(self, *steps: str | int) -> str:
        """`name:line` of the value at `steps`, or of the last of them that exists."""
        line = self._lines.of(steps)
        return f"{self.shown}:{line}" if line else self.shown

    @cached_property
    def _lines(self) -> "Lines":
        from mockserver.openapi.loading.yaml12 import Lines  # here, as only errors need it

        return Lines(_SURROGATE.sub(r"\\u0020", self.text.decode("utf-8-sig")))


def _parsed(name: str, raw: bytes, most: int) -> tuple[Any, int]:
    """The content of the file `name`, and the number of its values. It is JSON if it begins with a brace, else YAML.

    Raises ContractError.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContractError(f"{name}:{line}: this is not UTF-8. Save the file as UTF-8.") from None
    try:
        return _json(name, text, most) if text.lstrip().startswith("{") else _yaml(name, text, most)
    except RecursionError:
        raise ContractError(f"{name}: the document is nested too deeply. Flatten it.") from None


def _json(name: str, text: str, most: int) -> tuple[Any, int]:
    """The content of a JSON text, or of a YAML text that begins with a brace."""
    size = _size(text) if _size(text) <= most else _size(_STRING.sub("", text))
    if size > most:
        raise too_large(name)
    try:
        content = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=number, parse_float=number
        )
    except json.JSONDecodeError as error:
        if name.lower().endswith(".json"):
            raise ContractError(f"{name}:{error.lineno}: this is not JSON: {error.msg}. Correct it.") from None
        return _yaml(name, text, most)
    except ValueError as error:
        _yaml(name, _SURROGATE.sub(r"\\u0020", text), most)  # its message has the line of a key that is there twice
        raise ContractError(f"{name}: this is not JSON: {error}. Correct it.") from None
    if text.count("[") + text.count("{") > DEEPEST and is_deeper(content, DEEPEST):
        raise ContractError(f"{name}: the document is nested more than {DEEPEST} levels deep. Flatten it.")
    if _SURROGATE.search(text):
        _check_characters(name, content)
    return content, size


def _size(text: str) -> int:
    """The number of keys and values of a JSON text; more if its strings contain punctuation."""
    return 1 + text.count(",") + text.count("[") + text.count("{") + text.count(":")


def _check_characters(name: str, content: Any) -> None:
    """Refuse half a character, which UTF-8 can't encode."""
    try:
        orjson.dumps(content)
    except TypeError:
        raise ContractError(f"{name}: a string has half a character in it: \\ud800 to \\udfff. Correct it.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _yaml(name: str, text: str, most: int) -> tuple[Any, int]:
    from mockserver.openapi.loading.yaml12 import values  # here, as JSON starts sooner without

    return values(name, text, most)
