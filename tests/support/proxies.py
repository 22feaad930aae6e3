"""A proxy for tests, in a thread, and instances for it to stand before."""

import re
import socketserver
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2

from mockserver.http.messages import JSON_TYPE, Request, Response
from mockserver.http.server import ServedApplication, Server, address, listen
from mockserver.proxy.application import ProxyApplication
from mockserver.proxy.start import Proxy, ProxySettings
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.bare import Bare
from tests.support.repository import ROOT

PETS = Settings(spec=str(ROOT / "tests/proxy/pets.yaml"), cache_dir="")  # a small contract
REX = b'{"id":1,"name":"Rex"}'
PATIENCE = 60  # seconds; nothing waits for them unless it is broken
Respond = Callable[[Request], Coroutine[None, None, Response]]


class RunningProxy(NamedTuple):
    """A proxy that answers."""

    url: str
    application: ProxyApplication
    world: World


@contextmanager
def served(application: ServedApplication) -> Iterator[str]:
    """The URL of an application, until the end of the block."""
    ready, listener = threading.Event(), listen("127.0.0.1", 0)
    server = Server(application, ready.set, PATIENCE, in_tasks=True)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield address(listener)
    finally:
        server.stop()
        thread.join(PATIENCE)


@contextmanager
def proxy_to(url: str, settings: Settings | None = None, **options: Any) -> Iterator[RunningProxy]:
    """A proxy to an instance of pets, until the end of the block. `options` are those of `ProxySettings`."""
    made = Proxy.build(settings or PETS, ProxySettings(url, **{"timeout": PATIENCE} | options))
    with served(made.application) as own:
        yield RunningProxy(own, made.application, made.world)


class _Instance(Bare):
    def __init__(self, respond: Respond) -> None:
        self.answer = respond


@contextmanager
def instance(respond: Respond) -> Iterator[str]:
    """The URL of an instance that answers by a function."""
    with served(_Instance(respond)) as url:
        yield url


@contextmanager
def proxied(respond: Respond, **options: Any) -> Iterator[httpx2.Client]:
    """A client of a proxy to an instance that answers by a function."""
    with instance(respond) as url, proxy_to(url, **options) as proxy, client_of(proxy) as client:
        yield client


def client_of(proxy: RunningProxy) -> httpx2.Client:
    """A client that follows nothing, and has patience."""
    return httpx2.Client(base_url=proxy.url, timeout=PATIENCE)


def always(status: int, body: bytes = b"", *headers: tuple[bytes, bytes]) -> Respond:
    """An instance that has one answer; it is JSON unless the headers say something else."""

    async def respond(_request: Request) -> Response:
        return Response(status, [*headers] or [JSON_TYPE], body)

    return respond


class RawInstance(socketserver.ThreadingTCPServer):
    """An instance that sends the same bytes for each head that it gets; `heads` are those, `bodies` what follows."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: bytes, *, stays: bool) -> None:
        super().__init__(("127.0.0.1", 0), _RawHandler)
        self.answer, self.stays = answer, stays
        self.heads: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _RawHandler(socketserver.StreamRequestHandler):
    server: RawInstance

    def handle(self) -> None:
        head = b""
        while line := self.rfile.readline():
            head += line
            if line != b"\r\n":
                continue
            length = re.search(rb"(?i)content-length: (\d+)", head)
            self.rfile.read(int(length[1]) if length else 0)
            self.server.heads.append(head)
            head = b""
            self.wfile.write(self.server.answer)
            if not self.server.stays:
                return


@contextmanager
def raw_instance(answer: bytes, *, stays: bool = True) -> Iterator[RawInstance]:
    """An instance that sends these bytes for each request, and then closes unless it `stays`."""
    with RawInstance(answer, stays=stays) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
