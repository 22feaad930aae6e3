"""`--watch`: reloads the contract when its files change. A broken contract is logged, and the old one stays."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

from mockserver.errors import ContractError
from mockserver.http.messages import Request, Response
from mockserver.http.server import ServedApplication
from mockserver.openapi.contract import Contract
from mockserver.world import World

logger = logging.getLogger("mockserver")

INTERVAL = 0.5  # seconds between checks

Stamps = dict[Path, tuple[int, int, int] | None]


class _Loaded(NamedTuple):
    """A contract that is ready to be served."""

    app: ServedApplication
    contract: Contract


class ReloadingApplication:
    """An application of one world that reloads the contract when its files change.

    The application inside is replaced between two requests; a request that has begun ends with the old one. Of the
    world, only the contract changes.
    """

    def __init__(self, world: World, create: Callable[[World], ServedApplication]) -> None:
        """`create` makes the application of a world, at once and for each contract that is reloaded.

        Raises ContractError if the contract can't be served, or isn't read from files.
        """
        if not world.contract.files:
            raise ContractError("Only files can be watched. Download the contract, or leave out --watch.")
        self._world = world
        self._create = create
        self._app = create(world)
        self._source = world.contract.source
        self._served = self._last = _stamps(world.contract.files)

    @property
    def single_headers(self) -> frozenset[bytes]:
        """As that of the application inside."""
        return self._app.single_headers

    async def answer(self, request: Request) -> Response:
        """The response of the application inside."""
        return await self._app.answer(request)

    def abandoned(self, request: Request) -> None:
        """Pass on a request whose client left too early to the application inside."""
        self._app.abandoned(request)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        checking = asyncio.create_task(self._check_forever())
        try:
            await self._app(scope, receive, send)
        finally:
            checking.cancel()
            with suppress(asyncio.CancelledError):
                await checking

    async def check(self) -> bool:
        """Check the files once. Reload if they have changed since they were loaded, but not since the last check.

        Returns whether a reload was tried. Its result is logged; nothing is raised.
        """
        now = _stamps(self._served)
        rests, self._last = now == self._last, now
        if now == self._served or not rests:
            return False
        self._served = now  # files that change while they are read are found at the next check
        try:
            loaded = await asyncio.to_thread(self._load)
        except ContractError as error:
            self._follow({*self._served, *error.files})
            logger.error("contract not reloaded, the old one is still served: %s", _one_line(error))  # noqa: TRY400 (no traceback)
        except Exception:
            logger.exception("contract not reloaded: a defect of the mock")
        else:
            self._app = loaded.app
            self._follow(loaded.contract.files)
            operations = len(loaded.contract.routes())
            del loaded
            logger.info("contract reloaded: %s (operations: %d)", self._source, operations)
        # A contract holds itself by references, and so do errors: the collector alone might wait for gigabytes of them.
        await asyncio.to_thread(gc.collect)
        return True

    def _load(self) -> _Loaded:
        settings = self._world.settings
        contract = Contract.load(self._source, root=settings.spec_root, overlay=settings.overlay)
        return _Loaded(self._create(self._world.under(contract)), contract)

    def _follow(self, files: Iterable[Path]) -> None:
        """Check these files from now on. Files that were checked before keep their stamps."""
        self._served = self._last = {path: self._served.get(path) or _stamp(path) for path in files}

    async def _check_forever(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            await self.check()


def _stamps(files: Iterable[Path]) -> Stamps:
    """The stamps of files: time, size and inode; None for a missing file. A changed file has another stamp."""
    return {path: _stamp(path) for path in files}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _one_line(error: ContractError) -> str:
    return " ".join(str(error).split())
