"""bench.cluster.receivers: each fails as its path says, and the same attempt in the same way."""

import json

import httpx2
import pytest

from bench.cluster.ledger import Event, Ledger
from bench.cluster.receivers import STUMBLES, Receivers, email_of, event_of


def _body(event: Event, request_id: str) -> bytes:
    return json.dumps({"requestId": request_id, "data": {"customerData": {"email": email_of(event)}}}).encode()


@pytest.mark.anyio
async def test_receivers_answer_and_take_notes() -> None:
    """Over HTTP, one request after another on a connection: each is answered, and noted with its event."""
    event = Event("p0.w1", 7)
    async with Receivers(Ledger()) as receivers, httpx2.AsyncClient() as http:
        lanes = ("good-1", "slow-1", "failing-1")
        answers = [await http.post(receivers.url(lane), content=_body(event, "r")) for lane in lanes]

    assert [answer.status_code for answer in answers] == [204, 204, 500]
    assert [(one.lane, one.event, one.request_id) for one in receivers.ledger.arrivals] == [
        (lane, event, "r") for lane in lanes
    ]


@pytest.mark.anyio
async def test_stumbling_receiver_takes_the_second_attempt() -> None:
    """It refuses the first attempt of some events, also if that comes again, and takes the next one."""
    receivers = Receivers(Ledger())
    events = [Event("w", number) for number in range(100)]

    first, again, second = (
        [receivers.receive("stumbling-1", _body(event, f"{event.number}{attempt}"))[0] for event in events]
        for attempt in ("a", "a", "b")
    )

    assert first == again
    assert len(events) / STUMBLES / 2 < first.count(503) < 2 * len(events) / STUMBLES
    assert set(second) == {204}


@pytest.mark.parametrize("writer", ["w", "p0.w1"])
def test_event_is_known_by_its_member(writer: str) -> None:
    """The e-mail of a member says which event a delivery is of, wherever it stands; another delivery has none."""
    event = Event(writer, 12)

    assert event_of({"data": [{"deep": email_of(event)}]}) == event
    assert event_of({"data": "somebody@example.com"}) == Event("", 0)
