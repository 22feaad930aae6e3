"""Deliveries in the database: their history, and their queue, whose messages any replica may take.

A message that is taken is leased: for LEASE seconds nobody else gets it, nor one of its lane. Who took it renews the
lease, and says in the end what became of the delivery; if it never does, the message is to be had again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID  # noqa: TID251 (reads ids, and makes none)

from mockserver.storage.model import Subscription
from mockserver.storage.postgres import rows
from mockserver.storage.postgres import statements as sql
from mockserver.storage.postgres.connections import Connections

LEASE = 5  # whole seconds
LONGEST_NUMBER, LONGEST_PLACE = 18, 9  # digits, that fit the columns

_TAKE = f"SELECT * FROM take_deliveries($1, {LEASE})"
_SETTLE = "SELECT settle_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_HOLD = "SELECT hold_delivery($1, $2, $3, $4, $5, $6, $7)"
# Each asks for the lease in the row that it changes, which is looked at again if another has changed it meanwhile.
_RENEW = f"""
UPDATE q_deliveries SET vt = clock_timestamp() + interval '{LEASE} s'
FROM unnest($1::bigint[], $2::integer[]) AS ours (leased, reads) WHERE msg_id = leased AND read_ct = reads
RETURNING msg_id
"""
_PUT_OFF = """
UPDATE q_deliveries SET vt = moment_in(wait), read_ct = read_ct + 1
FROM unnest($1::bigint[], $2::integer[], $3::float8[]) AS ours (leased, reads, wait)
WHERE msg_id = leased AND read_ct = reads
"""
_GIVE_BACK = """
WITH given AS (
    UPDATE q_deliveries SET vt = clock_timestamp(), read_ct = read_ct + 1
    FROM unnest($1::bigint[], $2::integer[]) AS ours (leased, reads) WHERE msg_id = leased AND read_ct = reads
    RETURNING msg_id
) SELECT pg_notify(current_schema(), 'queued') FROM (SELECT count(*) FROM given) counted
"""
_MOVE = """
WITH wanted AS (
    SELECT queued_as, CASE WHEN due <= $1 THEN clock_timestamp() ELSE moment_in(
        CASE WHEN $2::boolean THEN 'infinity' ELSE due - $1 END
    ) END AS moment FROM deliveries WHERE due IS NOT NULL
), moved AS (
    SELECT set_vt('deliveries', msg_id, moment) FROM wanted JOIN q_deliveries ON msg_id = queued_as
    WHERE vt NOT BETWEEN moment - interval '20 ms' AND moment + interval '20 ms'
        AND NOT (vt <= clock_timestamp() AND moment <= clock_timestamp())
) SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify(current_schema(), 'queued')::text END FROM moved
"""
_ROW = """
d.number, d.place, d.status, d.message_id, e.event_name, e.store_code, d.subscription_id, d.url, e.created_at,
d.attempts, d.due, d.reason, d.revision
"""
_FROM = f"SELECT {_ROW} FROM deliveries d JOIN events e ON e.number = d.number"
_FILTERED = """
WHERE ($1::bigint IS NULL OR (d.number = $1 AND d.place = $2::integer)) AND ($3::uuid IS NULL OR d.message_id = $3)
    AND ($4::bytea IS NULL OR e.event_name = $4) AND ($5::bytea IS NULL OR e.store_code = $5)
    AND ($6::bytea IS NULL OR d.subscription_id = $6) AND ($7::bytea IS NULL OR d.url = $7)
    AND ($8::text IS NULL OR d.status = $8) AND ($9::bigint IS NULL OR d.revision > $9)
"""
_COUNT = f"SELECT count(*) FROM deliveries d JOIN events e ON e.number = d.number {_FILTERED}"
_PAGE = f"{_FROM} {_FILTERED} ORDER BY d.number, d.place OFFSET $10 LIMIT $11"
# What begins later has a higher revision than every transaction that has ended: nothing is missed.
_STANDING = """
SELECT (SELECT count(*) FROM deliveries), forgotten, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, emptied
FROM delivery_figures
"""
# One that isn't due, and isn't held, is the first of its lane, and those behind it wait with it.
_LEFT = """
WITH blocked AS (SELECT lane FROM deliveries WHERE due > $1 AND NOT held)
SELECT count(*), count(*) FILTER (WHERE due IS NULL AND lane NOT IN (SELECT lane FROM blocked) OR due <= $1)
FROM deliveries WHERE finished IS NULL
"""
_IN_A_ROW = "SELECT count(*)::float8 / greatest(count(DISTINCT lane), 1) FROM deliveries WHERE finished IS NULL"
_NEWEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1"
_CHANGED = f"""
SELECT changed.*, ({_NEWEST}) FROM (SELECT 1) one LEFT JOIN LATERAL (
    {_FROM} WHERE d.revision > $1 ORDER BY d.revision, d.number, d.place LIMIT $2
) changed ON true
"""


class Lease(NamedTuple):
    """A message that was taken, and how often it had been read by then: what another worker has read is no longer
    ours."""

    message: int
    reads: int


class TakenDelivery(NamedTuple):
    """A delivery whose message was taken. `fault` is None until one was looked for; `subscription` None if it was
    deleted."""

    lease: Lease
    number: int
    place: int
    status: str
    attempts: bytes
    fault: str | None
    message_id: str
    url: str
    event_name: str
    store_code: str
    created_at: float
    content: bytes
    subscription_id: str
    subscription: Subscription | None


class KeptDelivery(NamedTuple):
    """A delivery of the history."""

    number: int
    place: int
    status: str
    message_id: str
    event_name: str
    store_code: str
    subscription_id: str
    url: str
    created_at: float
    attempts: bytes
    due: float | None
    reason: str
    revision: int


class Settled(NamedTuple):
    """What became of a delivery: its state, and when, on the mock's clock, and in how many seconds it is repeated; None
    and None if it is finished."""

    status: str
    attempts: bytes
    reason: str
    fault: str
    size: int
    due: float | None
    wait: float | None


class HistoryFigures(NamedTuple):
    """How many deliveries there are, how many finished ones were forgotten, the latest revision, and that of the last
    reset."""

    total: int
    forgotten: int
    revision: int
    emptied: int


class Left(NamedTuple):
    """How many deliveries aren't finished, and how many of them are due."""

    unfinished: int
    due: int


class QueueFigures(NamedTuple):
    """How many deliveries wait or are under way, and the age of the oldest, in seconds."""

    length: int
    oldest: float


class DeliveryTables:
    """The deliveries of a schema. Each method is one statement, and raises StorageAway. The ids of messages are derived
    from `key`."""

    def __init__(self, connections: Connections, key: str) -> None:
        self.key = key
        self._row, self._rows = connections.row, connections.rows

    # ---------------------------------------------------------------- the queue
    async def emit(self, store_code: str, event_name: str, at: float, content: bytes) -> tuple[int, int]:
        """Write an event, its deliveries and their messages. Returns its number, and how many there are: 0 and 0 if
        nobody has subscribed."""
        names = rows.packed(store_code), rows.packed(event_name)
        (written,) = await self._row(sql.EMIT, *names, at, content, self.key)
        return (0, 0) if written is None else (written[0], written[1])

    async def take(self, most: int) -> tuple[list[TakenDelivery], list[Lease]]:
        """The first deliveries of so many lanes, leased, and messages of deliveries that were forgotten."""
        found = await self._rows(_TAKE, most)
        gone = [Lease(row[0], row[1]) for row in found if row[2] is None or row[4] is None]
        return [_taken(row) for row in found if row[4] is not None], gone

    async def settle(self, taken: TakenDelivery, settled: Settled) -> bool:
        """Keep what became of a delivery, and end its lease. False, and nothing is kept, if the lease was lost."""
        status, attempts, reason, *others = settled
        values = status, attempts, rows.packed(reason), *others
        (kept,) = await self._row(_SETTLE, *taken.lease, taken.number, taken.place, *values)
        return bool(kept)

    async def hold(self, taken: TakenDelivery, fault: str, due: float, wait: float) -> bool:
        """Let the next delivery of the subscription go before this one, if there is one until it is due. False, and
        nothing is done, if the lease was lost."""
        (kept,) = await self._row(_HOLD, *taken.lease, taken.number, taken.place, fault, due, wait)
        return bool(kept)

    async def renew(self, leases: Sequence[Lease]) -> set[int]:
        """Renew leases. Returns the messages of those that still held."""
        return {row[0] for row in await self._rows(_RENEW, *_columns(leases))}

    async def put_off(self, leases: Sequence[Lease], seconds: Sequence[float]) -> None:
        """End leases: the messages may be taken again in so many seconds each."""
        await self._row(_PUT_OFF, *_columns(leases), seconds)

    async def give_back(self, leases: Sequence[Lease]) -> None:
        """End leases: the messages may be taken by others at once, who are told."""
        await self._row(_GIVE_BACK, *_columns(leases))

    async def drop(self, leases: Sequence[Lease]) -> None:
        """Delete messages whose deliveries are forgotten."""
        await self._row("SELECT count(*) FROM delete('deliveries', $1::bigint[])", [lease.message for lease in leases])

    async def move(self, now: float, *, frozen: bool) -> int:
        """Let what waits become due by a clock that shows `now`. Returns how many were moved."""
        row = await self._row(_MOVE, now, frozen)
        return int(row[0])

    async def left(self, until: float) -> Left:
        """What isn't finished; due is what is so when the mock's clock shows `until`."""
        row = await self._row(_LEFT, until)
        return Left(*row)

    async def in_a_row(self) -> float:
        """How many deliveries that aren't finished a subscription with such has, on average."""
        return float((await self._row(_IN_A_ROW))[0])

    async def figures(self) -> QueueFigures:
        """Length and age of the queue."""
        row = await self._row("SELECT queue_length, oldest_msg_age_sec FROM metrics('deliveries')")
        return QueueFigures(row[0], row[1] or 0)

    async def tell(self) -> None:
        """Tell all replicas that deliveries have changed."""
        await self._row("SELECT pg_notify(current_schema(), 'deliveries')")

    # ---------------------------------------------------------------- the history
    async def find(self, number: int, place: int) -> KeptDelivery | None:
        """A delivery; None if it isn't remembered."""
        row = await self._row(f"{_FROM} WHERE d.number = $1 AND d.place = $2", number, place)
        return None if row is None else _kept(row)

    async def count(self, filters: Mapping[str, Any]) -> int:
        """How many deliveries match."""
        values = _values(filters)
        return 0 if values is None else int((await self._row(_COUNT, *values))[0])

    async def page(self, filters: Mapping[str, Any], offset: int, limit: int) -> list[KeptDelivery]:
        """The deliveries that match, in the order of their events, from `offset` on."""
        values = _values(filters)
        return [] if values is None else list(map(_kept, await self._rows(_PAGE, *values, offset, limit)))

    async def changed_after(self, revision: int, most: int) -> tuple[list[KeptDelivery], int]:
        """So many of the deliveries that were changed after a revision, in the order of these changes, and the revision
        to go on from. Who does may see a change again, but misses none."""
        found = await self._rows(_CHANGED, revision, most)
        kept = [_kept(row) for row in found if row[0] is not None]
        newest = int(found[0][13])
        return kept, min(newest, kept[-1].revision) if len(kept) == most else newest

    async def standing(self) -> HistoryFigures:
        """The history as a whole."""
        return HistoryFigures(*await self._row(_STANDING))

    async def again(self, number: int, place: int) -> bool:
        """Queue a finished delivery once more; False if it isn't finished, or not there."""
        (queued,) = await self._row("SELECT deliver_again($1, $2)", number, place)
        return bool(queued)

    async def forget(self, most: int, most_bytes: int) -> int:
        """Forget the finished deliveries but for the last ones, of which there may be so many, and so many bytes."""
        (forgotten,) = await self._row("SELECT forget_deliveries($1, $2)", most, most_bytes)
        return int(forgotten)


def numbers_of(delivery_id: str) -> tuple[int, int] | None:
    """Event and place that the id of a delivery names; None if it is none."""
    number, _, place = delivery_id.partition("-")
    is_id = all(text.isascii() and text.isdecimal() for text in (number, place))
    if not is_id or len(number) > LONGEST_NUMBER or len(place) > LONGEST_PLACE:
        return None
    return int(number), int(place)


def _columns(leases: Sequence[Lease]) -> tuple[list[int], list[int]]:
    return [lease.message for lease in leases], [lease.reads for lease in leases]


def _values(filters: Mapping[str, Any]) -> list[Any] | None:
    """Values for _FILTERED; None if nothing can match. Raises KeyError for another filter."""
    named: tuple[int | None, int | None] | None = (None, None)
    message_id = None
    if "deliveryId" in filters:
        named = numbers_of(filters["deliveryId"])
    if "messageId" in filters:
        message_id = _uuid(filters["messageId"])
        named = named if message_id else None
    if named is None:
        return None
    texts = ("eventName", "storeCode", "subscriptionId", "url")
    if unknown := filters.keys() - {*texts, "deliveryId", "messageId", "status", "changedSince"}:
        raise KeyError(*unknown)
    packed = [rows.packed_or_none(filters.get(name)) for name in texts]
    return [*named, message_id, *packed, filters.get("status"), filters.get("changedSince")]


def _uuid(text: str) -> UUID | None:
    """The id in a text; None unless it is written as we write it."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _taken(row: Any) -> TakenDelivery:
    found = None if row[14] is None else rows.subscription((row[14], row[10], row[9], *row[15:21]))
    lease, texts = Lease(row[0], row[1]), map(rows.text_of, row[8:11])
    values: list[Any] = [lease, *row[2:7], str(row[7]), *texts, *row[11:13], rows.text_of(row[13]), found]
    return TakenDelivery(*values)


def _kept(row: Any) -> KeptDelivery:
    texts = map(rows.text_of, row[4:8])
    values: list[Any] = [*row[:3], str(row[3]), *texts, *row[8:11], rows.text_of(row[11]), row[12]]
    return KeptDelivery(*values)
