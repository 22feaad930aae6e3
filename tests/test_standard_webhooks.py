"""mockserver.standard_webhooks: signatures as the specification has them."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mockserver import standard_webhooks
from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.signing import Refusal, Scheme, SignedUrl, signature_headers
from mockserver.standard_webhooks import key_of, secret_of, verdict, verify
from mockserver.testing import Captured, MockServer, Receiver
from tests.support.event_contracts import ORDERS, STREAMS, Json, written

# The example that the specification's libraries test themselves by.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID, SENT_AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
URL = "https://example.com/hook"
SOON = 60.0  # seconds


def _headers(**changed: str) -> dict[str, str]:
    given = dict(standard_webhooks.signature_headers(SECRET, MESSAGE_ID, SENT_AT, BODY))
    return given | {name.replace("_", "-"): value for name, value in changed.items()}


def test_the_published_signature_comes_out() -> None:
    """The specification's example has the signature that its libraries compute."""
    assert _headers() == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(SENT_AT),
        "webhook-signature": SIGNATURE,
    }
    assert verify(SECRET, _headers(), BODY, SENT_AT) is None


def test_prefix_and_padding_may_be_left_out() -> None:
    """A secret is the same without `whsec_` and the `=` at its end, and a key is told by its secret."""
    assert key_of(SECRET.removeprefix("whsec_")) == key_of(SECRET)
    assert key_of("whsec_" + "A" * 43) == key_of("whsec_" + "A" * 43 + "=") == bytes(32)
    assert secret_of(key_of(SECRET)) == SECRET


@pytest.mark.parametrize(
    ("headers", "late", "refusal"),
    [
        ({}, 300, None),
        ({}, -300, None),
        ({}, 301, Refusal.STALE),
        ({}, -301, Refusal.AHEAD),
        ({"webhook_signature": f"v1,{'A' * 43}= {SIGNATURE}"}, 0, None),
        ({"webhook_signature": f"v1a,x {SIGNATURE.replace('v1', 'v2')}"}, 0, Refusal.MISMATCH),
        ({"webhook_signature": SIGNATURE[:-1]}, 0, Refusal.MISMATCH),
        ({"webhook_signature": "\udcff"}, 0, Refusal.MISMATCH),
        ({"webhook_signature": ""}, 0, Refusal.UNSIGNED),
        ({"webhook_id": ""}, 0, Refusal.UNSIGNED),
        ({"webhook_id": "msg_other"}, 0, Refusal.MISMATCH),
        ({"webhook_timestamp": "yesterday"}, 0, Refusal.TIMESTAMP),
        ({"webhook_timestamp": str(SENT_AT + 1)}, 0, Refusal.MISMATCH),
    ],
)
def test_requests_are_accepted_or_refused(headers: dict[str, str], late: int, refusal: Refusal | None) -> None:
    """One of several signatures is enough; a request of another time, id, or body is refused, and says why."""
    assert verify(SECRET, _headers(**headers), BODY, SENT_AT + late) is refusal
    shouted = {name.upper(): value for name, value in _headers(**headers).items()}
    assert verify(SECRET, shouted, BODY, SENT_AT + late) is refusal
    assert verify(SECRET, _headers(), BODY + b" ", SENT_AT) is Refusal.MISMATCH


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("whsec_of_my_application", "has to be Base64"),
        ("whsec_", "has 0 bytes"),
        (f"whsec_{base64.b64encode(b'x' * 23).decode()}", "has 23 bytes, and needs 24 to 64"),
        (f"whsec_{base64.b64encode(b'x' * 65).decode()}", "has 65 bytes"),
        ("whsec_ä", "has to be Base64"),
    ],
)
def test_other_secrets_are_refused_with_what_to_do(secret: str, says: str) -> None:
    """A secret that isn't one of Standard Webhooks is told to be none, and how one is made."""
    with pytest.raises(SettingsError, match=says) as refused:
        key_of(secret)

    assert "openssl rand -base64 32" in str(refused.value)
    assert secret == "whsec_" or secret not in str(refused.value)


def test_a_verdict_is_by_the_scheme() -> None:
    """The same request is right by one scheme, and unsigned by the other; where nothing is signed, nothing is wrong."""
    vendor = dict(
        signature_headers(SECRET, 1, method="POST", url=SignedUrl.of(URL), body=BODY, timestamp=SENT_AT, request_id="r")
    )

    assert verdict(Scheme.STANDARD_WEBHOOKS, SECRET, _headers(), BODY, URL, SENT_AT) is None
    assert verdict(Scheme.VENDOR, SECRET, vendor, BODY, URL, SENT_AT) is None
    assert verdict(Scheme.VENDOR, SECRET, _headers(), BODY, URL, SENT_AT) is Refusal.UNSIGNED
    assert verdict(Scheme.STANDARD_WEBHOOKS, SECRET, vendor, BODY, URL, SENT_AT) is Refusal.UNSIGNED
    assert verdict(Scheme.NONE, SECRET, {}, BODY, URL, SENT_AT) is None


# ---------------------------------------------------------------- the official library
@pytest.fixture
def library() -> Any:
    """The library of Standard Webhooks for Python."""
    return pytest.importorskip("standardwebhooks.webhooks", reason="standardwebhooks isn't installed: make install")


def test_the_official_library_signs_the_same(library: Any) -> None:
    """Its signature and ours are one, and each takes what the other has signed."""
    sent_at = datetime.fromtimestamp(SENT_AT, UTC)

    assert library.Webhook(SECRET).sign(MESSAGE_ID, sent_at, BODY.decode()) == SIGNATURE
    now = int(Clock().now())
    ours = dict(standard_webhooks.signature_headers(SECRET, MESSAGE_ID, now, BODY))
    assert library.Webhook(SECRET).verify(BODY, ours) == {"test": 2432232314}
    with pytest.raises(library.WebhookVerificationError):
        library.Webhook(SECRET).verify(BODY + b" ", ours)


def _sent(document: Json, folder: Path) -> list[Captured]:
    """What a mock of a contract sends: each event once, and the first once more with a wrong signature."""
    with MockServer(spec=written(folder, document), webhook_secret=SECRET) as mock, Receiver() as receiver:
        names = [name for name in mock.world.contract.event_names if name != "never"]
        for name in names:
            mock.subscribe(name, receiver)
            mock.trigger(name)
        mock.deliveries.wait(len(names), status="delivered", timeout=SOON)
        mock.faults.add(event_name=names[0], effect="wrongSignature", times=1)
        mock.trigger(names[0])
        mock.deliveries.wait(len(names) + 1, status="delivered", timeout=SOON)
        return receiver.captured


@pytest.mark.parametrize("document", [STREAMS, ORDERS], ids=["callbacks of 3.0", "webhooks of 3.1"])
def test_the_official_library_verifies_what_a_mock_sends(library: Any, document: Json, tmp_path: Path) -> None:
    """What a mock of another contract delivers, in every media type, is authentic to a receiver that uses the library;
    what was changed on its way, or spoilt by a fault, isn't."""
    webhook = library.Webhook(SECRET)
    *right, spoilt = _sent(document, tmp_path)

    for one in right:
        webhook.verify(one.body, dict(one.headers.items()), json_parse=False)
    for headers, body in ((spoilt.headers, spoilt.body), (right[0].headers, right[0].body + b" ")):
        with pytest.raises(library.WebhookVerificationError):
            webhook.verify(body, dict(headers.items()), json_parse=False)
