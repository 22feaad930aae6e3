"""mockserver.http.exchange: heads of responses."""

import pytest

from mockserver.http.exchange import LONGEST_KEPT, forget_heads, remembered_heads, response_head


@pytest.mark.parametrize(("size", "remembered"), [(100, 2), (LONGEST_KEPT, 0)])
def test_large_heads_are_not_remembered(size: int, remembered: int) -> None:
    """A head is made once, but for a large one, which would stay in memory."""
    forget_heads()

    heads = [response_head(200, ((b"x-a", letter * size),), True) for letter in (b"v", b"w", b"v")]  # noqa: FBT003

    assert heads[0] == heads[2] == b"HTTP/1.1 200 OK\r\nx-a: " + b"v" * size + b"\r\n"
    assert remembered_heads() == remembered
