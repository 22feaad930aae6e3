"""What a hostile client sends: the parts that all inputs are made of."""

from dataclasses import dataclass

CLOSED = 0  # stands among the statuses for a connection that is closed without an answer
LOGIN = b"/api/admin/login_check"
EVENTS = b"/api/DEFAULT/webhook/event"
SUBSCRIPTION = b"/api/DEFAULT/webhook/subscription"
MEMBER = b"/api/DEFAULT/member"
TRANSACTION = b"/api/DEFAULT/transaction"
ANALYTICS = b"/api/DEFAULT/analytics/members"
ONE = SUBSCRIPTION + b"/00000000-0000-4000-8000-000000000000"
KEY = b"X-AUTH-TOKEN: mock-api-key\r\n"
JSON = b"Content-Type: application/json\r\n"
ADMIN = b'{"username":"admin","password":"password"}'
SUBSCRIBE = b'{"webhookSubscription":{"eventName":"CustomerRegistered","url":"http://localhost:9/"}}'
LONGEST_NAME = 60  # characters

REFUSED = frozenset({400})
NOWHERE = frozenset({400, 404})
NO_HTTP = frozenset({400, CLOSED})
SERVED = frozenset({200})


@dataclass(frozen=True)
class Input:
    """What one client sends, piece by piece, and what may be answered.

    `kind` is its row in the table of `robustness`. `may` holds the statuses that may be answered first. `ends` says
    that the client sends no more and shows it. `is_http` says that a server can read it, so that a refusal has the
    vendor's shape; otherwise the plain 400 of the HTTP server will do.
    """

    kind: str
    name: str
    pieces: tuple[bytes, ...]
    may: frozenset[int]
    ends: bool = False
    is_http: bool = True


def request(method: bytes, target: bytes, headers: bytes = KEY, body: bytes | None = None) -> bytes:
    """A whole request; with a body it has the length that belongs to it."""
    length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
    return b"%s %s HTTP/1.1\r\nHost: mock\r\n%s%s\r\n%s" % (method, target, headers, length, body or b"")


def words(text: str) -> list[bytes]:
    """The words of a text, with their escapes (such as \\x00) resolved."""
    return [_bytes(word) for word in text.split()]


def lines(text: str) -> list[bytes]:
    """The lines of a text, with their escapes resolved; the first and the last, which are empty, don't count."""
    return [_bytes(line) for line in text.split("\n")[1:-1]]


def shown(text: bytes) -> str:
    """Bytes as a short name."""
    name = text.decode("latin-1").encode("unicode_escape").decode()
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}… ({len(text)} bytes)"


def _bytes(text: str) -> bytes:
    return text.encode().decode("unicode_escape").encode("latin-1")
