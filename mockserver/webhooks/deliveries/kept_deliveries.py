"""Deliveries as the database keeps them: records from rows, attempts as JSON, and faults as JSON."""

from typing import Any

import orjson

from mockserver.storage.postgres import KeptDelivery, TakenDelivery
from mockserver.webhooks.deliveries.records import Attempt, Delivery, Message, ReceiverResponse, SentRequest
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault


def taken(row: TakenDelivery) -> Delivery:
    """The delivery that was taken, as it was before."""
    status: Any = row.status
    message = Message(
        f"{row.number}-{row.place}",
        row.message_id,
        row.event_name,
        row.store_code,
        row.subscription_id,
        row.url,
        row.created_at,
    )
    return Delivery(status, message, _attempts(row.attempts))


def kept(row: KeptDelivery) -> Delivery:
    """A delivery of the history."""
    status: Any = row.status
    message = Message(f"{row.number}-{row.place}", *row[3:9])
    return Delivery(status, message, _attempts(row.attempts), row.due if status == "attempted" else None, row.reason)


def written(attempts: tuple[Attempt, ...]) -> bytes:
    """Attempts as JSON."""
    return orjson.dumps(attempts, default=tuple)


def _attempts(text: bytes) -> tuple[Attempt, ...]:
    return tuple(map(_attempt, orjson.loads(text)))


def _attempt(row: list[Any]) -> Attempt:
    number, request_id, at, seconds, request, response, error, signed_at = row
    sent = SentRequest(request[0], request[1], _headers(request[2]), request[3])
    answered = None if response is None else ReceiverResponse(response[0], _headers(response[1]), response[2])
    return Attempt(number, request_id, at, seconds, sent, answered, error, signed_at)


def _headers(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)


def written_fault(fault: DeliveryFault) -> str:
    """A fault as it is kept; empty for none."""
    return "" if fault == NO_FAULT else orjson.dumps(fault._asdict()).decode()


def fault_of(text: str) -> DeliveryFault:
    """The fault that was kept."""
    return DeliveryFault(**orjson.loads(text)) if text else NO_FAULT
