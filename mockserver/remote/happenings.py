"""Requests and deliveries as lines for people: what a failed test shows. Secrets are masked, lines are bounded."""

from collections.abc import Iterable, Iterator

from mockserver.escaping import masked, masked_query, visible
from mockserver.remote.answers import DeliveryJson, ExchangeJson, NearMissJson

LONGEST = 300  # characters of a line, or of a value in it
_HINT = "x-mock-hint"


def request_line(exchange: ExchangeJson) -> str:
    """A request: method, path, query, status, and what explains it: a fault, a hint, a violation of the contract."""
    query = f"?{masked_query(exchange['query'])}" if exchange["query"] else ""
    status = exchange["status"] if exchange["answered"] and exchange["status"] else "no answer"
    return _line([f"{exchange['method']} {exchange['path']}{query} → {status}", *_remarks(exchange)])


def delivery_line(delivery: DeliveryJson) -> str:
    """A delivery: event, URL, status, attempts, and the reason if there is one."""
    attempts = delivery["attempts"]
    response = attempts[-1]["response"] if attempts else None
    answers = f", last answer {response['status']}" if response else ""
    count = f"{len(attempts)} attempt{'' if len(attempts) == 1 else 's'}"
    head = f"{delivery['eventName']} to {masked(delivery['url'])} → {delivery['status']} ({count}{answers})"
    return _line([head, *filter(None, [delivery.get("reason")])])


def near_miss_lines(misses: Iterable[NearMissJson]) -> list[str]:
    """The requests that came closest to what was expected, with what differs."""
    return [
        _line([f"{miss['method']} {miss['path']} → {miss['status'] or 'no answer'}", *_misfits(miss)])
        for miss in misses
    ]


def _misfits(miss: NearMissJson) -> Iterator[str]:
    for misfit in miss["misfits"]:
        actual = f"is {misfit['actual']!r}" if "actual" in misfit else "is not there"
        yield f"{misfit['part']} {actual}, expected {misfit['expected']!r}"


def _remarks(exchange: ExchangeJson) -> Iterator[str]:
    fault, answer = exchange["fault"], exchange["answer"]
    if fault:
        yield f"fault {fault['name'] or fault['effect'] or fault['faultId']}"
    if answer:
        hint = {name.lower(): value for name, value in answer["headers"].items()}.get(_HINT)
        if hint:
            yield f"hint: {hint}"
    if exchange["contractViolation"]:
        yield f"violates the contract: {exchange['contractViolation']}"


def _line(parts: Iterable[str]) -> str:
    text = visible(" · ".join(parts))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
