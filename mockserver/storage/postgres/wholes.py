"""Intentions that concern many records at once: replacing all, adding several, and the snapshot."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from mockserver.storage.model import AnyRecord, Json, Member, RefreshToken, Transaction, User, from_json, to_json
from mockserver.storage.postgres import rows
from mockserver.storage.snapshots import KINDS
from mockserver.storage.state import RecordsTaken
from mockserver.turns import Turns

TABLES = ("stores", "logins", *(table for table, *_ in rows.KINDS.values()))
ALONE = "LOCK TABLE stores IN ACCESS EXCLUSIVE MODE"
ADD_STORE = "INSERT INTO stores (code) VALUES ($1) ON CONFLICT DO NOTHING"
NO_DELIVERIES = """
SELECT purge_queue('deliveries');
DELETE FROM deliveries;
DELETE FROM events;
UPDATE delivery_figures SET forgotten = 0, emptied = pg_current_xact_id()::text::bigint;
SELECT pg_notify(current_schema(), 'deliveries');
"""
NO_DELIVERIES_OF = """
WITH gone AS (
    DELETE FROM deliveries USING events WHERE events.number = deliveries.number AND store_code = $1
    RETURNING deliveries.number, place
) SELECT count(delete('deliveries', msg_id)), pg_notify(current_schema(), 'deliveries')::text
FROM q_deliveries JOIN gone ON message = jsonb_build_array(number, place)
"""
MATCH = """
UPDATE transactions t SET customer_id = coalesce(
    (SELECT m.customer_id FROM members m WHERE m.store_code = t.store_code AND m.customer_id = $3),
    (SELECT m.customer_id FROM members m WHERE m.store_code = t.store_code AND m.card_key = $4),
    (SELECT m.customer_id FROM members m WHERE m.store_code = t.store_code AND m.email_key = $5),
    (SELECT m.customer_id FROM members m WHERE m.store_code = t.store_code AND m.phone_key = $6)
) WHERE t.store_code = $1 AND t.transaction_id = $2
"""
Key = tuple[object, ...]


async def clear(connection: Any, store_codes: Iterable[str]) -> None:
    """Remove all records, and make these stores."""
    await connection.execute(ALONE)
    await connection.execute("".join(f"DELETE FROM {table};" for table in TABLES))
    await connection.execute(NO_DELIVERIES)
    await connection.executemany(ADD_STORE, [(rows.packed(code),) for code in store_codes])


async def clear_store(connection: Any, store_code: str) -> bool:
    """Remove all records of a store; returns whether there is one."""
    code = rows.packed(store_code)
    await connection.execute(ALONE)
    if not await connection.fetchval("SELECT true FROM stores WHERE code = $1", code):
        return False
    of_its_users = "DELETE FROM refresh_tokens WHERE user_id IN (SELECT user_id FROM users WHERE store_code = $1)"
    await connection.execute(of_its_users, code)
    await connection.execute(NO_DELIVERIES_OF, code)
    for table in ("users", "members", "transactions", "subscriptions", "events"):
        await connection.execute(f"DELETE FROM {table} WHERE store_code = $1", code)
    return True


async def add_all(connection: Any, records: Sequence[AnyRecord]) -> None:
    """Add records and their stores, and match the transactions. Raises RecordsTaken."""
    await connection.execute(ALONE)
    there = await _there(connection, records)
    seen: set[Key] = set()
    taken = []
    for index, record in enumerate(records):
        for field, key in _keys(record):
            if key in seen or key in there:
                taken.append((index, field))
            seen.add(key)
    if taken:
        raise RecordsTaken(taken)
    codes = dict.fromkeys(record.store_code for record in records if record.store_code is not None)
    await connection.executemany(ADD_STORE, [(rows.packed(code),) for code in codes])
    for name in rows.KINDS:
        await _copy(connection, name, (record for record in records if rows.KIND_OF[type(record)] == name))
    sales = [record for record in records if isinstance(record, Transaction)]
    await connection.executemany(MATCH, [(*sale_of(sale), *buyer_of(sale)) for sale in sales])


def sale_of(transaction: Transaction) -> tuple[bytes, bytes]:
    """Store and id of a transaction."""
    return rows.packed(transaction.store_code), rows.packed(transaction.transaction_id)


def buyer_of(transaction: Transaction) -> tuple[bytes | None, ...]:
    """What a transaction says of its buyer: the id, and the keys of card number, e-mail and phone."""
    buyer = transaction.data.get("customerData") or {}
    customer_id = buyer.get("customerId")
    named = buyer.get("loyaltyCardNumber", ""), buyer.get("email", "").casefold(), buyer.get("phone", "").casefold()
    return (rows.packed_or_none(customer_id), *map(rows.key_of, named))


async def snapshot(connection: Any) -> dict[str, Any]:
    """All records, as `State.snapshot` gives them. The transaction around it has to see one moment."""
    stores = await connection.fetch("SELECT code FROM stores ORDER BY n")
    logins = await connection.fetch("SELECT client, at FROM logins WHERE cardinality(at) > 0")
    taken: dict[str, Any] = {
        "stores": [rows.text_of(row[0]) for row in stores],
        "logins": iter([{"client": rows.text_of(row[0]), "at": list(row[1])} for row in logins]),
    }
    for name, (table, columns, record_of, _) in rows.KINDS.items():
        found = await connection.fetch(f"SELECT {columns} FROM {table} ORDER BY n")
        taken[name] = map(to_json, map(record_of, found))
    return taken


async def restore(connection: Any, snapshot: Json, turns: Turns) -> None:
    """Replace everything by a snapshot whose parts fit together."""
    await clear(connection, snapshot["stores"])
    logins = [(rows.packed(entry["client"]), sorted(map(float, entry["at"]))) for entry in snapshot["logins"]]
    await connection.copy_records_to_table("logins", records=logins, columns=("client", "at"))
    for name, kind in KINDS.items():
        table, columns, _, row_of = rows.KINDS[name]

        async def read(name: str = name, kind: Any = kind, row_of: Any = row_of) -> AsyncIterator[tuple[Any, ...]]:
            async for row in turns.over(snapshot[name]):
                yield row_of(from_json(kind, row))

        await connection.copy_records_to_table(table, records=read(), columns=columns.split(", "))


async def _copy(connection: Any, name: str, records: Iterable[AnyRecord]) -> None:
    table, columns, _, row_of = rows.KINDS[name]
    await connection.copy_records_to_table(table, records=list(map(row_of, records)), columns=columns.split(", "))


# ---------------------------------------------------------------- what isn't free
def _keys(record: AnyRecord) -> list[tuple[str, Key]]:
    """What has to be free for a record: the name of the field in the API, and a key for it."""
    if isinstance(record, User):
        named = record.role, record.store_code, record.username
        return [("username", ("username", *named)), ("userId", ("user", record.user_id))]
    if isinstance(record, RefreshToken):
        return [("token", ("token", record.token))]
    name = record._fields[0]
    kind = rows.KIND_OF[type(record)]
    found: list[tuple[str, Key]] = [(_API_NAMES[name], (kind, record.store_code, record[0]))]
    if isinstance(record, Member):
        keys = zip(rows.KEYS, rows.keys_of(record), strict=True)
        found += [(field, (field, record.store_code, key)) for field, key in keys if key is not None]
    return found


_API_NAMES = {
    "customer_id": "customerId",
    "transaction_id": "transactionId",
    "subscription_id": "subscriptionId",
}
_THERE = {
    "users": "SELECT role, store_code, username, user_id FROM users WHERE user_id = ANY($1) OR username = ANY($2)",
    "refreshTokens": "SELECT token FROM refresh_tokens WHERE token = ANY($1)",
    "members": (
        "SELECT store_code, customer_id, email_key, phone_key, card_key FROM members WHERE customer_id = ANY($1) "
        "OR email_key = ANY($2) OR phone_key = ANY($3) OR card_key = ANY($4)"
    ),
    "transactions": "SELECT store_code, transaction_id FROM transactions WHERE transaction_id = ANY($1)",
    "subscriptions": "SELECT store_code, subscription_id FROM subscriptions WHERE subscription_id = ANY($1)",
}


async def _there(connection: Any, records: Sequence[AnyRecord]) -> set[Key]:
    """Which of the keys of these records, and perhaps more, are taken."""
    there: set[Key] = set()
    for name, statement in _THERE.items():
        own = [record for record in records if rows.KIND_OF[type(record)] == name]
        if own:
            there.update(_taken(name, await connection.fetch(statement, *_wanted(own))))
    return there


def _wanted(records: Sequence[Any]) -> Iterable[list[Any]]:
    yield [rows.packed(record[0]) for record in records]
    if isinstance(records[0], User):
        yield [rows.packed(record.username) for record in records]
    elif isinstance(records[0], Member):
        yield from (list(keys) for keys in zip(*map(rows.keys_of, records), strict=True))


def _taken(name: str, found: Iterable[Any]) -> Iterable[Key]:
    for row in found:
        if name == "users":
            role, store_code, username, user_id = row
            store = None if store_code is None else rows.text_of(store_code)
            yield from (("username", role, store, rows.text_of(username)), ("user", rows.text_of(user_id)))
        elif name == "refreshTokens":
            yield "token", rows.text_of(row[0])
        else:
            store_code, record_id, *keys = row
            store = rows.text_of(store_code)
            yield name, store, rows.text_of(record_id)
            yield from ((field, store, key) for field, key in zip(rows.KEYS, keys, strict=False))
