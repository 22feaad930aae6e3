"""A mock for tests, on a port of its own, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar
from urllib.parse import quote

from mockserver.app import create_engine
from mockserver.clock import Clock
from mockserver.errors import RemoteError
from mockserver.http.server import ServedApplication, Server, address, listen
from mockserver.http.tls import pinned_context, server_context
from mockserver.naming import Role
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.remote.answers import CausedDeliveriesJson
from mockserver.remote.api_answers import SubscriptionCreatedJson, TokensJson
from mockserver.remote.control_plane import ControlPlane
from mockserver.settings import Settings
from mockserver.world import World

if TYPE_CHECKING:
    from mockserver.remote.connection import MockConnection
    from mockserver.testing.receiver import Receiver

Answer = TypeVar("Answer")
START_TIMEOUT = 30  # seconds
NO_CONTROL = "This mock can't be steered: it was made with control=False. Leave that out."
PATIENCE = 20.0  # seconds more than a command waits for an answer: machines that run tests are busy


class Subscribed(NamedTuple):
    """A subscription that was made: its id, and the secret that signs its deliveries, or "" if nothing does."""

    subscription_id: str
    secret: str


class MockServer(ControlPlane):
    """One mock with a world of its own, from `with` to the end of its block. Several can run at once.

    `settings` are those of `mockserver serve`, but in place of the default port the system chooses one. Further
    arguments are settings, too: `MockServer(spec="petstore.yaml", stores="A,B")`. `clock` is the mock's time, for tests
    that move it. `front` gets the mock's application and returns the one that is served in its place: it may answer
    some requests itself, or change responses. Its `abandoned` tells the mock of calls that clients break off.

    While it runs it can be steered: `reset`, `trigger`, `clock`, `faults`, `requests`, `deliveries` and the others go
    through its control plane, as any other program's calls do. What that refuses is raised as Refused.
    """

    settings: Settings
    world: World

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        front: Callable[[ServedApplication], ServedApplication] = lambda mock: mock,
        **overrides: Any,
    ) -> None:
        """Raises TypeError for an argument that is no setting, SettingsError for a value that can't be used, and
        ContractError for a contract that can't be served."""
        super().__init__(self._steer)
        self.settings = with_overrides(settings or Settings(), overrides)
        spec, cache = self.settings.spec, Cache(self.settings.cache_dir) if self.settings.spec else None
        contract = Contract.load(spec, cache, self.settings.spec_root, self.settings.overlay)
        self.world = World.build(self.settings, contract, clock)
        self._ready = threading.Event()
        self._tls = server_context(self.settings.tls_cert, self.settings.tls_key)
        served = front(create_engine(self.world))
        self._server = Server(
            served, self._started, self.settings.client_timeout, self._tls, in_tasks=self.settings.is_shared
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listener: socket.socket | None = None
        self._address: str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash. Raises RuntimeError before the mock was entered."""
        if self._address is None:
            raise RuntimeError("The mock has no address yet: enter it by `with` first.")
        return self._address

    @property
    def api_key(self) -> str:
        """The API key of the admin, for the header `X-AUTH-TOKEN`."""
        return self.settings.api_key

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the mock, for what touches `world` while it serves. Raises RuntimeError if it doesn't."""
        if self._loop is None:
            raise RuntimeError("The mock has no event loop: enter it by `with` first.")
        return self._loop

    def __enter__(self) -> Self:
        self._listener = listen(self.settings.host, self.settings.port)
        self._address = address(self._listener, self._tls)
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
        connection = self.__dict__.pop("_connection", None)
        if connection is not None:
            connection.close()
        self._server.stop()
        self._thread.join()

    # ---------------------------------------------------------------- what tests do to it
    def trigger(
        self,
        event_name: str,
        store_code: str | None = None,
        data: Mapping[str, Any] | None = None,
        count: int = 1,
        receiver_id: str | None = None,
    ) -> CausedDeliveriesJson:
        """The deliveries of an event that happens now, `count` times, in a store, by default the first one. The mock
        makes the payload up from the contract; `data` is merged into it. With `receiver_id` this one alone gets it."""
        return super().trigger(event_name, store_code or self.settings.stores[0], data, count, receiver_id)

    def subscribe(
        self,
        event_name: str,
        to: "Receiver | str",
        *,
        store_code: str | None = None,
        signed: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Subscribed:
        """A new subscription: each such event in a store, by default the first one, is sent to a receiver, or to a URL.
        With `signed` deliveries have a signature; `headers` go along. It is made by the API, as the admin would, so
        `requests` has that call. Raises Refused if the mock doesn't take it.

        For another contract than Open Loyalty's it is a receiver, as the control plane adds them: signed, unless the
        mock signs nothing, and without headers, or ValueError is raised."""
        if not self.world.contract.is_ours:
            if headers:
                raise ValueError("Receivers of another contract than Open Loyalty's get no headers: leave them out.")
            added = self.receivers.add(event_name, to if isinstance(to, str) else to.url, store_code)
            return Subscribed(added["receiverId"], added.get("secret", ""))
        store = quote(store_code or self.settings.stores[0], safe="")
        wanted = {
            "eventName": event_name,
            "url": to if isinstance(to, str) else to.url,
            "hmacEnabled": signed,
            "headers": [{"headerName": name, "headerValue": value} for name, value in (headers or {}).items()],
        }
        made = self._connection.ask(
            "POST",
            f"/api/{store}/webhook/subscription",
            SubscriptionCreatedJson,
            json={"webhookSubscription": wanted},
            headers={"X-AUTH-TOKEN": self.api_key},
        )
        return Subscribed(made["webhookSubscriptionId"], made.get("hmacSecretKey", ""))

    def token(
        self,
        role: Role = "admin",
        store_code: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> str:
        """A JWT, for `Authorization: Bearer …`: of the admin, or of a member of a store, by default the first one.
        Without a name it is the one that is there from the start. Raises Refused if the mock doesn't let them in, and
        ValueError for another role."""
        __tracebackhide__ = True  # pytest shows the arguments of what it shows: passwords
        settings = self.settings
        names = {"admin": settings.admin_username, "member": settings.member_username}
        passwords = {"admin": settings.admin_password, "member": settings.member_password}
        if role not in names:
            raise ValueError(f"The role is admin or member, not {role!r}.")
        store = quote(store_code or settings.stores[0], safe="")
        path = "/api/admin/login_check" if role == "admin" else f"/api/{store}/member/login_check"
        login = {"username": username or names[role], "password": passwords[role] if password is None else password}
        return self._connection.ask("POST", path, TokensJson, json=login)["token"]

    def _steer(self, method: str, path: str, kind: type[Answer], *, patience: float = 0.0, **request: Any) -> Answer:
        """The response of the control plane to a call."""
        if not self.settings.control:
            raise RemoteError(NO_CONTROL)
        return self._connection.control(method, path, kind, patience=patience + PATIENCE, **request)

    @cached_property
    def _connection(self) -> "MockConnection":
        return connection_to(self)

    def _started(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    def _run(self) -> None:
        try:
            self._server.run([self._listener] if self._listener else None)
        finally:
            self._ready.set()  # a mock that failed to start keeps nobody waiting


def connection_to(mock: MockServer) -> "MockConnection":
    """A connection to a mock of this process, which trusts its certificate. Raises RuntimeError before it was
    entered."""
    from mockserver.remote.connection import MockConnection

    settings = mock.settings
    return MockConnection(mock.url, settings.control_token, tls=pinned_context(settings.tls_cert))


def with_overrides(settings: Settings, overrides: Mapping[str, Any]) -> Settings:
    """The settings with these instead of their own. The port is any free one unless a port is named.

    Raises TypeError for a name that is no setting, SettingsError for a value that can't be used.
    """
    known = [setting.name for setting in fields(Settings)]
    for name in overrides:
        if name not in known:
            near = get_close_matches(name, known)
            advice = f"Did you mean {' or '.join(near)}?" if near else "docs/settings.md lists them."
            raise TypeError(f"MockServer has no setting {name!r}. {advice}")
    port = {"port": 0} if settings.port == Settings.default("port") else {}
    return replace(settings, **{**port, **overrides})
