"""mockserver.pipeline.fault_injection: what a fault does to an answer, over a real socket where that shows."""

import json
import socket
from collections.abc import Iterator
from time import perf_counter  # noqa: TID251 (a delay in real time)
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver.settings import Settings
from mockserver.testing import MockServer

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
TWO_TYPES = "application/json;, text/html"
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
        http.post("/api/DEFAULT/member", json=wanted, timeout=httpx2.Timeout(10, read=0.1))

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


# ---------------------------------------------------------------- with match and answer
def _answer(http: httpx2.Client, request: httpx2.Request | None = None, **answer: Any) -> httpx2.Response:
    """The response to a request, by default for the events, that a fault answers so."""
    http.post("/_mock/faults", json={"match": {}, "answer": answer, "times": 1}).raise_for_status()
    return http.send(request) if request else http.get(EVENTS)


@pytest.mark.parametrize("named", [{"contentType": "text/html"}, {"headers": {"content-type": "text/html"}}])
def test_text_is_sent_as_it_is(http: httpx2.Client, named: dict[str, Any]) -> None:
    """With a content type, however it is named, a text isn't JSON; and no browser runs what is in it."""
    answer = _answer(http, status=502, body="<h1>Down</h1>", **named)

    assert (answer.status_code, answer.text) == (502, "<h1>Down</h1>")
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_type_of_a_template_is_judged_when_it_is_filled(http: httpx2.Client) -> None:
    """A request that makes a second media type of JSON's gets no script to run."""
    sent = http.build_request("GET", f"{EVENTS}?x=;,text/html")
    headers = {"Content-Type": "application/json{{request.query.x}}"}

    answer = _answer(http, sent, status=502, template=True, body="<script>", headers=headers)

    assert answer.headers["content-type"] == "application/json;,text/html"
    assert answer.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize("named", [{"contentType": TWO_TYPES}, {"headers": {"content-type": TWO_TYPES}}])
def test_two_types_are_refused(http: httpx2.Client, named: dict[str, Any]) -> None:
    """What browsers may take for another type than the mock does can't be a content type, however it is named."""
    fault = {"match": {}, "answer": {"status": 502, "body": "<script>", **named}}

    assert http.post("/_mock/faults", json=fault).status_code == 400


def test_text_without_a_content_type_is_json(http: httpx2.Client) -> None:
    """A text alone is a JSON text."""
    answer = _answer(http, status=502, body="<h1>Down</h1>")

    assert (answer.headers["content-type"], answer.json()) == ("application/json", "<h1>Down</h1>")


def test_json_of_another_type(http: httpx2.Client) -> None:
    """What isn't a text is JSON under any content type, and needs no sandbox under one of JSON's."""
    answer = _answer(
        http, status=409, body={"title": "Conflict"}, contentType="application/problem+json; charset=utf-8"
    )

    assert (answer.status_code, answer.json()) == (409, {"title": "Conflict"})
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert "content-security-policy" not in answer.headers


def test_content_type_alone(http: httpx2.Client) -> None:
    """The usual body can be declared as something else."""
    answer = _answer(http, contentType="text/plain")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain")
    assert answer.json()["items"]


def test_headers_take_the_place_of_others(http: httpx2.Client) -> None:
    """A wanted header replaces the declared one of its name, in any case; a list is sent line by line."""
    answer = _answer(http, status=401, headers={"WWW-AUTHENTICATE": "Basic", "Set-Cookie": ["a=1", "b=2"]})

    assert (answer.status_code, answer.headers.get_list("www-authenticate")) == (401, ["Basic"])
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_headers_alone_keep_the_answer(http: httpx2.Client) -> None:
    """A header can be added to the usual response."""
    answer = _answer(http, headers={"Deprecation": "true"})

    assert (answer.status_code, answer.headers["deprecation"]) == (200, "true")
    assert answer.json()["items"]


def test_template_repeats_the_request(http: httpx2.Client) -> None:
    """Body and headers repeat what was asked, though the operation isn't done."""
    sent = http.build_request("POST", "/api/DEFAULT/member", json={"customer": {"email": "told@example.com"}})
    body = {"email": "{{request.body.customer.email}}", "in": "{{request.path.storeCode}}"}

    answer = _answer(http, sent, status=422, template=True, body=body, headers={"X-Path": "{{request.path}}"})

    assert (answer.status_code, answer.json()) == (422, {"email": "told@example.com", "in": "DEFAULT"})
    assert answer.headers["x-path"] == "/api/DEFAULT/member"


def test_no_request_begins_a_header(http: httpx2.Client) -> None:
    """A line break of the request stays within the header that repeats it, as a space."""
    sent = http.build_request("GET", f"{EVENTS}?x=a%0d%0ab:%20c%00")

    answer = _answer(http, sent, status=422, template=True, headers={"X-Told": "{{request.query.x}}"})

    assert answer.headers["x-told"] == "a b: c"
    assert "b" not in answer.headers


def test_without_template_braces_stay(http: httpx2.Client) -> None:
    """Only an answer that says so is a template."""
    assert _answer(http, status=422, body="{{now}}").json() == "{{now}}"


def test_body_decides_and_is_still_there(http: httpx2.Client) -> None:
    """A fault that looks at the body leaves it to the operation."""
    wanted = {"match": {"body": {"$.customer.email": {"contains": "never"}}}, "answer": {"status": 500}}
    http.post("/_mock/faults", json=wanted).raise_for_status()

    answer = http.post("/api/DEFAULT/member", json={"customer": {"email": "kept@example.com"}})

    assert (answer.status_code, answer.json()["email"]) == (200, "kept@example.com")


def test_body_that_is_too_large_is_refused_as_ever(http: httpx2.Client) -> None:
    """A body beyond the limit is refused as a whole, also if a fault had begun to read it."""
    http.post("/_mock/faults", json={"match": {"body": {"a": 1}}, "answer": {"status": 500}}).raise_for_status()
    pieces = (b" " * 65_536 for _ in range(20))

    answer = http.post("/api/DEFAULT/member", content=pieces, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413


@pytest.mark.parametrize(("method", "path", "usual"), [("GET", "/api/nowhere", 404), ("PUT", EVENTS, 405)])
def test_what_no_operation_answers(http: httpx2.Client, method: str, path: str, usual: int) -> None:
    """A fault by path strikes unknown paths and methods; one of every operation doesn't."""
    http.post("/_mock/faults", json={"match": {}, "answer": {"status": 418}}).raise_for_status()
    assert http.request(method, path).status_code == usual

    http.post("/_mock/faults", json={"match": {"path": path}, "answer": {"status": 418}}).raise_for_status()

    assert http.request(method, path).status_code == 418


@pytest.mark.parametrize("path", ["/docs/configuration.json", "/_mock/health", "/_mock/clock", "/openapi.json"])
def test_the_mock_itself_is_left_alone(http: httpx2.Client, path: str) -> None:
    """No fault touches what the mock serves beside the API."""
    http.post("/_mock/faults", json={"match": {"path": "*"}, "answer": {"status": 418}}).raise_for_status()

    assert http.get(path).status_code == 200


@pytest.mark.parametrize("status", [None, 503, 204])
def test_a_dropped_post_has_begun_an_answer(mock: MockServer, http: httpx2.Client, status: int | None) -> None:
    """On a connection that was used before, bytes come before the reset: else browsers would send the POST again."""
    asked = {} if status is None else {"status": status}
    _break(http, operationId="_memberPost", effect="dropConnection", **asked)
    head = "{} HTTP/1.1\r\nHost: mock\r\nX-AUTH-TOKEN: mock-api-key\r\n"
    head += "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    address = urlsplit(mock.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        connection.sendall(head.format(f"GET {EVENTS}", 0).encode())
        assert connection.recv(1_000_000).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(head.format("POST /api/DEFAULT/member", 15).encode() + b'{"customer":{}}')
        received = connection.recv(1_000_000)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)

    assert received.startswith(b"HTTP/1.1 100 Continue" if status == 204 else b"HTTP/1.1 ")


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
