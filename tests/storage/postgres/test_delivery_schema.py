"""mockserver.storage.postgres.delivery_schema: pgmq in the schema of the mock, and nothing of it elsewhere."""

import asyncpg
import pytest

from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.delivery_schema import relocated
from mockserver.storage.postgres.schema import TABLES, begin
from tests.support.postgres import Databases

pytestmark = pytest.mark.anyio


async def test_queue_is_in_the_schema_of_the_mock(database: str) -> None:
    """The queue stands beside the records: two mocks of a database don't meet, and one schema dropped is all gone."""
    await begin(Address.of(f"{database}&schema=team_a"), 1)
    connection = await asyncpg.connect(database)
    await connection.execute("SELECT team_a.send('deliveries', '[1, 1]')")
    counting = "SELECT (SELECT count(*) FROM team_a.q_deliveries), (SELECT count(*) FROM mockserver.q_deliveries)"
    lengths = [*await connection.fetchrow(counting)]
    await connection.execute("DROP SCHEMA team_a, mockserver CASCADE")
    left = await connection.fetchval("SELECT to_regnamespace('pgmq') IS NULL")
    await connection.close()

    assert (lengths, left) == ([1, 0], True)


async def test_who_monitors_reads_no_secrets(database: str) -> None:
    """What pgmq grants to those who monitor the database isn't granted: the tables beside it hold passwords."""
    connection = await asyncpg.connect(database)
    for table in ("users", "subscriptions", "q_deliveries"):
        assert not await connection.fetchval(
            "SELECT has_table_privilege('pg_monitor', $1, 'SELECT')", f"mockserver.{table}"
        )
    await connection.close()


@pytest.fixture
def empty(databases: Databases) -> str:
    """The address of a database without tables."""
    return databases.new("template0")


async def test_schema_of_the_first_version_gets_its_queue(empty: str) -> None:
    """Tables that a mock of the first version has made keep what is in them, and deliveries are added."""
    connection = await asyncpg.connect(empty)
    await connection.execute(f"CREATE SCHEMA mockserver; SET search_path TO mockserver; {TABLES}")
    await connection.execute("INSERT INTO facts VALUES ('version', '1'), ('seed', '5')")
    await connection.execute("INSERT INTO stores (code) VALUES ('KEPT')")

    replica = await begin(Address.of(empty), 1)

    assert replica.seed == 5
    assert await connection.fetchval("SELECT count(*) FROM stores, deliveries") == 0
    assert await connection.fetchval("SELECT code FROM stores") == b"KEPT"
    await connection.close()


def test_what_only_looks_like_its_name_stays() -> None:
    """Only the name of pgmq's schema is replaced, not that of the header that names a lane."""
    given = "SELECT * FROM pgmq.q_x WHERE headers->>'x-pgmq-group' = 'pgmq'; -- template_pgmq_q_"

    assert (
        relocated(given, "own") == "SELECT * FROM own.q_x WHERE headers->>'x-pgmq-group' = 'own'; -- template_pgmq_q_"
    )
