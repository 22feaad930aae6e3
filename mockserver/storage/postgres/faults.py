"""Faults of all replicas: which there are, and how often each has matched and struck, wherever that was."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from mockserver.storage.model import Json
from mockserver.storage.postgres.connections import Connections
from mockserver.storage.postgres.rows import packed, text_of

_CAN_STRIKE = "(times IS NULL OR applied < times) AND (last_call IS NULL OR matched < last_call)"
_COLUMNS = "fault_id, wanted, enabled, first_call, last_call, times, matched, chances, applied"
# $2 is whether chance lets it strike, NULL where an older fault has taken this one. Each sees what those before it have
# counted, as a row has one writer at a time.
_COUNT = f"""
UPDATE faults SET matched = matched + 1,
    chances = chances + ($2::boolean IS NOT NULL AND matched + 1 >= first_call)::int,
    applied = applied + (coalesce($2, false) AND matched + 1 >= first_call)::int
WHERE fault_id = $1 AND enabled AND {_CAN_STRIKE} RETURNING matched, chances, applied
"""
_LISTED = f"SELECT wanted, fault_id, enabled, matched, chances, applied FROM faults WHERE {_CAN_STRIKE} ORDER BY n"
_USED_UP = f"DELETE FROM faults WHERE NOT ({_CAN_STRIKE})"
_ADD = f"INSERT INTO faults ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_SWITCH = "UPDATE faults SET enabled = $2 WHERE fault_id = $1"
_REMOVE = "DELETE FROM faults WHERE fault_id = ANY($1)"
CLEAR = "DELETE FROM faults"
STRUCK = "faults"  # what is notified


class FaultRow(NamedTuple):
    """A fault as it is kept. `calls` are the first and the last call that it may strike; `counts` are `matched`,
    `chances` and `applied`."""

    fault_id: str
    wanted: Json
    enabled: bool
    calls: tuple[int, int | None]
    times: int | None
    counts: Sequence[int] = (0, 0, 0)

    @property
    def values(self) -> tuple[Any, ...]:
        """Values of the columns."""
        wanted = orjson.dumps(self.wanted)
        return packed(self.fault_id), wanted, self.enabled, *self.calls, self.times, *self.counts


class FaultTable:
    """The faults in a database. Each raises StorageAway."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def count(self, fault_id: str, *, strikes: bool | None) -> tuple[int, int, int] | None:
        """Count a request or delivery that a fault fits, in one step. `strikes` says whether chance lets it strike;
        None: an older one has. Returns `matched`, `chances` and `applied`; None if it can't strike any more."""
        row = await self._connections.row(_COUNT, packed(fault_id), strikes)
        return None if row is None else tuple(row)

    async def listed(self, connection: Any = None) -> list[dict[str, Any]]:
        """Those that can strike, the oldest first, in the form that `FaultRules.restore` reads. `connection` is who is
        asked, else one of those that there are."""
        found = await (self._connections.rows(_LISTED) if connection is None else connection.fetch(_LISTED))
        return [{**orjson.loads(row[0]), "faultId": text_of(row[1]), **dict([*row.items()][2:])} for row in found]

    async def tell(self) -> None:
        """Tell all replicas that faults have struck."""
        await self._connections.row("SELECT pg_notify(current_schema(), $1)", STRUCK)

    async def add(self, fault: FaultRow) -> None:
        """Add one; those that have struck as often as they may go."""
        async with self._connections.one() as connection, connection.transaction():
            await connection.execute(_USED_UP)
            await connection.execute(_ADD, *fault.values)

    async def switch(self, fault_id: str, *, enabled: bool) -> None:
        """Switch one on or off, if it is there."""
        await self._connections.row(_SWITCH, packed(fault_id), enabled)

    async def remove(self, fault_ids: Iterable[str]) -> None:
        """Remove some."""
        await self._connections.row(_REMOVE, [*map(packed, fault_ids)])

    async def replace(self, faults: Iterable[FaultRow]) -> None:
        """Have these, and no others."""
        rows = [fault.values for fault in faults]
        async with self._connections.one() as connection, connection.transaction():
            await connection.execute(CLEAR)
            await connection.executemany(_ADD, rows)
