"""mockserver.world.faults.request_match: which requests fit."""

from time import perf_counter  # noqa: TID251 (that matching takes no time)
from typing import Any

import orjson
import pytest

from mockserver.http.messages import MAX_BODY, Disconnected, Request
from mockserver.world.faults.request_match import FaultConditions, RequestView, steps_of

ORDER = {"customer": {"email": "ada@example.com", "age": 36, "tags": ["a", "b"]}, "items": [{"sku": "1"}, {"sku": "2"}]}


class Pieces:
    """The source of a body that comes in pieces."""

    client, head_size, has_left, scheme = "client", 0, False, "http"

    def __init__(self, *pieces: bytes) -> None:
        self.left = [*pieces]

    async def read(self) -> bytes:
        """The next piece."""
        return self.left.pop(0) if self.left else b""


def _view(target: str = "/", body: object = b"", method: str = "GET", **headers: str) -> RequestView:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    request = Request(method, target.encode(), named, None)
    request.path_parameters = {"storeCode": "DEFAULT"}
    request.body = body if isinstance(body, bytes) else orjson.dumps(body)
    return RequestView(request, "op")


@pytest.mark.parametrize(
    ("wanted", "path", "fits"),
    [
        ("/api/{storeCode}/member", "/api/DEFAULT/member", True),
        ("/api/{storeCode}/member", "/api/a/b/member", False),
        ("/api/{storeCode}/member", "/api//member", False),
        ("/api/{storeCode}/member", "/api/DEFAULT/member/1", False),
        ("/api/*", "/api/a/b/c", True),
        ("/api/*/member", "/api/a/b/member", True),
        ("*/member", "/api/a/member", True),
        ("*", "/", True),
        ("/{name}.json", "/openapi.json", True),
        ("/a.c", "/abc", False),
        ("/a+(b)[c]{", "/a+(b)[c]{", True),
        ("/caf%C3%A9", "/caf%C3%A9", True),
    ],
)
def test_paths(wanted: str, path: str, fits: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """`{name}` is a segment or a part of one, `*` anything, and everything else itself, as it was sent."""
    assert FaultConditions({"path": wanted}).holds(_view(path)) is fits


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"storeCode": "DEFAULT", "operationId": "op"}, True),
        ({"storeCode": "OTHER"}, False),
        ({"query": {"_page": "2"}}, True),
        ({"query": {"_page": 2}}, True),
        ({"query": {"_page": 1}}, False),
        ({"query": {"url[like]": "a b"}}, True),
        ({"query": {"x": "1", "_page": "2"}}, True),
        ({"query": {"x": {"equals": 2}}}, True),
        ({"query": {"x": {"matches": "^[0-9]$", "contains": "2"}}}, True),
        ({"query": {"x": {"absent": True}}}, False),
        ({"query": {"y": {"absent": True}}}, True),
        ({"query": {"y": {"absent": False}}}, False),
        ({"query": {"empty": ""}}, True),
        ({"headers": {"User-Agent": {"contains": "Firefox"}}}, True),
        ({"headers": {"user-agent": {"matches": "^Firefox"}}}, False),
        ({"headers": {"X-None": {"absent": True}}}, True),
        ({"headers": {"X-None": "1"}}, False),
    ],
)
def test_heads(match: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """All that is named has to hold; of a repeated parameter one value is enough."""
    view = _view("/?_page=2&url%5Blike%5D=a+b&x=1&x=2&empty=", user_agent="A Firefox")

    assert FaultConditions(match).holds(view) is fits


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"$.customer.email": "ada@example.com"}, True),
        ({"customer.email": "ada@example.com"}, True),
        ({"$['customer'][\"email\"]": {"contains": "@"}}, True),
        ({"$.customer.email": {"matches": "example\\.com$"}}, True),
        ({"$.customer.age": 36}, True),
        ({"$.customer.age": 36.0}, True),
        ({"$.customer.age": "36"}, False),
        ({"$.customer.age": {"contains": "3"}}, False),
        ({"$.customer.tags": {"contains": "b"}}, True),
        ({"$.customer.tags": ["a", "b"]}, True),
        ({"$.items[1].sku": "2"}, True),
        ({"$.items[2].sku": {"absent": True}}, True),
        ({"$.items[2].sku": {"absent": False}}, False),
        ({"$.items[*].sku": "2"}, True),
        ({"$.items[*].sku": "3"}, False),
        ({"$.items[0]": {"equals": {"sku": "1"}}}, True),
        ({"$.customer.phone": {"absent": True}, "$.customer.email": {"absent": False}}, True),
        ({"$.customer.email": {"absent": True}}, False),
    ],
)
def test_bodies(body: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A JSON path leads to a value, which is compared as JSON, or may have to be absent."""
    assert FaultConditions({"body": body}).holds(_view(body=ORDER)) is fits


@pytest.mark.parametrize(
    ("sent", "body", "fits"),
    [
        (b"a=1&b=2", {"$": {"contains": "b=2"}}, True),
        (b"a=1&b=2", {"$.a": {"absent": True}}, True),
        (b"", {"$": {"absent": True}}, True),
        (b"", {"$": {"contains": ""}}, False),
        (b"null", {"$": None}, True),
        (b"\xff", {"$": {"matches": "^.$"}}, True),
    ],
)
def test_other_bodies_are_texts(sent: bytes, body: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 (a parameter)
    """What isn't JSON is a text as a whole, and has nothing inside; no body is no value."""
    assert FaultConditions({"body": body}).holds(_view(body=sent)) is fits


@pytest.mark.anyio
async def test_a_body_is_read_once() -> None:
    """The body that a fault has looked at is still there for the operation."""
    request = Request("POST", b"/", {}, Pieces(b'{"a"', b": 1}"))
    view = RequestView(request, "op")

    await view.read()

    assert FaultConditions({"body": {"a": 1}}).holds(view)
    assert await request.read() == b'{"a": 1}'


@pytest.mark.anyio
async def test_a_body_that_is_too_large_is_none() -> None:
    """A body beyond the limit fits nothing but its absence."""
    view = RequestView(Request("POST", b"/", {}, Pieces(b"1" * MAX_BODY, b"1")), "op")

    await view.read()

    assert FaultConditions({"body": {"$": {"absent": True}}}).holds(view)


@pytest.mark.anyio
async def test_a_client_that_leaves_is_no_match() -> None:
    """Whoever leaves before the body is there is told to the server, as without a fault."""

    class Gone(Pieces):
        async def read(self) -> bytes:
            raise Disconnected

    with pytest.raises(Disconnected):
        await RequestView(Request("POST", b"/", {}, Gone()), "op").read()


def test_no_request_makes_an_expression_slow() -> None:
    """An expression that others need ages for is over at once."""
    match = FaultConditions({"headers": {"x": {"matches": "^(a+)+$"}}, "path": "*" * 100 + "z"})
    started = perf_counter()

    assert not match.holds(_view("/" + "a" * 5_000, x="a" * 50_000 + "!"))
    assert perf_counter() - started < 1


@pytest.mark.parametrize("path", ["$..a", "$.a[?(@.b)]", "$.a[-1]", "$.", "", "$a", "$.a b", "$[100]", "$" + ".a" * 21])
def test_other_paths_are_refused(path: str) -> None:
    """What goes beyond names, indices and `*`, or is too deep, isn't taken for something else."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (it is told by `checks`)
        steps_of(path)
    assert str(refused.value) == path
