"""mockserver.webhooks.deliveries.outcomes: what the log and the metrics tell of deliveries."""

import logging
from collections.abc import Mapping

import pytest

from mockserver.logs import MOST_LINES, LogEvent
from mockserver.testing import Receiver, Respond
from mockserver.webhooks.deliveries.outcomes import DeliveryLine, Outcomes
from mockserver.webhooks.deliveries.records import Delivery, Message
from mockserver.world import World
from tests.support.deliveries import PATIENCE, emitted
from tests.support.subscriptions import EVENT, subscribe_in

MESSAGE = Message("1-1", "m", EVENT, "DEFAULT", "s", "http://jo:hidden@a.test/hook?token=secret", 0.0)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of the mock, from INFO on."""
    caplog.set_level(logging.INFO, "mockserver")
    return caplog


@pytest.mark.anyio
async def test_each_delivery_is_a_line(world: World, log: pytest.LogCaptureFixture) -> None:
    """A delivery that arrives is an INFO, one that is tried again too; one that failed or is blocked is a WARNING with
    the reason. All that are finished are counted."""
    with Receiver() as good, Receiver(Respond(503)) as bad:
        for number, url in enumerate((good.url, bad.url, "https://example.com/hook")):
            await subscribe_in(world, url, number)
        await emitted(world)
        for _ in range(2):
            await world.deliveries.drain(PATIENCE)
            world.clock.advance(world.settings.retry_delay)
        await world.deliveries.drain(PATIENCE)

    lines = [f"{one.levelname} {_outcome(one.getMessage())}" for one in log.records]
    assert "INFO delivered 204 (attempts: 1)" in lines
    assert "WARNING failed 503 (attempts: 2) - The receiver answered 503." in lines
    assert [line.partition(" - ")[0] for line in lines if "tried again" in line] == ["INFO attempted 503 (attempts: 1)"]
    assert ["--webhook-allow example.com" in line for line in lines if "blocked" in line] == [True]
    assert world.deliveries.outcomes.finished == {"delivered": 1, "failed": 1, "blocked": 1}


def _outcome(line: str) -> str:
    """What stands behind the URL."""
    return line.partition(" to http")[2].partition(" ")[2]


def test_urls_are_masked() -> None:
    """What may be a secret in the URL of a receiver isn't logged, as text or by name."""
    line = DeliveryLine(Delivery("delivered", MESSAGE))

    assert "secret" not in str(line)
    assert "hidden" not in str(line)
    assert line.fields()["url"] == "http://********@a.test/hook?token=********"


@pytest.mark.parametrize("stranger", ["\x1b[2J", "\n2026-01-01 forged", "\u202e"])
def test_reasons_forge_nothing(stranger: str) -> None:
    """Whatever a reason or a name says, it is one line that steers no terminal."""
    message = MESSAGE._replace(event_name=stranger, url=f"http://a.test/{stranger}")

    assert str(DeliveryLine(Delivery("failed", message, reason=stranger))).isprintable()


def test_floods_are_bounded_apart(log: pytest.LogCaptureFixture) -> None:
    """Of a flood so many lines are written, then a number; those that arrive hide none of those that don't."""
    outcomes = Outcomes()

    for _ in range(1_000):
        outcomes.add(Delivery("delivered", MESSAGE))
    outcomes.add(Delivery("failed", MESSAGE, reason="No."))
    outcomes.flush()

    events = [record.msg for record in log.records if isinstance(record.msg, LogEvent)]
    assert len(events) == MOST_LINES + 1
    assert f"… and {1_000 - MOST_LINES} more attempts of deliveries" in log.messages
    assert log.records[MOST_LINES].levelname == "WARNING"
    assert outcomes.finished == {"delivered": 1_000, "failed": 1, "blocked": 0}


def test_fields_say_what_the_line_says() -> None:
    """Programs get event, store, subscription, state, attempts and reason by name."""
    fields: Mapping[str, object] = DeliveryLine(Delivery("blocked", MESSAGE, reason="No.")).fields()

    told = (fields["eventName"], fields["storeCode"], fields["delivery"], fields["attempts"], fields["reason"])
    assert told == (EVENT, "DEFAULT", "blocked", 0, "No.")
    assert fields["status"] is None
