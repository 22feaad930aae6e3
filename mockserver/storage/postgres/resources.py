"""Records of resources in a database: `storage.resource_records` for several mocks.

Whatever changes records holds the row of their collection, so that a reset, which deletes that row, is before or after
it. What a query filters or sorts by is anywhere in JSON, and compared as in memory: such a list is gone through here.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson

from mockserver.errors import BadRequest
from mockserver.storage.model import Json
from mockserver.storage.postgres.connections import Connections
from mockserver.storage.postgres.rows import TOO_LONG, packed, text_of
from mockserver.storage.resource_records import (
    Change,
    Collection,
    FoundRecords,
    Make,
    Placed,
    RecordQuery,
    ResourceRecord,
    Seeds,
    TakenKeys,
    arranged,
    as_row,
    collection_of,
    first_of_each,
    fits,
    selected,
)
from mockserver.turns import Turns

TABLES = """
CREATE TABLE collections (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, resource bytea NOT NULL, within bytea[] NOT NULL,
    UNIQUE (resource, within)
);
CREATE TABLE records (
    n bigint GENERATED ALWAYS AS IDENTITY, collection bigint REFERENCES collections ON DELETE CASCADE,
    key bytea, data bytea NOT NULL, PRIMARY KEY (collection, key)
);
CREATE INDEX ON records (collection, n);
CREATE TABLE numbers (resource bytea PRIMARY KEY, number bigint NOT NULL);
"""
BATCH = 500  # records that are read at once, of a list that is gone through
CLEAR = "DELETE FROM collections; DELETE FROM numbers;"
_HERE = "c.resource = $1 AND c.within = $2"
# It reads `stores`, as everything does that adds something (see the package).
_OPEN = """
INSERT INTO collections (resource, within) SELECT $1::bytea, $2::bytea[] WHERE EXISTS (SELECT FROM stores) IS NOT NULL
ON CONFLICT DO NOTHING RETURNING n
"""
_NUMBERS = """
INSERT INTO numbers AS n VALUES ($1, $2) ON CONFLICT (resource) DO UPDATE SET number = n.number + $2
RETURNING number - $2 + 1
"""
_ADD = f"""
INSERT INTO records (collection, key, data) SELECT n, $3::bytea, $4::bytea FROM collections c WHERE {_HERE}
FOR KEY SHARE ON CONFLICT DO NOTHING RETURNING true
"""
_ADD_ALL = """
INSERT INTO records (collection, key, data) SELECT collection, key, data
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) WITH ORDINALITY AS r (collection, key, data, place) ORDER BY place
ON CONFLICT DO NOTHING RETURNING collection, key
"""
_GET = f"SELECT r.data FROM collections c LEFT JOIN records r ON r.collection = c.n AND r.key = $3 WHERE {_HERE}"
_HOLD = f"SELECT n FROM collections c WHERE {_HERE} FOR KEY SHARE"
_HOLD_ALONE = f"SELECT n FROM collections c WHERE {_HERE} FOR NO KEY UPDATE"
_HOLD_RECORD = "SELECT data FROM records WHERE collection = $1 AND key = $2 FOR UPDATE"
_REPLACE = "UPDATE records SET data = $3 WHERE collection = $1 AND key = $2"
_INSIDE = "c.resource = ANY($4::bytea[]) AND c.within >= $5::bytea[] AND c.within < $6::bytea[]"
# $5 is the path of the record, and $6 the next one: between them are the collections in it.
_REMOVE = f"""
WITH gone AS (
    DELETE FROM records USING collections c WHERE collection = c.n AND {_HERE} AND key = $3 RETURNING true
), inside AS (
    DELETE FROM records USING collections c WHERE collection = c.n AND {_INSIDE} AND EXISTS (SELECT FROM gone)
) SELECT EXISTS (SELECT FROM gone) FROM collections c WHERE {_HERE}
"""
# A collection that another one holds stays: it has no records any more.
_FORGET = """
DELETE FROM collections WHERE n IN (
    SELECT n FROM collections c WHERE c.resource = ANY($1::bytea[]) AND c.within >= $2::bytea[]
    AND c.within < $3::bytea[] AND NOT EXISTS (SELECT FROM records WHERE collection = c.n) FOR UPDATE SKIP LOCKED
)
"""
_FIND = f"""
SELECT (SELECT count(*) FROM records WHERE collection = c.n), r.key, r.data FROM collections c LEFT JOIN LATERAL (
    SELECT n, key, data FROM records WHERE collection = c.n ORDER BY n OFFSET $3 LIMIT $4
) r ON true WHERE {_HERE} ORDER BY r.n
"""
_ALL_OF = "SELECT key, data FROM records WHERE collection = $1 ORDER BY n"
_USED = "SELECT resource, within FROM collections WHERE resource = ANY($1) ORDER BY n"
_SNAPSHOT = """
SELECT c.resource, c.within, r.key, r.data FROM collections c JOIN records r ON r.collection = c.n ORDER BY c.n, r.n
"""


class _Taken(Exception):
    """Some keys aren't free: nothing is added. Carries the indices of their records."""

    def __init__(self, indices: list[int]) -> None:
        super().__init__()
        self.indices = indices


class PostgresResourceRecords:
    """Records in a database, which several mocks use at the same time. Each intention raises StorageAway."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, collection: Collection, make: Make, seeds: Seeds) -> ResourceRecord:
        """As the protocol says."""
        taken = TakenKeys()
        while True:
            made = make(await self.numbers(collection.resource, 1))
            values = *_named(collection), packed(made.key), orjson.dumps(made.data)
            if await self._row(_ADD, *values) is not None:
                return made
            if await self._open(collection, seeds) and await self._row(_ADD, *values) is not None:
                return made
            taken.add(made.key)

    async def get(self, collection: Collection, key: str, seeds: Seeds) -> ResourceRecord | None:
        """As the protocol says."""
        row = await self._row(_GET, *_named(collection), packed(key))
        if row is None:
            return next((one for one in seeds() if one.key == key), None)
        return None if row[0] is None else ResourceRecord(key, orjson.loads(row[0]))

    async def change(self, collection: Collection, key: str, change: Change, seeds: Seeds) -> Json | None:
        """As the protocol says."""
        while True:
            async with self._transaction() as connection:
                number = await connection.fetchval(_HOLD, *_named(collection))
                if number is not None:
                    found = await connection.fetchval(_HOLD_RECORD, number, packed(key))
                    data = change(None if found is None else orjson.loads(found))
                    if data is None:
                        return None
                    values = number, packed(key), orjson.dumps(data)
                    if found is not None:
                        await connection.execute(_REPLACE, *values)
                        return data
                    if await connection.fetchval(_ADD_ALL, *([value] for value in values)):
                        return data  # else another one has added it meanwhile
            if number is None:
                await self._open(collection, seeds)

    async def remove(
        self,
        collection: Collection,
        key: str,
        seeds: Seeds,
        children: Sequence[str] = (),
        ended: Sequence[Collection] = (),
    ) -> bool:
        """As the protocol says."""
        path = [*collection.within, key]
        after = [*map(packed, collection.within), packed(key) + b"\0"]
        inside = [*map(packed, children)], [*map(packed, path)], after
        values = *_named(collection), packed(key), *inside
        while True:
            async with self._transaction() as connection:
                there = await connection.fetchval(_HOLD, *_named(collection)) is not None
                is_removed = there and await connection.fetchval(_REMOVE, *values)
                if is_removed and children:
                    await connection.execute(_FORGET, *inside)
                    await connection.executemany(_OPEN, [_named(one) for one in sorted(ended)])
            if there:
                return bool(is_removed)
            await self._open(collection, seeds)

    async def find(self, collection: Collection, query: RecordQuery, seeds: Seeds) -> FoundRecords:
        """As the protocol says."""
        if query.order or not query.takes_all:
            fitting = await self._fitting(collection, query)
            return selected(seeds(), query) if fitting is None else arranged(fitting, query)
        found = await self._connections.rows(_FIND, *_named(collection), query.offset, query.size)
        if not found:
            return selected(seeds(), query)
        return FoundRecords([_record(row[1:]) for row in found if row[1] is not None], found[0][0])

    async def _fitting(self, collection: Collection, query: RecordQuery) -> list[ResourceRecord] | None:
        """The records that a query's filter lets pass; None if nobody has changed the collection yet."""
        async with self._transaction() as connection:
            number = await connection.fetchval(_HOLD, *_named(collection))
            if number is None:
                return None
            kept, turns = [], Turns()
            async for row in connection.cursor(_ALL_OF, number, prefetch=BATCH):
                record = _record(row)
                if fits(record.data, query):
                    kept.append(record)
                await turns.give()
            return kept

    async def numbers(self, resource: str, count: int) -> int:
        """As the protocol says."""
        return int((await self._row(_NUMBERS, packed(resource), count))[0])

    async def add_all(self, placed: Sequence[Placed]) -> list[int]:
        """As the protocol says."""
        seeds = {one.collection: one.seeds for one in placed}
        while True:
            for collection, begin in seeds.items():
                await self._open(collection, begin)
            try:
                async with self._transaction() as connection:
                    if await _added(connection, placed):
                        return []
            except _Taken as error:
                return error.indices

    async def begin(self, collection: Collection, rows: Sequence[ResourceRecord]) -> None:
        """As the protocol says."""
        await self._open(collection, lambda: rows)

    async def used(self, resources: Sequence[str]) -> list[Collection]:
        """As the protocol says."""
        found = await self._connections.rows(_USED, [*map(packed, resources)])
        return [_collection(row) for row in found]

    async def forget(self, collections: Sequence[Collection], resources: Sequence[str] = ()) -> None:
        """As the protocol says."""
        async with self._transaction() as connection:
            named = [_named(one) for one in sorted(collections)]
            await connection.executemany("DELETE FROM collections WHERE resource = $1 AND within = $2", named)
            await connection.execute("DELETE FROM numbers WHERE resource = ANY($1)", [*map(packed, resources)])

    async def _open(self, collection: Collection, seeds: Seeds) -> bool:
        """Begin a collection with its seeds, unless it has begun. Whether it began."""
        async with self._transaction() as connection:
            number = await connection.fetchval(_OPEN, *_named(collection))
            if number is not None:
                await connection.execute(_ADD_ALL, *_columns((number, row) for row in seeds()))
        return number is not None

    async def _row(self, statement: str, *values: Any) -> Any:
        try:
            return await self._connections.row(statement, *values)
        except asyncpg.ProgramLimitExceededError:
            raise BadRequest(message=TOO_LONG) from None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        async with self._connections.one() as connection:
            try:
                async with connection.transaction():
                    yield connection
            except asyncpg.ProgramLimitExceededError:
                raise BadRequest(message=TOO_LONG) from None


async def _added(connection: Any, placed: Sequence[Placed]) -> bool:
    """Whether records were added: not if one of their collections is gone meanwhile. Raises _Taken."""
    numbers: dict[Collection, int | None] = {}
    for collection in sorted({one.collection for one in placed}):  # all in the same order, as each holds them
        numbers[collection] = await connection.fetchval(_HOLD_ALONE, *_named(collection))
    if None in numbers.values():
        return False
    there = [(numbers[one.collection], one.record) for one in placed]
    added = {(row[0], row[1]) for row in await connection.fetch(_ADD_ALL, *_columns(there))}
    firsts = enumerate(first_of_each(placed))
    taken = [index for index, is_first in firsts if not is_first or _key(*there[index]) not in added]
    if taken:
        raise _Taken(taken)
    return True


# ---------------------------------------------------------------- the whole, for `PostgresState`
async def snapshot(connection: Any) -> dict[str, Any]:
    """All records, in the form of `Snapshot` in control.yaml. The transaction around it has to see one moment."""
    opened = [_collection(row) for row in await connection.fetch("SELECT resource, within FROM collections ORDER BY n")]
    found = await connection.fetch(_SNAPSHOT)
    numbers = await connection.fetch("SELECT resource, number FROM numbers ORDER BY resource")
    return {
        "collections": ({"resource": one.resource, "within": [*one.within]} for one in opened),
        "records": (as_row(_collection(row), *_record(row[2:])) for row in found),
        "numbers": {text_of(row[0]): row[1] for row in numbers},
    }


async def restore(connection: Any, snapshot: Json, turns: Turns) -> None:
    """Replace all records by those of a snapshot."""
    await connection.execute(CLEAR)
    opened: dict[Collection, int] = {}
    for part in ("collections", "records"):
        async for row in turns.over(snapshot.get(part, ())):
            opened.setdefault(collection_of(row), len(opened))
    await connection.executemany(_OPEN, [_named(one) for one in opened])
    for row in await connection.fetch("SELECT resource, within, n FROM collections"):
        opened[_collection(row)] = row[2]

    async def rows() -> AsyncIterator[tuple[Any, ...]]:
        async for row in turns.over(snapshot.get("records", ())):
            yield opened[collection_of(row)], packed(row["key"]), orjson.dumps(row["data"])

    await connection.copy_records_to_table("records", records=rows(), columns=("collection", "key", "data"))
    numbers = [(packed(name), number) for name, number in snapshot.get("numbers", {}).items()]
    await connection.executemany("INSERT INTO numbers VALUES ($1, $2)", numbers)


def _named(collection: Collection) -> tuple[bytes, list[bytes]]:
    return packed(collection.resource), [*map(packed, collection.within)]


def _collection(row: Any) -> Collection:
    return Collection(text_of(row[0]), tuple(map(text_of, row[1])))


def _record(row: Any) -> ResourceRecord:
    return ResourceRecord(text_of(row[0]), orjson.loads(row[1]))


def _key(number: int | None, record: ResourceRecord) -> tuple[int | None, bytes]:
    return number, packed(record.key)


def _columns(rows: Iterable[tuple[int | None, ResourceRecord]]) -> tuple[list[Any], ...]:
    """The columns of records, each with the number of its collection."""
    found = [(number, packed(record.key), orjson.dumps(record.data)) for number, record in rows]
    return tuple([row[place] for row in found] for place in range(3))
