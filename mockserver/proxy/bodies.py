"""Bodies on their way: read up to what is judged, or passed on piece by piece with a copy of their beginning."""

from collections.abc import AsyncIterator, Awaitable, Callable

from mockserver.archive_words import Why
from mockserver.http.messages import MAX_BODY

Read = Callable[[], Awaitable[bytes]]
LONGEST_BEGINNING = 16 * 1024  # bytes that are kept of a body that is too long


class BodyCopy:
    """A copy of a body that passes: all of it up to MAX_BODY bytes, else its beginning."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.size = 0
        self.has_ended = False

    def add(self, piece: bytes) -> None:
        """Add a piece."""
        was_whole = self.is_whole
        self.size += len(piece)
        if self.is_whole:
            self.kept += piece
        elif was_whole:
            self.kept += piece[:LONGEST_BEGINNING]
            del self.kept[LONGEST_BEGINNING:]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.size <= MAX_BODY

    @property
    def whole(self) -> bytes | None:
        """The body; None if it was too long, or hasn't ended."""
        return bytes(self.kept) if self.is_whole and self.has_ended else None

    @property
    def lacks(self) -> Why | None:
        """Why there is no whole body; None if there is one."""
        if not self.is_whole:
            return Why.TOO_LARGE
        return None if self.has_ended else Why.NOT_ENDED


async def read_ahead(read: Read, copy: BodyCopy) -> bytes:
    """What there is of a body, up to its end, or until it is too long to be judged: then there is more to be read."""
    pieces: list[bytes] = []
    while copy.is_whole and not copy.has_ended:
        piece = await read()
        copy.has_ended = not piece
        copy.add(piece)
        pieces.append(piece)
    return b"".join(pieces)


async def all_pieces(first: bytes, read: Read, copy: BodyCopy) -> AsyncIterator[bytes]:
    """A body whose beginning was read: that, and the rest."""
    yield first
    while piece := await read():
        copy.add(piece)
        yield piece
    copy.has_ended = True
