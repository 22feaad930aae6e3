"""mockserver.proxy.bodies: copies of what passes, up to what is judged."""

import pytest

from mockserver.http.messages import MAX_BODY
from mockserver.proxy.bodies import LONGEST_BEGINNING, BodyCopy, all_pieces, read_ahead


class Pieces:
    """A body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.left = list(pieces)

    async def read(self) -> bytes:
        """The next piece."""
        return self.left.pop(0) if self.left else b""


@pytest.mark.anyio
async def test_a_body_that_can_be_judged_is_read_to_its_end() -> None:
    """A body of MAX_BODY bytes is read and kept as a whole."""
    copy, body = BodyCopy(), Pieces(b"a" * (MAX_BODY - 1), b"b")

    first = await read_ahead(body.read, copy)

    assert first == copy.whole == b"a" * (MAX_BODY - 1) + b"b"


@pytest.mark.anyio
async def test_a_longer_one_is_passed_on_and_forgotten() -> None:
    """Of a longer body what was read comes first, then the rest; only its beginning is kept."""
    copy, body = BodyCopy(), Pieces(b"a" * MAX_BODY, b"b", b"c", b"d")

    first = await read_ahead(body.read, copy)
    pieces = [piece async for piece in all_pieces(first, body.read, copy)]

    assert pieces == [b"a" * MAX_BODY + b"b", b"c", b"d"]
    assert (copy.whole, copy.size, len(copy.kept)) == (None, MAX_BODY + 3, LONGEST_BEGINNING)


def test_a_body_that_has_not_ended_is_none() -> None:
    """What has come of a body isn't taken for all of it."""
    copy = BodyCopy()
    copy.add(b"a")

    assert copy.whole is None
