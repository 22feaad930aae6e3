"""A mock for tests, on a port of its own, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from mockserver.app import create_engine
from mockserver.clock import Clock
from mockserver.http.server import ServedApplication, Server, address, listen
from mockserver.http.tls import server_context
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

START_TIMEOUT = 30  # seconds


class MockServer:
    """One mock with a world of its own, from `with` to the end of its block. Several can run at once.

    `settings` are those of `mockserver serve`, but in place of the default port the system chooses one. `clock` is
    the mock's time, for tests that move it. `front` gets the mock's application and returns the one that is served
    in its place: it may answer some requests itself, or change responses.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        front: Callable[[ServedApplication], ServedApplication] = lambda mock: mock,
    ) -> None:
        settings = settings or Settings()
        self.settings = replace(settings, port=0) if settings.port == Settings.default("port") else settings
        self.world = World.build(self.settings, Contract.load(), clock)
        self._ready = threading.Event()
        self._tls = server_context(self.settings.tls_cert, self.settings.tls_key)
        served = front(create_engine(self.world))
        self._server = Server(served, self._started, self.settings.client_timeout, self._tls)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listener: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash. Raises RuntimeError before the mock was entered."""
        if self._listener is None:
            raise RuntimeError("The mock has no address yet: enter it by `with` first.")
        return address(self._listener, self._tls)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the mock, for what touches `world` while it serves. Raises RuntimeError if it doesn't."""
        if self._loop is None:
            raise RuntimeError("The mock has no event loop: enter it by `with` first.")
        return self._loop

    def __enter__(self) -> Self:
        self._listener = listen(self.settings.host, self.settings.port)
        self.world.deliveries.egress_policy.add_own_address(*self._listener.getsockname()[:2])
        self._thread.start()
        self._ready.wait(START_TIMEOUT)
        if not self._server.started:
            self._listener.close()
            raise RuntimeError("The mock did not start; its log says why.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _started(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    def _run(self) -> None:
        try:
            self._server.run([self._listener] if self._listener else None)
        finally:
            self._ready.set()  # a mock that failed to start keeps nobody waiting
