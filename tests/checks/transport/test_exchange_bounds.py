"""Bounds of an exchange, held against targets that try to delay a run, to fill its memory, or to confuse it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic  # noqa: TID251 (a bound in real time)

import pytest
import requests

from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.transport import exchange_bounds
from mockserver.checks.transport.exchange_bounds import NoHttp, TooLarge
from mockserver.checks.transport.guarded_transport import GuardedTransport, Stopped, TransportOptions
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.rate_limiting import RateLimiter
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.checks.targets import (
    CHUNKED,
    MEBIBYTE,
    OK,
    Behaviour,
    body,
    bomb,
    drips,
    floods,
    resets,
    says,
    target,
)

SURFACE = Surface(Contract.load())
READ = SURFACE.calls["webhookEventGetList"]
TENANT = {"storeCode": "DEFAULT"}
PATIENCE, LONGEST = 0.2, 10  # seconds that an exchange may take, and that it takes on a very busy machine
BLOCK = b" " * MEBIBYTE
CHUNK = b"100000\r\n" + BLOCK + b"\r\n"
Error = type[requests.RequestException]

SLOW: dict[str, Behaviour] = {
    "a status line that drips": drips(b"HTTP/1.1 200 O"),
    "a header that drips": drips(OK + b"X-A: "),
    "headers that drip": drips(OK, b"X-A: b\r\n"),
    "interim answers that drip": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body that drips": drips(OK + b"Content-Length: 100000\r\n\r\n"),
    "a body that drips and has no length": drips(OK + b"\r\n"),
    "chunks that drip": drips(CHUNKED, b"1\r\na\r\n"),
    "the length of a chunk drips": drips(CHUNKED, b"0"),
    "the name of a chunk drips": drips(CHUNKED + b"5;", b"a"),
    "trailers that drip": drips(CHUNKED + b"0\r\n", b"X-A: b\r\n"),
    "silence": drips(b"", b"", 0.1),
    "silence in a body": drips(OK + b"Content-Length: 9\r\n\r\n", b"", 0.1),
}
LARGE: dict[str, Behaviour] = {
    "a body": floods(OK + b"Content-Length: 629145600\r\n\r\n", BLOCK),
    "a body without a length": floods(OK + b"\r\n", BLOCK),
    "chunks": floods(CHUNKED, CHUNK),
    "one chunk": floods(CHUNKED + b"FFFFFFFFFFFFFFF\r\n", BLOCK),
    "a chunk of the size -1": floods(CHUNKED + b"-1\r\n", BLOCK),
    "trailers": floods(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 10_000),
    "interim answers": floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
    "gzip": bomb("gzip", 64 * MEBIBYTE),
    "gzip in gzip": bomb("gzip", 64 * MEBIBYTE, times=2),
    "deflate": bomb("deflate", 64 * MEBIBYTE),
    "many values": says(body(b"[" + b"[]," * exchange_bounds.MOST_VALUES + b"0]")),
    "depth": says(body(b"[" * 50_000 + b"]" * 50_000)),
    "depth after blanks": says(body(b" \n" * 1000 + b'{"a":' * 10_000)),
}
WRONG: dict[str, tuple[Behaviour, Error]] = {
    "garbage": (says(b"\x00\xff\x1b[2J garbage\r\n\r\n"), NoHttp),
    "another protocol": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), NoHttp),
    "a status that is none": (says(b"HTTP/1.1 two hundred\r\n\r\n"), NoHttp),
    "a long line": (says(OK + b"X-A: " + b"a" * 100_000), NoHttp),
    "many headers": (floods(OK, b"X-A: b\r\n"), NoHttp),
    "two lengths": (says(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), requests.exceptions.InvalidHeader),
    "less than announced": (says(body(b"{}", length=9)), requests.exceptions.ChunkedEncodingError),
    "a chunk without a size": (says(CHUNKED + b"size\r\n"), requests.exceptions.ChunkedEncodingError),
    "a chunk of the size -5": (floods(CHUNKED + b"-5\r\n", BLOCK), requests.exceptions.ChunkedEncodingError),
    "no gzip": (says(body(b"{}", "Content-Encoding: gzip")), requests.exceptions.ContentDecodingError),
    "many encodings": (
        says(body(b"{}", f"Content-Encoding: {'gzip, ' * 50}gzip")),
        requests.exceptions.ContentDecodingError,
    ),
    "a reset in the head": (resets(OK), requests.ConnectionError),
    "a reset in the body": (resets(body(b"{}", length=9)), requests.exceptions.ChunkedEncodingError),
    "nothing": (says(b""), requests.ConnectionError),
}


@contextmanager
def _client(
    behaviour: Behaviour, folder: Path, seconds: float | None = None, patience: float = LONGEST
) -> Iterator[tuple[OperationClient, GuardedTransport]]:
    """A client with a guarded transport to a target: a patient one, unless the exchange is to be late."""
    with target(behaviour) as url, Ledger.create(folder / "ledger.jsonl", "0a1b2c3d", url) as ledger:
        ownership = Ownership(SURFACE, Marks("0a1b2c3d", SURFACE), Policy(), Ids(1))
        transport = GuardedTransport(
            TransportOptions(url, patience), SURFACE, ownership, ledger, RateLimiter(seconds=seconds)
        )
        yield OperationClient(transport), transport
        transport.close()


def _asked(behaviour: Behaviour, folder: Path, patience: float = LONGEST) -> tuple[requests.RequestException, float]:
    """What asking ends in, and after how many seconds."""
    with _client(behaviour, folder, patience=patience) as (client, _):
        start = monotonic()
        with pytest.raises(requests.RequestException) as caught:
            client.send(READ, TENANT)
        return caught.value, monotonic() - start


@pytest.mark.parametrize("what", SLOW)
def test_what_drips_is_late(tmp_path: Path, what: str) -> None:
    """An exchange ends when its time is over, whatever still comes, and wherever in the answer."""
    error, seconds = _asked(SLOW[what], tmp_path, PATIENCE)

    assert isinstance(error, requests.Timeout)
    assert seconds < LONGEST


@pytest.mark.parametrize("what", LARGE)
def test_what_is_too_large_is_not_read(tmp_path: Path, what: str) -> None:
    """Nobody waits for the end of a flood, or unfolds a bomb."""
    with _client(LARGE[what], tmp_path) as (client, transport):
        transport.timeout = 30
        with pytest.raises(TooLarge):
            client.send(READ, TENANT)


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_answer_is_told_apart(tmp_path: Path, what: str) -> None:
    """Answers that break off, can't be decoded, or are no HTTP are errors of requests, which carry their request."""
    behaviour, kind = WRONG[what]

    error, _ = _asked(behaviour, tmp_path)

    assert type(error) is kind
    assert isinstance(error.request, requests.PreparedRequest)


def test_the_end_of_a_run_is_no_time_out(tmp_path: Path) -> None:
    """An exchange that is under way when the time of the run is over says nothing about the target."""
    with _client(SLOW["a body that drips"], tmp_path, seconds=0.1) as (client, transport):
        transport.timeout = 600
        with pytest.raises(Stopped, match="the budget"):
            client.send(READ, TENANT)


def test_who_does_not_read_is_late(tmp_path: Path) -> None:
    """A target that takes no more of a large body doesn't hold up a run."""
    late = drips(b"", b"", 1.0)
    with _client(late, tmp_path, patience=PATIENCE) as (client, _), pytest.raises(requests.Timeout):
        client.send(SURFACE.calls["adminLoginCheck"], {}, data=b"x" * 32 * MEBIBYTE)


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "nonsense", "unicode_escape"])
def test_the_encoding_of_a_text_is_one_that_is_quick(tmp_path: Path, charset: str) -> None:
    """A target can't choose an encoding that takes forever, or is none."""
    response = body(b"a-" * 1000, f"Content-Type: text/plain; charset={charset}").replace(b"application/json", b"x/y")

    with _client(says(response), tmp_path) as (client, _):
        got = client.send(READ, TENANT)

    assert got.encoding == "utf-8"
    assert got.text == "a-" * 1000
