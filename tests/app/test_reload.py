"""mockserver.app.reload: the contract changes, the mock follows."""

import asyncio
import gc
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from mockserver.app import create_app
from mockserver.app.reload import ReloadingApplication
from mockserver.clock import Clock
from mockserver.errors import ContractError
from mockserver.http.messages import SINGLE_HEADERS, Request, Response
from mockserver.http.server import ServedApplication
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

pytestmark = pytest.mark.anyio

ROOT = """\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /pets:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: 'parts.yaml#/Pet'}, example: EXAMPLE}}}
"""
PARTS = "Pet: {type: string}\n"
TIMEOUT = 30  # seconds; nothing waits for them unless it is broken


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A contract of two files; returns the root."""
    (tmp_path / "parts.yaml").write_text(PARTS)
    root = tmp_path / "root.yaml"
    root.write_text(ROOT.replace("EXAMPLE", "old"))
    return root


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the mock logs, from `info` on."""
    with caplog.at_level(logging.INFO, "mockserver"):
        yield caplog


def _watching(contract: Contract, settings: Settings | None = None) -> ReloadingApplication:
    return ReloadingApplication(World.build(settings or Settings(seed=1), contract, Clock(frozen_at=0.0)), create_app)


async def _get(app: ServedApplication, path: str = "/pets", **options: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://mock") as http:
        return await http.request(options.pop("method", "GET"), path, **options)


async def _settled(app: ReloadingApplication) -> bool:
    """Look twice, as a change counts only once the files rest."""
    return any([await app.check(), await app.check()])


def _reports(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in log.records if record.message.startswith("contract ")]


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _replace(path: Path, text: str) -> None:
    """Put a file of the same size and time in its place."""
    before = path.stat()
    beside = path.with_name("beside")
    beside.write_text(text, "utf-8")
    os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
    beside.replace(path)


async def test_nothing_happens_without_a_change(root: Path, log: pytest.LogCaptureFixture) -> None:
    """Files that stay as they are lead to nothing, and to no line in the log."""
    app = _watching(Contract.load(root))

    assert not await _settled(app)
    assert _reports(log) == []


async def test_change_is_served(root: Path, log: pytest.LogCaptureFixture) -> None:
    """A changed file is served after it rests, and one line says so."""
    app = _watching(Contract.load(root))
    assert (await _get(app)).json() == "old"

    _write(root, ROOT.replace("EXAMPLE", "newer"))

    assert await _settled(app)
    assert (await _get(app)).json() == "newer"
    assert _reports(log) == [f"contract reloaded: {root} (operations: 1)"]


async def test_folder_that_was_named_is_kept(root: Path) -> None:
    """A contract that may refer to what is hidden, as its folder was named, may do so after a change, too."""
    hidden = ROOT.replace("parts.yaml", ".parts.yaml")
    _write(root.with_name(".parts.yaml"), PARTS)
    _write(root, hidden.replace("EXAMPLE", "old"))
    app = _watching(Contract.load(root, root=root.parent), Settings(seed=1, spec=str(root), spec_root=str(root.parent)))

    _write(root, hidden.replace("EXAMPLE", "newer"))

    assert await _settled(app)
    assert (await _get(app)).json() == "newer"


async def test_file_that_is_being_written_is_left_alone(root: Path) -> None:
    """As long as each look finds another change, nothing is read."""
    app = _watching(Contract.load(root))

    for length in range(1, 4):
        _write(root, ROOT.replace("EXAMPLE", "x" * length)[: 40 + length])
        assert not await app.check()

    assert (await _get(app)).json() == "old"


async def test_every_file_of_the_contract_counts(root: Path, log: pytest.LogCaptureFixture) -> None:
    """A file that the root refers to is looked at, too."""
    app = _watching(Contract.load(root))

    _write(root.with_name("parts.yaml"), "Pet: {type: integer}\n")

    assert await _settled(app)
    assert len(_reports(log)) == 1
    assert isinstance((await _get(app)).json(), int)  # the declared example doesn't fit any more


BROKEN = {
    "no YAML": (ROOT + "  }\n", "root.yaml:8: this is not YAML"),
    "no reference": (ROOT.replace("parts.yaml#/Pet", "#/Pat"), "root.yaml:7: the reference '#/Pat' leads nowhere"),
    "no file": (ROOT.replace("parts.yaml", "lost.yaml"), "root.yaml:7: the reference 'lost.yaml#/Pet' fails"),
    "no scheme": (
        ROOT.replace("responses:", "security: [{key: []}]\n      responses:"),
        "root.yaml:5: The contract asks",
    ),
    "no operation": (
        ROOT.replace("    get:\n", "    get: 7\n    x-no:\n"),
        "root.yaml:5: #/paths/~1pets/get: 7 is not",
    ),
    "empty": ("", "root.yaml:1: the document is empty"),
    "other version": (
        ROOT.replace("3.0.3", "3.3.0"),
        "root.yaml:1: this is OpenAPI 3.3.0; OpenAPI 3.0, 3.1 and 3.2 are",
    ),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
async def test_broken_contract_is_not_served(root: Path, log: pytest.LogCaptureFixture, text: str, told: str) -> None:
    """What can't be served is told of in one line, with file and line; the old contract is served on."""
    app = _watching(Contract.load(root))

    _write(root, text)

    assert await _settled(app)
    assert (await _get(app)).json() == "old"
    (report,) = _reports(log)
    assert report.startswith("contract not reloaded, the old one is still served: ")
    assert told in report
    assert "\n" not in report
    assert not any(record.exc_info for record in log.records)


async def test_broken_contract_is_told_once_and_served_when_mended(root: Path, log: pytest.LogCaptureFixture) -> None:
    """A broken contract isn't tried again until a file changes; then it is served."""
    app = _watching(Contract.load(root))
    _write(root, ROOT[:-9])
    await _settled(app)

    assert not await _settled(app)
    _write(root, ROOT.replace("EXAMPLE", "mended"))

    assert await _settled(app)
    assert (await _get(app)).json() == "mended"
    assert [report.split(":")[0] for report in _reports(log)][1:] == ["contract reloaded"]


async def test_mending_a_file_that_was_missing_counts(root: Path) -> None:
    """A file that a broken contract asks for in vain is looked at, as is one that disappeared for a while."""
    app = _watching(Contract.load(root))
    _write(root, ROOT.replace("parts.yaml", "lost.yaml").replace("EXAMPLE", "found"))
    await _settled(app)

    shutil.move(root.with_name("parts.yaml"), root.with_name("lost.yaml"))

    assert await _settled(app)
    assert (await _get(app)).json() == "found"


async def test_file_that_is_replaced_counts(root: Path) -> None:
    """An editor that writes beside the file and renames is seen, even if size and time are the same."""
    app = _watching(Contract.load(root))
    _replace(root, ROOT.replace("EXAMPLE", "new"))

    assert await _settled(app)
    assert (await _get(app)).json() == "new"


async def test_request_that_has_begun_ends_under_the_old_contract(root: Path) -> None:
    """A request that is waiting while the contract is replaced is answered by the old one; the next by the new one."""
    contract, begins, go_on = Contract.load(root), asyncio.Event(), asyncio.Event()

    def create(world: World) -> ServedApplication:
        return _HeldUp(create_app(world), begins, go_on) if world.contract is contract else create_app(world)

    app = ReloadingApplication(World.build(Settings(), contract), create)
    begun = asyncio.create_task(_get(app))
    await begins.wait()
    _write(root, ROOT.replace("EXAMPLE", "newer"))
    await _settled(app)
    assert (await _get(app)).json() == "newer"
    go_on.set()

    assert (await begun).json() == "old"


class _HeldUp:
    """An application that waits before it answers."""

    def __init__(self, app: ServedApplication, begins: asyncio.Event, go_on: asyncio.Event) -> None:
        self.single_headers = app.single_headers
        self._app, self._begins, self._go_on = app, begins, go_on

    async def answer(self, request: Request) -> Response:
        self._begins.set()
        await self._go_on.wait()
        return await self._app.answer(request)

    def abandoned(self, request: Request) -> None:
        self._app.abandoned(request)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._begins.set()
        await self._go_on.wait()
        await self._app(scope, receive, send)


async def test_requests_go_on_while_a_contract_is_compiled(root: Path) -> None:
    """Compiling happens beside the event loop: a request is answered before it is over."""
    answered = threading.Event()

    def create(world: World) -> ServedApplication:
        assert world.contract is contract or answered.wait(TIMEOUT)
        return create_app(world)

    contract = Contract.load(root)
    app = ReloadingApplication(World.build(Settings(), contract), create)
    _write(root, ROOT.replace("EXAMPLE", "newer"))
    await app.check()
    reloading = asyncio.create_task(app.check())
    assert (await _get(app)).json() == "old"
    answered.set()

    assert await reloading
    assert (await _get(app)).json() == "newer"


async def test_world_survives(tmp_path: Path, contract: Contract, signing_key: str) -> None:
    """Tokens, subscriptions and the journal of Open Loyalty's mock outlive a change of its contract."""
    path = tmp_path / "openapi.yaml"
    _write(path, contract.text.decode())
    app = _watching(Contract.load(path), Settings(signing_key=signing_key))
    admin = {"username": "admin", "password": "password"}
    subscription = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://localhost:9/"}}
    await _seeded(app)
    login = await _get(app, "/api/admin/login_check", method="POST", json=admin)
    token = {"Authorization": f"Bearer {login.json()['token']}"}
    made = await _get(app, "/api/DEFAULT/webhook/subscription", method="POST", json=subscription, headers=token)

    _write(path, contract.text.decode().replace("/{storeCode}/analytics/members:", "/{storeCode}/moved:"))

    assert await _settled(app)
    listed = await _get(app, "/api/DEFAULT/webhook/subscription", headers=token)
    assert [one["webhookSubscriptionId"] for one in listed.json()["items"]] == [made.json()["webhookSubscriptionId"]]
    assert (await _get(app, "/api/DEFAULT/moved", headers=token)).headers["x-mock-source"] == "behaviour"


async def _seeded(app: ReloadingApplication) -> None:
    """Start the application and end it again, as a server does."""
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        assert message["type"].endswith(".complete")

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


async def test_defect_of_the_mock_is_survived(root: Path, log: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong in a reload is logged; the old contract is served on, and the next change is seen."""
    contract = Contract.load(root)
    created = iter([None, None])

    def create(world: World) -> ServedApplication:
        if next(created, "late") is None and world.contract is not contract:
            raise ZeroDivisionError
        return create_app(world)

    app = ReloadingApplication(World.build(Settings(), contract), create)
    for example in ("broken", "good"):
        _write(root, ROOT.replace("EXAMPLE", example))
        assert await _settled(app)

    assert (await _get(app)).json() == "good"
    assert [report.split(":")[0] for report in _reports(log)] == ["contract not reloaded", "contract reloaded"]


def test_contract_without_files_is_refused() -> None:
    """What was read from a URL can't be watched, and that is told at once."""
    contract = Contract(ROOT.encode(), {"openapi": "3.0.3", "paths": {}}, "http://localhost:9/")

    with pytest.raises(ContractError, match=r"Only files can be watched"):
        _watching(contract)


class _Noting:
    """An application that notes what reaches it."""

    single_headers = SINGLE_HEADERS

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.seen.append(request.path)
        return Response(204, [])

    def abandoned(self, request: Request) -> None:
        self.seen.append(f"abandoned {request.path}")

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.seen.append(scope["type"])


async def test_all_but_the_lifespan_reaches_the_application(root: Path) -> None:
    """Requests pass through as they are, by ASGI or by our own server."""
    inner = _Noting()

    app = ReloadingApplication(World.build(Settings(), Contract.load(root)), lambda _world: inner)
    for kind in ("websocket", "http"):
        await app({"type": kind}, lambda: None, lambda _: None)  # type: ignore[arg-type,return-value]
    await app.answer(Request("GET", b"/pets", {}, None))
    app.abandoned(Request("GET", b"/cats", {}, None))

    assert inner.seen == ["websocket", "http", "/pets", "abandoned /cats"]


def test_watching_from_the_command_line(root: Path) -> None:
    """`serve --watch` tells of a broken contract, and of the mended one, which it then serves."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--watch", "--spec", str(root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own command)
        watchdog = threading.Timer(TIMEOUT, process.kill)
        watchdog.start()
        lines = iter(process.stderr or ())
        url = next(match[1] for line in lines if (match := re.search(r" on (http://\S+)$", line)))
        root.write_text(ROOT + "  }\n")
        assert next(line for line in lines if "contract not reloaded" in line)
        root.write_text(ROOT.replace("EXAMPLE", "mended"))
        assert next(line for line in lines if "contract reloaded" in line)
        assert httpx2.get(f"{url}/pets").json() == "mended"
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130
        watchdog.cancel()


async def test_what_is_no_longer_served_is_given_back(root: Path) -> None:
    """Of the contracts that were reloaded, only the one that is served stays in memory, without waiting for Python's
    collector."""
    made: list[weakref.ref[Contract]] = []

    def create(world: World) -> ServedApplication:
        made.append(weakref.ref(world.contract))
        return create_app(world)

    gc.disable()
    try:
        app = ReloadingApplication(World.build(Settings(seed=1), Contract.load(root), Clock(frozen_at=0.0)), create)
        for text in ("one", "three", "seven"):
            _write(root, ROOT.replace("EXAMPLE", text))
            assert await _settled(app)
    finally:
        gc.enable()

    assert [contract() is None for contract in made[1:]] == [True, True, False]
