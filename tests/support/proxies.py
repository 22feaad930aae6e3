"""A proxy for tests, in a thread, and a small instance for it to stand before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from mockserver.http.loopback_server import LoopbackServer
from mockserver.http.server import Server, address, listen
from mockserver.proxy.application import ProxyApplication
from mockserver.proxy.start import Proxy, ProxySettings
from mockserver.settings import Settings
from mockserver.world import World

PATIENCE = 10  # seconds; nothing waits for them unless it is broken
Handle = Callable[[BaseHTTPRequestHandler], None]


class RunningProxy(NamedTuple):
    """A proxy that answers."""

    url: str
    application: ProxyApplication
    world: World


@contextmanager
def proxy_to(url: str, settings: Settings | None = None, **options: Any) -> Iterator[RunningProxy]:
    """A proxy to an instance, until the end of the block. `options` are those of `ProxySettings`."""
    made = Proxy.build(settings or Settings(), ProxySettings(url, **{"timeout": PATIENCE} | options))
    ready, listener = threading.Event(), listen("127.0.0.1", 0)
    server = Server(made.application, ready.set, PATIENCE, in_tasks=True)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield RunningProxy(address(listener), made.application, made.world)
    finally:
        server.stop()
        thread.join(PATIENCE)


@contextmanager
def instance(handle: Handle) -> Iterator[str]:
    """The URL of an instance that answers by a function."""
    with LoopbackServer(handle) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
    """Answer with these headers, a length, and a body."""
    handler.send_response(status)
    for name, value in (*headers, ("Content-Length", str(len(body)))):
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
