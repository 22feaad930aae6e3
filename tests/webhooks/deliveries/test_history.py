"""mockserver.webhooks.deliveries.history: what is remembered, and found among much."""

from itertools import combinations, product
from typing import Any

import pytest

from mockserver.clock import Ids
from mockserver.storage.model import Destination, Subscription
from mockserver.webhooks.deliveries.history import FILTERS, MOST_BYTES, History, HistoryEntry
from mockserver.webhooks.deliveries.records import Attempt, Delivery, ReceiverResponse, SentRequest, Status
from mockserver.webhooks.events import Event, SharedContent

EVENTS, SUBSCRIBERS = 6, 5
STATES: tuple[Status, ...] = ("pending", "attempted", "delivered", "failed", "blocked")


class Counting(Ids):
    """Ids that count how many were derived: one for each delivery that is looked at closely."""

    derivations = 0

    def derived(self, *names: str | int) -> str:
        """The id."""
        self.derivations += 1
        return super().derived(*names)


def _recipients(count: int) -> tuple[Subscription, ...]:
    urls = [f"http://localhost/{number % 2}" for number in range(count)]
    return tuple(Subscription(f"s{number}", "NORTH", "A", 0, Destination(url)) for number, url in enumerate(urls))


def _filled(ids: Ids, events: int = EVENTS, subscribers: int = SUBSCRIBERS) -> History:
    """A history of two kinds of events in two stores, nothing of which was delivered yet."""
    history, recipients = History(ids), _recipients(subscribers)
    for number in range(1, events + 1):
        event = Event(number, "AB"[number % 2], ("NORTH", "SOUTH")[number % 3 == 0], 0.0, {})
        history.open(event, recipients)
    return history


def _advanced(history: History) -> History:
    """The same with deliveries in all states."""
    for number, index in product(range(1, EVENTS + 1), range(SUBSCRIBERS)):
        entry = history.entry(number)
        assert entry
        status = STATES[(number + index) % len(STATES)]
        if status != "pending":
            history.put(entry, index, history.at(entry, index)._replace(status=status))
    return history


def _all(history: History) -> list[dict[str, Any]]:
    return [row.as_json() for row in history.page({}, 0, 1_000).rows]


# Values that match something, and such that match nothing.
VALUES: dict[str, list[Any]] = {
    "deliveryId": ["2-3", "9-9", ""],
    "eventName": ["A", "C"],
    "storeCode": ["SOUTH", "WEST"],
    "subscriptionId": ["s3", "-"],
    "url": ["http://localhost/1", ""],
    "status": [*STATES, "lost"],
}
TOGETHER = [names for size in (1, 2, 3) for names in combinations(VALUES, size)]


@pytest.mark.parametrize("names", TOGETHER, ids=" and ".join)
def test_filters_find_what_matches(names: tuple[str, ...]) -> None:
    """Whatever is asked for, those and only those are found that show these values, in their order, page by page."""
    history = _advanced(_filled(Ids(1)))
    everything = _all(history)
    for values in product(*(VALUES[name] for name in names)):
        filters = dict(zip(names, values, strict=True))
        wanted = [one["deliveryId"] for one in everything if filters.items() <= one.items()]
        for offset, limit in ((0, 100), (1, 2), (0, 0), (100, 5)):
            page = history.page(filters, offset, limit)
            assert [row.message.delivery_id for row in page.rows] == wanted[offset : offset + limit]
            assert (page.filtered, page.total) == (len(wanted), EVENTS * SUBSCRIBERS)


def test_messages_are_found() -> None:
    """A delivery is found by the id of its message, with other filters that fit and not with such that don't."""
    history = _advanced(_filled(Ids(1)))
    for one in _all(history):
        by_message = {"messageId": one["messageId"]}
        (found,) = history.page(by_message | {name: one[name] for name in FILTERS & one.keys()}, 0, 5).rows
        assert found.message.delivery_id == one["deliveryId"]
        assert history.page(by_message | {"status": "lost"}, 0, 5).filtered == 0
        assert history.page(by_message | {"deliveryId": "1-9"}, 0, 5).filtered == 0


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_work_is_bounded(name: str) -> None:
    """Among much, no more deliveries are looked at closely than are shown."""
    ids = Counting(1)
    history = _filled(ids, events=300, subscribers=300)
    values = {"status": "pending", "changedSince": 0, "eventName": "A", "url": "http://localhost/1"}

    page = history.page({name: values.get(name, "nothing")}, 100, 20)

    assert (len(page.rows), page.total) == (20 if name in values else 0, 90_000)
    assert ids.derivations == len(page.rows)


def test_unknown_filter_is_refused() -> None:
    """There is no filter by another name."""
    with pytest.raises(KeyError):
        History(Ids(1)).page({"nothing": 1}, 0, 1)


def test_changes_are_found() -> None:
    """Of many events those are found that changed after a revision."""
    history = _filled(Ids(1))
    before = history.revision
    entry = history.entry(4)
    assert entry
    history.put(entry, 0, history.at(entry, 0)._replace(status="failed"))

    assert {row.message.delivery_id[0] for row in history.page({"changedSince": before}, 0, 100).rows} == {"4"}


def test_large_deliveries_are_forgotten_sooner() -> None:
    """What was sent is remembered up to a size in all, and at least the last of it."""
    history = _filled(Ids(1), events=4, subscribers=1)
    for number, size in enumerate((MOST_BYTES // 2, MOST_BYTES // 2, MOST_BYTES * 2, 1), 1):
        entry = history.entry(number)
        assert entry
        attempt = Attempt(1, "", 0, 0, SentRequest("POST", "", (), "x" * size))
        history.put(entry, 0, Delivery("delivered", history.at(entry, 0).message, (attempt,)))
        kept = [row.message.delivery_id for row in history.page({"status": "delivered"}, 0, 9).rows]
        assert kept == {1: ["1-1"], 2: ["1-1", "2-1"], 3: ["3-1"], 4: ["4-1"]}[number]


def test_what_is_delivered_again_counts_once() -> None:
    """A delivery that is begun anew leaves the room that it took, and takes it when it is finished again."""
    history = _filled(Ids(1), events=2, subscribers=1)
    for number in (1, 2, 2, 2):
        entry = history.entry(number)
        assert entry
        if history.at(entry, 0).is_finished:
            history.reopen(entry, 0)
        attempt = Attempt(1, "", 0, 0, SentRequest("POST", "", (), "x" * (MOST_BYTES // 3)))
        history.put(entry, 0, Delivery("delivered", history.at(entry, 0).message, (attempt,)))

    assert history.page({"status": "delivered"}, 0, 9).filtered == 2


def test_what_is_begun_anew_leaves_the_room_of_others() -> None:
    """A delivery that is begun anew gives back what it took itself, and no more: others still count."""
    history = _filled(Ids(1), events=3, subscribers=1)
    entries = [entry for number in (1, 2, 3) if (entry := history.entry(number))]

    _finish(history, entries[0], size=int(MOST_BYTES * 0.7))
    _finish(history, entries[1], size=int(MOST_BYTES * 0.2))
    history.reopen(entries[1], 0)
    _finish(history, entries[2], size=int(MOST_BYTES * 0.5))

    assert [row.message.delivery_id for row in history.page({"status": "delivered"}, 0, 9).rows] == ["3-1"]


def test_two_ids_name_one_delivery() -> None:
    """The ids of two deliveries together name none."""
    history = _filled(Ids(1), events=1, subscribers=2)
    shown = _all(history)

    found = [
        history.page({"deliveryId": one["deliveryId"], "messageId": other["messageId"]}, 0, 5).filtered
        for one, other in product(shown, shown)
    ]
    assert found == [1, 0, 0, 1]


def test_replies_and_data_count_too() -> None:
    """A receiver can answer more than it was sent, and what was never sent still has its data."""
    history = _filled(Ids(1), events=4, subscribers=1)
    response = ReceiverResponse(200, (("X-A", "x" * (MOST_BYTES // 2)),), "x" * (MOST_BYTES // 2))
    for number, attempts in (
        (1, ()),
        (2, ()),
        (3, (Attempt(1, "", 0, 0, SentRequest("POST", "", (), ""), response),)),
        (4, ()),
    ):
        entry = history.entry(number)
        assert entry
        history.hold(entry, SharedContent("x" * MOST_BYTES if number == 2 else ""))
        history.put(entry, 0, Delivery("failed", history.at(entry, 0).message, attempts))

    assert [row.message.delivery_id for row in history.page({}, 0, 9).rows] == ["4-1"]


def test_what_is_held_is_known() -> None:
    """Data that events share counts once, until all of them are forgotten; attempts until the delivery is finished."""
    history, content = _filled(Ids(1), events=3, subscribers=1), SharedContent("x" * 998)
    history.most_held, full = 1_500, list[bool]()
    entries = [entry for number in (1, 2, 3) if (entry := history.entry(number))]
    attempt = Attempt(1, "", 0, 0, SentRequest("POST", "", (), "x" * 501))
    for entry in entries:
        history.hold(entry, content)
    for status in ("pending", "attempted", "failed"):
        history.put(
            entries[0], 0, Delivery(status, history.at(entries[0], 0).message, (attempt,) * (status != "pending"))
        )
        full.append(history.is_full)

    assert full == [False, True, False]
    history.clear()
    assert not history.is_full


def _finish(history: History, entry: HistoryEntry, index: int = 0, size: int = 0) -> None:
    attempt = Attempt(1, "", 0, 0, SentRequest("POST", "", (), "x" * size))
    history.put(entry, index, Delivery("delivered", history.at(entry, index).message, (attempt,)))


def test_data_is_held_until_its_last_delivery_is_forgotten() -> None:
    """Data that two events share, one of them for two subscribers, is given back once none of the three deliveries is
    remembered, and not before; that of others stays."""
    history, shared, other = History(Ids(1), size=1), SharedContent("x" * 900), SharedContent("x" * 150)
    history.most_held = 1_000
    first, second, third = (
        history.open(Event(number, "A", "NORTH", 0.0, {}), _recipients(3 - number or 1)) for number in (1, 2, 3)
    )
    for entry, content in ((first, shared), (second, shared), (third, other)):
        history.hold(entry, content)
    full = [history.is_full]
    for entry, index in ((first, 0), (first, 1), (second, 0), (third, 0)):
        _finish(history, entry, index)
        full.append(history.is_full)

    assert full == [True, True, True, True, False]
    assert history.page({}, 0, 9).total == 1


def test_what_is_forgotten_gives_back_its_room() -> None:
    """After a large delivery is forgotten there is room for as many small ones as before."""
    history = _filled(Ids(1), events=3, subscribers=1)
    for number, share in ((1, 1.5), (2, 0.4), (3, 0.4)):
        entry = history.entry(number)
        assert entry
        _finish(history, entry, size=int(MOST_BYTES * share))

    assert [row.message.delivery_id for row in history.page({"status": "delivered"}, 0, 9).rows] == ["2-1", "3-1"]


def test_forgotten_messages_are_found_no_more() -> None:
    """What is forgotten is gone from every way to find it."""
    history = History(Ids(1), size=1)
    entry = history.open(Event(1, "A", "NORTH", 0.0, {}), _recipients(3))
    shown = _all(history)
    for index in range(3):
        history.put(entry, index, history.at(entry, index)._replace(status="failed"))

    left = [history.page({"messageId": one["messageId"]}, 0, 5).filtered for one in shown]
    assert (left, history.forgotten, history.find("1-1"), [one["deliveryId"] for one in _all(history)]) == (
        [0, 0, 1],
        2,
        None,
        ["1-3"],
    )


def test_cleared_store_is_forgotten() -> None:
    """Nothing of the store is found any more, nor counted; what becomes known of it later is not remembered."""
    history = _advanced(_filled(Ids(1)))
    entry = history.entry(3)
    assert entry
    message_id = history.message_id(entry, 0)
    kept = [row for row in _all(history) if row["storeCode"] == "NORTH"]
    revision = history.revision

    history.clear_store("SOUTH")
    history.put(entry, 0, history.at(entry, 0)._replace(status="delivered"))

    assert _all(history) == kept
    assert history.page({}, 0, 0).total == len(kept)
    assert (history.find("3-1"), history.page({"messageId": message_id}, 0, 1).filtered) == (None, 0)
    assert history.revision == revision + 1


def test_cleared_store_gives_its_room_back() -> None:
    """What the forgotten deliveries held counts no longer."""
    history = _filled(Ids(1), events=3)
    entry = history.entry(3)
    assert entry
    history.hold(entry, SharedContent({"much": "x" * 1_000}))
    history.most_held = 500
    assert history.is_full

    history.clear_store("SOUTH")

    assert not history.is_full
