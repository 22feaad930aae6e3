"""mockserver.webhooks.signature_diagnosis.diagnosis: every mistake is made by hand here, and has to be named.

So `mistakes`, `computation` and `json_style` are tested here too; `capture` and `comparison` by the command in
tests/cli/test_verify_signature.py.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from mockserver.webhooks.signature_diagnosis import Capture, Evidence
from mockserver.webhooks.signature_diagnosis.diagnosis import explain
from mockserver.webhooks.signature_diagnosis.mistakes import MISTAKES

VECTORS = sorted((Path(__file__).parent.parent.parent / "vectors").glob("*.json"))
KEY = "0123456789abcdef" * 4
OLD_KEY = "f" * 64
SENT_AT = 1709467498
REQUEST_ID = "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b"
MESSAGE_ID = "5b0b1c1e-6f1b-4c43-9f0e-6f0a3f5d9a11"


def _written(
    name: str = r"Zażółć & \"Co\"", at: str = "2024-03-03T12:04:50+00:00", points: str = "10.0", link: str = "a/b"
) -> bytes:
    """The event as a language may write it: compact, with these texts between the quotes."""
    data = f'{{"name":"{name}","points":{points},"link":"{link}"}}'
    ids = f'"messageId":"{MESSAGE_ID}","requestId":"{REQUEST_ID}"'
    return f'{{{ids},"eventName":"CustomerRegistered","createdAt":"{at}","data":{data}}}'.encode()


def _written_sorted(name: str, points: str) -> bytes:
    """The event with sorted keys."""
    data = f'{{"link":"a/b","name":"{name}","points":{points}}}'
    ids = f'"messageId":"{MESSAGE_ID}","requestId":"{REQUEST_ID}"'
    return f'{{"createdAt":"2024-03-03T12:04:50+00:00","data":{data},"eventName":"CustomerRegistered",{ids}}}'.encode()


SENT = _written()
TEXT = SENT.decode()
EVENT: dict[str, Any] = json.loads(SENT)
UNEVEN = rb'{"name": "\u00f3\u00F3","link":"a\/b/c"}'  # no language writes it like this
URL = "https://Hooks.example.com:8443/api/za%C5%BC/Hook?tenant=1"
ELSEWHERE = "https://proxy.example/api/za%C5%BC/Hook"
HEADERS = {
    "x-webhook-timestamp": str(SENT_AT),
    "x-webhook-request-id": REQUEST_ID,
    "host": "10.0.0.7:9000",
    "x-forwarded-host": "proxy.internal",
    "x-request-id": "req-17",
}


def _evidence(body: bytes = SENT, url: str = URL, target: str = "", **headers: str) -> Evidence:
    """A captured request; the headers differ from HEADERS as told."""
    named = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    capture = Capture(named, body, target=target)
    return Evidence(capture, url, f"whsec_{KEY}", SENT_AT + 200, (f"whsec_{OLD_KEY}",))


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


# What a receiver's code computes from a good request.
COMPUTED: list[tuple[str, str]] = [
    ("key-older", _signed(key=OLD_KEY.encode())),
    ("key-prefix-kept", _signed(key=f"whsec_{KEY}".encode())),
    ("key-hex-decoded", _signed(key=bytes.fromhex(KEY))),
    ("key-base64-decoded", _signed(key=b64decode(KEY))),
    ("key-whitespace", _signed(key=f"{KEY}\n".encode())),
    ("key-whitespace", _signed(key=f"whsec_{KEY}\r\n".encode())),
    ("key-whitespace", _signed(key=f" {KEY}".encode())),
    ("key-empty", _signed(key=b"")),
    ("body-newline-added", _signed(SENT + b"\n")),
    ("body-empty", _signed(b"")),
    ("body-bom", _signed(b"\xef\xbb\xbf" + SENT)),
    ("body-spaced", _signed(json.dumps(EVENT, ensure_ascii=False).encode())),
    ("body-escaped", _signed(json.dumps(EVENT).encode())),
    ("body-escaped", _signed(_written(r"Za\u017c\u00f3\u0142\u0107 & \"Co\""))),
    (
        "body-escaped",  # by C#
        _signed(_written(r"Za\u017C\u00F3\u0142\u0107 \u0026 \u0022Co\u0022", r"2024-03-03T12:04:50\u002B00:00")),
    ),
    ("body-by-php", _signed(_written(r"Za\u017c\u00f3\u0142\u0107 & \"Co\"", points="10", link=r"a\/b"))),
    ("body-by-php", _signed(_written(points="10", link=r"a\/b"))),
    ("body-indented", _signed(json.dumps(EVENT, indent=2, ensure_ascii=False).encode())),
    ("body-indented", _signed(json.dumps(EVENT, indent=4).encode())),
    ("body-sorted", _signed(json.dumps(EVENT, sort_keys=True).encode())),
    ("body-sorted", _signed(_written_sorted(r"Zażółć & \"Co\"", "10.0"))),  # by Rust
    ("body-sorted", _signed(_written_sorted(r"Zażółć \u0026 \"Co\"", "10"))),  # by Go
    ("body-numbers", _signed(_written(points="10"))),  # by JavaScript
    ("body-repr", _signed(str(EVENT).encode())),
    ("body-repr", _signed(b"[object Object]")),
    ("body-encoded-twice", _signed(json.dumps(TEXT, ensure_ascii=False).encode())),
    ("body-encoding", _signed(TEXT.encode("utf-16-le"))),
    ("body-encoding", _signed(SENT.decode("latin-1").encode())),
    ("body-encoding", _signed(TEXT.encode("ascii", "replace"))),
    ("hash-upper-case", _signed(digest=_hash(SENT).upper())),
    ("hash-base64", _signed(digest=b64encode(hashlib.sha256(SENT).digest()).decode())),
    ("hash-binary", _mac(STRING.replace(_hash(SENT).encode(), hashlib.sha256(SENT).digest()))),
    ("body-unhashed", _signed(digest=TEXT)),
    ("host-with-port", _signed(host="22:hooks.example.com:8443")),
    ("host-with-port", _signed(host="21:hooks.example.com:443")),
    ("host-of-headers", _signed(host="8:10.0.0.7")),
    ("host-of-headers", _signed(host="13:10.0.0.7:9000")),
    ("host-of-headers", _signed(host="14:proxy.internal")),
    ("path-with-query", _signed(path="27:/api/za%C5%BC/Hook?tenant=1")),
    ("path-trailing-slash", _signed(path="19:/api/za%C5%BC/Hook/")),
    ("path-decoded", _signed(path="14:/api/zaż/Hook")),
    ("path-shortened", _signed(path="5:/Hook")),
    ("path-shortened", _signed(path="1:/")),
    ("path-slashes", _signed(path="17:api/za%C5%BC/Hook")),
    ("path-empty", _signed(path="0:")),
    ("timestamp-unit", _signed(timestamp=f"{SENT_AT}000")),
    ("timestamp-own-clock", _signed(timestamp=str(SENT_AT + 3))),
    ("timestamp-own-clock", _signed(timestamp=str(SENT_AT + 200))),
    ("timestamp-missing", _signed(timestamp="")),
    ("timestamp-missing", _signed(timestamp="undefined")),
    ("request-id-of-message", _signed(request_id=MESSAGE_ID)),
    ("request-id-of-request", _signed(request_id="req-17")),
    ("request-id-missing", _signed(request_id="")),
    ("request-id-missing", _signed(request_id="None")),
    ("lines-newline-at-end", _mac(STRING + b"\n")),
    ("lines-newline-at-end", _mac(STRING.replace(b"\n", b"\r\n") + b"\r\n")),
    ("lines-crlf", _mac(STRING.replace(b"\n", b"\r\n"))),
    ("lines-literal-newline", _mac(STRING.replace(b"\n", rb"\n"))),
    ("scheme-of-others", _mac(SENT)),
    ("scheme-of-others", _mac(f"{SENT_AT}.".encode() + SENT)),
    ("scheme-of-others", _mac(f"{REQUEST_ID}.{SENT_AT}.".encode() + SENT)),
    ("lengths-omitted", _signed(host="hooks.example.com", path="/api/za%C5%BC/Hook")),
    ("mac-swapped", _mac(KEY.encode(), STRING)),
    ("mac-algorithm", _mac(STRING, algorithm="sha1")),
    ("mac-algorithm", _mac(STRING, algorithm="sha512")),
    ("signature-upper-case", _mac(STRING).upper()),
    ("signature-base64", b64encode(hmac.digest(KEY.encode(), STRING, "sha256")).decode()),
    ("signature-base64", urlsafe_b64encode(hmac.digest(KEY.encode(), STRING, "sha256")).decode().rstrip("=")),
]

TWO_AT_ONCE = _signed(json.dumps(EVENT).encode(), bytes.fromhex(KEY))

# What was sent had the signature on the right; the capture on the left is another thing, or the URL given is.
DAMAGED: list[tuple[str, Evidence, str]] = [
    ("body-newline-stripped", _evidence(UNEVEN + b"\n"), _signed(UNEVEN)),
    ("body-newline-stripped", _evidence(UNEVEN + b"\r\n"), _signed(UNEVEN)),
    ("body-bom", _evidence(b"\xef\xbb\xbf" + UNEVEN), _signed(UNEVEN)),
    ("body-compact", _evidence(UNEVEN), _signed(UNEVEN.replace(b" ", b""))),
    ("body-spaced", _evidence(UNEVEN), _signed(UNEVEN.replace(b",", b", ").replace(b'k":', b'k": '))),
    ("body-unescaped", _evidence(json.dumps(EVENT).encode()), _signed()),
    ("body-unescaped", _evidence(SENT.replace(b"/", rb"\/")), _signed()),
    ("host-of-headers", _evidence(url=ELSEWHERE, host="hooks.example.com:8443"), _signed()),
    ("host-of-headers", _evidence(url=ELSEWHERE, x_forwarded_host="hooks.example.com, b"), _signed()),
    ("path-trailing-slash", _evidence(url="https://hooks.example.com/api/za%C5%BC/Hook/"), _signed()),
    ("path-empty", _evidence(url="https://hooks.example.com/"), _signed(path="0:")),
    ("path-decoded", _evidence(url="https://hooks.example.com/api/zaż/Hook"), _signed()),
    ("path-of-request", _evidence(url="https://hooks.example.com/x", target="/api/za%C5%BC/Hook?a=1"), _signed()),
    ("path-of-request", _evidence(url="https://hooks.example.com/Hook", x_forwarded_prefix="/api/za%C5%BC"), _signed()),
    ("timestamp-unit", _evidence(x_webhook_timestamp=f"{SENT_AT}000"), _signed()),
    ("request-id-of-request", _evidence(x_webhook_request_id="made-by-a-gateway"), _signed()),
]


# ---------------------------------------------------------------- naming
@pytest.mark.parametrize(("name", "signature"), COMPUTED, ids=[name for name, _ in COMPUTED])
def test_mistake_of_code_is_named(name: str, signature: str) -> None:
    """What a receiver's code computed wrongly from a good request is named; nothing else would explain it."""
    found = explain(_evidence(), signature)

    assert found is not None
    assert (found.mistake.name, found.alternatives) == (name, ())


@pytest.mark.parametrize(("name", "evidence", "signature"), DAMAGED, ids=[name for name, _, _ in DAMAGED])
def test_damage_is_named(name: str, evidence: Evidence, signature: str) -> None:
    """What happened to a request between its signing and its capture is named; nothing else would explain it."""
    found = explain(evidence, signature)

    assert found is not None
    assert (found.mistake.name, found.alternatives) == (name, ())


def test_every_mistake_is_tried() -> None:
    """There is no mistake in the table that isn't made by hand above."""
    tried = {name for name, _ in COMPUTED} | {name for name, _, _ in DAMAGED}

    assert {mistake.name for mistake in MISTAKES} == tried


@pytest.mark.parametrize("signature", ["", "0" * 64, "źle", _signed(key=b"another"), TWO_AT_ONCE])
def test_nothing_is_made_up(signature: str) -> None:
    """A signature that no single mistake gives is left unexplained."""
    assert explain(_evidence(), signature) is None


# ---------------------------------------------------------------- what is told
@pytest.mark.parametrize("vector", VECTORS, ids=[path.stem for path in VECTORS])
def test_right_computation_is_that_of_the_vectors(vector: Path) -> None:
    """Without a mistake the steps make the canonical strings and signatures that openssl has made."""
    wanted = json.loads(vector.read_text("utf-8"))
    given = wanted["given"]
    headers = {"x-webhook-timestamp": str(given["timestamp"]), "x-webhook-request-id": given["requestId"]}
    capture = Capture(headers, given["body"].encode(), given["method"])

    right = Evidence(capture, given["url"], given["secret"], given["timestamp"]).right

    assert [line.decode() for line in right.lines()] == wanted["canonical"]
    assert right.signature() == wanted["signature"]


def test_value_is_shown() -> None:
    """The explanation shows the host, path or time with which it comes out."""
    found = explain(_evidence(), _signed(host="14:proxy.internal"))

    assert found is not None
    assert found.value == "proxy.internal"
    assert found.change == "the host that a header of the request names (host `proxy.internal`)"


def test_key_is_never_shown() -> None:
    """No explanation has the secret in it, nor one that was tried."""
    for mistake in ("key-older", "key-prefix-kept", "key-whitespace"):
        found = explain(_evidence(), dict(COMPUTED)[mistake])

        assert found is not None
        assert KEY not in repr(found) + found.change + found.mistake.advice
        assert OLD_KEY not in repr(found) + found.change + found.mistake.advice


def test_alternatives_are_told() -> None:
    """Where several mistakes give the same signature, the likeliest comes first and the others are named."""
    found = explain(_evidence(host="hooks.example.com:8443"), _signed(host="22:hooks.example.com:8443"))

    assert found is not None
    assert found.mistake.name == "host-with-port"
    assert found.alternatives == ("host-of-headers",)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[" * 100_000, b'{"data": 1}', b'"\\ud800"', b"[1e999, NaN]", b"[" * 900 + b"]" * 900]
)
def test_any_body_can_be_examined(body: bytes) -> None:
    """A body that is no JSON, or strange JSON, is looked at like any other."""
    evidence = _evidence(body, content_length="9" * 5000)

    found = explain(evidence, _signed(body, key=bytes.fromhex(KEY)))

    assert found is not None
    assert found.mistake.name == "key-hex-decoded"
