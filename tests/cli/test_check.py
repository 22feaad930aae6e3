"""The commands, as a shell sees them: what they print, their exit codes, and that they end in words."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from mockserver.cli import generator_tables
from tests.checks.fronts import Reply, always, instead, silent
from tests.checks.instance import Instance
from tests.support.commands import Ran, run_here

LOGIN = {"OL_USERNAME": "admin", "OL_PASSWORD": "password"}
FEW = ("--max-examples", "1", "--operation", "webhookEventGetList", "--operation", "membersStatsGet")
CHANGING = [
    word
    for operation in ("_webhookSubscriptionPost", "_webhookSubscriptionPut", "webhookSubscriptionDelete")
    for word in ("--operation", operation)
]


def _run(folder: Path, *words: str) -> Ran:
    return run_here(folder, *words, **LOGIN)


def _started(folder: Path, url: str, *options: str) -> "Popen[bytes]":
    command = [sys.executable, "-m", "mockserver", "check", "live", "--url", url, "--json", *options]
    return Popen(command, cwd=folder, env=os.environ | LOGIN, stdout=PIPE, stderr=PIPE)  # noqa: S603 (our own command)


def test_json_is_all_that_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json stdout is the report and nothing else, and the reports are where they should be; no other file is
    left, of Hypothesis either."""
    monkeypatch.delenv(generator_tables.FOLDER)
    with Instance() as instance, _started(tmp_path, instance.url, *FEW) as run:
        stdout, stderr = run.communicate()

    report = json.loads(stdout)
    assert (run.returncode, report["verdict"], report["exitCode"], stderr) == (0, "pass", 0, b"")
    names = {path.name for path in (tmp_path / "mockserver-report").iterdir()}
    assert names == {"report.html", "report.json", "junit.xml", "report.sarif", "exchanges.har", "ledger.jsonl"}
    assert [path.name for path in tmp_path.iterdir()] == ["mockserver-report"]


def test_a_plan_is_json_where_that_is_asked_for(tmp_path: Path) -> None:
    """Each line by what it begins with; nothing else is printed."""
    ran = _run(tmp_path, "check", "live", "--url", "https://loyalty.shop.invalid", "--plan", "--json", *FEW)

    told = json.loads(ran.stdout)
    assert (ran.returncode, told["url"]) == (0, "https://loyalty.shop.invalid")
    assert told["plan"]["ledger"] == ["mockserver-report/ledger.jsonl"]
    assert told["plan"].keys() >= {"operations", "writes", "left out", "requests"}


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    """--plan shows what would be sent, for any host, and stops."""
    ran = _run(tmp_path, "check", "live", "--url", "https://loyalty.shop.invalid", "--plan", *FEW)

    assert ran.returncode == 0
    assert "webhookEventGetList" in ran.stdout
    assert "about" in ran.stdout


def test_operation_goes_by_both_of_its_names(tmp_path: Path) -> None:
    """An operationId is found without the underscore that it begins with; one that doesn't exist is refused."""
    plan = ("check", "live", "--url", "https://loyalty.shop.invalid", "--plan", "--operation")

    ran, refused = _run(tmp_path, *plan, "webhookSubscriptionPost"), _run(tmp_path, *plan, "webhookSubscriptionPut2")

    assert (ran.returncode, "_webhookSubscriptionPost" in ran.stdout) == (0, True)
    assert (refused.returncode, "has no operation 'webhookSubscriptionPut2'" in refused.stderr) == (2, True)


def test_another_host_needs_consent(tmp_path: Path) -> None:
    """Nothing is sent to a host that wasn't agreed to."""
    ran = _run(tmp_path, "check", "live", "--url", "https://loyalty.shop.invalid", *FEW)

    assert ran.returncode == 2
    assert "--yes-host loyalty.shop.invalid" in ran.stderr


def test_a_folder_behind_a_link_is_refused_before_the_run(tmp_path: Path) -> None:
    """Exit code 2, and nothing is written behind the link."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "mockserver-report").symlink_to(elsewhere)
    ran = _run(tmp_path, "check", "live", "--url", "http://127.0.0.1:9", *FEW)

    assert (ran.returncode, list(elsewhere.iterdir())) == (2, [])
    assert "a link leads from there" in ran.stderr


def test_a_bad_host_is_told_in_words(tmp_path: Path) -> None:
    """Exit code 2 and a line that says what to look at; never a traceback."""
    with Instance(always(200, {"content-type": "text/html"}, b"<html>")) as instance:
        ran = _run(tmp_path, "check", "live", "--url", instance.url, *FEW)

    assert ran.returncode == 2
    assert "text/html, not JSON" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_run_that_is_killed_is_swept(tmp_path: Path) -> None:
    """After kill -9 the sweep finds everything, and nobody else's record has changed."""
    with Instance() as instance:
        instance.inhabit()
        before = instance.snapshot()
        run = _started(tmp_path, instance.url, *CHANGING)
        instance.wait_for_requests(len(instance.log) + 100)
        run.kill()
        run.communicate()

        ledger = tmp_path / "mockserver-report" / "ledger.jsonl"
        swept = _run(tmp_path, "sweep", "--ledger", str(ledger), "--url", instance.url)

        assert swept.stdout.strip().splitlines()[-1] == "Nothing is left of what the ledger names."
        assert instance.snapshot() == before


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """An interrupt ends the run with 130, after sweeping."""
    with Instance() as instance:
        before = instance.snapshot()
        run = _started(tmp_path, instance.url, *CHANGING)
        instance.wait_for_requests(60)
        run.send_signal(signal.SIGINT)
        printed, _ = run.communicate(timeout=30)

        assert run.returncode == 130
        assert json.loads(printed)["residue"] == []
        assert instance.snapshot() == before


def test_ctrl_c_does_not_wait_for_an_answer(tmp_path: Path) -> None:
    """An interrupt ends the run although the host has stopped to answer, and says how to finish the sweep."""
    with Instance(silent(after=60)) as instance:
        run = _started(tmp_path, instance.url, *CHANGING, "--timeout", "600")
        instance.wait_for_requests(61)
        run.send_signal(signal.SIGINT)
        printed, _ = run.communicate(timeout=60)

    report = json.loads(printed)
    assert (run.returncode, report["verdict"]) == (130, "interrupted")
    assert report["residue"]


def test_a_finding_is_repeated_by_its_id(tmp_path: Path) -> None:
    """1 as long as the instance does so, 0 when it doesn't; the report says which instance that is."""
    answers = {"events": b"[]"}
    with Instance(instead(lambda _, path: _events(path, answers))) as instance:
        _run(tmp_path, "check", "live", "--url", instance.url, *FEW)
        finding = _findings(tmp_path)[0]
        still = _run(tmp_path, "check", "replay", finding["id"])
        answers.clear()
        gone = _run(tmp_path, "check", "replay", finding["id"])

    assert (still.returncode, still.stdout) == (1, f"{finding['id']} is still there.\n")
    assert (gone.returncode, gone.stdout) == (0, f"{finding['id']} is gone.\n")
    assert finding["steps"][-1]["path"] == "/api/DEFAULT/webhook/event"
    assert finding["scenario"]


def _events(path: str, answers: dict[str, bytes]) -> Reply | None:
    return (200, {}, answers["events"]) if path.endswith("/event") and answers else None


def _findings(folder: Path) -> list[dict[str, Any]]:
    report = json.loads((folder / "mockserver-report" / "report.json").read_text("utf-8"))
    found: list[dict[str, Any]] = report["findings"]
    return found


def test_what_cannot_be_repeated_is_told_in_a_line(tmp_path: Path) -> None:
    """No report, a damaged one, or no such finding: exit code 2, and what to do."""
    none = _run(tmp_path, "check", "replay", "3f9a1c2b7d40")
    report = tmp_path / "report.json"
    report.write_text("{", "utf-8")
    damaged = _run(tmp_path, "check", "replay", "3f9a1c2b7d40", "--report", str(report))
    report.write_text('{"url": "http://127.0.0.1:9", "run": "r", "seed": 1, "options": {}, "findings": []}', "utf-8")
    unknown = _run(tmp_path, "check", "replay", "3f9a1c2b7d40", "--report", str(report))

    assert [ran.returncode for ran in (none, damaged, unknown)] == [2, 2, 2]
    assert "There is no report at mockserver-report/report.json" in none.stderr
    assert "is damaged" in damaged.stderr
    assert "The report has no finding '3f9a1c2b7d40'; it has none." in unknown.stderr


def test_the_host_of_a_report_needs_consent(tmp_path: Path) -> None:
    """A report that names a host gets no credentials sent there."""
    finding = dict.fromkeys(("id", "check", "operation", "message", "scenario"), "a")
    content = {"url": "https://loyalty.shop.invalid", "run": "r", "seed": 1, "options": {}}
    whole = content | {"findings": [finding | {"condition": None, "steps": []}]}
    (tmp_path / "report.json").write_text(json.dumps(whole), "utf-8")

    ran = _run(tmp_path, "check", "replay", "a", "--report", "report.json")

    assert ran.returncode == 2
    assert "--yes-host loyalty.shop.invalid" in ran.stderr


def test_a_script_needs_no_credentials_to_be_printed(tmp_path: Path) -> None:
    """`--as` sends nothing, so it asks for nothing."""
    with Instance(instead(lambda _, path: _events(path, {"events": b"[]"}))) as instance:
        _run(tmp_path, "check", "live", "--url", instance.url, *FEW)
        sent = len(instance.log)
        [name] = {one["id"] for one in _findings(tmp_path) if one["check"] == "response_schema_conformance"}
        printed = _run(tmp_path, "check", "replay", name, "--as", "curl")

        assert len(instance.log) == sent
    assert printed.stdout.startswith("#!/usr/bin/env bash")
    assert printed.returncode == 0


def test_serving_does_not_import_the_judges() -> None:
    """`mockserver serve` starts without what is for testing, and so does `--help`."""
    code = (
        "import sys, mockserver.cli.command_line, mockserver.cli.serve, mockserver.app.application\n"
        "print([name for name in ('schemathesis', 'hypothesis', 'mockserver.checks') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert ran.stdout.strip() == "[]"
