"""The request of one attempt: headers, signature and body, with a fault if one is injected."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from mockserver import standard_webhooks
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    VERSION_HEADER,
    Scheme,
    SignedUrl,
    canonical,
    same,
    sign,
    signature_headers,
)
from mockserver.storage.model import SigningState, Subscription
from mockserver.webhooks import custom_headers
from mockserver.webhooks.deliveries.egress_policy import host_of
from mockserver.webhooks.deliveries.records import Message, SentRequest
from mockserver.webhooks.events import ENVELOPED, EventForm

USER_AGENT = "OpenLoyalty"  # assumption A69
OTHERS_AGENT = "openloyalty-mockserver"  # of events that Open Loyalty doesn't send
SIGNING_HEADERS = (SIGNATURE_HEADER, ALGORITHM_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER, VERSION_HEADER)
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
    """The plan of an attempt: its request id, its time in Unix seconds, the fault to inject, the way of signing, and
    the form of the event."""

    request_id: str
    at: float
    fault: DeliveryFault = NO_FAULT
    scheme: Scheme = Scheme.VENDOR
    form: EventForm = ENVELOPED

    @property
    def timestamp(self) -> int:
        """The signed time, in whole Unix seconds."""
        return int(self.at + self.fault.timestamp_shift)


class DeliveryFaults(Protocol):
    """The source of faults. It is asked once for each delivery, in the order of events and of subscriptions."""

    async def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The fault of this delivery, counted, or None."""


def request(subscription: Subscription, body: bytes, message: Message, plan: AttemptPlan) -> SentRequest:
    """The request of an attempt: signed if the subscription has a key, and with the id of the delivery in a header.
    Raises SettingsError if the key can't sign so."""
    destination, signing, fault, form = subscription.destination, subscription.signing, plan.fault, plan.form
    headers = {
        "Host": host_of(destination.url).partition("://")[2],
        "Content-Type": form.media_type,
        "User-Agent": USER_AGENT if form.has_envelope else OTHERS_AGENT,
        "Content-Length": str(len(body)),
        custom_headers.DELIVERY_ID: message.delivery_id,
    }
    if not form.media_type:
        del headers["Content-Type"]
    if form.headers:
        headers = dict(_declared(form)) | headers
    if signing:
        headers |= _signature(signing, destination.url, body, message.message_id, plan)
    if fault.corrupt_body:
        body = _CORRUPT + body[1:] if body else body
    pairs = custom_headers.delivery_headers(headers, destination)
    return SentRequest(form.method, destination.url, pairs, body.decode())


def is_faulty_delivery(secret: str, headers: Mapping[str, str], body: bytes, url: str) -> bool:
    """Whether a refused request was signed with this secret before a fault was injected, at any time.

    A fault changes only the first byte of the body or one digit of the signature; without the secret nobody can
    make the rest fit. Raises KeyError or ValueError if the request has no signature, timestamp or request id.
    """
    named = {name.lower(): value for name, value in headers.items()}
    if standard_webhooks.SIGNATURE_HEADER in named:
        return _is_faulty_by_standard(secret, named, body)
    signature, timestamp, request_id = (
        named[name.lower()] for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER)
    )
    intact = body.replace(_CORRUPT, _INTACT, 1) if body.startswith(_CORRUPT) else body
    expected = sign(secret, canonical("POST", url, intact, int(timestamp), request_id))
    return len(signature) == len(expected) and same(signature[:-1], expected[:-1])


def _is_faulty_by_standard(secret: str, named: Mapping[str, str], body: bytes) -> bool:
    message_id, timestamp, signature = (named[name] for name in standard_webhooks.HEADERS)
    begins = (_INTACT, b"[") if body.startswith(_CORRUPT) else (body[:1],)
    key = standard_webhooks.key_of(secret)
    signed = [standard_webhooks.content(message_id, timestamp, one + body[1:]) for one in begins]
    right = [standard_webhooks.sign(key, one) for one in signed]
    skipped = len(standard_webhooks.VERSION) + 2  # the version, its comma, and the digit that a fault changes
    return any(same(signature[skipped:], one[skipped:]) for one in right)


def _declared(form: EventForm) -> Iterator[tuple[str, str]]:
    """The headers that a contract declares for an event, but for those that the mock itself has to say."""
    own = (*standard_webhooks.HEADERS, *(name.lower() for name in SIGNING_HEADERS))
    for name, value in form.headers:
        if name.lower() not in own and custom_headers.objection(name) is None:
            yield name, value


def _signature(signing: SigningState, url: str, body: bytes, message_id: str, plan: AttemptPlan) -> dict[str, str]:
    if plan.scheme is Scheme.NONE:
        return {}
    if plan.scheme is Scheme.STANDARD_WEBHOOKS:
        headers = dict(standard_webhooks.signature_headers(signing.secret, message_id, plan.timestamp, body))
        name = standard_webhooks.SIGNATURE_HEADER
        return headers | ({name: _wrong_base64(headers[name])} if plan.fault.wrong_signature else {})
    return _vendor_signature(signing, url, body, plan)


def _vendor_signature(signing: SigningState, url: str, body: bytes, plan: AttemptPlan) -> dict[str, str]:
    fault = plan.fault
    headers = dict(
        signature_headers(
            signing.secret,
            signing.version,
            method=plan.form.method,
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


def _wrong_base64(signature: str) -> str:
    """A wrong signature of the same form: only its first digit behind the version differs, as
    `is_faulty_delivery` expects."""
    version, _, digits = signature.partition(",")
    return f"{version},{'A' if digits[0] != 'A' else 'B'}{digits[1:]}"


def _wrong(signature: str) -> str:
    """A wrong signature of the same form: only its last digit differs, as `is_faulty_delivery` expects."""
    return f"{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"
