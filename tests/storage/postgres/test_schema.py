"""mockserver.storage.postgres.schema: tables that the mock makes itself, and what it says where it can't."""

import asyncio

import asyncpg
import pytest

from mockserver.errors import SettingsError
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.schema import VERSION, begin, keep_fact, read_fact
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


async def test_tables_of_a_newer_mock_are_refused(database: str) -> None:
    """A schema of a later version is left alone, and the refusal says what to do."""
    address = Address.of(database)
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE mockserver.facts SET value = $1 WHERE name = 'version'", str(VERSION + 1))
    await connection.close()

    with pytest.raises(SettingsError, match=rf"version {VERSION + 1}; this mock knows {VERSION}.*DROP SCHEMA"):
        await begin(address, 1)


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
