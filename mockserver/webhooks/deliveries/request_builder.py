"""What goes over the wire: the request of one attempt, and how it can be spoilt on purpose."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from mockserver.storage.model import SigningState, Subscription
from mockserver.webhooks.deliveries.egress_policy import host_of
from mockserver.webhooks.deliveries.headers import MARK, merged
from mockserver.webhooks.deliveries.records import Sent
from mockserver.webhooks.signing import (
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Target,
    canonical,
    same,
    sign,
    signature_headers,
)

USER_AGENT = "OpenLoyalty"  # assumption A69
_INTACT, _CORRUPT = b"{", b"#"  # how every body begins, and what a fault makes of that


class DeliveryFault(NamedTuple):
    """What shall go wrong with one delivery.

    `duplicate` sends every attempt twice, byte by byte. `reorder` lets the next delivery of the subscription go first.
    `delay` is in seconds of the mock's clock, before the first attempt. `timestamp_shift` is in seconds, negative for
    a stale one, and is signed. `wrong_signature` and `corrupt_body` are found out by whoever checks.
    """

    duplicate: bool = False
    reorder: bool = False
    delay: float = 0.0
    wrong_signature: bool = False
    timestamp_shift: float = 0.0
    corrupt_body: bool = False


NO_FAULT = DeliveryFault()


class Prepared(NamedTuple):
    """What is decided about an attempt before its request is made: its id, its moment, and what shall go wrong."""

    request_id: str
    at: float
    fault: DeliveryFault = NO_FAULT

    @property
    def timestamp(self) -> int:
        """The moment that is signed, in Unix seconds."""
        return int(self.at + self.fault.timestamp_shift)


class DeliveryFaults(Protocol):
    """Decides about faults. It is asked once for each delivery, in the order of events and of subscriptions."""

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The fault of this delivery, if it shall have one. Must not wait."""


def request(subscription: Subscription, body: bytes, delivery_id: str, prepared: Prepared) -> Sent:
    """The request of an attempt. It is signed if the subscription has a key, and marked as a delivery of a mock."""
    destination, signing, fault = subscription.destination, subscription.signing, prepared.fault
    headers = {
        "Host": host_of(destination.url).partition("://")[2],
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Content-Length": str(len(body)),
        MARK: delivery_id,
    }
    if signing:
        headers |= _signature(signing, destination.url, body, prepared)
    if fault.corrupt_body:
        body = body.replace(_INTACT, _CORRUPT, 1)
    return Sent("POST", destination.url, merged(headers, destination), body.decode())


def is_spoilt(secret: str, headers: Mapping[str, str], body: bytes, url: str) -> bool:
    """Whether a request that a receiver refuses was signed with this secret before a fault spoilt it: wherever a fault
    leaves signature and body alone, they fit. Nobody else could make it. How old it is doesn't count.

    Raises KeyError or ValueError if it has no signature, time or id.
    """
    named = {name.lower(): value for name, value in headers.items()}
    signature, timestamp, request_id = (
        named[name.lower()] for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER)
    )
    intact = body.replace(_CORRUPT, _INTACT, 1) if body.startswith(_CORRUPT) else body
    expected = sign(secret, canonical("POST", url, intact, int(timestamp), request_id))
    return len(signature) == len(expected) and same(signature[:-1], expected[:-1])


def _signature(signing: SigningState, url: str, body: bytes, prepared: Prepared) -> dict[str, str]:
    fault = prepared.fault
    headers = dict(
        signature_headers(
            signing.secret,
            signing.version,
            method="POST",
            url=_signed_part(url),
            body=body,
            timestamp=prepared.timestamp,
            request_id=prepared.request_id,
        )
    )
    if fault.wrong_signature:
        headers[SIGNATURE_HEADER] = _another(headers[SIGNATURE_HEADER])
    return headers


@lru_cache(maxsize=4_096)
def _signed_part(url: str) -> Target:
    return Target.of(url)


def _another(signature: str) -> str:
    """A signature of the same form that is wrong for sure, in its last digit alone: see `is_spoilt`."""
    return f"{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"
