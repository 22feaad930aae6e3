"""mockserver.proxy.passed_headers: which headers go on, and which don't."""

import pytest

from mockserver.http.messages import Header, Request
from mockserver.proxy.passed_headers import asked_protocol, of_answer, of_request


def _passed(**headers: str) -> dict[bytes, bytes]:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return dict(of_request(Request("GET", b"/", named, None), b"live.test", [], b"me"))


def test_what_belongs_to_a_connection_stays_there() -> None:
    """Headers of the connection, and those that it names, aren't passed; all others are, as they came."""
    passed = _passed(
        connection="keep-alive, x-mine", keep_alive="1", te="trailers", x_mine="1", x_other="2", cookie="a=b"
    )

    assert passed == {b"host": b"live.test", b"x-other": b"2", b"cookie": b"a=b", b"x-mock-proxy": b"me"}


def test_the_host_is_that_of_the_instance() -> None:
    """Host is rewritten, also if Connection names it; what a client says of forwarding is left as it is."""
    passed = _passed(host="localhost:8182", connection="host", x_forwarded_for="192.0.2.1")

    assert (passed[b"host"], passed[b"x-forwarded-for"]) == (b"live.test", b"192.0.2.1")


def test_the_control_token_is_kept() -> None:
    """What lets somebody steer the proxy doesn't reach the instance."""
    assert b"x-mock-control-token" not in _passed(x_mock_control_token="hunter2")


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("gzip, deflate, br, zstd", b"gzip, deflate"),
        ("br", b"identity"),
        ("*", b"identity"),
        ("gzip;q=0.5, br;q=1", b"gzip;q=0.5"),
        ("", b"identity"),
        ("identity;q=0, br", b"identity;q=0, br"),
        ("*;q=0, br;q=1", b"*;q=0, br;q=1"),
        ("identity;q=0, gzip, br", b"identity;q=0, gzip"),
        ("identity;q=0", b"identity;q=0"),
    ],
)
def test_codings_that_cant_be_judged_arent_asked_for(asked: str, passed: bytes) -> None:
    """Accept-Encoding is narrowed to what can be decoded, unless the client refuses all of that."""
    assert _passed(accept_encoding=asked)[b"accept-encoding"] == passed


def test_who_asks_for_no_coding_goes_on_asking_for_none() -> None:
    """Where there is no Accept-Encoding, none is added."""
    assert b"accept-encoding" not in _passed()


def test_proxies_add_their_ids() -> None:
    """A request names all proxies by which it has come."""
    assert _passed(x_mock_proxy="other")[b"x-mock-proxy"] == b"other, me"


def test_answers_keep_order_letters_and_repetition() -> None:
    """Headers of an answer come as they are, several of a name, too, but for those of its connection."""
    kept: list[Header] = [(b"Set-Cookie", b"a=1"), (b"X-A", b"1"), (b"set-cookie", b"b=2")]
    own = [(b"Connection", b"X-B"), (b"x-b", b"1"), (b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"3")]

    assert of_answer([*kept, *own]) == kept


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({b"connection": b"Upgrade", b"upgrade": b"websocket"}, b"websocket"),
        ({b"connection": b"keep-alive, upgrade", b"upgrade": b"h2c, foo"}, b"foo"),
        ({b"connection": b"Upgrade, HTTP2-Settings", b"upgrade": b"h2c"}, b""),
        ({b"upgrade": b"websocket"}, b""),
        ({}, b""),
    ],
)
def test_only_http_2_is_a_wish_that_can_be_ignored(headers: dict[bytes, bytes], wanted: bytes) -> None:
    """Whoever asks for HTTP/2 is served without; whoever asks for another protocol can't be."""
    assert asked_protocol(Request("GET", b"/", headers, None)) == wanted
