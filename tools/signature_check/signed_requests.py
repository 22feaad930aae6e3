"""Requests to judge: deliveries that a mock has sent, spoilt ones, and some with odd URLs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from mockserver.clock import Clock
from mockserver.settings import Settings
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE,
    canonical,
    sign,
)
from mockserver.testing import MockServer, Receiver

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
AHEAD = "too-early"  # which the vendor says nothing of
SIGNED_HEADERS = "x-webhook-"
REQUEST_ID = "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b"
ODD_URLS = (
    "https://EXAMPLE.com:8443/Hooks/%7Eopen%20loyalty;v=1/?key=a/b#c",
    "https://example.com",
    "https://[2001:DB8::1]:8443//hook",
)


@dataclass(frozen=True)
class SignedRequest:
    """A request, the secret and URL that it is judged by, and whether it is authentic."""

    name: str
    secret: str
    url: str
    headers: dict[str, str]
    body: bytes
    authentic: bool = True

    def write(self, folder: Path) -> Path:
        """Write it into a folder of its own, as the programs here read it; returns that."""
        target = folder / self.name
        target.mkdir(parents=True)
        (target / "secret").write_text(self.secret, "utf-8")
        (target / "url").write_text(self.url, "utf-8")
        (target / "headers").write_text("".join(f"{name}: {value}\n" for name, value in self.headers.items()), "utf-8")
        (target / "body").write_bytes(self.body)
        return target


def requests() -> list[SignedRequest]:
    """All of them, made anew."""
    sent = _sent_by_a_mock()
    return [sent, *_spoilt(sent), *_with_odd_urls(sent)]


def _sent_by_a_mock() -> SignedRequest:
    with MockServer(Settings(log_level="warning")) as mock, Receiver() as receiver:
        url = f"{receiver.url}/hook?from=mock"
        subscription = {"eventName": "CustomerRegistered", "url": url, "hmacEnabled": True}
        address = f"{mock.url}/api/DEFAULT/webhook/subscription"
        secret = httpx2.post(address, json={"webhookSubscription": subscription}, headers=KEY).json()["hmacSecretKey"]
        member = {"customer": {"email": "zoe@example.com", "firstName": "Zoë"}}
        httpx2.post(f"{mock.url}/api/DEFAULT/member", json=member, headers=KEY).raise_for_status()
        captured = receiver.wait_for("CustomerRegistered")
    headers = {name: value for name, value in captured.headers.items() if name.lower().startswith(SIGNED_HEADERS)}
    return SignedRequest("sent-by-a-mock", secret, url, headers, captured.body)


def _spoilt(sent: SignedRequest) -> Iterator[SignedRequest]:
    """The same request, each time with one thing that isn't right."""
    later = str(int(sent.headers[TIMESTAMP_HEADER]) + 1)
    zero = "0" * len(sent.headers[SIGNATURE_HEADER])
    unsigned = {name: value for name, value in sent.headers.items() if name != SIGNATURE_HEADER}
    changes = {
        "other-body": replace(sent, body=sent.body + b" "),
        "other-secret": replace(sent, secret="whsec_" + "0" * 64),
        "other-path": replace(sent, url=sent.url.replace("/hook", "/hooks")),
        "other-host": replace(sent, url=sent.url.replace("localhost", "example.com")),
        "other-time": replace(sent, headers=sent.headers | {TIMESTAMP_HEADER: later}),
        "other-signature": replace(sent, headers=sent.headers | {SIGNATURE_HEADER: zero}),
        "short-signature": replace(sent, headers=sent.headers | {SIGNATURE_HEADER: "0"}),
        "no-signature": replace(sent, headers=unsigned),
        "other-algorithm": replace(sent, headers=sent.headers | {ALGORITHM_HEADER: "hmac-sha512"}),
        "odd-signature": replace(sent, headers=sent.headers | {SIGNATURE_HEADER: "\u00e9" * len(zero)}),
        "no-headers": replace(sent, headers={ALGORITHM_HEADER: "hmac-sha256"}),
        "time-is-text": _signed(sent, "yesterday"),
        "too-old": _signed(sent, int(Clock().now()) - TOLERANCE - 100),
        AHEAD: _signed(sent, int(Clock().now()) + TOLERANCE + 100),
    }
    for name, request in changes.items():
        yield replace(request, name=name, authentic=False)


def _with_odd_urls(sent: SignedRequest) -> Iterator[SignedRequest]:
    for number, url in enumerate(ODD_URLS, 1):
        yield _signed(replace(sent, name=f"odd-url-{number}", url=url), int(Clock().now()))


def _signed(request: SignedRequest, timestamp: int | str) -> SignedRequest:
    signature = sign(request.secret, canonical("POST", request.url, request.body, timestamp, REQUEST_ID))
    headers = {SIGNATURE_HEADER: signature, TIMESTAMP_HEADER: str(timestamp), REQUEST_ID_HEADER: REQUEST_ID}
    return replace(request, headers={ALGORITHM_HEADER: "hmac-sha256", **headers})
