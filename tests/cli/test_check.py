"""The commands, as a shell sees them: what they print, their exit codes, and that they end in words."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.checks.fronts import always, silent
from tests.checks.instance import Instance

VARIABLES = os.environ | {"OL_USERNAME": "admin", "OL_PASSWORD": "password"}
FEW = ("--max-examples", "1", "--operation", "webhookEventGetList", "--operation", "membersStatsGet")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", *words]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=folder, env=VARIABLES, capture_output=True, text=True, check=False
    )


def _started(folder: Path, url: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mockserver", "check", "live", "--url", url, "--json", *options]
    return subprocess.Popen(command, cwd=folder, env=VARIABLES, stdout=subprocess.PIPE)  # noqa: S603 (our own command)


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    """With --json stdout is the report and nothing else, and the reports are where they should be."""
    with Instance() as instance:
        ran = _run(tmp_path, "check", "live", "--url", instance.url, "--json", *FEW)

    report = json.loads(ran.stdout)
    assert (ran.returncode, report["verdict"], report["exitCode"], ran.stderr) == (0, "pass", 0, "")
    names = {path.name for path in (tmp_path / "mockserver-report").iterdir()}
    assert names == {"report.html", "report.json", "junit.xml", "report.sarif", "exchanges.har", "ledger.jsonl"}


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    """--plan shows what would be sent, for any host, and stops."""
    ran = _run(tmp_path, "check", "live", "--url", "https://loyalty.shop.invalid", "--plan")

    assert ran.returncode == 0
    assert "_webhookSubscriptionPost" in ran.stdout
    assert "about" in ran.stdout


def test_another_host_needs_consent(tmp_path: Path) -> None:
    """Nothing is sent to a host that wasn't agreed to."""
    ran = _run(tmp_path, "check", "live", "--url", "https://loyalty.shop.invalid")

    assert ran.returncode == 2
    assert "--yes-host loyalty.shop.invalid" in ran.stderr


def test_a_folder_behind_a_link_is_refused_before_the_run(tmp_path: Path) -> None:
    """Exit code 2, and nothing is written behind the link."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "mockserver-report").symlink_to(elsewhere)
    ran = _run(tmp_path, "check", "live", "--url", "http://127.0.0.1:9")

    assert (ran.returncode, list(elsewhere.iterdir())) == (2, [])
    assert "a link leads from there" in ran.stderr


def test_a_bad_host_is_told_in_words(tmp_path: Path) -> None:
    """Exit code 2 and a line that says what to look at; never a traceback."""
    with Instance(always(200, {"content-type": "text/html"}, b"<html>")) as instance:
        ran = _run(tmp_path, "check", "live", "--url", instance.url)

    assert ran.returncode == 2
    assert "text/html, not JSON" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_run_that_is_killed_is_swept(tmp_path: Path) -> None:
    """After kill -9 the sweep finds everything, and nobody else's record has changed."""
    with Instance() as instance:
        instance.inhabit()
        before = instance.snapshot()
        run = _started(tmp_path, instance.url)
        instance.wait_for_requests(len(instance.log) + 100)
        run.kill()
        run.communicate()

        ledger = tmp_path / "mockserver-report" / "ledger.jsonl"
        swept = _run(tmp_path, "sweep", "--ledger", str(ledger), "--url", instance.url)

        assert swept.stdout.strip().splitlines()[-1] == "Everything is gone."
        assert instance.snapshot() == before


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """An interrupt ends the run with 130, after sweeping."""
    with Instance() as instance:
        before = instance.snapshot()
        run = _started(tmp_path, instance.url)
        instance.wait_for_requests(60)
        run.send_signal(signal.SIGINT)
        printed, _ = run.communicate(timeout=30)

        assert run.returncode == 130
        assert json.loads(printed)["residue"] == []
        assert instance.snapshot() == before


def test_ctrl_c_does_not_wait_for_an_answer(tmp_path: Path) -> None:
    """An interrupt ends the run although the host has stopped to answer, and says how to finish the sweep."""
    with Instance(silent(after=150)) as instance:
        options = ("--timeout", "600", "--operation", "_webhookSubscriptionPost")
        run = _started(tmp_path, instance.url, *options)
        instance.wait_for_requests(151)
        run.send_signal(signal.SIGINT)
        printed, _ = run.communicate(timeout=60)

    report = json.loads(printed)
    assert (run.returncode, report["verdict"]) == (130, "interrupted")
    assert report["residue"]


def test_serving_does_not_import_the_judges() -> None:
    """`mockserver serve` starts without what is for testing, and so does `--help`."""
    code = (
        "import sys, mockserver.cli.command_line, mockserver.cli.serve, mockserver.app.application\n"
        "print([name for name in ('schemathesis', 'hypothesis', 'mockserver.checks') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert ran.stdout.strip() == "[]"
