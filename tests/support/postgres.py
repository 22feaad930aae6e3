"""A PostgreSQL for tests: one cluster for a session, and a database of its own for each test that asks for one.

These tests are marked `postgres`, and run by `make postgres-check`. Where none can be had they are skipped, and pytest
says so.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

import asyncpg
import click
import pytest

from mockserver.storage.postgres import Address, begin
from tools.postgres.binaries import NoPostgres, fetch, find
from tools.postgres.cluster import Cluster

BACKENDS = [
    "memory",
    pytest.param("postgres", marks=pytest.mark.postgres),
]  # of the state: what holds for one holds for both
STORAGES = ("memory", "postgresql")  # of a mock, by the names of `make fuzz STORAGE=…`
EMPTY = "template0"  # a database without tables, which every cluster has
TEMPLATE = "made"  # a database that has the tables
SEED = 1


class Databases:
    """Makes databases in a running cluster, as copies of one that has the tables."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._numbers = count(1)
        asyncio.run(self._do(f"CREATE DATABASE {TEMPLATE}"))
        asyncio.run(begin(Address.of(cluster.url(TEMPLATE)), SEED))

    def new(self, template: str = TEMPLATE) -> str:
        """The address of a new database."""
        name = f"test_{next(self._numbers)}"
        asyncio.run(self._do(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self.cluster.url(name)

    async def _do(self, statement: str) -> None:
        connection = await asyncpg.connect(self.cluster.url())
        await connection.execute(statement)
        await connection.close()


@contextmanager
def storages(name: str) -> Iterator[Callable[[], str]]:
    """What gives each mock of the block a storage of its own: the memory, or an empty database in a PostgreSQL that
    runs for the block. Ends the command with what to do, if there is none."""
    if name == "memory":
        yield lambda: "memory"
        return
    try:
        binaries = fetch()
    except NoPostgres as error:
        raise click.ClickException(str(error)) from None
    with Cluster(binaries) as cluster:
        yield partial(Databases(cluster).new, EMPTY)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A cluster that runs for this session; skips where PostgreSQL can't be had."""
    binaries = find()
    if binaries is None:
        pytest.skip("needs PostgreSQL, which isn't here: `make postgres-check` fetches it")
    try:
        with Cluster(binaries) as cluster:
            yield Databases(cluster)
    except NoPostgres as error:
        pytest.skip(f"needs PostgreSQL, which doesn't start: {error}")


@pytest.fixture
def database(databases: Databases) -> str:
    """The address of a database of the test's own, which has the tables and no records."""
    return databases.new()
