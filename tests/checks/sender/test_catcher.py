"""The catcher takes what it was told of, as it comes, and answers as it was told."""

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from mockserver.checks.sender.catcher import LONGEST_BODY, Catcher, CatcherReaction, token_of
from mockserver.errors import SettingsError

PATH = "/0a1b2c3d.mockserver-check.invalid/00c0ffee00c0ffee"


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    """A catcher on a port of its own."""
    with Catcher() as running:
        yield running


def _post(url: str, body: bytes = b"{}", method: str = "POST", **headers: str) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_request_is_kept_as_it_came(catcher: Catcher) -> None:
    """Method, target, headers and the raw body, with the token that says whose it is."""
    url = catcher.expect(f"{PATH}/a%2Fb?check=1", CatcherReaction())
    assert _post(url, b'{"a" : 1}', X_One="1").status == 204
    (one,) = catcher.caught()
    assert (one.method, one.target, one.body) == ("POST", f"{PATH}/a%2Fb?check=1", b'{"a" : 1}')
    assert (one.token, one.status, one.header("x_one"), one.payload) == ("00c0ffee00c0ffee", 204, "1", {"a": 1})


def test_answers_come_one_after_another(catcher: Catcher) -> None:
    """The last one is repeated, and a redirect says where it leads."""
    url = catcher.expect(PATH, CatcherReaction((500, 302), "http://127.0.0.1:1/"))
    answers = [_post(url) for _ in range(3)]
    assert [one.status for one in answers] == [500, 302, 302]
    assert answers[1].getheader("Location") == "http://127.0.0.1:1/"
    assert catcher.count("00c0ffee00c0ffee") == 3


def test_who_knows_no_token_is_a_stranger(catcher: Catcher) -> None:
    """It is counted, and nothing of it is kept."""
    assert _post(f"{catcher.url}/anything").status == 404
    assert _post(f"{catcher.url}{PATH}").status == 404
    assert (catcher.caught(), catcher.strangers) == ([], 2)


def test_chunks_are_joined(catcher: Catcher) -> None:
    """Senders may not know how long a body is."""
    url = catcher.expect(PATH, CatcherReaction())
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as connection:
        connection.sendall(head.encode() + b'3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\nT: 1\r\n\r\n')
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
    assert catcher.caught()[0].payload == {"a": 1}


@pytest.mark.parametrize("length", ["-1", "many", str(LONGEST_BODY + 1)])
def test_too_large_is_refused(catcher: Catcher, length: str) -> None:
    """So is a length that is none."""
    parts = urlsplit(catcher.expect(PATH, CatcherReaction()))
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as connection:
        connection.sendall(f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
    assert catcher.caught() == []


def test_any_method_is_taken(catcher: Catcher) -> None:
    """A sender that uses another one is to be found."""
    url = catcher.expect(PATH, CatcherReaction())
    assert _post(url, method="PUT").status == 204
    assert catcher.caught()[0].method == "PUT"


def test_waiting_ends_with_what_is_waited_for(catcher: Catcher) -> None:
    """Or with the time."""
    url = catcher.expect(PATH, CatcherReaction())
    assert not catcher.wait(0.01, lambda: catcher.count("00c0ffee00c0ffee") > 0)
    _post(url)
    assert catcher.wait(10.0, lambda: catcher.count("00c0ffee00c0ffee") > 0)


def test_a_public_address_is_what_others_see(catcher: Catcher) -> None:
    """It listens here, and a tunnel leads to it, whatever path that adds or takes away."""
    catcher.public = "https://hooks.example.com/in/"
    assert catcher.expect(PATH, CatcherReaction()) == f"https://hooks.example.com/in{PATH}"
    assert token_of(f"/in{PATH}?a=b") == token_of(PATH) == "00c0ffee00c0ffee"


def test_a_taken_port_is_told(catcher: Catcher) -> None:
    """With the option that mends it."""
    taken = urlsplit(catcher.url).port or 0
    with pytest.raises(SettingsError, match="Give another --catcher-listen"), Catcher(("127.0.0.1", taken)):
        pass
