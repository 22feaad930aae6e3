"""tools.postgres: a PostgreSQL for tests, which leaves nothing behind."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.postgres import Databases
from tools.postgres.binaries import NoPostgres, find
from tools.postgres.cluster import Cluster


def test_cluster_leaves_nothing_behind(databases: Databases) -> None:
    """A cluster has a folder and a process of its own, and in the end no folder."""
    binaries = find()
    assert binaries is not None
    with Cluster(binaries) as cluster:
        (folder,) = parse_qs(urlsplit(cluster.url()).query)["host"]
        assert cluster.pid != databases.cluster.pid

    assert not Path(folder).exists()


def test_missing_program_is_told(tmp_path: Path) -> None:
    """Where the programs aren't there, the error names what can't be run, and nothing is left."""
    with pytest.raises((NoPostgres, OSError)), Cluster(tmp_path):
        pass
