"""Hosts before which the judge gives up at once; `python -m tests.mutants.bad_hosts` has those that take longer."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import cli
from mockserver.errors import MockserverError
from tests.mutants.bad_hosts import BAD_HOSTS, BadHost, wrong
from tests.mutants.judges import CREDENTIALS


async def _answer(host: BadHost, folder: Path) -> Result:
    """What the command line says of the host."""
    async with host.serve(folder) as url:
        options = [str(folder / option) if option.endswith(".yaml") else option for option in host.options]
        command = ["check", "live", "--url", url, "--report-dir", str(folder), *options]
        return await asyncio.to_thread(CliRunner().invoke, cli, command, env=CREDENTIALS | host.environment)


@pytest.mark.parametrize("host", [host for host in BAD_HOSTS if host.quick], ids=lambda host: host.name)
def test_bad_hosts_are_told_from_bad_answers(host: BadHost, tmp_path: Path) -> None:
    """A host that can't be judged is exit code 2, and the message says why and what to do."""
    result = asyncio.run(_answer(host, tmp_path))

    raised = result.exception
    known = isinstance(raised, MockserverError)
    exit_code = raised.exit_code if isinstance(raised, MockserverError) else result.exit_code
    assert wrong(host, exit_code, f"{result.output}{raised if known else ''}") == []
