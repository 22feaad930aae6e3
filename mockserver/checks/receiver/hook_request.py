"""A webhook as bytes, rightly signed, and what it becomes when one thing in it is spoilt."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from mockserver import standard_webhooks
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
Spoil = tuple[Callable[[str], str], str]  # what is made of a right signature, and that in words


class SigningNames(NamedTuple):
    """The names of the headers by which a request is signed."""

    signature: str
    timestamp: str
    request_id: str


VENDOR_NAMES = SigningNames(SIGNATURE_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER)
STANDARD_NAMES = SigningNames(
    standard_webhooks.SIGNATURE_HEADER, standard_webhooks.TIMESTAMP_HEADER, standard_webhooks.ID_HEADER
)


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
    names: SigningNames = VENDOR_NAMES

    def with_headers(self, headers: dict[str, str]) -> "HookRequest":
        """The request with these headers in place of its own."""
        return replace(self, headers=headers)

    def with_signature(self, signature: str) -> "HookRequest":
        """The request with another signature, which may be none."""
        return replace(self, headers=self.headers | {self.names.signature: signature})

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

    def as_curl(self, file: str = "", *, proxied: bool = False) -> str:
        """The request as a line to paste, which prints the answer with its status; `file` is one that has the body;
        `proxied` goes by the proxy that a variable names."""
        if self.shown:
            return self.shown
        headers = {name: value for name, value in self.headers.items() if name.lower() not in UNSHOWN}
        options = ("-sgi", "-x", shell_lines.PROXY) if proxied else ("-sgi",)
        return shell_lines.whole_curl(self.method, self.url, headers, self.body, file, options=options)


class RequestSigner(Protocol):
    """Who signs for one receiver, by whichever scheme."""

    @property
    def url(self) -> str:
        """Where requests go."""

    @property
    def signed(self) -> SignedUrl:
        """The parts of the subscribed URL that are signed."""

    @property
    def names(self) -> SigningNames:
        """The names of its headers."""

    def by(self, secret: str) -> "RequestSigner":
        """The same with another secret."""

    def at(self, url: str, signed: SignedUrl) -> "RequestSigner":
        """The same for another URL."""

    def request(self, body: bytes, request_id: str, at: float, event: str = "") -> HookRequest:
        """A request that is rightly signed at this moment."""

    def with_timestamp(self, request: HookRequest, timestamp: str, what: str) -> HookRequest:
        """The request with a text for its timestamp, which is signed."""

    def with_algorithm(self, request: HookRequest, name: str, digest: str, what: str) -> HookRequest:
        """The request under the name of another algorithm; signed by it, if it is one that there is."""

    def spoilt(self) -> Iterator[Spoil]:
        """What becomes of a right signature if a part of it is changed, left out or added."""

    def listed(self) -> Iterator[Spoil]:
        """What becomes of a right signature that stands beside others, and is right all the same; nothing where there
        is only one."""

    def malformed(self) -> Iterator[tuple[str, str]]:
        """Signatures that are none, and what they are in words."""


@dataclass(frozen=True)
class Signer:
    """Signs as Open Loyalty does. `front` are headers for a gate in front of the receiver, which nobody signs."""

    url: str
    signed: SignedUrl
    secret: str = field(repr=False)
    agent: str = "mockserver-check"
    version: int = 1
    front: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> SigningNames:
        """The names of its headers."""
        return VENDOR_NAMES

    def by(self, secret: str) -> "Signer":
        """The same with another secret."""
        return replace(self, secret=secret)

    def at(self, url: str, signed: SignedUrl) -> "Signer":
        """The same for another URL."""
        return replace(self, url=url, signed=signed)

    def spoilt(self) -> Iterator[Spoil]:
        """What becomes of a right signature if a part of it is changed, left out or added."""
        yield lambda right: right[:2], "the first two digits of the signature"
        yield lambda right: right[:32], "the first half of the signature"
        yield lambda right: right[:-1] + ("0" if right[-1] != "0" else "1"), "a signature whose last digit is wrong"
        yield lambda right: right + "00", "a signature with two more digits"

    def listed(self) -> Iterator[Spoil]:
        """None: the header has one signature."""
        return iter(())

    def malformed(self) -> Iterator[tuple[str, str]]:
        """Signatures that are none, and what they are in words."""
        yield "", "an empty signature"
        yield "signature", "a signature that is a word"
        yield "z" * 64, "a signature that is not hexadecimal"
        yield "abc", "a signature with an odd number of digits"
        yield "\u00e9" * 64, "a signature beyond ASCII"
        yield "0" * 4096, "a signature of 4 KB"

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
