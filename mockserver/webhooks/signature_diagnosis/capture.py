"""The capture of a request as it arrived: from raw HTTP, or from its headers (lines or JSON) and its body."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.errors import SettingsError

_PREFIXES = ("< ", "> ", "* ")  # of `curl --verbose`


@dataclass(frozen=True, slots=True)
class Capture:
    """A request as it arrived. Header names are in lower case; `target` is that of the request line, or empty."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    target: str = ""

    def header(self, name: str) -> str:
        """The value of a header, without regard to the case of its name; empty if there is none."""
        return self.headers.get(name.lower(), "")


def read_request(raw: bytes) -> Capture:
    """A request in raw HTTP/1.1: a request line (it may be missing), headers, an empty line, the body as it is.

    Raises SettingsError if it has no headers or comes in chunks.
    """
    head, empty_line, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    lines = head.decode("latin-1").splitlines()
    words = lines[0].split(" ") if lines else []
    has_request_line = len(words) > 1 and not words[0].endswith(":")
    headers = _from_lines(lines[has_request_line:])
    if not (headers and empty_line):
        raise SettingsError("The request needs header lines, an empty line and the body, as they came over the wire.")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        raise SettingsError("The request comes in chunks. Give the joined body by --body, the headers by --headers.")
    if not has_request_line:
        return Capture(headers, body)
    return Capture(headers, body, words[0], words[1])


def read_headers(text: str) -> dict[str, str]:
    """Headers, names in lower case, from `Name: value` lines (those of `curl -v` too) or from JSON.

    JSON may be an object, of texts or lists of texts, or a list of pairs or of objects with `name` and `value`.
    Raises SettingsError for anything else.
    """
    if text.lstrip()[:1] in ("{", "["):
        try:
            return headers_of(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"The headers are no valid JSON: {error}") from error
    return _from_lines(text.splitlines())


def headers_of(document: Any) -> dict[str, str]:
    """Headers from parsed JSON, in the forms of `read_headers`. Raises SettingsError."""
    pairs = document.items() if isinstance(document, dict) else map(_pair, document)
    try:
        return {name.lower(): ", ".join(value) if isinstance(value, list) else str(value) for name, value in pairs}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError("Headers as JSON are an object of names and values, or a list of pairs.") from error


def _pair(entry: Any) -> tuple[str, Any]:
    if isinstance(entry, dict):
        return entry["name"], entry["value"]
    name, value = entry
    return name, value


def _from_lines(lines: Iterable[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = (line[2:] if line.startswith(_PREFIXES) else line).partition(":")
        if colon and name.strip():
            headers[name.strip().lower()] = value.strip()
    return headers
