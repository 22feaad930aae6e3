"""mockserver.webhooks.deliveries.delivery_changes: a defect of one telling or reading doesn't end the next ones."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from mockserver.storage.postgres import DeliveryTables, PostgresState
from mockserver.webhooks.deliveries.delivery_changes import DeliveryChanges
from tests.support.deliveries import PATIENCE, logged
from tests.support.delivery_tables import emit, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def state(database: str) -> AsyncIterator[PostgresState]:
    """A state with a subscription."""
    state = await opened(database)
    yield state
    await state.close()


async def test_defect_stops_no_reading(state: PostgresState, caplog: pytest.LogCaptureFixture) -> None:
    """Changes that can't be read for a reason nobody has foreseen are read when they can be."""
    changes, seen = DeliveryChanges(state.deliveries), asyncio.Event()
    changes.start()
    await state._row("ALTER TABLE delivery_figures RENAME forgotten TO gone")  # noqa: SLF001 (a defect)
    changes.observers.add(lambda _: seen.set())
    await logged(caplog, "The changes of deliveries can't be read: a defect of the mock")
    await state._row("ALTER TABLE delivery_figures RENAME gone TO forgotten")  # noqa: SLF001 (mended)

    async with asyncio.timeout(PATIENCE):
        while not seen.is_set():
            await emit(state.deliveries)
            changes.noticed()
            await asyncio.sleep(0)
    await changes.stop()


class _Mute:
    """Tables that can't tell anything."""

    async def tell(self) -> None:
        """Fail."""
        raise ZeroDivisionError


async def test_defect_stops_no_telling(caplog: pytest.LogCaptureFixture) -> None:
    """When changes can't be told for a reason nobody has foreseen, that is in the log, and the next ones are told."""
    changes = DeliveryChanges(cast("DeliveryTables", _Mute()))
    changes.start()
    for times in (1, 2):
        changes.made()
        await logged(caplog, "Changes of deliveries can't be told: a defect of the mock", times)
    await changes.stop()
