"""A mock for tests, on a port of its own, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from types import TracebackType
from typing import Any, Self

from mockserver.app import create_engine
from mockserver.clock import Clock
from mockserver.http.server import ServedApplication, Server, address, listen
from mockserver.http.tls import server_context
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

START_TIMEOUT = 30  # seconds


class MockServer:
    """One mock with a world of its own, from `with` to the end of its block. Several can run at once.

    `settings` are those of `mockserver serve`, but in place of the default port the system chooses one. Further
    arguments are settings, too: `MockServer(spec="petstore.yaml", stores="A,B")`. `clock` is the mock's time, for tests
    that move it. `front` gets the mock's application and returns the one that is served in its place: it may answer
    some requests itself, or change responses. Its `abandoned` tells the mock of calls that clients break off.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        front: Callable[[ServedApplication], ServedApplication] = lambda mock: mock,
        **overrides: Any,
    ) -> None:
        """Raises TypeError for an argument that is no setting, SettingsError for a value that can't be used, and
        ContractError for a contract that can't be served."""
        self.settings = _settings(settings, overrides)
        spec, cache = self.settings.spec, Cache(self.settings.cache_dir) if self.settings.spec else None
        self.world = World.build(self.settings, Contract.load(spec, cache, self.settings.spec_root), clock)
        self._ready = threading.Event()
        self._tls = server_context(self.settings.tls_cert, self.settings.tls_key)
        served = front(create_engine(self.world))
        self._server = Server(
            served, self._started, self.settings.client_timeout, self._tls, in_tasks=self.settings.is_shared
        )
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


def _settings(settings: Settings | None, overrides: Mapping[str, Any]) -> Settings:
    """The settings with these instead of their own. The port is any free one unless a port is named."""
    known = [setting.name for setting in fields(Settings)]
    for name in overrides:
        if name not in known:
            near = get_close_matches(name, known)
            advice = f"Did you mean {' or '.join(near)}?" if near else "docs/settings.md lists them."
            raise TypeError(f"MockServer has no setting {name!r}. {advice}")
    settings = settings or Settings()
    port = {"port": 0} if settings.port == Settings.default("port") else {}
    return replace(settings, **{**port, **overrides})
