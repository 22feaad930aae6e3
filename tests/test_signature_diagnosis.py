"""mockserver.verification: every mistake is made by hand here, and has to be named."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from typing import Any

import pytest

from mockserver.signing import canonical
from mockserver.verification.captured import Captured
from mockserver.verification.case import Case
from mockserver.verification.diagnosis import explain
from mockserver.verification.mistakes import MISTAKES

KEY = "0123456789abcdef" * 4
OLD_KEY = "f" * 64
SENT_AT = 1709467498
REQUEST_ID = "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b"
MESSAGE_ID = "5b0b1c1e-6f1b-4c43-9f0e-6f0a3f5d9a11"
EVENT: dict[str, Any] = {
    "messageId": MESSAGE_ID,
    "requestId": REQUEST_ID,
    "eventName": "CustomerRegistered",
    "createdAt": "2024-03-03T12:04:50+00:00",
    "data": {"customerId": "7239e6f7-e52e-466b-8c24-699709b64076", "name": "Zażółć", "points": 10.0, "at": "a/b"},
}


def _dumped(separators: tuple[str, str] = (",", ":"), **style: Any) -> bytes:
    """The event as JSON, compact and with characters as themselves unless told otherwise."""
    return json.dumps(EVENT, **{"ensure_ascii": False, "separators": separators, **style}).encode()


SENT = _dumped()
TEXT = SENT.decode()
URL = "https://Hooks.example.com:8443/api/za%C5%BC/Hook?tenant=1"
HEADERS = {
    "x-webhook-timestamp": str(SENT_AT),
    "x-webhook-request-id": REQUEST_ID,
    "host": "10.0.0.7:9000",
    "x-forwarded-host": "proxy.internal",
    "x-request-id": "req-17",
}


def _case(body: bytes = SENT, url: str = URL, method: str = "POST", target: str = "", **headers: str) -> Case:
    """A captured request; the headers differ from HEADERS as told."""
    named = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    return Case(Captured(named, body, method, target), url, f"whsec_{KEY}", SENT_AT + 200, (f"whsec_{OLD_KEY}",))


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


LINES = ("POST", "17:hooks.example.com", "18:/api/za%C5%BC/Hook", _hash(SENT), str(SENT_AT), REQUEST_ID)
STRING = "\n".join(LINES).encode()


def _mac(message: bytes, key: bytes = KEY.encode(), algorithm: str = "sha256") -> str:
    return hmac.new(key, message, algorithm).hexdigest()


def _signed(body: bytes | None = None, key: bytes = KEY.encode(), **lines: str) -> str:
    """The signature with some lines in place of the right ones: `host` and `path` with their lengths."""
    names = ("method", "host", "path", "digest", "timestamp", "request_id")
    right = dict(zip(names, LINES, strict=True)) | ({} if body is None else {"digest": _hash(body)})
    return _mac("\n".join((right | lines).values()).encode(), key)


def _base64(message: bytes) -> str:
    return b64encode(hmac.digest(KEY.encode(), message, "sha256")).decode()


# What a receiver's code computes from a good request.
COMPUTED: list[tuple[str, str]] = [
    ("key-older", _signed(key=OLD_KEY.encode())),
    ("key-prefix-kept", _signed(key=f"whsec_{KEY}".encode())),
    ("key-hex-decoded", _signed(key=bytes.fromhex(KEY))),
    ("key-base64-decoded", _signed(key=b64decode(KEY))),
    ("key-whitespace", _signed(key=f"{KEY}\n".encode())),
    ("key-whitespace", _signed(key=f"whsec_{KEY}\r\n".encode())),
    ("key-quoted", _signed(key=f'"whsec_{KEY}"'.encode())),
    ("key-case", _signed(key=KEY.upper().encode())),
    ("key-empty", _signed(key=b"")),
    ("body-newline-added", _signed(SENT + b"\n")),
    ("body-empty", _signed(b"")),
    ("body-spaced", _signed(_dumped((", ", ": ")))),
    ("body-escaped", _signed(_dumped(ensure_ascii=True))),
    ("body-escaped", _signed(json.dumps(EVENT).encode())),
    ("body-by-php", _signed(_dumped(ensure_ascii=True).replace(b"/", rb"\/"))),
    ("body-indented", _signed(_dumped((",", ": "), indent=2))),
    ("body-indented", _signed(_dumped((",", ": "), indent=4, ensure_ascii=True))),
    ("body-sorted", _signed(_dumped(sort_keys=True))),
    ("body-sorted", _signed(json.dumps(EVENT, sort_keys=True).encode())),
    ("body-numbers", _signed(SENT.replace(b"10.0", b"10"))),
    ("body-repr", _signed(str(EVENT).encode())),
    ("body-encoded-twice", _signed(json.dumps(TEXT, ensure_ascii=False).encode())),
    ("body-bom", _signed(b"\xef\xbb\xbf" + SENT)),
    ("body-encoding", _signed(TEXT.encode("utf-16-le"))),
    ("body-encoding", _signed(SENT.decode("latin-1").encode())),
    ("body-encoding", _signed(TEXT.encode("latin-1", "replace"))),
    ("hash-upper-case", _signed(digest=_hash(SENT).upper())),
    ("hash-base64", _signed(digest=b64encode(hashlib.sha256(SENT).digest()).decode())),
    ("hash-binary", _mac(STRING.replace(_hash(SENT).encode(), hashlib.sha256(SENT).digest()))),
    ("body-unhashed", _signed(digest=TEXT)),
    ("hash-algorithm", _signed(digest=hashlib.sha512(SENT).hexdigest())),
    ("host-with-port", _signed(host="22:hooks.example.com:8443")),
    ("host-with-port", _signed(host="21:hooks.example.com:443")),
    ("host-of-headers", _signed(host="8:10.0.0.7")),
    ("host-of-headers", _signed(host="13:10.0.0.7:9000")),
    ("host-of-headers", _signed(host="14:proxy.internal")),
    ("host-with-scheme", _signed(host="25:https://hooks.example.com")),
    ("host-case", _signed(host="17:Hooks.example.com")),
    ("host-www", _signed(host="21:www.hooks.example.com")),
    ("path-with-query", _signed(path="27:/api/za%C5%BC/Hook?tenant=1")),
    ("path-trailing-slash", _signed(path="19:/api/za%C5%BC/Hook/")),
    ("path-decoded", _signed(path="14:/api/zaż/Hook")),
    ("path-shortened", _signed(path="5:/Hook")),
    ("path-slashes", _signed(path="17:api/za%C5%BC/Hook")),
    ("path-empty", _signed(path="0:")),
    ("path-whole-url", _signed(path=f"{len(URL)}:{URL}")),
    ("method-case", _signed(method="post")),
    ("method-wrong", _signed(method="GET")),
    ("method-wrong", _signed(method="PUT")),
    ("timestamp-unit", _signed(timestamp=f"{SENT_AT}000")),
    ("timestamp-fraction", _signed(timestamp=f"{SENT_AT}.0")),
    ("timestamp-date", _signed(timestamp="2024-03-03T12:04:58+00:00")),
    ("timestamp-of-body", _signed(timestamp=EVENT["createdAt"])),
    ("timestamp-own-clock", _signed(timestamp=str(SENT_AT + 3))),
    ("timestamp-own-clock", _signed(timestamp=str(SENT_AT + 200))),
    ("timestamp-missing", _signed(timestamp="")),
    ("request-id-of-message", _signed(request_id=MESSAGE_ID)),
    ("request-id-of-request", _signed(request_id="req-17")),
    ("request-id-rewritten", _signed(request_id=REQUEST_ID.upper())),
    ("request-id-of-data", _signed(request_id=EVENT["data"]["customerId"])),
    ("request-id-missing", _signed(request_id="")),
    ("lines-newline-at-end", _mac(STRING + b"\n")),
    ("lines-crlf", _mac(STRING.replace(b"\n", b"\r\n"))),
    ("lines-literal-newline", _mac(STRING.replace(b"\n", rb"\n"))),
    ("lines-separator", _mac(STRING.replace(b"\n", b""))),
    ("lines-separator", _mac(STRING.replace(b"\n", b"."))),
    ("lines-omitted", _mac("\n".join(LINES[:5]).encode())),
    ("lines-order", _mac("\n".join((*LINES[:4], LINES[5], LINES[4])).encode())),
    ("scheme-of-others", _mac(SENT)),
    ("scheme-of-others", _mac(f"{SENT_AT}.".encode() + SENT)),
    ("scheme-of-others", _mac(f"{REQUEST_ID}.{SENT_AT}.".encode() + SENT)),
    ("lengths-omitted", _signed(host="hooks.example.com", path="/api/za%C5%BC/Hook")),
    ("lengths-written-otherwise", _signed(host="11:hooks.example.com", path="12:/api/za%C5%BC/Hook")),
    ("mac-swapped", _mac(KEY.encode(), STRING)),
    ("mac-algorithm", _mac(STRING, algorithm="sha1")),
    ("mac-algorithm", _mac(STRING, algorithm="sha512")),
    ("mac-plain-hash", _hash(KEY.encode() + STRING)),
    ("mac-plain-hash", _hash(STRING)),
    ("signature-upper-case", _mac(STRING).upper()),
    ("signature-base64", _base64(STRING)),
    ("signature-base64", _base64(STRING).rstrip("=")),
    ("signature-prefixed", f"sha256={_mac(STRING)}"),
    ("signature-prefixed", f"v1,{_base64(STRING)}"),
]

# What was sent had the signature on the right; the capture on the left is another thing, or the URL given is.
IPV6 = "http://[2001:db8::1]:9000/hook"
LOCAL = "http://localhost:9000/hook"
POLISH = "https://example.com/żółw"
DAMAGED: list[tuple[str, Case, str]] = [
    ("body-newline-stripped", _case(SENT + b"\n"), _signed()),
    ("body-newline-stripped", _case(SENT + b"\r\n"), _signed()),
    ("body-newline-added", _case(SENT), _signed(SENT + b"\n")),
    ("body-cut", _case(SENT + b"\n\n-- end", content_length=str(len(SENT))), _signed()),
    ("body-compact", _case(_dumped((", ", ": "))), _signed()),
    ("body-compact", _case(_dumped(indent=2)), _signed()),
    ("body-compact", _case(json.dumps(EVENT).encode()), _signed(_dumped(ensure_ascii=True))),
    ("body-unescaped", _case(_dumped(ensure_ascii=True)), _signed()),
    ("body-unescaped", _case(SENT.replace(b"/", rb"\/")), _signed()),
    ("body-bom", _case(b"\xef\xbb\xbf" + SENT), _signed()),
    ("body-line-ends", _case(b'{\r\n"a":1}'), _signed(b'{\n"a":1}')),
    ("body-line-ends", _case(b'{\n"a":1}\n'), _signed(b'{\r\n"a":1}\r\n')),
    ("host-of-headers", _case(url="https://localhost/api/za%C5%BC/Hook", host="hooks.example.com:8443"), _signed()),
    ("host-of-headers", _case(url="https://a/api/za%C5%BC/Hook", x_forwarded_host="hooks.example.com, b"), _signed()),
    ("host-www", _case(url="https://www.hooks.example.com/api/za%C5%BC/Hook"), _signed()),
    ("host-brackets", _case(url=IPV6), _signed(host="11:2001:db8::1", path="5:/hook")),
    ("host-loopback", _case(url=LOCAL), _signed(host="9:127.0.0.1", path="5:/hook")),
    ("host-loopback", _case(url=LOCAL), _signed(host="20:host.docker.internal", path="5:/hook")),
    ("path-with-query", _case(url="https://hooks.example.com/a", target="/a?b=1"), _signed(path="6:/a?b=1")),
    ("path-trailing-slash", _case(url="https://hooks.example.com/api/za%C5%BC/Hook/"), _signed()),
    ("path-decoded", _case(url="https://hooks.example.com/api/zaż/Hook"), _signed()),
    ("path-of-request", _case(url="https://hooks.example.com/x", target="/api/za%C5%BC/Hook?a=1"), _signed()),
    ("path-of-request", _case(url="https://hooks.example.com/Hook", x_forwarded_prefix="/api/za%C5%BC"), _signed()),
    ("path-slashes", _case(url="https://hooks.example.com//api//za%C5%BC/Hook"), _signed()),
    ("method-wrong", _case(method="GET"), _signed()),
    ("method-wrong", _case(method="post"), _signed()),
    ("timestamp-unit", _case(x_webhook_timestamp=f"{SENT_AT}000"), _signed()),
    ("request-id-of-request", _case(x_webhook_request_id="made-by-a-gateway"), _signed()),
    ("lengths-in-characters", _case(url=POLISH), _signed(host="11:example.com", path="5:/żółw")),
]

PAIRS: list[tuple[set[str], str]] = [
    ({"key-hex-decoded", "body-spaced"}, _signed(_dumped((", ", ": ")), bytes.fromhex(KEY))),
    ({"key-prefix-kept", "host-with-port"}, _signed(key=f"whsec_{KEY}".encode(), host="22:hooks.example.com:8443")),
    ({"timestamp-unit", "signature-upper-case"}, _signed(timestamp=f"{SENT_AT}000").upper()),
    ({"body-empty", "method-wrong"}, _signed(b"", method="PUT")),
    ({"lengths-omitted", "lines-newline-at-end"}, _mac(STRING.replace(b"17:", b"").replace(b"18:", b"") + b"\n")),
]


# ---------------------------------------------------------------- naming
@pytest.mark.parametrize(("name", "signature"), COMPUTED, ids=[name for name, _ in COMPUTED])
def test_mistake_of_code_is_named(name: str, signature: str) -> None:
    """What a receiver's code computed wrongly from a good request is named, and by this name alone."""
    found = explain(_case(), signature)

    assert found is not None
    assert found.names == (name,)


@pytest.mark.parametrize(("name", "case", "signature"), DAMAGED, ids=[name for name, _, _ in DAMAGED])
def test_damage_is_named(name: str, case: Case, signature: str) -> None:
    """What happened to a request between its signing and its capture is named."""
    found = explain(case, signature)

    assert found is not None
    assert found.names == (name,)


@pytest.mark.parametrize(("names", "signature"), PAIRS, ids=["+".join(sorted(names)) for names, _ in PAIRS])
def test_two_mistakes_are_named(names: set[str], signature: str) -> None:
    """Two mistakes in different places are found together."""
    found = explain(_case(), signature)

    assert found is not None
    assert set(found.names) == names


def test_every_mistake_is_tried() -> None:
    """There is no mistake in the table that isn't made by hand above."""
    tried = {name for name, _ in COMPUTED} | {name for name, _, _ in DAMAGED}

    assert {mistake.name for mistake in MISTAKES} == tried


def test_one_mistake_is_preferred_to_two() -> None:
    """A right key with spaces is one mistake, although two others could be made up."""
    found = explain(_case(), _signed(key=f" {KEY}".encode()))

    assert found is not None
    assert found.names == ("key-whitespace",)


@pytest.mark.parametrize("signature", ["", "0" * 64, "źle", _signed(key=b"another")])
def test_nothing_is_made_up(signature: str) -> None:
    """A signature that no mistake gives is left unexplained."""
    assert explain(_case(), signature) is None


# ---------------------------------------------------------------- what is told
def test_base_is_the_right_computation() -> None:
    """Without a mistake the steps make the canonical string and signature of mockserver.signing."""
    case = _case()

    assert b"\n".join(case.base.lines()) == canonical("POST", URL, SENT, SENT_AT, REQUEST_ID)
    assert case.base.signature() == _signed()


def test_value_is_shown() -> None:
    """The explanation shows the host, path or time with which it comes out."""
    found = explain(_case(), _signed(host="14:proxy.internal"))

    assert found is not None
    assert found.values == {"host": "proxy.internal"}
    assert found.change == "the host that a header of the request names (host `proxy.internal`)"


def test_key_is_never_shown() -> None:
    """No explanation has the secret in it, nor one that was tried."""
    for mistake in ("key-older", "key-prefix-kept", "key-quoted"):
        found = explain(_case(), dict(COMPUTED)[mistake])

        assert found is not None
        assert KEY not in repr(found) + found.change + found.advice
        assert OLD_KEY not in repr(found) + found.change + found.advice


def test_alternatives_are_told() -> None:
    """Where several mistakes give the same signature, the likeliest comes first and the others are named."""
    found = explain(_case(host="hooks.example.com:8443"), _signed(host="22:hooks.example.com:8443"))

    assert found is not None
    assert found.names == ("host-with-port",)
    assert found.alternatives == (("host-of-headers",),)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[" * 100_000, b'{"data": 1}', b'"\\ud800"', b"[1e999, NaN]", b"[" * 900 + b"]" * 900]
)
def test_any_body_can_be_examined(body: bytes) -> None:
    """A body that is no JSON, or strange JSON, is looked at like any other."""
    case = _case(body, content_length="9" * 5000)

    found = explain(case, _signed(body, key=bytes.fromhex(KEY)))

    assert found is not None
    assert found.names == ("key-hex-decoded",)
