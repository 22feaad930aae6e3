"""mockserver.proxy.application: what passes through a proxy, and what it says of it."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator

import httpx2
import pytest

from mockserver.http.messages import (
    JSON_TYPE,
    MAX_BODY,
    Header,
    OpenResponse,
    PassedResponse,
    Request,
    Response,
    json_response,
)
from mockserver.testing import MockServer
from tests.support.proxies import PATIENCE, REX, always, client_of, instance, proxied, proxy_to, raw_instance

VIOLATION = "x-mock-contract-violation"
BINARY: Header = (b"content-type", b"application/octet-stream")


async def echo(request: Request) -> Response:
    """What was asked, as JSON."""
    body = await request.read(10 * MAX_BODY)
    asked = {name.decode(): value.decode() for name, value in request.headers.items()}
    target = (request.raw_path + b"?" + request.query_string).decode()
    return json_response(200, {"method": request.method, "target": target, "headers": asked, "size": len(body)})


def _told(client: httpx2.Client) -> dict[str, int]:
    """What the proxy has counted."""
    found: dict[str, int] = client.get("/_mock/violations").json()
    return found


# ---------------------------------------------------------------- what passes
def test_a_request_passes_and_is_judged() -> None:
    """What the instance answers comes through as it is, and is in the journal and the tally."""
    with proxied(always(200, b"[" + REX + b"]")) as client:
        found = client.get("/api/pets?limit=1")
        (kept,) = client.get("/_mock/requests").json()["items"]
        told = _told(client)

    assert (found.status_code, found.content, VIOLATION in found.headers) == (200, b"[" + REX + b"]", False)
    assert (kept["operationId"], kept["status"], kept["queryParameters"]) == ("listPets", 200, {"limit": ["1"]})
    assert (told["passed"], told["judged"], told["violations"]) == (1, 1, 0)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_methods_targets_and_headers_pass(method: str) -> None:
    """Any method passes, and the target letter by letter; Host is that of the instance."""
    with instance(echo) as url, proxy_to(f"{url}/base") as proxy, client_of(proxy) as client:
        request = client.build_request(method, "/a%2Fb/;c?x=%20+&x=2", headers={"X-A": "1"}, content=b"abc")
        found = client.send(request).json()

    assert (found["method"], found["target"], found["size"]) == (method, "/base/a%2Fb/;c?x=%20+&x=2", 3)
    assert (found["headers"]["host"], found["headers"]["x-a"]) == (url.removeprefix("http://"), "1")


@pytest.mark.parametrize("size", [0, 10, MAX_BODY, MAX_BODY + 1, 3 * MAX_BODY])
@pytest.mark.parametrize("in_chunks", [True, False])
def test_bodies_of_any_size_reach_the_instance(size: int, *, in_chunks: bool) -> None:
    """A body passes whatever its size, with its length or in chunks."""
    pieces: Iterator[bytes] = (b"a" * each for each in (size // 2, size - size // 2))
    with proxied(echo) as client:
        found = client.post("/api/pets", content=pieces if in_chunks else b"a" * size, headers={"content-type": "a/b"})

    assert found.json()["size"] == size


@pytest.mark.parametrize("size", [0, 10, MAX_BODY, MAX_BODY + 1, 3 * MAX_BODY])
@pytest.mark.parametrize("told", [True, False])
def test_answers_of_any_size_reach_the_client(size: int, *, told: bool) -> None:
    """An answer passes whatever its size, whether it says that or not, and the connection goes on."""

    async def respond(_request: Request) -> Response:
        response = PassedResponse(200, [BINARY], b"", _Pieces(b"a" * (size // 2), b"a" * (size - size // 2)))
        response.size = size if told else None
        return response

    with proxied(respond) as client:
        answers = [client.get("/api/pets") for _ in range(2)]

    assert [len(one.content) for one in answers] == [size] * 2
    assert ("content-length" in answers[0].headers) == told


def test_headers_of_answers_pass_as_they_are() -> None:
    """Several Set-Cookie stay several, redirects aren't followed, CORS is what the instance says, and there is one
    date."""
    head = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nLocation: /elsewhere\r\nDate: today\r\n"
    with (
        raw_instance(head + b"Content-Length: 0\r\n\r\n") as raw,
        proxy_to(raw.url) as proxy,
        client_of(proxy) as client,
    ):
        found = client.get("/api/pets", headers={"origin": "http://a.test"})

    assert found.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (found.status_code, found.headers["location"], found.headers["date"]) == (302, "/elsewhere", "today")
    assert "access-control-allow-origin" not in found.headers


def test_compressed_answers_are_judged_and_pass_as_they_came() -> None:
    """What is compressed stays so, and is judged as what it is."""
    body = gzip.compress(b'[{"id": 1}]')
    with proxied(always(200, body, JSON_TYPE, (b"content-encoding", b"gzip"))) as client:
        with client.stream("GET", "/api/pets") as found:
            raw = b"".join(found.iter_raw())
        (kept,) = client.get("/_mock/requests").json()["items"]

    assert (raw, found.headers[VIOLATION]) == (body, "answer body[0].name: This value should not be blank.")
    assert kept["answer"]["body"] == [{"id": 1}]


@pytest.mark.parametrize("head", [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\n\r\n"])
def test_answers_without_a_body_pass(head: bytes) -> None:
    """A 204 and a 304 end with their head; the connection goes on."""
    with raw_instance(head) as raw, proxy_to(raw.url) as proxy, client_of(proxy) as client:
        found = [client.delete("/api/pets/1").status_code for _ in range(2)]
        told = _told(client)

    assert found == [int(head[9:12])] * 2
    assert told["violations"] == 0


def test_a_head_tells_the_length_of_the_body() -> None:
    """HEAD is answered as the instance answers it, and judged as GET without a body."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n"
    with raw_instance(head) as raw, proxy_to(raw.url) as proxy, client_of(proxy) as client:
        found = [client.head("/api/pets") for _ in range(2)]

    assert [one.headers["content-length"] for one in found] == ["5000000"] * 2
    assert VIOLATION not in found[0].headers


def test_events_pass_as_they_come() -> None:
    """Each piece of a stream is there before the next one is sent."""
    seen = threading.Event()

    async def respond(_request: Request) -> Response:
        return OpenResponse(200, [(b"content-type", b"text/event-stream")], _Events(seen))

    with proxied(respond) as client, client.stream("GET", "/api/stream") as found:
        pieces = found.iter_raw()
        first = next(pieces)
        seen.set()
        assert first + b"".join(pieces) == b"data: 1\n\ndata: 0\n\n"


def test_a_client_that_leaves_ends_the_request_to_the_instance() -> None:
    """If the client leaves while the instance works, the instance sees that its client has left."""
    left, asked = threading.Event(), threading.Event()

    async def respond(request: Request) -> Response:
        gone = asyncio.Event()
        if request.source is not None:
            request.source.when_left(gone.set)
        asked.set()
        await gone.wait()
        left.set()
        return Response(200, [])

    with instance(respond) as url, proxy_to(url) as proxy:
        host, _, port = proxy.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /api/pets HTTP/1.1\r\nHost: a\r\n\r\n")
            assert asked.wait(PATIENCE)
        assert left.wait(PATIENCE)


def test_a_client_that_leaves_ends_a_stream() -> None:
    """If the client leaves in the middle of a stream, the instance sees that, and the journal has what came."""
    ended = threading.Event()

    async def respond(_request: Request) -> Response:
        return OpenResponse(200, [(b"content-type", b"text/event-stream")], _Endless(ended))

    with instance(respond) as url, proxy_to(url) as proxy, client_of(proxy) as client:
        with client.stream("GET", "/api/stream") as found:
            next(found.iter_raw())
        assert ended.wait(PATIENCE)
        (kept,) = client.get("/_mock/requests?wait=10&atLeast=1").json()["items"]

    assert (kept["answered"], kept["status"]) == (False, 200)


def test_a_broken_answer_is_broken_for_the_client() -> None:
    """What the instance cuts off isn't whole for the client, either."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\nabc"
    with raw_instance(head, stays=False) as raw, proxy_to(raw.url) as proxy, client_of(proxy) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/api/pets")
        (kept,) = client.get("/_mock/requests").json()["items"]

    assert kept["answered"] is False


# ---------------------------------------------------------------- what is said
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"id": "1", "name": "Rex"}]', "answer body[0].id: This value should be of type integer."),
        (b"<html>", "answer body: is no JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)"),
    ],
)
def test_violations_are_marked_listed_and_recorded(body: bytes, said: str) -> None:
    """A violation stands in a header, in the journal and, by its cause, in the list."""
    with proxied(always(200, body)) as client:
        found = [client.get("/api/pets") for _ in range(3)]
        kept = client.get("/_mock/requests?contractViolation=true").json()["items"]
        (group,) = client.get("/_mock/violations").json()["items"]

    assert (found[0].content, found[0].headers[VIOLATION]) == (body, said)
    assert [one["contractViolation"] for one in kept] == [said] * 3
    assert (group["count"], group["operationId"], group["example"]["requestId"]) == (
        3,
        "listPets",
        kept[-1]["requestId"],
    )


def test_both_sides_are_judged() -> None:
    """A wrong request is passed on, and said to be wrong beside the answer."""
    with proxied(always(200, b"{}")) as client:
        found = client.get("/api/pets?limit=500")
        sides = {one["side"] for one in client.get("/_mock/violations").json()["items"]}

    assert found.headers[VIOLATION].startswith("request query.limit: ")
    assert sides == {"request", "answer"}


def test_what_is_too_large_is_counted_and_not_judged() -> None:
    """Bodies over 1 MiB pass without a verdict on them, and are counted; their heads are judged."""
    large = b'"' + b"a" * MAX_BODY + b'"'
    with proxied(always(500, large)) as client:
        found = client.post("/api/pets", content=large, headers={"content-type": "application/json"})
        told = client.get("/_mock/violations").json()

    assert (found.content, found.headers[VIOLATION]) == (large, "answer status: 500 is not declared, only 201")
    assert told["unjudged"] == {"request over 1 MiB": 1, "answer over 1 MiB": 1}


def test_what_the_contract_lacks_passes_and_is_counted() -> None:
    """Unknown paths are no violations: they pass, and are listed."""
    with proxied(always(200, b"{}")) as client:
        found = client.get("/elsewhere")
        told = client.get("/_mock/violations").json()

    assert (found.status_code, told["notInTheContract"], told["violations"]) == (200, {"GET /elsewhere": 1}, 0)


@pytest.mark.parametrize(
    ("target", "body", "message", "reached"),
    [
        ("/api/pets?limit=500", b"[]", "The request leaves the contract, and was not passed on (--strict).", 0),
        ("/api/pets", b"{}", "The answer, a 200, leaves the contract (--strict).", 1),
    ],
)
def test_strict_answers_502_with_the_violation(target: str, body: bytes, message: str, reached: int) -> None:
    """With --strict nothing that leaves the contract goes through, in either direction."""
    asked: list[Request] = []

    async def respond(request: Request) -> Response:
        asked.append(request)
        return Response(200, [JSON_TYPE], body)

    with proxied(respond, strict=True) as client:
        found = client.get(target, headers={"origin": "http://a.test"})

    assert (found.status_code, found.headers["x-mock-source"], len(asked)) == (502, "proxy", reached)
    assert (found.json()["message"], len(found.json()["errors"])) == (message, 1)
    assert found.headers["access-control-allow-origin"] == "*"


def test_strict_lets_right_ones_pass() -> None:
    """What keeps the contract isn't touched by --strict."""
    with proxied(always(200, b"[]"), strict=True) as client:
        assert client.get("/api/pets").content == b"[]"


@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        ({"Connection": "Upgrade", "Upgrade": "websocket"}, 501, "can't change to websocket"),
        ({"Host": "evil.example.com"}, 403, "might be a public one"),
    ],
)
def test_what_cant_pass_is_refused_with_words(headers: dict[str, str], status: int, says: str) -> None:
    """Other protocols, and pages that came by a public name, are told why they are refused."""
    with proxied(always(200)) as client:
        found = client.get("/api/pets", headers=headers)

    assert (found.status_code, found.headers["x-mock-source"]) == (status, "proxy")
    assert says in found.json()["message"]


def test_a_loop_ends() -> None:
    """A request that comes back to a proxy isn't passed on once more."""
    urls: list[str] = []

    async def respond(request: Request) -> Response:
        come_by = {"x-mock-proxy": request.headers[b"x-mock-proxy"].decode()}
        async with httpx2.AsyncClient(timeout=PATIENCE) as back:
            found = await back.get(f"{urls[0]}/api/pets", headers=come_by)
        return Response(found.status_code, [JSON_TYPE], found.content)

    with instance(respond) as url, proxy_to(url) as proxy, client_of(proxy) as client:
        urls.append(proxy.url)
        found = client.get("/api/pets")

    assert (found.status_code, "has come by this proxy before" in found.json()["message"]) == (508, True)


def test_nobody_behind_is_told_as_the_proxy_s_own() -> None:
    """If the instance is down the answer is a 502 with words, which is in the journal."""
    with instance(always(200)) as url:
        pass
    with proxy_to(url) as proxy, client_of(proxy) as client:
        found = client.get("/api/pets")
        (kept,) = client.get("/_mock/requests").json()["items"]

    assert (found.status_code, found.headers["x-mock-source"], kept["status"]) == (502, "proxy", 502)
    assert "can't be reached" in found.json()["message"]


def test_faults_strike_before_the_instance() -> None:
    """A fault with a status answers by itself; one without changes what the instance says."""
    with MockServer(spec=None) as live, proxy_to(live.url) as proxy, client_of(proxy) as client:
        client.post("/_mock/faults", json={"operationId": "listPets", "status": 503, "times": 1})
        client.post("/_mock/faults", json={"operationId": "listPets", "effect": "malformedJson", "times": 1})
        found = [client.get("/api/pets") for _ in range(3)]

    assert [one.status_code for one in found] == [503, 404, 404]
    assert found[1].content.startswith(b"{{")
    assert "x-mock-fault" in found[0].headers


def test_metrics_tell_what_has_passed() -> None:
    """Requests are counted by operation and status, as a mock counts them."""
    with proxied(always(200, b"[]")) as client:
        client.get("/api/pets")
        metrics = client.get("/_mock/metrics").text

    assert 'mockserver_requests_total{operation="listPets",status="200"} 1' in metrics


class _Pieces:
    """A body that comes in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._left = [piece for piece in pieces if piece]

    async def read(self) -> bytes:
        """The next piece."""
        return self._left.pop(0) if self._left else b""

    def close(self) -> None:
        """Nothing."""


class _Events:
    """Two events; the second comes once the first was seen."""

    def __init__(self, seen: threading.Event) -> None:
        self._seen, self._left = seen, 2

    async def read(self) -> bytes:
        """The next event."""
        self._left -= 1
        if self._left == 0:
            await asyncio.to_thread(self._seen.wait, PATIENCE)
        return b"data: %d\n\n" % self._left if self._left >= 0 else b""

    def close(self) -> None:
        """Nothing."""


class _Endless:
    """Events until its client leaves."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended

    async def read(self) -> bytes:
        """The next event."""
        await asyncio.sleep(0.001)
        return b"data: 1\n\n"

    def close(self) -> None:
        """Tell it."""
        self._ended.set()
