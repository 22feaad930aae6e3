"""mockserver.world.journal: what was asked and answered lately."""

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from mockserver.clock import Clock
from mockserver.http.asgi_messages import request_of
from mockserver.http.messages import MOST_HEADERS_KEPT, Ending, Request, Response, json_response
from mockserver.remarks import NO_REMARKS, Remarks
from mockserver.world import World
from mockserver.world.journal import LONGEST_BODY, LONGEST_HEAD, NO_RESPONSE, SIZE, Journal


def _request(path: str = "/thing", headers: list[tuple[bytes, bytes]] | None = None) -> Request:
    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"method": "GET", "raw_path": path.encode(), "query_string": b"", "headers": headers or []}
    return request_of(scope, receive)


def test_exchanges_are_kept_in_order(clock: Clock) -> None:
    """The journal holds what was asked and answered, oldest first, with its time and a number that grows."""
    journal = Journal(clock)
    for path in ("/a", "/b"):
        journal.record(_request(path), json_response(200, {"path": path}))

    first, second = journal.exchanges()

    assert (first.request_id, first.request.path, first.status, first.response_body) == (
        "r-1",
        "/a",
        200,
        b'{"path":"/a"}',
    )
    assert (second.request_id, second.request.path, second.at) == ("r-2", "/b", clock.now())
    assert [entry.number for entry in journal.exchanges(after=1)] == [2]
    assert (journal.oldest, journal.revision, journal.emptied) == (1, 2, 0)


def test_journal_is_bounded(clock: Clock) -> None:
    """The oldest exchanges go; long bodies are cut; numbers stay unique."""
    journal = Journal(clock)
    for number in range(SIZE + 1):
        journal.record(_request(f"/{number}"), json_response(200, "x" * (2 * LONGEST_BODY)))

    exchanges = journal.exchanges()

    assert (len(exchanges), exchanges[0].request.path, exchanges[0].number, journal.oldest) == (SIZE, "/1", 2, 2)
    assert exchanges[-1].number == SIZE + 1
    assert len(exchanges[0].response_body) == LONGEST_BODY


def test_clearing_forgets_everything(clock: Clock) -> None:
    """A cleared journal is empty, says when that was, and gives no number again."""
    journal = Journal(clock)
    journal.record(_request(), json_response(200, {}))

    journal.clear()
    journal.record(_request(), json_response(200, {}))

    assert [entry.number for entry in journal.exchanges()] == [3]
    assert (journal.emptied, journal.revision) == (2, 3)


def test_observers_are_told_of_each_change(clock: Clock) -> None:
    """Who observes is told after an exchange was added, and after the journal was emptied."""
    journal = Journal(clock)
    revisions: list[int] = []
    journal.observers.add(lambda: revisions.append(journal.revision))

    journal.record(_request(), json_response(200, {}))
    journal.record_abandoned(_request())
    journal.clear()

    assert revisions == [1, 2, 3]


def test_duration_is_that_of_a_stopwatch(clock: Clock) -> None:
    """An entry tells how long it took since the request arrived, if somebody noted that."""
    journal = Journal(clock, stopwatch=lambda: 7.5)
    noted = _request()
    noted.began_at = 7.0
    for request in (noted, _request()):
        journal.record(request, json_response(200, {}))

    assert [entry.seconds for entry in journal.exchanges()] == [0.5, None]


@pytest.mark.parametrize("ending", ["dropped", "truncated", "hung"])
def test_broken_responses_are_not_answered(clock: Clock, ending: Ending) -> None:
    """A response that a fault broke did not reach the client, and the fault is named."""
    journal, fault = Journal(clock), {"faultId": "f", "effect": "hang"}
    journal.record(_request(), Response(200, [], ending=ending, remarks=Remarks(fault=fault)))
    journal.record(_request(), Response(200, []))

    broken, whole = journal.exchanges()

    assert (broken.answered, broken.remarks.fault) == (False, fault)
    assert (whole.answered, whole.remarks) == (True, NO_REMARKS)


def test_clients_that_left_are_not_answered(clock: Clock) -> None:
    """A client that left while its response was made did not get it; one that left while it sent has no response."""
    journal = Journal(clock)
    left = _request()
    assert left.source is not None
    left.source.has_left = True  # type: ignore[misc] # as its connection does
    journal.record(left, Response(200, []))
    journal.record_abandoned(_request(), "thingGet")

    gone, sending = journal.exchanges()

    assert (gone.status, gone.answered) == (200, False)
    assert (sending.status, sending.answered, sending.operation_id) == (NO_RESPONSE, False, "thingGet")


def test_refusals_are_kept_too(client: TestClient, world: World) -> None:
    """Requests that no operation answers are in the journal."""
    client.get("/nowhere")
    client.patch("/api/token/revoke")

    assert [(one.request.method, one.request.path, one.status) for one in world.journal.exchanges()] == [
        ("GET", "/nowhere", 404),
        ("PATCH", "/api/token/revoke", 405),
    ]


def test_large_heads_are_cut(clock: Clock) -> None:
    """Of a request with a huge head little is kept: a share of each part, and so many headers."""
    journal = Journal(clock)
    share = LONGEST_HEAD // 8
    journal.record(_request("/", [(b"x-%d" % number, b"") for number in range(2_000)]), json_response(200, {}))
    journal.record(
        _request("/" + "p" * 60_000, [(b"n" * 60_000, b""), (b"cookie", b"c" * 60_000)]), json_response(200, {})
    )
    journal.record(_request("/", [(b"x-a", b"v" * 3 * share)]), json_response(200, {}))

    many, large, decent = (entry.request for entry in journal.exchanges())

    assert len(many.headers) == MOST_HEADERS_KEPT
    assert large.headers == {b"n" * share: b"", b"cookie": b"c" * share}
    assert len(large.path) == share
    assert decent.headers == {b"x-a": b"v" * 3 * share}


def test_large_heads_of_responses_are_cut(clock: Clock) -> None:
    """Of a response with a huge head little is kept: a share of each part. What is sent stays whole."""
    journal = Journal(clock)
    share = LONGEST_HEAD // 8
    large = [(b"x-%d" % number, b"v" * 4_000) for number in range(100)]
    decent = [(b"x-a", b"v" * 3 * share)]
    for headers in (large, [(b"n" * 60_000, b"")], decent):
        response = Response(200, list(headers))
        journal.record(_request(), response)
        assert response.headers == headers

    many, long, kept = journal.exchanges()

    assert sum(len(name) + len(value) for name, value in many.response_headers) <= LONGEST_HEAD
    assert many.response_headers[-1] == (b"x-99", b"v" * share)
    assert long.response_headers == [(b"n" * share, b"")]
    assert kept.response_headers == decent


def test_calls_to_a_store_are_forgotten() -> None:
    """Those to other stores, and to none, stay; numbers go on."""
    journal = Journal(Clock(0.0))
    for store_code in ("NORTH", "SOUTH", None):
        request = Request("GET", b"/", {}, None)
        request.path_parameters = {"storeCode": store_code} if store_code else {}
        journal.record(request, Response(200, []))
    revision = journal.revision

    journal.clear_store("NORTH")

    assert [entry.request_id for entry in journal.exchanges()] == ["r-2", "r-3"]
    assert journal.revision == revision + 1
