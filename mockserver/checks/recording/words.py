"""Words about recorded values that show none of them: a recording holds what real people do.

A value is described by its type, its length or its form (`0000-00-00` for a date). Shown as they are: names that look
like those of a program, null, yes and no, and what stands where the contract lists all values or bounds a number.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from mockserver.archive_words import holds_placeholder, is_placeholder
from mockserver.checks.recording.names import is_name
from mockserver.escaping import is_secret, masked, visible
from mockserver.openapi.structure import METHODS
from mockserver.violations import Path, Violation

LONGEST_FORM = 40  # characters
HIDDEN = "…"
_SEGMENT = re.compile(r"[\w.~-]{0,40}", re.ASCII)
_LISTED = frozenset({"enum", "const"})
_BOUNDED = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", *_LISTED})
_FORMED = frozenset({"format", "pattern"})
_OF_PARTS = _LISTED | {"oneOf", "anyOf", "not", "if", "contains", "uniqueItems", "unevaluatedProperties"}
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+*-]{1,60}", re.ASCII)
_MISSING = object()


def named(text: str) -> str:
    """A name of a field or a parameter; its form where it looks like none."""
    return text if is_name(text) else visible(form(text)) or HIDDEN


def method(text: str) -> str:
    """A method; hidden where it is none that a contract can have."""
    return text if text.lower() in METHODS else HIDDEN


def form(text: str) -> str:
    """The form of a text: its digits as 0, its letters as a."""
    short = "".join("0" if one.isdigit() else "a" if one.isalpha() else one for one in text[:LONGEST_FORM])
    return f"{short}{HIDDEN}" if len(text) > LONGEST_FORM else short


def described(value: Any, keyword: str = "") -> str:
    """A value in words, for what breaks this keyword of a schema."""
    if isinstance(value, str):
        return _text(value, keyword)
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.12g}" if keyword in _BOUNDED else "a number"
    known = {_MISSING: "nothing", None: "null", True: "true", False: "false"}
    return "an object" if isinstance(value, dict) else known[value]


def _text(value: str, keyword: str) -> str:
    if keyword in _LISTED and is_name(value):
        return f'"{value}"'
    if keyword in _FORMED:
        return f'a text like "{form(value)}"'
    return "an empty text" if not value else f"a text of {len(value)} characters"


def at(value: Any, path: Sequence[str | int]) -> Any:
    """What is at the end of a path in a value; something that is described as nothing, if nothing is."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, _MISSING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return _MISSING
    return value


def place(path: Path) -> str:
    """A path as text, without the numbers of rows: `items[].email`."""
    return "".join("[]" if isinstance(step, int) else f".{named(step)}" for step in path).removeprefix(".")


def said(violation: Violation) -> str:
    """What is wrong, without the value."""
    if violation.keyword == "required":
        return "is missing"
    if violation.keyword in ("additionalProperties", "unevaluatedProperties"):
        return "isn't declared, and the object is closed"
    detail = (violation.parameters or {}).get("detail")
    if isinstance(detail, str) and detail.startswith(("It fits", "The limit")):
        return f"isn't valid: {detail.rstrip('.')}"
    return violation.message.replace("This value", "it").replace("This collection", "it").rstrip(".")


def wanted(violation: Violation) -> str:
    """What a valid value would be, if that can be said in a few words."""
    parameters = violation.parameters or {}
    if "choices" in parameters and isinstance(parameters["choices"], list):
        shown = [str(one) for one in parameters["choices"][:10]]
        return f"one of {', '.join(shown)}{', …' if len(parameters['choices']) > len(shown) else ''}"
    if "type" in parameters:
        return f"a value of type {parameters['type']}"
    if "pattern" in parameters:
        return f"a text that fits {parameters['pattern']}"
    return "a value as the schema says"


def address(url: str) -> str:
    """A URL without what may be secret in it: values of the query, and what looks like no part of a path."""
    shown = masked(url)
    try:
        path = urlsplit(shown).path
    except ValueError:
        return HIDDEN
    safe = "/".join(one if _SEGMENT.fullmatch(one) else HIDDEN for one in path.split("/"))
    return shown.replace(path, safe, 1) if path else shown


def is_hidden(path: Path) -> bool:
    """Whether a value at a path is a secret by its name."""
    return any(isinstance(step, str) and is_secret(step) for step in path)


def is_judged(value: Any, keyword: str) -> bool:
    """Whether a value that breaks this keyword is the one that was there: whoever wrote the recording may have taken a
    secret out of it, or out of a part of it that the keyword asks for."""
    return not (holds_placeholder(value) if keyword in _OF_PARTS else is_placeholder(value))


def media_type(text: str) -> str:
    """A media type; hidden where it looks like none."""
    return text if _MEDIA_TYPE.fullmatch(text) else HIDDEN
