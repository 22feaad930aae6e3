"""mockserver.world.recorded_requests: the journal is searched, waited for, and asked what came closest."""

import asyncio
from collections.abc import Sequence

import pytest

from mockserver.clock import Clock
from mockserver.http.messages import Request, Response, json_response
from mockserver.remarks import Remarks
from mockserver.turns import SLICE
from mockserver.world.journal import SIZE, Journal
from mockserver.world.recorded_requests import RecordedRequest, RequestSearch, near_misses
from mockserver.world.redaction import Redaction
from mockserver.world.request_match import compile_match

pytestmark = pytest.mark.anyio
LONG = 30.0  # seconds that no test waits


@pytest.fixture
def journal(clock: Clock) -> Journal:
    """An empty journal."""
    return Journal(clock, stopwatch=lambda: 3.0)


def _ask(journal: Journal, target: bytes, operation_id: str | None = None, body: bytes = b"") -> Request:
    request = Request("GET", target, {b"cookie": b"a=b"}, None)
    request.body, request.began_at = body, 2.9985
    journal.record(request, json_response(200, {"token": "x"}), operation_id)
    return request


def _paths(found: Sequence[RecordedRequest]) -> list[str]:
    return [one.facts.path for one in found]


SHOWN = {
    "requestId": "r-1",
    "at": "2026-01-15T10:30:00+00:00",
    "method": "GET",
    "path": "/api/NORTH/x",
    "query": "_page=2&token=********&url%5Blike%5D=a",
    "queryParameters": {"_page": ["2"], "token": ["********"], "url[like]": ["a"]},
    "operationId": "xGet",
    "storeCode": "NORTH",
    "status": 200,
    "answered": True,
    "durationMs": 1.5,
    "fault": {"faultId": "f-1", "name": None, "effect": "hang"},
    "request": {"headers": {"cookie": "********"}, "body": {"a": 1}},
    "answer": {
        "headers": {"content-type": "application/json", "x-mock-fault": "f-1"},
        "body": {"token": "********"},
    },
    "contractViolation": None,
}


async def test_exchange_is_shown_whole(journal: Journal) -> None:
    """Query raw and parsed, store, fault and duration are shown, and no secrets."""
    _ask(journal, b"/api/NORTH/x?_page=2&token=abc&url%5Blike%5D=a", "xGet", b'{"a":1}')
    entry = journal.exchanges()[0]
    entry.request.path_parameters = {"storeCode": "NORTH"}
    remarks = Remarks(fault={"faultId": "f-1", "effect": "hang"})

    shown = RecordedRequest(entry._replace(remarks=remarks)).as_json(Redaction())

    assert shown == SHOWN


async def test_abandoned_request_has_no_answer(journal: Journal) -> None:
    """A request whose client left while it sent has no status, no answer, and the duration that is known."""
    journal.record_abandoned(Request("POST", b"/x", {}, None), "xPost")

    shown = RecordedRequest(journal.exchanges()[0]).as_json(Redaction())

    assert (shown["status"], shown["answer"], shown["answered"], shown["durationMs"]) == (None, None, False, None)
    assert (shown["operationId"], shown["query"], shown["fault"]) == ("xPost", "", None)


async def test_search_looks_at_each_once(journal: Journal) -> None:
    """A repeated search looks at what is new, and leaves out what the journal has dropped."""
    looked_at: list[str] = []

    def passes(one: RecordedRequest) -> bool:
        looked_at.append(one.facts.path)
        return one.facts.path != "/b"

    search = RequestSearch(journal, passes)
    for target in (b"/a", b"/b", b"/c"):
        _ask(journal, target)

    first = _paths(await search.found())
    for _ in range(SIZE - 1):
        _ask(journal, b"/b")

    assert first == ["/a", "/c"]
    assert _paths(await search.found()) == ["/c"]
    assert len(looked_at) == SIZE + 2
    journal.clear()
    assert await search.found() == []


async def test_search_begins_after_a_number(journal: Journal) -> None:
    """Entries up to a number are left out."""
    _ask(journal, b"/a")
    _ask(journal, b"/b")

    assert _paths(await RequestSearch(journal, lambda _: True, after=1).found()) == ["/b"]


async def test_others_have_their_turn_between_two_tests(journal: Journal) -> None:
    """However long the tests of one entry take together, none holds up others for longer than itself. It is told which
    of them an entry passes."""
    _ask(journal, b"/a")
    loop, turns = asyncio.get_running_loop(), 0

    def takes_a_while(_: RecordedRequest) -> bool:
        until = loop.time() + 2 * SLICE
        while loop.time() < until:
            pass
        return False

    def count() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(count)

    loop.call_soon(count)
    (found,) = await RequestSearch(journal, lambda _: True, *[takes_a_while] * 4).found()

    assert turns >= 3
    assert found.passed == {0}


async def test_who_stops_waiting_leaves_nothing_out(journal: Journal) -> None:
    """A search that was cancelled in the middle of an entry looks at it again."""
    _ask(journal, b"/a")
    stopped: asyncio.Task[object] | None = None

    def passes(_: RecordedRequest) -> bool:
        until = asyncio.get_running_loop().time() + 2 * SLICE
        while asyncio.get_running_loop().time() < until:
            pass
        if stopped:
            stopped.cancel()
        return True

    search = RequestSearch(journal, passes, passes)
    stopped = asyncio.create_task(search.found())
    with pytest.raises(asyncio.CancelledError):
        await stopped

    assert _paths(await search.found()) == ["/a"]


async def test_wait_ends_when_enough_came(journal: Journal) -> None:
    """Who waits goes on as soon as enough is there; nobody listens afterwards."""
    search = RequestSearch(journal, lambda one: one.facts.path == "/a")
    waiting = asyncio.create_task(search.wait(lambda found: len(found) > 1, LONG))
    for target in (b"/a", b"/b", b"/a"):
        await asyncio.sleep(0)
        _ask(journal, target)

    await asyncio.wait_for(waiting, LONG / 2)

    assert _paths(await search.found()) == ["/a", "/a"]
    assert journal.observers == set()


async def test_wait_ends_after_its_time(journal: Journal) -> None:
    """Who waits for what never comes goes on after the seconds that it named."""
    search = RequestSearch(journal, lambda _: False)

    await search.wait(bool, 0.01)

    assert await search.found() == []
    assert journal.observers == set()


async def test_near_misses_are_ranked(journal: Journal) -> None:
    """The closest come first, the latest of equally close ones, what fits not at all; actual values have no secrets."""
    for target, operation_id in ((b"/a?n=1", "a"), (b"/a?n=2", "a"), (b"/b?n=3", "b"), (b"/a?n=3&token=y", "a")):
        _ask(journal, target, operation_id)
    match = compile_match({"operationId": "a", "query": {"n": "3", "token": "x"}})

    near = await near_misses(match, journal.exchanges(), Redaction())

    assert [miss.recorded.entry.request_id for miss in near] == ["r-4", "r-2", "r-1"]
    assert near[0].as_json() == {
        "requestId": "r-4",
        "method": "GET",
        "path": "/a",
        "operationId": "a",
        "status": 200,
        "misfits": [{"part": "query.token", "expected": "x", "actual": "********"}],
    }
    assert await near_misses(compile_match({}), journal.exchanges(), Redaction()) == []


async def test_long_actual_values_are_cut(journal: Journal) -> None:
    """Of a large value that doesn't fit, the beginning of its text is told."""
    _ask(journal, b"/a", "a", b'{"list":[' + b'"\xc3\xa9",' * 1_000 + b"1]}")

    (near,) = await near_misses(compile_match({"body": {"list": []}}), journal.exchanges(), Redaction())

    actual = near.as_json()["misfits"][0]["actual"]
    assert actual.startswith('["é","é"')
    assert actual.endswith("…")
    assert len(actual.encode()) < 1_010


async def test_responses_of_other_statuses_have_theirs(journal: Journal) -> None:
    """The status of the response is part of what a match sees."""
    journal.record(Request("GET", b"/a", {}, None), Response(404, []))

    assert compile_match({"status": 404}).fits(RecordedRequest(journal.exchanges()[0]).facts)
