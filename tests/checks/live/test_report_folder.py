"""The folder of a run is its own."""

import subprocess
import sys
from pathlib import Path

from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.report_folder import own_folder
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.session import Credentials

URL, RUN, OTHER = "http://127.0.0.1:1", "0a1b2c3d", "11112222"
HOLDS = """
import sys
from pathlib import Path
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.report_folder import own_folder
from mockserver.checks.transport.session import Credentials
with own_folder(Options("http://127.0.0.1:1", Credentials(api_key="key"), report_dir=sys.argv[1]), "11112222"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _options(folder: Path) -> Options:
    return Options(URL, Credentials(api_key="key"), report_dir=str(folder))


def test_a_free_folder_is_taken(tmp_path: Path) -> None:
    """Nothing is said, and the options stay."""
    with own_folder(_options(tmp_path), RUN) as (options, elsewhere):
        assert (options, elsewhere) == (_options(tmp_path), "")


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second has one of its own below, and is told; afterwards the folder is free."""
    with own_folder(_options(tmp_path), OTHER), own_folder(_options(tmp_path), RUN) as (options, elsewhere):
        assert options.ledger_path == tmp_path / RUN / "ledger.jsonl"
        assert f"another run writes to {tmp_path}, so the reports are in {tmp_path / RUN}" in elsewhere

    with own_folder(_options(tmp_path), RUN) as (_, elsewhere):
        assert elsewhere == ""


def test_a_run_that_was_killed_holds_no_folder(tmp_path: Path) -> None:
    """Its lock ends with its process."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with own_folder(_options(tmp_path), RUN) as (_, during):
            other.kill()
            other.wait()
        with own_folder(_options(tmp_path), RUN) as (_, after):
            assert ("another run" in during, after) == (True, "")


def test_a_ledger_that_is_needed_stays(tmp_path: Path) -> None:
    """A run whose predecessor has left records writes elsewhere, and says how to finish that one's sweep."""
    with Ledger.create(tmp_path / "ledger.jsonl", OTHER, URL) as ledger:
        ledger.made(ledger.intend("_webhookSubscriptionPost", {"storeCode": "DEFAULT"}, "", marked=True), "id1")
    with own_folder(_options(tmp_path), RUN) as (options, elsewhere):
        assert options.report_dir == str(tmp_path / RUN)
    assert f"mockserver sweep --ledger={tmp_path}/ledger.jsonl --url={URL}" in elsewhere


def test_a_ledger_that_is_swept_does_not_matter(tmp_path: Path) -> None:
    """The next run takes its place."""
    Ledger.create(tmp_path / "ledger.jsonl", OTHER, URL).close()
    with own_folder(_options(tmp_path), RUN) as (_, elsewhere):
        assert elsewhere == ""
