"""The faults of senders. The docstring of each says what it breaks; its decorator, which promise that is."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.checks.findings.sender_promises import SenderPromise as Promise
from mockserver.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, VERSION_HEADER, SignedUrl
from tests.mutants.senders.delivery import MESSAGE_ID, NEW, OK, REQUEST_ID, SIGNATURE_HEADERS, Delivery, Fault, Way

LATE = 4.0  # seconds, which is more than a run waits
CUSTOM, TEXT = "X-Check-Run", "X-Check-Text"  # what the judge has its subscriptions set


@dataclass(frozen=True)
class Sender:
    """A faulty sender, and the promise that it breaks. A finding may refute an assumption of the contract in place of
    blaming the sender."""

    name: str
    breaks: str
    promise: Promise
    fault: Fault
    assumption: str | None = None


class Registry:
    """The senders, in order."""

    def __init__(self) -> None:
        self._senders: list[Sender] = []

    def __iter__(self) -> Iterator[Sender]:
        return iter(self._senders)

    def breaks(self, promise: Promise, assumption: str | None = None) -> Callable[[Fault], Fault]:
        """Register a fault."""

        def register(fault: Fault) -> Fault:
            words = " ".join((inspect.getdoc(fault) or "").split())
            self._senders.append(Sender(fault.__name__.replace("_", " "), words, promise, fault, assumption))
            return fault

        return register


SENDERS = Registry()
breaks = SENDERS.breaks


# ---------------------------------------------------------------- signatures
@breaks(Promise.SIGNED)
def unsigned(delivery: Delivery, way: Way) -> int:
    """Nothing is signed."""
    for name in SIGNATURE_HEADERS:
        delivery = delivery.with_header(name, None)
    return way.send(delivery)


@breaks(Promise.SIGNED)
def signs_unasked(delivery: Delivery, way: Way) -> int:
    """A subscription that didn't ask for it gets a signature, too."""
    return way.send(delivery if delivery.is_signed else delivery.with_header(SIGNATURE_HEADER, "0" * 64))


@breaks(Promise.SIGNED)
def names_another_algorithm(delivery: Delivery, way: Way) -> int:
    """The algorithm is named otherwise."""
    return way.send(delivery.with_header(SIGNATURE_HEADERS[1], "sha256") if delivery.is_signed else delivery)


@breaks(Promise.SIGNATURE)
def signs_json_written_anew(delivery: Delivery, way: Way) -> int:
    """What is signed is the JSON parsed and written again, with blanks."""
    body = delivery.body.replace(b'":', b'": ').replace(b',"', b', "')
    return way.send(delivery.signed(body=body))


@breaks(Promise.SIGNATURE)
def signs_with_another_key(delivery: Delivery, way: Way) -> int:
    """The key is one that nobody was told."""
    return way.send(delivery.signed("whsec_" + "ab" * 32))


@breaks(Promise.SIGNATURE)
def signs_in_capitals(delivery: Delivery, way: Way) -> int:
    """The digits of the signature are in capitals."""
    return way.send(delivery.with_header(SIGNATURE_HEADER, delivery.header(SIGNATURE_HEADER).upper() or None))


@breaks(Promise.SIGNATURE, "A43")
def signs_the_query(delivery: Delivery, way: Way) -> int:
    """The path that is signed has the query."""
    (host, path), query = SignedUrl.of(delivery.to.url), delivery.to.url.partition("?")[2]
    return way.send(delivery.signed(url=SignedUrl(host, f"{path}?{query}")) if query else delivery)


@breaks(Promise.SIGNATURE, "A44")
def keeps_the_prefix(delivery: Delivery, way: Way) -> int:
    """The key is the whole secret, with its prefix."""
    return way.send(delivery.signed("whsec_" + delivery.to.keys[-1]) if delivery.to.keys else delivery)


@breaks(Promise.ROTATED)
def signs_with_the_old_key(delivery: Delivery, way: Way) -> int:
    """A rotation changes nothing: the first key signs on."""
    return way.send(delivery.signed(delivery.to.keys[0]) if delivery.to.keys else delivery)


@breaks(Promise.KEY_VERSION, "A45")
def keeps_the_version(delivery: Delivery, way: Way) -> int:
    """The version of the key is 1 for ever."""
    return way.send(delivery.with_header(VERSION_HEADER, "1") if delivery.is_signed else delivery)


@breaks(Promise.TIMESTAMP)
def timestamp_in_milliseconds(delivery: Delivery, way: Way) -> int:
    """The timestamp is in milliseconds."""
    stamped = delivery.with_header(TIMESTAMP_HEADER, delivery.header(TIMESTAMP_HEADER) + "000")
    return way.send(stamped.signed() if delivery.is_signed else delivery)


@breaks(Promise.TIMESTAMP)
def stale_timestamp(delivery: Delivery, way: Way) -> int:
    """The timestamp is ten minutes old."""
    if not delivery.is_signed:
        return way.send(delivery)
    stamp = str(int(delivery.header(TIMESTAMP_HEADER)) - 600)
    return way.send(delivery.with_header(TIMESTAMP_HEADER, stamp).signed())


@breaks(Promise.REQUEST_ID_AGREES, "A46")
def another_request_id_in_the_header(delivery: Delivery, way: Way) -> int:
    """The header has another request id than the body."""
    way.memory.count = getattr(way.memory, "count", 0) + 1
    return way.send(delivery.with_request_id(NEW.format(way.memory.count % 256)))


# ---------------------------------------------------------------- ids and repeats
def _is_repeat(delivery: Delivery, way: Way) -> bool:
    """Whether this message was sent before."""
    seen: set[str] = way.memory.__dict__.setdefault("seen", set())
    message = delivery.payload[MESSAGE_ID]
    was_there = message in seen
    seen.add(message)
    return was_there


@breaks(Promise.REQUEST_ID_NEW)
def same_request_id_on_a_repeat(delivery: Delivery, way: Way) -> int:
    """A repeat has the request id of the first attempt."""
    first: dict[str, str] = way.memory.__dict__.setdefault("first", {})
    request_id = first.setdefault(delivery.payload[MESSAGE_ID], delivery.payload[REQUEST_ID])
    return way.send(delivery.saying(requestId=request_id))


@breaks(Promise.MESSAGE_ID_KEPT)
def new_message_id_on_a_repeat(delivery: Delivery, way: Way) -> int:
    """A repeat has a message id of its own."""
    if not _is_repeat(delivery, way):
        return way.send(delivery)
    return way.send(delivery.saying(messageId=delivery.payload[REQUEST_ID]))


@breaks(Promise.REPEAT_IS_THE_SAME)
def repeat_has_another_time(delivery: Delivery, way: Way) -> int:
    """`createdAt` of a repeat is that of the repeat."""
    if not _is_repeat(delivery, way):
        return way.send(delivery)
    created = delivery.payload["createdAt"]
    changed = created[:17] + f"{(int(created[17:19]) + 1) % 60:02}" + created[19:]
    return way.send(delivery.saying(createdAt=changed))


@breaks(Promise.MESSAGE_ID_NEW)
def one_message_id_for_a_subscription(delivery: Delivery, way: Way) -> int:
    """All events of a subscription have one message id."""
    ids: dict[str, str] = way.memory.__dict__.setdefault("ids", {})
    return way.send(delivery.saying(messageId=ids.setdefault(delivery.to.url, delivery.payload[MESSAGE_ID])))


@breaks(Promise.NO_REPEAT_AFTER_SUCCESS)
def repeats_after_success(delivery: Delivery, way: Way) -> int:
    """What was answered with a 2xx is sent once more."""
    status = way.send(delivery)
    if status < 300:
        way.later(0.1, delivery.saying(requestId=NEW.format(1)))
    return status


@breaks(Promise.REPEATED)
def never_repeats(delivery: Delivery, way: Way) -> int:
    """What failed is not sent again."""
    way.send(delivery)
    return OK


@breaks(Promise.REPEATED_ONCE)
def repeats_twice(delivery: Delivery, way: Way) -> int:
    """What failed is sent two times more."""
    is_repeat, status = _is_repeat(delivery, way), way.send(delivery)
    if is_repeat and status >= 400:
        way.later(0.1, delivery.saying(requestId=NEW.format(2)))
    return status


@breaks(Promise.REPEAT_DELAY, "A67")
def repeats_at_once(delivery: Delivery, way: Way) -> int:
    """What failed is sent again at the same moment."""
    status = way.send(delivery)
    if status < 400:
        return status
    way.send(delivery.saying(requestId=NEW.format(3)))
    return OK


@breaks(Promise.NOT_REDIRECTED, "A68")
def follows_redirects(delivery: Delivery, way: Way) -> int:
    """A redirect is followed."""
    status = way.send(delivery)
    if 300 <= status < 400:
        way.follow(delivery)
    return status


# ---------------------------------------------------------------- which deliveries come
@breaks(Promise.DELIVERED)
def late(delivery: Delivery, way: Way) -> int:
    """What goes to subscriptions with headers of their own comes after some seconds."""
    if not delivery.header(CUSTOM):
        return way.send(delivery)
    way.later(LATE, delivery)
    return OK


@breaks(Promise.DELIVERED, "A58")
def forgets_an_event(delivery: Delivery, way: Way) -> int:
    """One kind of event never comes."""
    return OK if delivery.to.event == "TransactionAssignedToCustomer" else way.send(delivery)


@breaks(Promise.ONCE)
def sends_twice(delivery: Delivery, way: Way) -> int:
    """Each event comes twice, under two message ids."""
    way.send(delivery.saying(messageId=delivery.payload[REQUEST_ID], requestId=NEW.format(4)))
    return way.send(delivery)


def _is_usual(delivery: Delivery) -> bool:
    """Whether a delivery is one that a copy can be made of: signed, and without headers of a subscription."""
    return delivery.is_signed and delivery.header("User-Agent") == "OpenLoyalty" and not delivery.header(CUSTOM)


@breaks(Promise.NOT_AFTER_DELETION)
def sends_after_deletion(delivery: Delivery, way: Way) -> int:
    """A deleted subscription gets events on."""
    for one in way.known:
        if one.is_deleted and one.event == delivery.to.event and _is_usual(delivery) and not _is_repeat(delivery, way):
            way.send(delivery.sent_to(one, delivery.payload[REQUEST_ID]))
    return way.send(delivery)


@breaks(Promise.OWN_STORE)
def sends_to_other_stores(delivery: Delivery, way: Way) -> int:
    """Subscriptions in other stores get the event, too."""
    for one in way.known:
        is_there = one.store != delivery.to.store and one.event == delivery.to.event
        if is_there and _is_usual(delivery) and not _is_repeat(delivery, way):
            way.send(delivery.sent_to(one, delivery.payload[REQUEST_ID]))
    return way.send(delivery)


@breaks(Promise.OWN_STORE)
def names_another_store(delivery: Delivery, way: Way) -> int:
    """`storeCode` is another store's."""
    return way.send(delivery.saying(storeCode="SOMEWHERE"))


@breaks(Promise.IN_ORDER, "A65")
def unsorted(delivery: Delivery, way: Way) -> int:
    """Every second event of a subscription comes after the third."""
    counts: dict[str, int] = way.memory.__dict__.setdefault("counts", {})
    counts[delivery.to.url] = counts.get(delivery.to.url, 0) + (not _is_repeat(delivery, way))
    if counts[delivery.to.url] == 2 and not _is_failing(delivery, way):
        way.later(0.4, delivery)
        return OK
    return _noted(delivery, way)


def _is_failing(delivery: Delivery, way: Way) -> bool:
    return delivery.to.url in way.memory.__dict__.setdefault("failing", set())


def _noted(delivery: Delivery, way: Way) -> int:
    """The status of a delivery, of whose receiver is remembered whether it fails."""
    status = way.send(delivery)
    if status >= 300:
        way.memory.__dict__.setdefault("failing", set()).add(delivery.to.url)
    return status


# ---------------------------------------------------------------- what a delivery is
@breaks(Promise.ENVELOPE, "A87")
def envelope_lacks_the_time(delivery: Delivery, way: Way) -> int:
    """The envelope has no `createdAt`."""
    return way.send(delivery.saying(createdAt=None))


@breaks(Promise.ENVELOPE)
def time_without_offset(delivery: Delivery, way: Way) -> int:
    """`createdAt` has no offset."""
    return way.send(delivery.saying(createdAt=delivery.payload["createdAt"][:19]))


@breaks(Promise.CREATED_NOW)
def created_long_ago(delivery: Delivery, way: Way) -> int:
    """`createdAt` is years ago."""
    return way.send(delivery.saying(createdAt="2019-08-09T14:08:28+02:00"))


@breaks(Promise.EVENT_NAME)
def another_event_name(delivery: Delivery, way: Way) -> int:
    """The name of the event is another one."""
    return way.send(delivery.saying(eventName="CustomerUpdated"))


@breaks(Promise.PAYLOAD)
def payload_against_its_schema(delivery: Delivery, way: Way) -> int:
    """A key of the data has another type."""
    data = delivery.payload["data"]
    name = "customerData" if "customerData" in data else "customer"
    return way.send(delivery.saying(data={**data, name: {**data[name], "email": ["somebody"]}}))


@breaks(Promise.POST_OF_JSON)
def wrong_content_type(delivery: Delivery, way: Way) -> int:
    """The Content-Type is that of a form."""
    return way.send(delivery.with_header("Content-Type", "application/x-www-form-urlencoded"))


@breaks(Promise.CUSTOM_HEADERS)
def loses_a_custom_header(delivery: Delivery, way: Way) -> int:
    """A header of the subscription gets lost."""
    return way.send(delivery.with_header(CUSTOM, None))


@breaks(Promise.CUSTOM_HEADERS)
def escapes_a_custom_header(delivery: Delivery, way: Way) -> int:
    """The value of a header is written for HTML."""
    text = delivery.header(TEXT).replace('"', "&quot;")
    return way.send(delivery.with_header(TEXT, text) if text else delivery)


@breaks(Promise.CUSTOM_HEADERS, "A39")
def keeps_its_own_headers(delivery: Delivery, way: Way) -> int:
    """What the platform says wins over what the subscription sets."""
    return way.send(delivery.with_header("User-Agent", "OpenLoyalty"))


@breaks(Promise.PLATFORM_HEADERS, "A69")
def another_user_agent(delivery: Delivery, way: Way) -> int:
    """The User-Agent is another one."""
    is_own = delivery.header("User-Agent") == "OpenLoyalty"
    return way.send(delivery.with_header("User-Agent", "Symfony HttpClient/Curl") if is_own else delivery)
