"""What goes over the wire: the request of one attempt, and how it can be spoilt on purpose."""

from functools import lru_cache
from typing import NamedTuple, Protocol

import orjson

from mockserver.deliveries.stages import Sent
from mockserver.deliveries.targets import host_of
from mockserver.model import Destination, Subscription
from mockserver.signing import SIGNATURE_HEADER, Target, signature_headers

USER_AGENT = "OpenLoyalty"  # assumption A69
# Headers that say where a request ends, or about its connection: a subscription can't set them (assumption A70).
FRAMING = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


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


class Faults(Protocol):
    """Decides about faults. It is asked once for each delivery, in the order of events and of subscriptions."""

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The fault of this delivery, if it shall have one. Must not wait."""


class NoFaults:
    """Nothing goes wrong."""

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:  # noqa: ARG002
        """No fault."""
        return None


def request(subscription: Subscription, body: bytes, request_id: str, at: float, fault: DeliveryFault) -> Sent:
    """The request of an attempt, made at a moment. It is signed if the subscription has a key."""
    destination, signing = subscription.destination, subscription.signing
    headers = {
        "Host": host_of(destination.url).partition("://")[2],
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Content-Length": str(len(body)),
    }
    if signing:
        timestamp = int(at + fault.timestamp_shift)
        headers.update(
            signature_headers(
                signing.secret,
                signing.version,
                method="POST",
                url=_signed_part(destination.url),
                body=body,
                timestamp=timestamp,
                request_id=request_id,
            )
        )
        if fault.wrong_signature:
            headers[SIGNATURE_HEADER] = _another(headers[SIGNATURE_HEADER])
    if fault.corrupt_body:
        body = b"#" + body[1:]
    return Sent("POST", destination.url, _merged(headers, destination), body.decode())


def _merged(headers: dict[str, str], destination: Destination) -> tuple[tuple[str, str], ...]:
    """The subscription's headers come last, and replace those of the same name (assumption A39)."""
    given = [(one.get("headerName"), one.get("headerValue")) for one in orjson.loads(destination.headers)]
    for name, value in [(destination.header_name, destination.header_value), *given]:
        if name and name.lower() not in FRAMING:
            headers = {kept: was for kept, was in headers.items() if kept.lower() != name.lower()}
            headers[name] = value or ""
    return tuple(headers.items())


@lru_cache(maxsize=4_096)
def _signed_part(url: str) -> Target:
    return Target.of(url)


def _another(signature: str) -> str:
    """A signature of the same form that is wrong for sure."""
    return f"{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"
