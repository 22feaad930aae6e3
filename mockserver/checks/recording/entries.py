"""The entries of a recording as a judge reads them: browsers, proxies and tools write them in ways of their own.

Chrome leaves out cookies and `Authorization`, bodies that it has forgotten, and writes pseudo headers of HTTP/2;
Firefox cuts long bodies; what was aborted or blocked has the status 0. A body that isn't there, or not whole, has a
reason.
"""

import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import orjson

from mockserver.checks.transport.archives import mapping, pairs, text, whole
from mockserver.nesting import is_deeper
from mockserver.openapi.structure import bare_type

DEEPEST = 100  # levels of a body that is judged
MOST_BODY = 2**26  # bytes of a body that is judged
NOT_RECORDED, CUT = "isn't in the recording", "was cut"
ENCODED, BROKEN_BASE64 = "is compressed", "is no base64"
TOO_LARGE, TOO_DEEP = f"has more than {MOST_BODY >> 20} MiB", f"is nested more than {DEEPEST} levels deep"
_DEFAULT_PORTS = {"http": 80, "https": 443}
MOST_DIGITS = 12  # of a length
_NO_STATUS = 100
_LAST_STATUS = 599
_GZIP = b"\x1f\x8b"
_ANY_WRAPPER = 47  # of zlib: gzip or its own
Headers = tuple[tuple[str, str], ...]


class Body(NamedTuple):
    """A body: its bytes, or why it can't be judged."""

    content: bytes = b""
    lacks: str = ""


@dataclass(frozen=True)
class Entry:
    """A recorded request with its answer. `status` is 0 where none came. `number` is its place in the file `file`,
    which is empty if there is only one. `kind` is what a browser calls it, such as `xhr`. `is_tried`: one of our own
    checks has sent it."""

    number: int
    file: str
    method: str
    url: str
    headers: Headers
    sent: Body
    status: int
    answer_headers: Headers
    answer: Body
    media_type: str
    kind: str = ""
    is_internal: bool = False
    is_tried: bool = False

    @property
    def place(self) -> str:
        """How the entry is named for people."""
        return f"entry {self.number}{f' of {self.file}' if self.file else ''}"

    @cached_property
    def address(self) -> SplitResult | None:
        """The parts of the URL; None if it is none of HTTP."""
        try:
            parts = urlsplit(self.url)
            return parts if parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname and parts.port != 0 else None
        except ValueError:
            return None

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port, in one spelling; empty if the URL can't be read."""
        return origin_of(self.address) if self.address else ""

    @cached_property
    def path(self) -> str:
        """The path of the URL as it is on the wire."""
        return quote(self.address.path if self.address else "", safe="/%:@!$&'()*+,;=~-._", errors="replace") or "/"

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks for permission to ask."""
        return self.method == "OPTIONS" and (
            self.kind == "preflight" or bool(self.header("access-control-request-method"))
        )

    @property
    def size(self) -> int:
        """How much there is to look at."""
        return len(self.url) + len(self.sent.content) + len(self.answer.content)

    def header(self, name: str) -> str:
        """The value of a header of the request; empty if there is none."""
        return _header(self.headers, name)

    def answer_header(self, name: str) -> str | None:
        """The value of a header of the answer; None if there is none."""
        return next((value for key, value in self.answer_headers if key == name), None)

    @property
    def is_json(self) -> bool:
        """Whether the answer is declared as JSON."""
        return self.media_type.endswith("json")

    @cached_property
    def parsed(self) -> "Parsed":
        """The answer as JSON."""
        return _parsed(self.answer)

    @cached_property
    def parsed_sent(self) -> "Parsed":
        """The body of the request as JSON."""
        return _parsed(self.sent)


class Parsed(NamedTuple):
    """A body as JSON: its value, `wrong` if it is none, `lacks` if nobody can tell."""

    value: Any = None
    wrong: str = ""
    lacks: str = ""


def entry_of(number: int, file: str, found: Any) -> Entry | None:
    """An entry of an archive; None if it has no request."""
    request, response = mapping(mapping(found).get("request")), mapping(mapping(found).get("response"))
    url, method = text(request.get("url")), text(request.get("method")).upper()
    if not url or not method:
        return None
    status = whole(response.get("status"), 0)
    answer_headers = _headers(response.get("headers"))
    content = mapping(response.get("content"))
    media_type = bare_type(_header(answer_headers, "content-type") or text(content.get("mimeType")))
    return Entry(
        number,
        file,
        method,
        url,
        _headers(request.get("headers")),
        _sent(request),
        status if _NO_STATUS <= status <= _LAST_STATUS else 0,
        answer_headers,
        _answer(response, answer_headers),
        "" if media_type == "x-unknown" else media_type,
        text(mapping(found).get("_resourceType")).lower(),
        text(response.get("statusText")) == "Internal Redirect",
        bool(text(mapping(found).get("_scenario"))),
    )


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port of a URL, in one spelling. Raises ValueError."""
    scheme, port = parts.scheme.lower(), parts.port
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, _DEFAULT_PORTS.get(scheme)) else "")


def _headers(found: Any) -> Headers:
    """The headers in lower case, without the pseudo headers of HTTP/2."""
    return tuple((name.lower(), value) for name, value in pairs(found) if not name.startswith(":"))


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key == name), "")


# ---------------------------------------------------------------- bodies
def _sent(request: Mapping[str, Any]) -> Body:
    data = request.get("postData")
    if not isinstance(data, dict):
        return Body(lacks=NOT_RECORDED if whole(request.get("bodySize")) > 0 else "")
    if "text" not in data and (fields := pairs(data.get("params"))):
        return Body(urlencode(fields, errors="replace").encode())
    if "text" not in data:
        return Body(lacks=NOT_RECORDED)
    body = _decoded(text(data.get("text")), text(data.get("encoding")), "")
    return _known_as_cut(body) if text(data.get("comment")).startswith("the beginning of") else body


def _answer(response: Mapping[str, Any], headers: Headers) -> Body:
    content, encoding = mapping(response.get("content")), _header(headers, "content-encoding")
    if not isinstance(content.get("text"), str):
        return Body(lacks=NOT_RECORDED)
    body, size = (
        _decoded(text(content.get("text")), text(content.get("encoding")), encoding),
        whole(content.get("size")),
    )
    on_the_wire = max(whole(response.get("bodySize")), _length(headers), size)
    if not body.content and on_the_wire > 0 and not body.lacks:
        return Body(lacks=NOT_RECORDED)
    return _known_as_cut(body) if len(body.content) < size and _parsed(body).wrong else body


def _length(headers: Headers) -> int:
    written = _header(headers, "content-length")
    return int(written) if written.isdecimal() and written.isascii() and len(written) < MOST_DIGITS else 0


def _known_as_cut(body: Body) -> Body:
    """The beginning of a body: what is longer wasn't kept."""
    return body if body.lacks else Body(body.content, CUT)


def _decoded(written: str, encoding: str, content_encoding: str) -> Body:
    if len(written) > 2 * MOST_BODY:
        return Body(lacks=TOO_LARGE)
    if encoding.lower() != "base64":
        content = written.encode("utf-8", "surrogatepass")
    else:
        try:
            content = b64decode("".join(written.split()), validate=True)
        except (Base64Error, ValueError):
            return Body(lacks=BROKEN_BASE64)
        if content_encoding and content.lstrip()[:1] not in (b"{", b"["):
            return _unpacked(content)
    return Body(content) if len(content) <= MOST_BODY else Body(lacks=TOO_LARGE)


def _unpacked(content: bytes) -> Body:
    """A body that the recorder kept as it was on the wire. Most have unpacked it."""
    if content[:2] != _GZIP:
        return Body(content, ENCODED if b"\0" in content or not content.isascii() else "")
    unpacking = zlib.decompressobj(_ANY_WRAPPER)
    try:
        found = unpacking.decompress(content, MOST_BODY)
    except zlib.error:
        return Body(lacks=ENCODED)
    return Body(found) if unpacking.eof else Body(lacks=TOO_LARGE if unpacking.unconsumed_tail else CUT)


def _parsed(body: Body) -> Parsed:
    if body.lacks:
        return Parsed(lacks=body.lacks)
    try:
        value = orjson.loads(body.content)
    except orjson.JSONDecodeError as error:
        return Parsed(wrong=error.msg)
    return Parsed(lacks=TOO_DEEP) if is_deeper(value, DEEPEST) else Parsed(value)
