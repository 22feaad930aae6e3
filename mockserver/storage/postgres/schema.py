"""Schema of the database: its tables, made by the mock itself, and its version.

Whatever clients choose is `bytea`: it takes every text of Python, U+0000 and lone surrogates too, is sorted as Python
sorts, and bodies come back as they were sent. What is compared without case is folded by Python, as `lower()` of
PostgreSQL is another function; keys are hashes, as an index takes no long text.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import asyncpg

from mockserver.errors import SettingsError, listed
from mockserver.storage.postgres import delivery_schema, resources
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.connections import FAILED, PAUSE, connect

TABLES = """
CREATE TABLE facts (name text PRIMARY KEY, value text NOT NULL);
CREATE SEQUENCE replica_numbers;
CREATE TABLE stores (n bigint GENERATED ALWAYS AS IDENTITY, code bytea PRIMARY KEY);
CREATE TABLE users (
    n bigint GENERATED ALWAYS AS IDENTITY, user_id bytea PRIMARY KEY, role text NOT NULL, store_code bytea,
    username bytea NOT NULL, password bytea NOT NULL, api_key bytea, last_login_at float8
);
CREATE INDEX ON users USING hash (username);
CREATE INDEX ON users USING hash (api_key);
CREATE INDEX ON users (store_code);
CREATE TABLE refresh_tokens (
    n bigint GENERATED ALWAYS AS IDENTITY, token bytea PRIMARY KEY, user_id bytea NOT NULL, role text NOT NULL,
    store_code bytea, expires_at float8 NOT NULL
);
CREATE INDEX ON refresh_tokens USING hash (user_id);
CREATE INDEX ON refresh_tokens (expires_at);
CREATE TABLE members (
    n bigint GENERATED ALWAYS AS IDENTITY, store_code bytea, customer_id bytea, email bytea, phone bytea,
    loyalty_card_number bytea, referral_token bytea NOT NULL, registered_at float8 NOT NULL, data bytea NOT NULL,
    email_key bytea, phone_key bytea, card_key bytea, PRIMARY KEY (store_code, customer_id),
    UNIQUE (store_code, email_key), UNIQUE (store_code, phone_key), UNIQUE (store_code, card_key)
);
CREATE INDEX ON members (store_code, registered_at);
CREATE TABLE transactions (
    n bigint GENERATED ALWAYS AS IDENTITY, store_code bytea, transaction_id bytea, created_at float8 NOT NULL,
    customer_id bytea, data bytea NOT NULL, PRIMARY KEY (store_code, transaction_id)
);
CREATE INDEX ON transactions (store_code, customer_id) WHERE customer_id IS NOT NULL;
CREATE TABLE subscriptions (
    n bigint GENERATED ALWAYS AS IDENTITY, store_code bytea, subscription_id bytea, event_name bytea NOT NULL,
    event_folded bytea NOT NULL, url bytea NOT NULL, url_folded bytea NOT NULL, created_at float8 NOT NULL,
    legacy boolean NOT NULL, destination bytea NOT NULL, secret bytea, key_version bigint, rotated_at float8,
    PRIMARY KEY (store_code, subscription_id)
);
CREATE INDEX ON subscriptions (store_code, event_name, n);
CREATE INDEX ON subscriptions (store_code, n);
CREATE TABLE logins (client bytea PRIMARY KEY, at float8[] NOT NULL);
CREATE TABLE replicas (
    number bigint PRIMARY KEY, host text NOT NULL, seen_at timestamptz NOT NULL, made bigint NOT NULL
);
CREATE TABLE changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
    replica bigint NOT NULL, change bytea NOT NULL
);
"""
FAULTS = """
CREATE TABLE faults (
    n bigint GENERATED ALWAYS AS IDENTITY, fault_id bytea PRIMARY KEY, wanted bytea NOT NULL, enabled boolean NOT NULL,
    first_call bigint NOT NULL, last_call bigint, times bigint, matched bigint NOT NULL, chances bigint NOT NULL,
    applied bigint NOT NULL
);
"""
Migration = Callable[[str], str]  # the statements of a step, for a schema
# From each version to the next; the tables above are those of the first.
MIGRATIONS: tuple[Migration, ...] = (delivery_schema.migration, lambda _: FAULTS, lambda _: resources.TABLES)
ALIVE = 3.0  # seconds since its last beat for which a replica counts as alive
PATIENCE = 5.0  # seconds in which replicas that have just ended, or were killed, are forgotten
# Not `now()`, which stands still in a transaction.
LIVING = """
SELECT number, host FROM replicas WHERE seen_at > clock_timestamp() - make_interval(secs => $1) ORDER BY number
"""


class Replica(NamedTuple):
    """What a mock learns as it begins to share a database: the seed of all, and its number, which no other ever has."""

    seed: int
    number: int


async def begin(address: Address, seed: int, migrations: Sequence[Migration] = MIGRATIONS) -> Replica:
    """Make the tables unless they are there, bring older ones up to date, and draw a number. `seed` is taken if there
    is none yet. Raises SettingsError, which says what to do, if the database can't be used; then nothing is changed."""
    async with _used(address) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", address.schema)
        if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", address.schema):
            await connection.execute(f"CREATE SCHEMA {address.schema}")  # a name that Address has checked
        if await connection.fetchval("SELECT to_regclass($1) IS NULL", f"{address.schema}.facts"):
            await connection.execute(TABLES)
            await connection.execute("INSERT INTO facts VALUES ('version', '1')")
        await _migrate(connection, address.schema, migrations)
        if await connection.fetchval("SELECT to_regclass('deliveries') IS NOT NULL"):
            await connection.execute(delivery_schema.RENUMBER)
        kept = await _kept(connection, "seed", str(seed))
        return Replica(int(kept), await connection.fetchval("SELECT nextval('replica_numbers')"))


async def read_fact(address: Address, name: str) -> str | None:
    """The fact of this name, which all replicas share; None if there is none yet. Raises SettingsError."""
    async with _used(address) as connection:
        found: str | None = await connection.fetchval("SELECT value FROM facts WHERE name = $1", name)
        return found


async def keep_fact(address: Address, name: str, value: str) -> str:
    """The fact of this name: this value, or the one that was there before. Raises SettingsError."""
    async with _used(address) as connection:
        return await _kept(connection, name, value)


@asynccontextmanager
async def _used(address: Address) -> AsyncIterator[Any]:
    try:
        connection = await connect(address, {})
        try:
            yield connection
        finally:
            await connection.close()
    except asyncpg.InsufficientPrivilegeError as error:
        raise SettingsError(
            f"The database of --storage says: {error}. Its user needs CREATE on the database (GRANT CREATE ON DATABASE "
            f"… TO …), or a schema of its own (CREATE SCHEMA {address.schema} AUTHORIZATION …)."
        ) from None
    except FAILED as error:
        raise SettingsError(
            f"The database of --storage can't be used: {error or type(error).__name__}. Does PostgreSQL run there, and "
            "are host, database, user and password right? (docs/replicas.md)"
        ) from None


async def _migrate(connection: Any, schema: str, migrations: Sequence[Migration]) -> None:
    version = 1 + len(migrations)
    found = int(await connection.fetchval("SELECT value FROM facts WHERE name = 'version'"))
    if found > version:
        raise SettingsError(
            f"A newer mock has made the schema {schema} (version {found}; this mock knows {version}). Use that mock, "
            f"or another schema (--storage …?schema=NAME), or give up what is in it: DROP SCHEMA {schema} CASCADE."
        )
    if found == version:
        return
    await _wait_for_older(connection, schema)
    for statements_for in migrations[found - 1 :]:
        await connection.execute(statements_for(schema))
    await connection.execute("UPDATE facts SET value = $1 WHERE name = 'version'", str(version))


async def _wait_for_older(connection: Any, schema: str) -> None:
    """Wait until no older mock uses the tables any more: it wouldn't know them. Raises SettingsError."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while living := await connection.fetch(LIVING, ALIVE):
        if asyncio.get_running_loop().time() > until:
            told = listed([f"replica {row[0]} on {row[1]}" for row in living])
            raise SettingsError(
                f"Older mocks still use the schema {schema}: {told}. End them, then start this one again; it brings "
                "the tables up to date. Until then nothing is changed."
            )
        await asyncio.sleep(PAUSE)


async def _kept(connection: Any, name: str, value: str) -> str:
    await connection.execute("INSERT INTO facts VALUES ($1, $2) ON CONFLICT DO NOTHING", name, value)
    kept: str = await connection.fetchval("SELECT value FROM facts WHERE name = $1", name)
    return kept
