"""mockserver.world.feed: what listeners are told, what they miss, and that nobody else pays for it."""

import asyncio
import threading

import pytest

from mockserver.clock import Clock
from mockserver.errors import TooManyListeners
from mockserver.world import World
from mockserver.world.feed import KEPT, MOST_BYTES, MOST_LISTENERS, Feed, FeedReader
from tests.support.subscriptions import EVENT

pytestmark = pytest.mark.anyio


@pytest.fixture
def feed(clock: Clock) -> Feed:
    """A feed to which nobody listens; its epoch is `1`."""
    return Feed(clock, lambda: "1")


def _publish(feed: Feed, *contents: object, size: int = 0) -> None:
    for content in contents:
        feed.publish("reset", lambda content=content: content, size)  # type: ignore[misc] # early bound


def _taken(listener: FeedReader, most: int = KEPT) -> list[object]:
    missed, happenings = listener.take(most)
    return ["missed"] * missed + [happening.describe() for _, happening in happenings]


async def test_listeners_are_told_in_order(feed: Feed) -> None:
    """Each listener gets what happens after it came, once, in its order."""
    early = feed.listen()
    _publish(feed, 1)
    late = feed.listen()
    _publish(feed, 2, 3)

    assert _taken(early, 2) == [1, 2]
    assert _taken(early) == [3]
    assert _taken(late) == [2, 3]
    assert _taken(late) == []


async def test_nothing_is_kept_without_listeners(feed: Feed) -> None:
    """What happens before the first listener came is not kept."""
    _publish(feed, 1)

    assert not feed.is_open
    assert _taken(feed.listen()) == []


async def test_listener_goes_on_where_it_was(feed: Feed) -> None:
    """Who comes again with the last id gets what happened meanwhile, and nothing twice."""
    listener = feed.listen()
    _publish(feed, 1, 2)
    last_id = listener.take(1)[1][0][0]
    listener.close()
    _publish(feed, 3)

    assert _taken(feed.listen(last_id)) == [2, 3]


@pytest.mark.parametrize(
    "last_id", ["", "1", "0-0", "-", "EPOCH", "EPOCH-2-3", "EPOCH-" + "9" * 4000, "EPOCH-²", "EPOCH-2"]
)
async def test_unknown_id_has_missed_something(feed: Feed, last_id: str) -> None:
    """An id of another mock, or none at all, tells that something was missed, and then what is kept."""
    feed.listen()
    _publish(feed, 1)
    last_id = last_id.replace("EPOCH", feed.id_of(1).partition("-")[0])

    assert _taken(feed.listen(last_id)) == ["missed", 1]


async def test_id_of_an_earlier_run_is_not_taken_for_one_of_this(clock: Clock) -> None:
    """Two mocks with one seed and one frozen clock tell their happenings apart: who comes from the first is told that
    it has missed something."""
    first, second = Feed(clock), Feed(clock)
    for feed in (first, second):
        feed.listen()
        _publish(feed, 1, 2)
    last_id = first.id_of(1)

    assert _taken(second.listen(last_id)) == ["missed", 1, 2]
    assert _taken(first.listen(last_id)) == [2]


async def test_slow_listener_is_told_what_it_missed(feed: Feed) -> None:
    """A listener that takes nothing costs no memory: it gets the last KEPT happenings, and is told of the gap."""
    listener = feed.listen()
    _publish(feed, *range(KEPT + 2))

    assert _taken(listener) == ["missed", *range(2, KEPT + 2)]


async def test_large_happenings_are_kept_for_a_shorter_time(feed: Feed) -> None:
    """What is kept is bounded in bytes, too; the last one is always there."""
    listener = feed.listen()
    _publish(feed, 1, 2, 3, size=MOST_BYTES // 2)
    assert _taken(listener) == ["missed", 2, 3]

    _publish(feed, 4, size=2 * MOST_BYTES)
    assert _taken(listener) == [4]


async def test_outdated_states_are_left_out(feed: Feed) -> None:
    """Of faults and clock a listener gets the last state alone, once, and nothing counts as missed for that."""
    listener = feed.listen()
    for number in range(120):
        feed.publish("faults", lambda number=number: number, MOST_BYTES)  # type: ignore[misc] # early bound
        _publish(feed, f"request {number}")
        feed.publish("clock", lambda: "clock")

    assert _taken(listener) == [*(f"request {number}" for number in range(119)), 119, "request 119", "clock"]
    assert _taken(listener) == []


async def test_states_count_in_a_piece(feed: Feed) -> None:
    """Large states keep nothing else from being kept, as they keep nothing; but they fill a piece."""
    listener = feed.listen()
    _publish(feed, 1, size=MOST_BYTES)
    feed.publish("faults", lambda: "faults", MOST_BYTES)
    feed.publish("clock", lambda: "clock", 1)

    assert [_taken(listener), _taken(listener)] == [[1], ["faults"]]
    assert _taken(listener) == ["clock"]


async def test_faults_tell_their_size(world: World) -> None:
    """What is published of faults counts with the bodies of all of them."""
    listener = world.feed.listen()
    for _ in range(3):
        world.faults.add({"operationId": "a", "body": "x" * 1_000})

    (_, happening), *more = listener.take(KEPT)[1]
    assert (happening.size > 3_000, more) == (True, [])
    world.feed.end()


async def test_pieces_are_bounded(feed: Feed) -> None:
    """A listener takes so many bytes at once, but for a happening that is larger by itself."""
    listener = feed.listen()
    _publish(feed, 1, 2, 3, size=40)
    _publish(feed, 4, size=1_000)

    assert [len(listener.take(KEPT, 100)[1]) for _ in range(4)] == [2, 1, 1, 0]


async def test_number_of_listeners_is_bounded(feed: Feed) -> None:
    """One listener too many is refused; when another one has left, it is let in."""
    listeners = [feed.listen() for _ in range(MOST_LISTENERS)]
    with pytest.raises(TooManyListeners):
        feed.listen()

    listeners[0].close()
    feed.listen()


async def test_end_wakes_who_waits(feed: Feed) -> None:
    """A listener that waits is woken by news, by its end and after the time that it waits."""
    listener = feed.listen()
    await listener.wait(0)
    waiting = asyncio.create_task(listener.wait(60))
    await asyncio.sleep(0)
    feed.end()
    await waiting

    assert listener.is_closed
    assert not feed.is_open


async def test_gap_after_the_feed_was_closed_is_told(feed: Feed) -> None:
    """Who comes again after the feed had closed is told, even if nothing is known to have happened."""
    listener = feed.listen()
    _publish(feed, 1)
    last_id = listener.take(1)[1][0][0]
    feed.end()

    assert _taken(feed.listen(last_id)) == ["missed"]


async def test_any_thread_may_publish(feed: Feed) -> None:
    """What several threads publish at once is counted right, and wakes who waits."""
    listener = feed.listen()
    threads = [threading.Thread(target=_publish, args=(feed, *range(200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    await listener.wait(60)
    for thread in threads:
        thread.join()

    assert [id_.partition("-")[2] for id_, _ in listener.take(KEPT)[1]] == [str(number) for number in range(1, 801)]


async def test_world_tells_what_happens(world: World) -> None:
    """The clock, faults and a reset are published; the same world tells nothing while nobody listens."""
    world.clock.advance(1)
    listener = world.feed.listen()
    world.clock.advance(1)
    world.faults.add({"eventName": EVENT, "effect": "duplicate"})
    await world.reset()

    kinds = [happening.kind for _, happening in listener.take(KEPT)[1]]
    assert kinds == ["faults", "clock", "reset"]
    world.feed.end()
    assert world.faults.observers == world.journal.observers == world.clock.observers == set()
    assert not world.deliveries.observers
