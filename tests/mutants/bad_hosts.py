"""Hosts that a judge has to get along with: nothing is wrong with the API, but with everything around it.

    python -m tests.mutants.bad_hosts

Each says what the judge has to answer: its exit code, and words that tell the user what to do.
"""

import asyncio
import ssl
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mockserver.clock import Clock
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import OTHER_STORE, STORE, Answer, Request, Send, calling
from tests.mutants.judges import BIN, CREDENTIALS, quieten_mocks, run
from tests.mutants.proxy import LOOPBACK, Fault, HangUp, honest, proxy

HOUR = 3600  # seconds
Serve = Callable[[Path], AbstractAsyncContextManager[str]]


@dataclass(frozen=True)
class BadHost:
    """`serve` yields the URL, given a folder for files. The judge has to end with `exit_code` and say `words`; its
    options and environment are the usual ones and these."""

    name: str
    exit_code: int
    words: tuple[str, ...]
    serve: Serve = field(repr=False)
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def _mock(
    fault: Fault = honest, settings: Settings | None = None, clock: Clock | None = None
) -> AsyncIterator[str]:
    settings = settings or Settings(stores=(STORE, OTHER_STORE), seed=1, log_level="error")
    with MockServer(settings, clock) as mock:
        async with proxy(mock.url, fault) as url:
            yield url


def _before_a_mock(fault: Fault) -> Serve:
    return lambda _: _mock(fault)


# ---------------------------------------------------------------- one answer for all
def _always(answer: Answer, *, but_logins: bool = False) -> Fault:
    """This answer, except for logins if so wished."""

    async def fault(request: Request, send: Send) -> Answer:
        return await send(request) if but_logins and _is_login(request) else answer

    return fault


_PAGE = Answer((("Content-Type", "text/html"),), b"<!doctype html><title>Please log in</title><form></form>")
_REFUSED = Answer.of(401, {"message": "Authentication Required"})
_FORBIDDEN = Answer.of(403, {"code": 403, "message": "Forbidden."})
_TOO_MANY = Answer.of(429, {"code": 429, "message": "Too Many Requests"}).with_header("Retry-After", "1")
_CRASHED = Answer.of(500, {"code": 500, "message": "Internal Server Error"})


def _is_login(request: Request) -> bool:
    return request.path.endswith(("/login_check", "/token/refresh"))


async def _reads_only(request: Request, send: Send) -> Answer:
    """An account without write rights."""
    if request.operation is None or request.method == "GET" or _is_login(request):
        return await send(request)
    known = await send(calling(request, "GET", f"/api/{STORE}/webhook/event"))
    return _FORBIDDEN if known.status == 200 else known


async def _keeps_all(request: Request, send: Send) -> Answer:
    """An account without the right to delete."""
    if request.operation != "webhookSubscriptionDelete":
        return await send(request)
    known = await send(calling(request, "GET", f"/api/{STORE}/webhook/event"))
    return _FORBIDDEN if known.status == 200 else known


# ---------------------------------------------------------------- connections
@asynccontextmanager
async def _nobody(_: Path) -> AsyncIterator[str]:
    """An address where nobody listens."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    yield f"http://{LOOPBACK}:{port}"


@asynccontextmanager
async def _mock_below(_: Path) -> AsyncIterator[str]:
    """A URL with a path too much."""
    async with _mock() as url:
        yield f"{url}/loyalty"


@asynccontextmanager
async def _hanging(_: Path) -> AsyncIterator[str]:
    """A server that takes connections and never answers."""
    ended = asyncio.Event()

    async def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(connected, LOOPBACK, 0)
    yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    ended.set()
    server.close()


@asynccontextmanager
async def _leaving(_: Path, after: int = 150) -> AsyncIterator[str]:
    """A server that hangs up on everybody after so many requests."""
    memory = SimpleNamespace(count=0)

    async def fault(request: Request, send: Send) -> Answer:
        memory.count += 1
        if memory.count > after:
            raise HangUp
        return await send(request)

    async with _mock(fault) as url:
        yield url


@asynccontextmanager
async def _self_signed(folder: Path) -> AsyncIterator[str]:
    """HTTPS with a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), LOOPBACK, 0, ssl=context)
    yield f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    server.close()


def _certificate(folder: Path) -> Path:
    """A key and its certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "staging.example")])
    now = datetime.fromtimestamp(Clock().now(), UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number()).not_valid_before(now)
    certificate = builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    return path


# ---------------------------------------------------------------- time
def _mock_with(token_ttl: int = 24 * HOUR, ahead: float = 0) -> Serve:
    """A mock whose tokens live so long, and whose clock is so many seconds ahead."""
    settings = Settings(stores=(STORE, OTHER_STORE), log_level="error", token_ttl=token_ttl)
    clock = Clock()
    clock.advance(ahead)

    async def dated(request: Request, send: Send) -> Answer:
        """The `Date` of an answer comes from the same clock."""
        return (await send(request)).with_header(
            "Date", format_datetime(datetime.fromtimestamp(clock.now(), UTC), usegmt=True)
        )

    return lambda _: _mock(dated, settings, clock)


@asynccontextmanager
async def _mock_and_broken_spec(folder: Path) -> AsyncIterator[str]:
    """A mock, and a contract in the folder that is none."""
    (folder / "broken.yaml").write_text("openapi: 3.0.3\npaths: [", "utf-8")
    async with _mock() as url:
        yield url


BAD_HOSTS = (
    BadHost("wrong password", 2, ("401", "password"), _before_a_mock(honest), environment={"OL_PASSWORD": "wrong"}),
    BadHost("nobody listens", 2, ("can't be reached",), _nobody),
    BadHost("wrong path in the URL", 2, ("404", "URL"), _mock_below),
    BadHost("certificate of its own", 2, ("certificate",), _self_signed),
    BadHost("login page for everything", 2, ("text/html", "login page"), _before_a_mock(_always(_PAGE))),
    BadHost("401 for everything", 2, ("401",), _before_a_mock(_always(_REFUSED))),
    BadHost("401 for everything but logins", 2, ("401",), _before_a_mock(_always(_REFUSED, but_logins=True))),
    BadHost("429 for everything", 2, ("429",), _before_a_mock(_always(_TOO_MANY))),
    BadHost("429 for everything but logins", 2, ("429",), _before_a_mock(_always(_TOO_MANY, but_logins=True))),
    BadHost("500 for everything", 2, ("500",), _before_a_mock(_always(_CRASHED))),
    BadHost("hangs", 2, ("doesn't answer",), _hanging, options=("--timeout", "1")),
    BadHost("hangs up after a while", 2, ("sweep",), _leaving),
    BadHost("unreadable contract", 2, ("broken.yaml",), _mock_and_broken_spec, options=("--spec", "broken.yaml")),
    BadHost("no write rights", 2, ("403",), _before_a_mock(_reads_only)),
    BadHost("no right to delete", 2, ("can't be deleted", "no more than one"), _before_a_mock(_keeps_all)),
    BadHost("no such other store", 2, ("does it exist",), _before_a_mock(honest), options=("--other-store", "NROTH")),
    BadHost("tokens of ten seconds", 0, (), _mock_with(token_ttl=10)),
    BadHost("clock an hour ahead", 0, (), _mock_with(ahead=HOUR)),
    BadHost("clock an hour behind", 0, (), _mock_with(ahead=-HOUR)),
)


def wrong(host: BadHost, exit_code: int, said: str) -> list[str]:
    """What is wrong with the judge's answer, in words."""
    code = [] if exit_code == host.exit_code else [f"exit code {exit_code} instead of {host.exit_code}"]
    silent = [f"nothing is said of {word!r}" for word in host.words if word.lower() not in said.lower()]
    traceback = ["a traceback is shown"] if "Traceback (most recent call last)" in said else []
    return [*code, *silent, *traceback]


async def _judged(host: BadHost, examples: int) -> tuple[int, str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with host.serve(Path(folder)) as url:
            command: list[object] = [
                BIN / "mockserver",
                "check",
                "live",
                "--url",
                url,
                "--report-dir",
                folder,
                "--seed",
                "1",
            ]
            command += ["--max-examples", examples, *host.options]
            code, output, error, seconds = await run(command, CREDENTIALS | host.environment, folder)
            return code, output + error, seconds


@click.command()
@click.option("--only", default="", help="Only hosts with this in their name.")
@click.option("--examples", default=3, show_default=True, help="Generated cases for each operation.")
def main(only: str, examples: int) -> None:
    """Put our judge before every bad host. Exit code 1 if an answer isn't what it should be."""
    quieten_mocks()
    failures = 0
    for host in (host for host in BAD_HOSTS if only in host.name):
        code, said, seconds = asyncio.run(_judged(host, examples))
        problems = wrong(host, code, said)
        failures += bool(problems)
        click.echo(f"{host.name:32} exit {code}, {seconds:3.0f} s: {'; '.join(problems) or 'as it should be'}")
        click.echo(textwrap.indent(_shown(said), "    "))
    sys.exit(failures > 0)


def _shown(said: str, lines: int = 5) -> str:
    telling = [line for line in said.strip().splitlines() if "left out" not in line]
    return "\n".join(line[:160] for line in telling[-lines:])


if __name__ == "__main__":
    main()
