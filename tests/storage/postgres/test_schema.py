"""mockserver.storage.postgres.schema: tables that the mock makes itself, and what it says where it can't."""

import asyncio
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from mockserver.errors import SettingsError
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.schema import MIGRATIONS, TABLES, begin, keep_fact, read_fact
from tests.support.delivery_tables import emit, opened
from tests.support.postgres import Databases

pytestmark = pytest.mark.anyio


@pytest.fixture
def empty(databases: Databases) -> str:
    """The address of a database without tables."""
    return databases.new("template0")


async def test_first_makes_the_tables_and_the_seed(empty: str) -> None:
    """Of many that begin at once, one makes the tables; all get its seed, and a number that no other has."""
    address = Address.of(empty)

    replicas = await asyncio.gather(*(begin(address, seed) for seed in range(1, 9)))

    assert len({replica.seed for replica in replicas}) == 1
    assert sorted(replica.number for replica in replicas) == list(range(1, 9))


async def test_schemas_of_one_database_share_nothing(empty: str) -> None:
    """Mocks under different names of a schema have nothing in common."""
    one, other = (Address.of(f"{empty}&schema={name}") for name in ("one", "other"))
    await begin(one, 1)
    await begin(other, 2)

    await keep_fact(one, "fact", "of one")

    assert [await read_fact(address, "fact") for address in (one, other)] == ["of one", None]


async def test_fact_is_that_of_the_first(database: str) -> None:
    """A fact that is there stays; who comes later gets it."""
    address = Address.of(database)

    kept = await asyncio.gather(*(keep_fact(address, "key", str(number)) for number in range(8)))

    assert len(set(kept)) == 1
    assert await read_fact(address, "key") == kept[0]


# ---------------------------------------------------------------- from version to version
def _another(_schema: str) -> str:
    return "CREATE TABLE another (name text NOT NULL); INSERT INTO another VALUES ('made')"


NEXT = (*MIGRATIONS, _another)
FIRST = "302c6b732bf0228d"  # of what a mock of the first version has made, and still finds


async def _asked(database: str, statement: str) -> Any:
    connection = await asyncpg.connect(database)
    await connection.execute("SET search_path = mockserver")
    found = await connection.fetchval(statement)
    await connection.close()
    return found


async def _made(database: str, version: int) -> Address:
    """A schema as a mock of this version has left it, with a store."""
    address = Address.of(database)
    await begin(address, 7, MIGRATIONS[: version - 1])
    await _asked(database, "INSERT INTO stores (code) VALUES ('kept')")
    return address


def test_first_version_stays_as_it_was() -> None:
    """The tables of the first version are those that mocks of it have made: what changes is a migration."""
    assert sha256(TABLES.encode()).hexdigest()[:16] == FIRST


@pytest.mark.parametrize("version", range(1, len(NEXT) + 1))
async def test_older_tables_are_brought_up_to_date(empty: str, version: int) -> None:
    """Tables of each earlier version become those of this one; what is in them stays, and so does the seed."""
    address = await _made(empty, version)

    replica = await begin(address, 9, NEXT)

    assert replica == (7, 2)
    assert await _asked(empty, "SELECT value FROM facts WHERE name = 'version'") == str(len(NEXT) + 1)
    assert await _asked(empty, "SELECT code FROM stores") == b"kept"
    assert await _asked(empty, "SELECT name FROM another") == "made"


async def test_restored_dump_gets_revisions_of_its_database(database: str) -> None:
    """Revisions that the numbers of transactions haven't reached, as they begin anew, hide no later change."""
    state = await opened(database)
    await emit(state.deliveries, 2)
    await _asked(database, "UPDATE deliveries SET revision = 5000000000 WHERE number = 1")
    await _asked(database, "UPDATE delivery_figures SET emptied = 4000000000")
    await begin(Address.of(database), 1)

    assert [row.number for row in (await state.deliveries.changed_after(0, 9))[0]] == [2]
    assert (await state.deliveries.standing()).emptied == 0
    await state.close()


async def test_many_migrate_at_once(empty: str) -> None:
    """Of many that begin at once on older tables one brings them up to date; the others find them so."""
    address = await _made(empty, 1)

    replicas = await asyncio.gather(*(begin(address, seed, NEXT) for seed in range(8)))

    assert sorted(replicas) == [(7, number) for number in range(2, 10)]
    assert await _asked(empty, "SELECT count(*) FROM another") == 1


async def test_migration_that_fails_changes_nothing(empty: str) -> None:
    """Where a step fails the tables stay as they were, and the version, too."""
    address = await _made(empty, 1)

    with pytest.raises(SettingsError, match="can't be used"):
        await begin(address, 9, (*NEXT, lambda _: "CREATE TABLE stores ()"))

    assert await _asked(empty, "SELECT value FROM facts WHERE name = 'version'") == "1"
    assert await _asked(empty, "SELECT to_regclass('another')") is None


async def test_tables_in_use_by_an_older_mock_stay(empty: str) -> None:
    """While an older mock is alive its tables aren't changed, and who starts is told to end it."""
    address = await _made(empty, 1)
    await _asked(empty, "INSERT INTO replicas VALUES (1, 'elsewhere', now() + interval '1 hour', 0)")

    with pytest.raises(SettingsError, match=r"Older mocks still use the schema mockserver: replica 1 on elsewhere\."):
        await begin(address, 9, NEXT)


async def test_older_mock_that_was_killed_is_waited_for(empty: str) -> None:
    """One that has been alive a moment ago, and says nothing any more, is soon taken for gone."""
    address = await _made(empty, 1)
    await _asked(empty, "INSERT INTO replicas VALUES (1, 'elsewhere', now() - interval '2 seconds', 0)")

    assert (await begin(address, 9, NEXT)).seed == 7


async def test_tables_of_a_newer_mock_are_refused(empty: str) -> None:
    """A schema of a later version is left alone, and the refusal says what to do."""
    address = Address.of(empty)
    await begin(address, 7, NEXT)

    with pytest.raises(SettingsError, match=rf"version {len(NEXT) + 1}; this mock knows {len(NEXT)}.*DROP SCHEMA"):
        await begin(address, 1)


# ---------------------------------------------------------------- what it says
async def test_missing_permission_is_told(empty: str) -> None:
    """Who may not make a schema is told what to grant; in a schema of their own they need nothing more."""
    connection = await asyncpg.connect(empty)
    await connection.execute("CREATE ROLE guest LOGIN; CREATE SCHEMA own AUTHORIZATION guest")
    await connection.close()
    as_guest = empty.replace("postgres@", "guest@")

    with pytest.raises(SettingsError, match="GRANT CREATE ON DATABASE"):
        await begin(Address.of(as_guest), 1)
    assert (await begin(Address.of(f"{as_guest}&schema=own"), 7)).seed == 7


@pytest.mark.parametrize("storage", ["postgresql://127.0.0.1:1/d", "postgresql:///d?host=/nowhere"])
async def test_database_that_is_not_there_is_told(storage: str) -> None:
    """Who can't reach the database is told so in one line."""
    with pytest.raises(SettingsError, match=r"can't be used.*Does PostgreSQL run there"):
        await begin(Address.of(storage), 1)
