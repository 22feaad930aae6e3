"""mockserver.signing: what a delivery is signed with, held against vectors that openssl has made."""

import ast
import hashlib
import hmac
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from mockserver import signing
from mockserver.clock import Clock
from mockserver.signing import Refusal, SignedUrl, canonical, sign, signature_headers, verify

ROOT = Path(__file__).parent.parent
VECTORS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "tests/vectors").glob("*.json"))}
FACTS = VECTORS["facts"]
SECRET = FACTS["given"]["secret"]
URL = "https://example.com/webhooks"
BODY = b'{"eventName":"CustomerRegistered"}'
SENT_AT = 1709467498
REQUEST_ID = "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b"
SIGNED: signing.Signed = {
    "method": "POST",
    "url": URL,
    "body": BODY,
    "timestamp": SENT_AT,
    "request_id": REQUEST_ID,
}


def _headers(**changed: str) -> dict[str, str]:
    """The headers of a delivery, some of them changed: `request_id` is X-Webhook-Request-Id."""
    headers = dict(signature_headers(SECRET, 1, **SIGNED))
    return headers | {f"X-Webhook-{name.replace('_', '-').title()}": value for name, value in changed.items()}


def _signed(given: dict[str, Any]) -> signing.Signed:
    """What a vector signs."""
    return {
        "method": given["method"],
        "url": given["url"],
        "body": given["body"].encode(),
        "timestamp": given["timestamp"],
        "request_id": given["requestId"],
    }


# ---------------------------------------------------------------- vectors
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_vector_comes_out(vector: dict[str, Any]) -> None:
    """Canonical string, signature and version are those of the vector."""
    given = vector["given"]

    headers = dict(signature_headers(given["secret"], given["version"], **_signed(given)))

    assert canonical(**_signed(given)).decode() == "\n".join(vector["canonical"])
    assert headers == {
        "X-Webhook-Signature": vector["signature"],
        "X-Webhook-Signature-Algorithm": "hmac-sha256",
        "X-Webhook-Timestamp": str(given["timestamp"]),
        "X-Webhook-Request-Id": given["requestId"],
        "X-Webhook-Signature-Version": str(given["version"]),
    }


def test_facts_come_out() -> None:
    """The signature of vendor-facts §5.1 is the one that a vector holds and the contract shows."""
    key = "0123456789abcdef" * 4
    expected = "fa4c20e88d226ad8d8f2c59968feba4125409dfbdabc28bb2879d7edff04dc42"

    assert sign(f"whsec_{key}", canonical(**SIGNED)) == expected
    assert FACTS["signature"] == expected
    assert f"example: {expected}" in (ROOT / "openapi.yaml").read_text("utf-8")


def test_signature_can_be_computed_by_hand() -> None:
    """Six lines and the standard library give the same signature."""
    digest = hashlib.sha256(BODY).hexdigest()
    lines = f"POST\n11:example.com\n9:/webhooks\n{digest}\n1709467498\n{REQUEST_ID}"

    by_hand = hmac.new(b"0123456789abcdef" * 4, lines.encode(), hashlib.sha256).hexdigest()

    assert dict(signature_headers(SECRET, 1, **SIGNED))["X-Webhook-Signature"] == by_hand


def test_prefix_makes_no_difference() -> None:
    """The secret may come with `whsec_` or without it; the prefix goes once."""
    bare = SECRET.removeprefix("whsec_")

    assert sign(SECRET, b"lines") == sign(bare, b"lines")
    assert sign(f"whsec_{SECRET}", b"lines") != sign(bare, b"lines")


@pytest.mark.parametrize("vector", VECTORS.values())
def test_documented_receiver_accepts(vector: dict[str, Any]) -> None:
    """The Python of docs/webhook-signatures.md accepts a fresh request, and refuses another body and an old one."""
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/webhook-signatures.md").read_text("utf-8"), re.DOTALL)
    exec(compile(lines, "webhook-signatures.md", "exec"), receiver := dict[str, Any]())  # noqa: S102 - our own lines
    given, is_authentic = vector["given"], receiver["is_authentic"]
    body, now = given["body"].encode(), int(Clock().now())
    fresh = dict(signature_headers(given["secret"], 1, **_signed(given | {"timestamp": now})))
    old = dict(signature_headers(given["secret"], 1, **_signed(given | {"timestamp": now - 400})))

    assert is_authentic(given["secret"], given["url"], fresh, body)
    assert not is_authentic(given["secret"], given["url"], fresh, body + b" ")
    assert not is_authentic(given["secret"], given["url"], old, body)


# ---------------------------------------------------------------- the URL
@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://example.com/a/b", "example.com", "/a/b"),
        ("https://user:pass@example.com:8443/a?b=c#d", "example.com", "/a"),
        ("http://EXAMPLE.com/A;b=1/", "example.com", "/A;b=1/"),
        ("http://example.com?a=/b", "example.com", "/"),
        ("http://example.com#a", "example.com", "/"),
        ("http://[2001:DB8::1]/x", "[2001:db8::1]", "/x"),
        ("http://127.0.0.1:80//x", "127.0.0.1", "//x"),
    ],
)
def test_target_is_host_and_path(url: str, host: str, path: str) -> None:
    """Host and path are signed; scheme, user name, port, query and fragment are not."""
    assert SignedUrl.of(url) == SignedUrl(host, path)


@pytest.mark.parametrize("url", ["", "/hook", "example.com/hook", "ftp://example.com/", "http:///hook", "http://[::1"])
def test_other_urls_are_refused(url: str) -> None:
    """A URL without scheme or host raises ValueError."""
    with pytest.raises(ValueError, match=r"absolute http or https URL|Invalid IPv6 URL"):
        SignedUrl.of(url)


def test_target_stands_for_its_url() -> None:
    """Who has parsed the URL can hand in the target."""
    assert canonical("POST", SignedUrl.of(URL), BODY, SENT_AT, REQUEST_ID) == canonical(**SIGNED)


# ---------------------------------------------------------------- verifying
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_signed_request_is_accepted(vector: dict[str, Any]) -> None:
    """What was signed is verified, under header names in any case."""
    given = vector["given"]
    headers = signature_headers(given["secret"], given["version"], **_signed(given))
    lower = {name.lower(): value for name, value in headers}

    for named in (dict(headers), lower):
        assert verify(given["secret"], named, given["body"].encode(), url=given["url"], now=given["timestamp"]) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY + b"\n"},
        {"body": b""},
        {"url": "https://example.org/webhooks"},
        {"url": "https://example.com/webhooks/"},
        {"secret": "whsec_" + "f" * 64},
        {"headers": _headers(timestamp=str(SENT_AT + 1))},
        {"headers": _headers(request_id=REQUEST_ID.replace("8", "9"))},
        {"headers": _headers(signature=FACTS["signature"][:-1] + "3")},
        {"headers": _headers(signature=FACTS["signature"].upper())},
        {"headers": _headers(signature="sha256=" + FACTS["signature"])},
        {"headers": _headers(signature="źle")},
    ],
    ids="-".join,
)
def test_tampering_is_noticed(changed: dict[str, Any]) -> None:
    """A change of any signed part, of the key, or of the signature itself doesn't pass."""
    request = {"secret": SECRET, "headers": _headers(), "body": BODY, "url": URL, "now": SENT_AT}

    assert verify(**request) is None
    assert verify(**request | changed) is Refusal.MISMATCH


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({}, Refusal.UNSIGNED),
        (_headers(signature=""), Refusal.UNSIGNED),
        (_headers(timestamp=""), Refusal.UNSIGNED),
        (_headers(request_id=""), Refusal.UNSIGNED),
        (_headers() | {"X-Webhook-Signature-Algorithm": "none"}, Refusal.ALGORITHM),
        (_headers(timestamp="2024-03-03T12:04:58Z"), Refusal.TIMESTAMP),
        (_headers(timestamp="-1709467498"), Refusal.TIMESTAMP),
        (_headers(timestamp="1\u066709467498"), Refusal.TIMESTAMP),
        (_headers(timestamp="1" * 5000), Refusal.TIMESTAMP),
    ],
)
def test_unusable_headers_are_refused(headers: dict[str, str], refusal: Refusal) -> None:
    """A header that is missing or says nonsense has its own reason, and never raises."""
    assert verify(SECRET, headers, BODY, url=URL, now=SENT_AT) is refusal


def test_an_algorithm_need_not_be_named() -> None:
    """A request without its header is judged by the signature alone."""
    headers = {name: value for name, value in _headers().items() if name != signing.ALGORITHM_HEADER}

    assert verify(SECRET, headers, BODY, url=URL, now=SENT_AT) is None


@pytest.mark.parametrize(
    ("given", "expected", "equal"), [("\ud800", "\ud800", True), ("\ud800", "a", False), ("a", "\ud800", False)]
)
def test_half_a_character_is_compared(given: str, expected: str, *, equal: bool) -> None:
    """A signature may be any text that a header or JSON can hold."""
    assert signing.same(given, expected) is equal


@pytest.mark.parametrize(("age", "refusal"), [(-3600, None), (0, None), (300, None), (301, Refusal.STALE)])
def test_old_requests_are_refused(age: int, refusal: Refusal | None) -> None:
    """A signature is good for 5 minutes; a sender whose clock is ahead is not refused (vendor-facts §5.1)."""
    assert verify(SECRET, _headers(), BODY, url=URL, now=SENT_AT + age) is refusal


@pytest.mark.parametrize("method", ["GET", "PUT", "post"])
def test_method_is_signed(method: str) -> None:
    """The method is part of the signature, and so is its case."""
    changed: signing.Signed = {**SIGNED, "method": method}

    assert verify(SECRET, dict(signature_headers(SECRET, 1, **changed)), BODY, URL, SENT_AT) is Refusal.MISMATCH


def test_signatures_are_compared_in_constant_time() -> None:
    """Signatures meet in `hmac.compare_digest` only: no `==` of two strings that were computed or received."""
    tree = ast.parse(inspect.getsource(signing))
    equal = [node for node in ast.walk(tree) if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)]

    assert equal == []
    assert "hmac.compare_digest(" in inspect.getsource(signing.same)
    assert "same(signature, expected)" in inspect.getsource(verify)
