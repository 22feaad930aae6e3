"""mockserver.proxy.live: how the instance is called, and what is told if it has no answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from mockserver.errors import SettingsError
from mockserver.http.messages import BrokenOff
from mockserver.proxy.live import Live, LiveAnswer, LiveFailed
from mockserver.proxy.live_address import LiveAddress
from mockserver.testing import MockServer
from mockserver.testing.certificates import self_signed
from tests.support.proxies import PATIENCE, raw_instance

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _live(url: str, timeout: float = PATIENCE, ca_file: str | None = None, *, insecure: bool = False) -> Live:
    return Live(LiveAddress.of(url), timeout, ca_file, insecure=insecure)


async def _all(answer: LiveAnswer) -> bytes:
    body = b""
    while piece := await answer.read():
        body += piece
    return body


@pytest.mark.anyio
async def test_connections_are_kept() -> None:
    """Several requests go by one connection, with the base path before theirs, and the answer comes as it is."""
    with raw_instance(OK) as raw:
        live = _live(f"{raw.url}/base")
        answers = [await _all(await live.ask("GET", b"/a?b", [(b"host", b"x")], b"")) for _ in range(3)]
        await live.close()

    assert answers == [b"ok"] * 3
    assert raw.heads == [b"GET /base/a?b HTTP/1.1\r\nhost: x\r\n\r\n"] * 3


@pytest.mark.anyio
async def test_interim_responses_and_trailers_are_dropped() -> None:
    """Of 103 and the like, and of trailers, nothing is seen."""
    head = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with raw_instance(head + b"2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n") as raw:
        live = _live(raw.url)
        answer = await live.ask("GET", b"/", [(b"host", b"x")], b"")
        body = await _all(answer)
        await live.close()

    assert (answer.status, body, answer.headers) == (200, b"ok", [(b"Transfer-Encoding", b"chunked")])


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
@pytest.mark.anyio
async def test_what_may_be_sent_twice_is(method: str, times: int) -> None:
    """If a connection ends before the answer, idempotent requests are sent once more, others never."""
    with raw_instance(b"", stays=False) as raw:
        live = _live(raw.url)
        with pytest.raises(LiveFailed, match="ended the connection") as failed:
            await live.ask(method, b"/", [(b"host", b"x")], b"")
        await live.close()

    assert (failed.value.status, len(raw.heads)) == (502, times)


@pytest.mark.anyio
async def test_silence_is_a_504() -> None:
    """Who doesn't begin to answer in time is told so, and how to wait for longer."""
    with raw_instance(b"HTTP/1.1 ") as raw:
        live = _live(raw.url, 0.05)
        with pytest.raises(LiveFailed, match=r"within 0\.05 seconds\. Raise --timeout") as failed:
            await live.ask("GET", b"/", [(b"host", b"x")], b"")
        await live.close()

    assert failed.value.status == 504


@pytest.mark.anyio
async def test_nobody_is_a_502() -> None:
    """An address where nobody listens is told."""
    with raw_instance(OK) as raw:
        pass
    with pytest.raises(LiveFailed, match="can't be reached: Connection refused") as failed:
        await _live(raw.url).ask("GET", b"/", [(b"host", b"x")], b"")

    assert failed.value.status == 502


@pytest.mark.anyio
async def test_what_is_no_http_is_a_502() -> None:
    """Something else than HTTP is told, not passed on."""
    with raw_instance(b"SSH-2.0-OpenSSH\r\n\r\n", stays=False) as raw:
        live = _live(raw.url)
        with pytest.raises(LiveFailed, match="no answer that is HTTP"):
            await live.ask("POST", b"/", [(b"host", b"x")], b"")
        await live.close()


@pytest.mark.anyio
async def test_words_repeat_nothing_that_was_sent() -> None:
    """What is told of a broken answer, or of a request that can't be sent, has nothing of it: that may be a secret."""
    with raw_instance(b"HTTP/1.1 200 OK\r\nSet-Cookie hunter2\r\n\r\n") as raw:
        live = _live(raw.url)
        for headers in ([(b"host", b"x")], [(b"host", b"x"), (b"cookie", b"hunter2\x00")]):
            with pytest.raises(LiveFailed) as failed:
                await live.ask("POST", b"/", headers, b"")
            assert "hunter2" not in str(failed.value)
            assert str(failed.value).endswith("illegal header line." if len(headers) == 1 else "Illegal header value.")
        await live.close()


@pytest.mark.anyio
async def test_a_body_that_ends_too_early_is_told() -> None:
    """An answer that is cut off raises, so that nobody takes it for a whole one."""
    with raw_instance(OK[:-1], stays=False) as raw:
        live = _live(raw.url)
        answer = await live.ask("GET", b"/", [(b"host", b"x")], b"")
        with pytest.raises(BrokenOff):
            await _all(answer)
        await live.close()


@pytest.mark.anyio
async def test_bodies_go_out_in_pieces() -> None:
    """A body of unknown length is sent in chunks."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    with raw_instance(OK) as raw:
        live = _live(raw.url)
        await _all(await live.ask("POST", b"/", [(b"host", b"x"), (b"transfer-encoding", b"chunked")], pieces()))
        await live.close()

    assert raw.heads[0].endswith(b"transfer-encoding: chunked\r\n\r\n")


@pytest.mark.anyio
async def test_certificates_are_checked(tmp_path: Path) -> None:
    """An instance whose certificate isn't trusted isn't called; with its certificate, or insecurely, it is."""
    certificate, key = map(str, self_signed(tmp_path))
    with MockServer(tls_cert=certificate, tls_key=key) as mock:
        request = ("GET", b"/_mock/health", [(b"host", b"x")], b"")
        with pytest.raises(LiveFailed, match=r"is not trusted .* --ca-file"):
            await _live(mock.url).ask(*request)
        for live in (_live(mock.url, ca_file=certificate), _live(mock.url, insecure=True)):
            assert (await live.ask(*request)).status == 200
            await live.close()


def test_a_ca_file_that_cant_be_read_is_refused(tmp_path: Path) -> None:
    """A file without certificates is an error of the start."""
    (tmp_path / "no.pem").write_text("nothing")
    with pytest.raises(SettingsError, match=r"no\.pem"):
        _live("https://a", ca_file=str(tmp_path / "no.pem"))


@pytest.mark.anyio
async def test_interim_responses_have_an_end() -> None:
    """Who sends one 103 after the other is told as broken, however fast they come."""
    with raw_instance(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" * 50_000) as raw:
        live = _live(raw.url)
        with pytest.raises(LiveFailed, match="over 256 KiB came before the answer"):
            await live.ask("POST", b"/", [(b"host", b"x")], b"")
        await live.close()


@pytest.mark.anyio
async def test_a_head_has_one_limit_of_time() -> None:
    """A head that goes on slowly, never silent for long, ends as silence does."""
    ended = asyncio.Event()
    server = await asyncio.start_server(partial(_drip, ended), "127.0.0.1", 0)
    async with server, asyncio.timeout(PATIENCE):
        live = _live(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 0.2)
        with pytest.raises(LiveFailed, match=r"within 0\.2 seconds"):
            await live.ask("POST", b"/", [(b"host", b"x")], b"")
        await live.close()
        await ended.wait()


async def _drip(ended: asyncio.Event, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that begins until its client leaves."""
    with suppress(ConnectionError):
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)
    writer.transport.abort()
    ended.set()
