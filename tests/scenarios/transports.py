"""The transports through which scenarios reach a mock: in process, over HTTP, and under somebody else's ASGI server.

Each is handed a world, whose clock the player moves, and yields a client of the mock that serves it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection

import httpx2
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from mockserver.app import create_app, create_connexion_app, create_engine
from mockserver.app.asgi_middleware import HostingMiddleware
from mockserver.http.server import Server, address, listen
from mockserver.world import World

Client = TestClient | httpx2.Client
Transport = Callable[[World], AbstractContextManager[Client]]
TIMEOUT = 30  # seconds; nothing waits for them unless it is broken


def compiled(world: World) -> AbstractContextManager[Client]:
    """The compiled engine, called in this process."""
    return _called(create_app(world))


def connexion(world: World) -> AbstractContextManager[Client]:
    """Stock Connexion, called in this process."""
    return _called(create_connexion_app(world))


def foreign(world: World) -> AbstractContextManager[Client]:
    """What `mockserver.asgi` gives to somebody else's server, called in this process."""
    return _called(HostingMiddleware(create_engine(world), world))


def _called(app: ASGIApp) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


class Wire(httpx2.BaseTransport):
    """Sends a request as it is over a kept connection, also where httpx2's own transport refuses a header."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it; the response, read whole."""
        path = request.url.raw_path.decode("ascii")
        self._connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.raw:
            self._connection.putheader(name, value)
        self._connection.endheaders(request.read())
        response = self._connection.getresponse()
        return httpx2.Response(response.status, headers=response.getheaders(), content=response.read())

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


class HttpServers:
    """The mock's own HTTP server, in a thread for each world, on a port that the system chooses.

    uvicorn takes 0.2 seconds to end, so a server may still end when the next one begins; `join` waits for all.
    """

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    @contextmanager
    def over_http(self, world: World) -> Iterator[Client]:
        """A client of a server that serves this world."""
        ready = threading.Event()
        in_tasks = world.settings.is_shared
        server, listener = Server(create_engine(world), ready.set, in_tasks=in_tasks), listen("127.0.0.1", 0)
        world.deliveries.egress_policy.add_own_address(*listener.getsockname())
        self._threads.append(threading.Thread(target=server.run, args=[[listener]], daemon=True))
        self._threads[-1].start()
        assert ready.wait(TIMEOUT)
        with httpx2.Client(base_url=address(listener), transport=Wire(listener.getsockname()[1])) as client:
            yield client
        server.should_exit = True

    def join(self) -> None:
        """Wait until every server has ended."""
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive()
