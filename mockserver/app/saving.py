"""`--save`: keeps the state file current, so that the next start goes on where this one ended."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.types import Message, Receive, Scope, Send

from mockserver.errors import SettingsError
from mockserver.http.messages import Request, Response
from mockserver.http.server import ServedApplication
from mockserver.logs import RateLimitedLog
from mockserver.pipeline.json_pieces import written
from mockserver.world import World

INTERVAL = 1.0  # seconds, at least, between two snapshots
LOG_INTERVAL = 60.0  # seconds, at least, between two lines about one kind of failure; it is tried again each INTERVAL
UNCHANGING = frozenset({"GET", "HEAD", "OPTIONS"})


class SavingApplication:
    """An application of one world that writes a snapshot to the state file: at the end, and while it serves, soon after
    requests that may have changed something.

    The file is replaced as a whole, and only its owner can read it: it holds passwords. Raises SettingsError if there
    is a file that is no snapshot: what a person wrote isn't replaced.
    """

    def __init__(self, app: ServedApplication, world: World, log: RateLimitedLog, interval: float = INTERVAL) -> None:
        if world.initial is not None and not world.initial.is_snapshot:
            raise SettingsError(
                f"--save would replace what was written by hand in {world.settings.state}. Give --state a file that "
                "doesn't exist yet, or a snapshot (GET /_mock/state)."
            )
        self._app = app
        self._world = world
        self._path = Path(str(world.settings.state)).absolute()
        self._log = log
        self._interval = interval
        self._has_changed = asyncio.Event()
        self._writing = asyncio.Lock()  # else the last snapshot could be replaced by the one before it

    @property
    def single_headers(self) -> frozenset[bytes]:
        """As that of the application inside."""
        return self._app.single_headers

    async def answer(self, request: Request) -> Response:
        """The response of the application inside."""
        response = await self._app.answer(request)
        self._note(request.method)
        return response

    def abandoned(self, request: Request) -> None:
        """Pass on a request whose client left too early to the application inside. It has changed nothing."""
        self._app.abandoned(request)

    def _note(self, method: str) -> None:
        """Note that a request of this method was answered."""
        if method not in UNCHANGING:
            self._has_changed.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            self._note(scope["method"])
            return

        async def saved_before_the_end(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":  # the server ends as soon as it knows
                await self.save()
                self._log.flush()
            await send(message)

        saving = asyncio.create_task(self._save_forever())
        try:
            await self._app(scope, receive, saved_before_the_end)
        finally:
            saving.cancel()
            with suppress(asyncio.CancelledError):
                await saving

    async def save(self) -> None:
        """Write a snapshot. A failure of any kind is logged, and the file is then as it was; while it serves, it is
        tried again."""
        async with self._writing:
            self._has_changed.clear()
            try:
                await self._write()
            except OSError as error:
                self._has_changed.set()
                self._log.error("The state is not saved: %s can't be written: %s", self._path, error.strerror or error)
            except Exception as error:  # noqa: BLE001 (nobody else would learn of it)
                self._has_changed.set()
                self._log.error("The state is not saved in %s, by a defect of the mock: %r", self._path, error)

    async def _write(self) -> None:
        text = await written(await self._world.snapshot())
        await asyncio.to_thread(_replace, self._path, text + b"\n")

    async def _save_forever(self) -> None:
        while True:
            await self._has_changed.wait()
            await asyncio.sleep(self._interval)
            await self.save()


def _replace(path: Path, text: bytes) -> None:
    """Replace a file in one step, readable by its owner alone."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:  # made with mode 0600
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            file.close()  # Windows puts no open file in another's place
            Path(file.name).replace(path)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise
