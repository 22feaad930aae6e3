"""Stream: what happens in the mock, as it happens.

/_mock/stream
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.pipeline import Handler
from mockserver.turns import Turns
from mockserver.world import World
from mockserver.world.feed import FeedReader, Happening
from mockserver.world.recorded_requests import RecordedRequest
from mockserver.world.redaction import Redaction

Reply = tuple[object, int]
KEEP_ALIVE = 15.0  # seconds of silence after which a comment is sent
MOST_AT_ONCE, MOST_BYTES = 100, 256 * 1024  # events in a piece, and what they hold, but for a single one
PAUSE = 0.02  # seconds between two pieces: however much happens, others have their turn
BEGIN = b"retry: 1000\n"  # milliseconds after which a browser that was cut off comes again
LAST_SEEN = b"id: %b\n\n"  # after which it comes again, if nothing happens until then: another mock doesn't know it


async def get_stream(world: World, query: dict[str, Any], headers: Mapping[bytes, bytes]) -> Reply:
    """Events from now on, or from the last one that the client has seen; with `wait` until so long nothing happens."""
    last_id = headers.get(b"last-event-id")
    listener = world.feed.listen(None if last_id is None else last_id.decode("latin-1"))
    return EventStream(world, listener, query.get("wait")), 200


class EventStream:
    """Server-sent events of one listener, as the body of a response."""

    def __init__(self, world: World, listener: FeedReader, wait: float | None) -> None:
        self._listener, self._wait = listener, wait
        self._redaction = Redaction.of(world.contract)
        self._has_begun = False

    async def read(self) -> bytes:
        """The next events, or a comment after KEEP_ALIVE; nothing once it is closed."""
        if not self._has_begun:
            self._has_begun = True
            return BEGIN + (b"\n" if self._listener.has_news else LAST_SEEN % self._listener.last_id.encode())
        await self._listener.wait(KEEP_ALIVE if self._wait is None else self._wait)
        if self._listener.is_closed or (self._wait is not None and not self._listener.has_news):
            return b""
        await asyncio.sleep(PAUSE)
        missed, happenings = self._listener.take(MOST_AT_ONCE, MOST_BYTES)
        pieces = [_event("missed", happenings[0][0] if happenings else self._listener.last_id, {})] if missed else []
        async for id_, happening in Turns().over(happenings):
            pieces.append(_event(happening.kind, id_, self._shown(happening)))
        return b"".join(pieces) or b": nothing happens\n\n"

    def close(self) -> None:
        """Stop to listen."""
        self._listener.close()

    def _shown(self, happening: Happening) -> Any:
        content = happening.describe()
        return RecordedRequest(content).as_json(self._redaction) if happening.kind == "request" else content


def _event(kind: str, id_: str, content: object) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id_.encode(), kind.encode(), orjson.dumps(content))


OPERATIONS: dict[str, Handler] = {
    "getStream": get_stream,
}
