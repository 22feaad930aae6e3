"""Events that are written with the change that causes them: both are there after it, or neither."""

import logging
from typing import Any

import orjson

from mockserver.storage.model import Member, Transaction
from mockserver.storage.postgres import rows
from mockserver.storage.postgres import statements as sql
from mockserver.storage.state import Emission

logger = logging.getLogger("mockserver")


def with_event(adding: str, values: int) -> str:
    """A statement that adds a record by so many values, and writes an event with it, by those of `values_of`."""
    event = ", ".join(f"${values + number}" for number in range(1, 6))
    return f"WITH added AS ({adding}) SELECT emit_event({event}) FROM added"


def values_of(emission: Emission, *records: Any, key: str) -> tuple[bytes, bytes, float, bytes, str] | None:
    """The values of `emit_event` for an event of these records. None, which is logged, if it can't be made: a defect of
    the mock must not break the change."""
    try:
        content = written(emission.data(*records))
    except Exception:
        logger.exception("The event %s is lost: a defect of the mock", emission.event_name)
        return None
    return rows.packed(records[0].store_code), rows.packed(emission.event_name), emission.at, content, key


def written(data: Any) -> bytes:
    """The data of an event as JSON."""
    return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


async def emit_of(
    connection: Any, stored: Transaction, registered: Emission | None, assigned: Emission | None, key: str
) -> None:
    """Write the events of a transaction that was stored, in the transaction of the database that stored it."""
    events = [] if registered is None else [values_of(registered, stored, key=key)]
    if assigned is not None and stored.customer_id is not None:
        names = rows.packed(stored.store_code), rows.packed(stored.customer_id)
        member: Member = rows.member(await connection.fetchrow(sql.FIND_MEMBER, *names))
        events.append(values_of(assigned, stored, member, key=key))
    for event in events:
        if event is not None:
            await connection.fetchrow(sql.EMIT, *event)
