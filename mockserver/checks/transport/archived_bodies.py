"""Archived bodies: those of HTTP Archives (HAR), as bytes and as JSON, however a browser, a proxy or a tool wrote them.

Chrome leaves out bodies that it has forgotten, Firefox cuts long ones, proxies keep them compressed, and our own
archives say why one isn't there. A body that isn't there, or not whole, has a reason.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from mockserver.archive_words import is_beginning, why_left_out
from mockserver.checks.transport.archives import mapping, pairs, text, whole
from mockserver.content_codings import CannotDecode, DecodedTooLong, EndsTooEarly, decoded_body
from mockserver.escaping import MASK
from mockserver.nesting import is_deeper

DEEPEST = 100  # levels of a body that is judged
MOST_BODY = 2**26  # bytes of a body that is judged
NOT_RECORDED, CUT = "isn't in the recording", "was cut"
ENCODED, BROKEN_BASE64 = "is compressed", "is no base64"
HIDDEN = "was hidden, as it may tell a secret"
TOO_LARGE, TOO_DEEP = f"has more than {MOST_BODY >> 20} MiB", f"is nested more than {DEEPEST} levels deep"
MOST_DIGITS = 12  # of a length


class ArchivedBody(NamedTuple):
    """A body: its bytes, or why it can't be judged."""

    content: bytes = b""
    lacks: str = ""


class ParsedBody(NamedTuple):
    """A body as JSON: its value, `wrong` if it is none, `lacks` if nobody can tell."""

    value: Any = None
    wrong: str = ""
    lacks: str = ""


def sent_body(request: Mapping[str, Any]) -> ArchivedBody:
    """The body of a request of an archive."""
    data, on_the_wire = request.get("postData"), whole(request.get("bodySize"), 0)
    if not isinstance(data, dict):
        return ArchivedBody(lacks=NOT_RECORDED if on_the_wire > 0 else "")
    if why := _why_missing(data):
        return ArchivedBody(lacks=why)
    if "text" not in data and (fields := pairs(data.get("params"))):
        return ArchivedBody(urlencode(fields, errors="replace").encode())
    if "text" not in data:
        return ArchivedBody(lacks=NOT_RECORDED)
    body = _decoded(text(data.get("text")), text(data.get("encoding")), "")
    if not body.content and on_the_wire > 0 and not body.lacks:
        return ArchivedBody(lacks=NOT_RECORDED)
    return _known_as_cut(body) if is_beginning(text(data.get("comment"))) else body


def answer_body(response: Mapping[str, Any], headers: Mapping[str, str]) -> ArchivedBody:
    """The body of an answer of an archive; `headers` have lower-case names."""
    content = mapping(response.get("content"))
    if why := _why_missing(content):
        return ArchivedBody(lacks=why)
    if not isinstance(content.get("text"), str):
        return ArchivedBody(lacks=NOT_RECORDED)
    codings, size = headers.get("content-encoding", ""), whole(content.get("size"))
    body = _decoded(text(content.get("text")), text(content.get("encoding")), codings)
    on_the_wire = max(whole(response.get("bodySize")), _length(headers), size)
    if not body.content and on_the_wire > 0 and not body.lacks:
        return ArchivedBody(lacks=NOT_RECORDED)
    return _known_as_cut(body) if len(body.content) < size and parsed(body).wrong else body


def parsed(body: ArchivedBody) -> ParsedBody:
    """A body as JSON."""
    if body.lacks:
        return ParsedBody(lacks=body.lacks)
    try:
        value = orjson.loads(body.content)
    except orjson.JSONDecodeError as error:
        return ParsedBody(wrong=error.msg)
    return ParsedBody(lacks=TOO_DEEP) if is_deeper(value, DEEPEST) else ParsedBody(value)


def _why_missing(data: Mapping[str, Any]) -> str:
    """Why our own archives don't have a body; empty if they have, or somebody else wrote the archive."""
    if data.get("text") == MASK:
        return HIDDEN
    why = why_left_out(text(data.get("comment")))
    return f"was left out, as {why}" if why else ""


def _length(headers: Mapping[str, str]) -> int:
    written = headers.get("content-length", "")
    return int(written) if written.isdecimal() and written.isascii() and len(written) < MOST_DIGITS else 0


def _known_as_cut(body: ArchivedBody) -> ArchivedBody:
    """The beginning of a body: what is longer wasn't kept."""
    return body if body.lacks else ArchivedBody(body.content, CUT)


def _decoded(written: str, encoding: str, codings: str) -> ArchivedBody:
    if len(written) > 2 * MOST_BODY:
        return ArchivedBody(lacks=TOO_LARGE)
    if encoding.lower() != "base64":
        content = _bytes(written)
    else:
        try:
            content = b64decode("".join(written.split()), validate=True)
        except (Base64Error, ValueError):
            return ArchivedBody(lacks=BROKEN_BASE64)
        if codings and not _is_readable(content):
            return _unpacked(content, codings)
    return ArchivedBody(content) if len(content) <= MOST_BODY else ArchivedBody(lacks=TOO_LARGE)


def _bytes(written: str) -> bytes:
    """A text as it was in the file, also where that is no UTF-8."""
    try:
        return written.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, written as an escape
        return written.encode("utf-8", "surrogatepass")


def _is_readable(content: bytes) -> bool:
    """Whether whoever recorded a body has unpacked it, as most do."""
    return content.lstrip()[:1] in (b"{", b"[") or (content.isascii() and b"\0" not in content)


def _unpacked(content: bytes, codings: str) -> ArchivedBody:
    """A body that was kept as it was on the wire."""
    try:
        return ArchivedBody(decoded_body(content, codings, MOST_BODY))
    except DecodedTooLong:
        return ArchivedBody(lacks=TOO_LARGE)
    except EndsTooEarly:
        return ArchivedBody(lacks=CUT)
    except CannotDecode:
        return ArchivedBody(lacks=ENCODED)
