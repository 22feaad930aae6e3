"""mockserver.world.request_facts: what matchers and templates see of a request."""

from collections.abc import Callable

import pytest

from mockserver.http.messages import MAX_BODY, Disconnected, Request
from mockserver.world.request_facts import FORM, NO_BODY, RequestFacts


class Pieces:
    """The source of a body that comes in pieces."""

    client, head_size, has_left, scheme = "client", 0, False, "http"

    def __init__(self, *pieces: bytes) -> None:
        self.left = [*pieces]

    def when_left(self, call: Callable[[], object] | None) -> None:
        """Nothing."""

    async def read(self) -> bytes:
        """The next piece."""
        return self.left.pop(0) if self.left else b""


def _request(body: bytes = b"", media_type: bytes = b"application/json") -> Request:
    request = Request("POST", b"/a?x=1&x=a+b&empty=&url%5Blike%5D=c", {b"content-type": media_type}, None)
    request.body = body
    return request


def test_head_is_told_decoded() -> None:
    """Query parameters are decoded, all of each; headers are found by a name in any case; no operation has no store."""
    facts = RequestFacts(_request())

    assert facts.query == {"x": ["1", "a b"], "empty": [""], "url[like]": ["c"]}
    assert (facts.header("Content-Type"), facts.header("X-None"), facts.header("ü€")) == (
        "application/json",
        None,
        None,
    )
    assert (facts.operation_id, facts.store_code, facts.status, facts.path) == (None, None, None, "/a")


@pytest.mark.parametrize(
    ("sent", "media_type", "body"),
    [
        (b'{"a": 1}', b"text/plain", {"a": 1}),
        (b"null", b"application/json", None),
        (b"{", b"application/json", "{"),
        (b"\xff", b"text/plain", "\ufffd"),
        (b"a=b+c&d=1&d=2&e=", FORM + b"; charset=utf-8", {"a": "b c", "d": ["1", "2"], "e": ""}),
        (b"", FORM, NO_BODY),
    ],
)
def test_body_is_json_form_or_text(sent: bytes, media_type: bytes, body: object) -> None:
    """The body is JSON whatever the request calls it, a form an object of texts, and anything else a text."""
    assert RequestFacts(_request(sent, media_type)).body == body


@pytest.mark.anyio
async def test_a_body_is_read_once() -> None:
    """The body that a matcher has looked at is still there for the operation."""
    request = Request("POST", b"/", {}, Pieces(b'{"a"', b": 1}"))
    facts = RequestFacts(request)

    await facts.read()

    assert facts.body == {"a": 1}
    assert await request.read() == b'{"a": 1}'


@pytest.mark.anyio
async def test_a_body_that_is_too_large_is_none() -> None:
    """A body beyond the limit is none: its operation refuses it."""
    facts = RequestFacts(Request("POST", b"/", {}, Pieces(b"1" * MAX_BODY, b"1")))

    await facts.read()

    assert facts.body is NO_BODY


@pytest.mark.anyio
async def test_a_client_that_leaves_is_told() -> None:
    """Whoever leaves before the body is there is told to the server, as without a fault."""

    class Gone(Pieces):
        async def read(self) -> bytes:
            raise Disconnected

    with pytest.raises(Disconnected):
        await RequestFacts(Request("POST", b"/", {}, Gone())).read()
