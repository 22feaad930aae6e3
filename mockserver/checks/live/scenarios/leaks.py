"""Leaks: whether an answer shows a property, or a value, that it must not show, under whatever name."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import requests

from mockserver.checks.transport.secret_forms import cores

SHORTEST = 8  # characters of a value; what is shorter is found everywhere
LONG = 16  # characters of what follows a prefix; a shorter rest may be a word
DEEPEST = 3  # JSON within a text of JSON
_PREFIX = re.compile(r"[A-Za-z]{2,12}_")  # such as whsec_


def leaks(response: requests.Response, name: str, value: Any) -> bool:
    """Whether an answer has a property of this name that isn't null, or shows a value that is long enough to be no
    other: in any text of its JSON or its headers, also without its prefix, in percent, base64 or hexadecimal digits."""
    names, texts = _content(response.text)
    if name in names:
        return True
    if not isinstance(value, str) or len(value) < SHORTEST:
        return False
    forms = list(_forms(value))
    shown = [*texts, *response.headers.values()]
    return any(form in text for one in shown for text in (one, unquote(one)) for form in forms)


def _forms(value: str) -> Iterator[str]:
    """The value, the part after its prefix, and what encodings make of either."""
    prefix = _PREFIX.match(value)
    rest = value[prefix.end() :] if prefix else ""
    for form in (value, *([rest] if len(rest) >= LONG else [])):
        raw = form.encode("utf-8", "surrogatepass")
        yield form
        yield raw.hex()
        for core in cores(raw):
            yield core
            yield core.replace("+", "-").replace("/", "_")


def _content(text: str, depth: int = 0) -> tuple[set[str], list[str]]:
    """The names in a JSON text that have a value, and its texts; of what isn't JSON the text itself."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return set(re.findall(r'"([^"\\]+)"\s*:', text)), [text]
    names, texts = set[str](), list[str]()
    while waiting:
        match waiting.pop():
            case dict() as content:
                names |= {name for name, value in content.items() if value is not None}
                texts += content.keys()
                waiting += content.values()
            case list() as items:
                waiting += items
            case str() as found:
                texts.append(found)
                if depth < DEEPEST and found.lstrip()[:1] in ("{", "["):
                    inner, more = _content(found, depth + 1)
                    names, texts = names | inner, texts + more
    return names, texts
