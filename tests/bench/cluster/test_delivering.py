"""bench.cluster.delivering: deliveries that have come are counted, and those to the dead hold up nobody."""

import httpx2
import pytest

from bench.cluster.delivering import hosts


@pytest.mark.anyio
async def test_living_host_answers_and_counts() -> None:
    """What the living host has answered is counted; the dead one takes a connection and says nothing."""
    async with hosts() as found, httpx2.AsyncClient() as http:
        answers = [(await http.post(f"{found.living}/{number}", content=b"{}")).status_code for number in range(3)]
        with pytest.raises(httpx2.ReadTimeout):
            await http.post(found.dead, content=b"{}", timeout=httpx2.Timeout(10, read=0.05))

    assert (answers, found.answered) == ([204] * 3, 3)
