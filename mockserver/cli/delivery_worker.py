"""`mockserver delivery-worker`: make the deliveries of mocks that share a database, and serve nothing."""

import asyncio
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import terminal
from mockserver.cli.settings_options import log_to_stderr, settings_options
from mockserver.cli.until_closed import end_when_closed, until_closed_option
from mockserver.errors import SettingsError
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.world import World


@click.command()
@settings_options
@until_closed_option
def delivery_worker(until_closed: int | None, **options: Any) -> None:
    """Make the deliveries of mocks that share a database, until Ctrl-C.

    It takes the same settings as they do, and listens nowhere. Several share the work.

    \b
    Examples:
      mockserver delivery-worker --storage postgresql:///mock
      mockserver serve --storage postgresql:///mock --no-deliver
    """
    settings = Settings(**options)
    if not settings.is_shared:
        raise SettingsError("Name the database whose deliveries are to be made: --storage postgresql://…")
    if not settings.deliver:
        raise SettingsError("A delivery-worker does nothing but deliver: leave out --no-deliver.")
    log_to_stderr(settings)
    if until_closed is not None:
        end_when_closed(until_closed)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_work(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the quickest event loop that is there, as it is for a server."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _work(settings: Settings) -> None:
    # Imported here: `--help` needn't wait for it.
    from mockserver.openapi.cache import Cache
    from mockserver.openapi.contract import Contract
    from mockserver.world import World

    world = World.build(
        settings, Contract.load(settings.spec, Cache(settings.cache_dir), settings.spec_root, settings.overlay)
    )
    await _deliver(world)


async def _deliver(world: "World") -> None:
    """Deliver until the process is told to end."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(told.set))  # Windows' loops have no signal handlers
    await world.start()
    try:
        terminal.say("Delivers what waits in the database of --storage; Ctrl-C ends it.", err=True)
        await told.wait()
    finally:
        await world.stop()
