"""mockserver.pipeline.fault_injection: what a fault does to an answer, over a real socket where that shows."""

import json
from collections.abc import Iterator
from time import perf_counter  # noqa: TID251 (a delay in real time)
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver.settings import Settings
from mockserver.testing import MockServer

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
BREACH = "x-mock-contract-violation"


@pytest.fixture(scope="module")
def mock(signing_key: str) -> Iterator[MockServer]:
    """One running mock, which answers 500 to whatever leaves the contract unasked."""
    with MockServer(Settings(port=0, signing_key=signing_key, seed=1, strict=True)) as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> Iterator[httpx2.Client]:
    """A client of the running mock, with the API key; no fault outlives it."""
    with httpx2.Client(base_url=mock.url, headers=API_KEY, timeout=10) as http:
        yield http
    httpx2.delete(f"{mock.url}/_mock/faults").raise_for_status()


def _break(http: httpx2.Client | TestClient, **wanted: Any) -> str:
    """Let the next response go wrong; returns the id of the fault."""
    answer = http.post("/_mock/faults", json={"operationId": "webhookEventGetList", "times": 1} | wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["faultId"])


def test_status_with_a_body(http: httpx2.Client) -> None:
    """The wanted answer is sent, marked, and not judged, even in strict mode; the next one is right again."""
    fault_id = _break(http, status=599, body={"anything": None})

    broken, next_one = http.get(EVENTS), http.get(EVENTS)

    assert (broken.status_code, broken.json()) == (599, {"anything": None})
    assert broken.headers["x-mock-fault"] == fault_id
    assert (next_one.status_code, next_one.headers.get("x-mock-fault")) == (200, None)


def test_status_alone_is_as_declared(http: httpx2.Client) -> None:
    """A status that the contract declares has the declared headers and body."""
    _break(http, status=401)

    answer = http.get(EVENTS)

    assert (answer.status_code, answer.json()) == (401, {"message": "Authentication Required"})
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("status", "body"), [(503, {"code": 503, "message": "Service Unavailable"}), (204, None)])
def test_status_that_is_not_declared(http: httpx2.Client, status: int, body: object) -> None:
    """A status of which the contract knows nothing has a message, if it may have a body."""
    _break(http, status=status)

    answer = http.get(EVENTS)

    assert answer.status_code == status
    assert (answer.json() if answer.content else None) == body


def test_body_alone_keeps_the_status(http: httpx2.Client) -> None:
    """Another body is sent with the usual status, after the operation was done."""
    _break(http, operationId="_memberPost", body=["odd"])
    wanted = {"customer": {"email": "odd@example.com"}}

    answer, again = (http.post("/api/DEFAULT/member", json=wanted) for _ in range(2))

    assert (answer.status_code, answer.json()) == (200, ["odd"])
    assert again.status_code == 400  # the address is taken


def test_dropped_connection(http: httpx2.Client) -> None:
    """The client sees the response begin and break off, but the operation was done."""
    _break(http, operationId="_memberPost", effect="dropConnection")
    wanted = {"customer": {"email": "dropped@example.com"}}

    with http.stream("POST", "/api/DEFAULT/member", json=wanted) as answer, pytest.raises(httpx2.ReadError):
        answer.read()

    assert answer.status_code == 200
    assert http.post("/api/DEFAULT/member", json=wanted).status_code == 400  # the address is taken


def test_dropped_before_anything_is_done(http: httpx2.Client) -> None:
    """With a status the operation isn't done: the client may try again."""
    _break(http, operationId="_memberPost", effect="dropConnection", status=503)
    wanted = {"customer": {"email": "retried@example.com"}}

    with pytest.raises(httpx2.ReadError):
        http.post("/api/DEFAULT/member", json=wanted)

    assert http.post("/api/DEFAULT/member", json=wanted).status_code == 200


def test_dropped_connection_of_an_answer_without_a_body(http: httpx2.Client) -> None:
    """A response that is nothing but a head doesn't arrive either."""
    _break(http, effect="dropConnection", status=204)

    with pytest.raises(httpx2.ReadError):
        http.get(EVENTS)


def test_hanging_answer(http: httpx2.Client) -> None:
    """The client gets nothing and has to give up, but the operation was done; others are answered."""
    _break(http, operationId="_memberPost", effect="hang")
    wanted = {"customer": {"email": "hung@example.com"}}

    with pytest.raises(httpx2.ReadTimeout):
        http.post("/api/DEFAULT/member", json=wanted, timeout=0.1)

    assert http.post("/api/DEFAULT/member", json=wanted).status_code == 400  # the address is taken


def test_truncated_body(http: httpx2.Client) -> None:
    """The connection ends in the middle of the body, after the whole length was promised."""
    _break(http, effect="truncateBody")

    received: list[bytes] = []
    with http.stream("GET", EVENTS) as answer, pytest.raises(httpx2.RemoteProtocolError):
        received.extend(answer.iter_bytes())

    assert len(b"".join(received)) == int(answer.headers["content-length"]) // 2


@pytest.mark.parametrize("effect", ["dropConnection", "truncateBody"])
def test_a_cut_connection_is_no_defect(http: httpx2.Client, caplog: pytest.LogCaptureFixture, effect: str) -> None:
    """Neither the mock nor uvicorn takes the cut for a mistake of theirs."""
    _break(http, effect=effect)

    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        http.get(EVENTS)

    assert http.get(EVENTS).status_code == 200
    assert [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_malformed_json(http: httpx2.Client) -> None:
    """The body is declared as JSON, has the length that is told, and can't be parsed."""
    _break(http, effect="malformedJson")

    answer = http.get(EVENTS)

    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_delay_alone_is_judged_as_ever(http: httpx2.Client) -> None:
    """A delayed response is the usual one, marked, and comes no sooner."""
    fault_id = _break(http, delay=0.05)

    started = perf_counter()
    answer = http.get(EVENTS)

    assert perf_counter() - started >= 0.05
    assert (answer.status_code, answer.headers["x-mock-fault"]) == (200, fault_id)
    assert BREACH not in answer.headers


def test_head_has_no_body(http: httpx2.Client) -> None:
    """A fault doesn't give a HEAD request a body."""
    _break(http, status=503, body={"a": 1})

    assert http.head(EVENTS).status_code == 503
    assert http.get(EVENTS).status_code == 200  # the connection is in step


def test_broken_answers_are_in_the_list_of_requests(client: TestClient) -> None:
    """The list of requests shows what a fault has answered, and no violation."""
    fault_id = _break(client, status=503)
    client.get(EVENTS, headers=API_KEY)

    (shown,) = client.get("/_mock/requests").json()["items"]

    assert (shown["status"], shown["answer"]["headers"]["x-mock-fault"]) == (503, fault_id)
    assert shown["contractViolation"] is None


@pytest.mark.parametrize("effect", ["dropConnection", "truncateBody"])
def test_without_a_real_connection_dropping_is_an_error(client: TestClient, effect: str) -> None:
    """Where there is no connection to close, as in this process, the caller gets an exception."""
    _break(client, effect=effect)

    with pytest.raises(ConnectionAbortedError):
        client.get(EVENTS, headers=API_KEY)
