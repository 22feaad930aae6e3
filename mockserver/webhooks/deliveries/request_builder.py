"""The request of one attempt: headers, signature and body, with a fault if one is injected."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from mockserver.signing import (
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignedUrl,
    canonical,
    same,
    sign,
    signature_headers,
)
from mockserver.storage.model import SigningState, Subscription
from mockserver.webhooks import custom_headers
from mockserver.webhooks.deliveries.egress_policy import host_of
from mockserver.webhooks.deliveries.records import SentRequest

USER_AGENT = "OpenLoyalty"  # assumption A69
_INTACT, _CORRUPT = b"{", b"#"  # the first byte of every body, and of a corrupt one


class DeliveryFault(NamedTuple):
    """A fault to inject into one delivery.

    `duplicate` sends every attempt twice, byte by byte. `reorder` lets the next delivery of the subscription go first.
    `delay` is in seconds of the mock's clock, before the first attempt. `timestamp_shift` is in seconds, negative for
    a stale one, and is signed. A receiver that verifies notices `wrong_signature`
    and `corrupt_body`.
    """

    duplicate: bool = False
    reorder: bool = False
    delay: float = 0.0
    wrong_signature: bool = False
    timestamp_shift: float = 0.0
    corrupt_body: bool = False


NO_FAULT = DeliveryFault()


class AttemptPlan(NamedTuple):
    """The plan of an attempt: its request id, its time in Unix seconds, and the fault to inject."""

    request_id: str
    at: float
    fault: DeliveryFault = NO_FAULT

    @property
    def timestamp(self) -> int:
        """The signed time, in whole Unix seconds."""
        return int(self.at + self.fault.timestamp_shift)


class DeliveryFaults(Protocol):
    """The source of faults. It is asked once for each delivery, in the order of events and of subscriptions."""

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The fault of this delivery, or None. Must not wait."""


def request(subscription: Subscription, body: bytes, delivery_id: str, plan: AttemptPlan) -> SentRequest:
    """The request of an attempt: signed if the subscription has a key, and with the id of the delivery in a header."""
    destination, signing, fault = subscription.destination, subscription.signing, plan.fault
    headers = {
        "Host": host_of(destination.url).partition("://")[2],
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Content-Length": str(len(body)),
        custom_headers.DELIVERY_ID: delivery_id,
    }
    if signing:
        headers |= _signature(signing, destination.url, body, plan)
    if fault.corrupt_body:
        body = body.replace(_INTACT, _CORRUPT, 1)
    pairs = custom_headers.delivery_headers(headers, destination)
    return SentRequest("POST", destination.url, pairs, body.decode())


def is_faulty_delivery(secret: str, headers: Mapping[str, str], body: bytes, url: str) -> bool:
    """Whether a refused request was signed with this secret before a fault was injected, at any time.

    A fault changes only the first byte of the body or the last digit of the signature; without the secret nobody can
    make the rest fit. Raises KeyError or ValueError if the request has no signature, timestamp or request id.
    """
    named = {name.lower(): value for name, value in headers.items()}
    signature, timestamp, request_id = (
        named[name.lower()] for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER)
    )
    intact = body.replace(_CORRUPT, _INTACT, 1) if body.startswith(_CORRUPT) else body
    expected = sign(secret, canonical("POST", url, intact, int(timestamp), request_id))
    return len(signature) == len(expected) and same(signature[:-1], expected[:-1])


def _signature(signing: SigningState, url: str, body: bytes, plan: AttemptPlan) -> dict[str, str]:
    fault = plan.fault
    headers = dict(
        signature_headers(
            signing.secret,
            signing.version,
            method="POST",
            url=_signed_part(url),
            body=body,
            timestamp=plan.timestamp,
            request_id=plan.request_id,
        )
    )
    if fault.wrong_signature:
        headers[SIGNATURE_HEADER] = _wrong(headers[SIGNATURE_HEADER])
    return headers


@lru_cache(maxsize=4_096)
def _signed_part(url: str) -> SignedUrl:
    return SignedUrl.of(url)


def _wrong(signature: str) -> str:
    """A wrong signature of the same form: only its last digit differs, as `is_faulty_delivery` expects."""
    return f"{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"
