"""Signs for a receiver by Standard Webhooks, rightly and wrongly. No URL is signed."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mockserver import standard_webhooks
from mockserver.checks.receiver.hook_request import JSON, STANDARD_NAMES, HookRequest, SigningNames, Spoil
from mockserver.signing import SECRET_PREFIX, SignedUrl
from mockserver.standard_webhooks import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, VERSION


@dataclass(frozen=True)
class StandardSigner:
    """Signs by Standard Webhooks. The request id is that of the message, which a repeat has, too. `front` are headers
    for a gate in front of the receiver, which nobody signs."""

    url: str
    signed: SignedUrl
    secret: str = field(repr=False)
    agent: str = "mockserver-check"
    front: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> SigningNames:
        """The names of its headers."""
        return STANDARD_NAMES

    def by(self, secret: str) -> "StandardSigner":
        """The same with another secret."""
        return replace(self, secret=secret)

    def at(self, url: str, signed: SignedUrl) -> "StandardSigner":
        """The same for another URL."""
        return replace(self, url=url, signed=signed)

    def request(self, body: bytes, request_id: str, at: float, event: str = "") -> HookRequest:
        """A request that is rightly signed at this moment."""
        headers = {"Content-Type": JSON, "User-Agent": self.agent, **self.front, ID_HEADER: request_id}
        request = HookRequest(self.url, body, headers, event=event, names=STANDARD_NAMES)
        return self._signed(request, str(int(at)))

    def with_timestamp(self, request: HookRequest, timestamp: str, what: str) -> HookRequest:
        """The request with a text for its timestamp, which is signed."""
        return replace(self._signed(request, timestamp), what=what)

    def with_algorithm(self, request: HookRequest, name: str, digest: str, what: str) -> HookRequest:
        """The request under the version of another algorithm; signed by another hash, under that of the right one."""
        right = request.headers[SIGNATURE_HEADER].partition(",")[2]
        version = "v2" if name != "none" else name
        if digest:
            content = self._content(request, request.headers[TIMESTAMP_HEADER])
            version, right = VERSION, b64encode(hmac.digest(self._key, content, digest)).decode()
        return replace(request.with_signature(f"{version},{right}"), what=what)

    def spoilt(self) -> Iterator[Spoil]:
        """What becomes of a right signature if a part of it is changed, left out or added."""
        yield _of_bytes(lambda right: right[:2]), "the first two bytes of the signature"
        yield _of_bytes(lambda right: right[:16]), "the first half of the signature"
        yield _of_bytes(lambda right: right[:-1] + bytes([right[-1] ^ 1])), "a signature whose last bit is wrong"
        yield _of_bytes(lambda right: right + b"00"), "a signature with two more bytes"

    def listed(self) -> Iterator[Spoil]:
        """What becomes of a right signature that stands beside others, and is right all the same: while a key is
        changed, a sender signs by two."""
        other = f"{VERSION},{b64encode(bytes(32)).decode()}"
        yield lambda right: f"{other} {right}", "an event with a right signature behind one of another key"
        yield lambda right: f"{right} {other}", "an event with a right signature before one of another key"

    def malformed(self) -> Iterator[tuple[str, str]]:
        """Signatures that are none, and what they are in words."""
        yield "", "an empty signature"
        yield "signature", "a signature that is a word without a comma"
        yield f"{VERSION},", "a signature with nothing behind its version"
        yield f"{VERSION},A!B?=", "a signature that is no Base64"
        yield f"{VERSION}," + "\u00e9" * 44, "a signature beyond ASCII"
        yield f"{VERSION}," + "A" * 4096, "a signature of 4 KB"

    @property
    def _key(self) -> bytes:
        """The key, which may be none that the specification allows: others have to be refused."""
        try:
            return standard_webhooks.decoded(self.secret)
        except ValueError:
            return self.secret.removeprefix(SECRET_PREFIX).encode()

    def _content(self, request: HookRequest, timestamp: str) -> bytes:
        return standard_webhooks.content(request.headers[ID_HEADER], timestamp, request.body)

    def _signed(self, request: HookRequest, timestamp: str) -> HookRequest:
        signature = standard_webhooks.sign(self._key, self._content(request, timestamp))
        changed = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature}
        return replace(request, headers=request.headers | changed, signature=signature)


def _of_bytes(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """The change of the bytes that a signature has in Base64."""
    return lambda right: f"{VERSION},{b64encode(change(b64decode(right.partition(',')[2]))).decode()}"
