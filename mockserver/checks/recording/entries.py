"""The entries of a recording as a judge reads them: browsers, proxies and tools write them in ways of their own.

Chrome leaves out cookies and `Authorization`, and writes pseudo headers of HTTP/2;
what was aborted or blocked has the status 0.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from mockserver.checks.transport.archived_bodies import ArchivedBody, ParsedBody, answer_body, parsed, sent_body
from mockserver.checks.transport.archives import mapping, pairs, text, whole
from mockserver.openapi.structure import bare_type, is_json_type

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NO_STATUS = 100
_LAST_STATUS = 599
Headers = tuple[tuple[str, str], ...]


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
    sent: ArchivedBody
    status: int
    answer_headers: Headers
    answer: ArchivedBody
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
        return is_json_type(self.media_type)

    @cached_property
    def parsed(self) -> ParsedBody:
        """The answer as JSON."""
        return parsed(self.answer)

    @cached_property
    def parsed_sent(self) -> ParsedBody:
        """The body of the request as JSON."""
        return parsed(self.sent)


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
        sent_body(request),
        status if _NO_STATUS <= status <= _LAST_STATUS else 0,
        answer_headers,
        answer_body(response, dict(reversed(answer_headers))),
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
