"""A webhook as bytes, rightly signed, and what it becomes when one thing in it is spoilt."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.checks.transport import shell_lines
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SECRET_PREFIX,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignedUrl,
    canonical,
    sign,
    signature_headers,
)

JSON = "application/json"
UNSHOWN = frozenset({"connection", "content-length"})  # headers that curl makes itself


@dataclass(frozen=True)
class HookRequest:
    """A request, with headers in the order of sending. `what` says in words what is sent; `signature` is the one that
    would be right, where another one, or none, is sent; `shown` is the line that shows it, if somebody else sent it."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    what: str = "a valid event"
    event: str = ""
    signature: str = ""
    shown: str = ""

    def with_headers(self, headers: dict[str, str]) -> "HookRequest":
        """The request with these headers in place of its own."""
        return replace(self, headers=headers)

    def with_signature(self, signature: str) -> "HookRequest":
        """The request with another signature, which may be none."""
        return replace(self, headers=self.headers | {SIGNATURE_HEADER: signature})

    def without(self, what: str, *names: str) -> "HookRequest":
        """The request without some of its headers."""
        kept = {name: value for name, value in self.headers.items() if name not in names}
        return replace(self, headers=kept, what=what)

    def as_type(self, media_type: str) -> "HookRequest":
        """The request with another media type."""
        return replace(self, headers=self.headers | {"Content-Type": media_type})

    @property
    def is_large(self) -> bool:
        """Whether the body is too long for a line."""
        return not self.shown and len(self.body) > shell_lines.LONGEST_BODY

    def as_curl(self, file: str = "") -> str:
        """The request as a line to paste; `file` is one that has the body."""
        if self.shown:
            return self.shown
        headers = {name: value for name, value in self.headers.items() if name.lower() not in UNSHOWN}
        return shell_lines.whole_curl(self.method, self.url, headers, self.body, file)


@dataclass(frozen=True)
class Signer:
    """Signs for one receiver. `url` is where requests go, `signed` the parts of the subscribed URL that are signed;
    `front` are headers for a gate in front of it, which nobody signs."""

    url: str
    signed: SignedUrl
    secret: str = field(repr=False)
    agent: str = "mockserver-check"
    version: int = 1
    front: Mapping[str, str] = field(default_factory=dict)

    def request(self, body: bytes, request_id: str, at: float, event: str = "") -> HookRequest:
        """A request that is rightly signed at this moment."""
        headers = signature_headers(
            self.secret,
            self.version,
            method="POST",
            url=self.signed,
            body=body,
            timestamp=int(at),
            request_id=request_id,
        )
        own = {"Content-Type": JSON, "User-Agent": self.agent, **self.front}
        return HookRequest(self.url, body, own | dict(headers), event=event, signature=dict(headers)[SIGNATURE_HEADER])

    def with_timestamp(self, request: HookRequest, timestamp: str, what: str) -> HookRequest:
        """The request with a text for its timestamp, which is signed."""
        lines = canonical("POST", self.signed, request.body, timestamp, request.headers[REQUEST_ID_HEADER])
        changed = {SIGNATURE_HEADER: sign(self.secret, lines), TIMESTAMP_HEADER: timestamp}
        return replace(request, headers=request.headers | changed, what=what, signature=changed[SIGNATURE_HEADER])

    def with_algorithm(self, request: HookRequest, name: str, digest: str, what: str) -> HookRequest:
        """The request under the name of another algorithm; signed by it, if it is one that there is."""
        headers = request.headers
        signature = headers[SIGNATURE_HEADER]
        if digest:
            timestamp, request_id = headers[TIMESTAMP_HEADER], headers[REQUEST_ID_HEADER]
            lines = canonical("POST", self.signed, request.body, timestamp, request_id)
            signature = hmac.digest(self.secret.removeprefix(SECRET_PREFIX).encode(), lines, digest).hex()
        changed = {SIGNATURE_HEADER: signature, ALGORITHM_HEADER: name}
        return replace(request, headers=headers | changed, what=what)
