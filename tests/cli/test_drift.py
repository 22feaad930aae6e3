"""`mockserver check drift`, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.checks.instance import Instance
from tests.mutants.drift import OWN
from tests.mutants.in_process import Spoiled

VARIABLES = os.environ | {"OL_USERNAME": "admin", "OL_PASSWORD": "password", "GITHUB_ACTIONS": ""}
LIFE = ("webhookSubscriptionPost", "webhookSubscriptionGet", "webhookSubscriptionDelete")
FAR = ("--mock", "http://127.0.0.1:9", "--live", "https://ol.staging.example.com")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", "check", "drift", *words]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=folder, env=VARIABLES, capture_output=True, text=True, check=False
    )


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    """It names both sides, and what would be written there."""
    ran = _run(tmp_path, *FAR, "--plan")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Plan for https://ol.staging.example.com" in ran.stdout
    assert "_webhookSubscriptionPost" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """A mock, and consent to another host: each error names the option that mends it."""
    assert "Give --mock" in _run(tmp_path, "--live", "http://127.0.0.1:9").stderr
    assert "Give --live" in _run(tmp_path, "--mock", "http://127.0.0.1:9").stderr
    ran = _run(tmp_path, *FAR)
    assert (ran.returncode, "agree by --yes-host ol.staging.example.com" in ran.stderr) == (2, True)


def test_differences_are_reported_with_their_patches(tmp_path: Path) -> None:
    """With --json stdout is the report and nothing else; it, a ledger for each side, and patches are in a folder."""
    spoiled = Spoiled()
    spoiled.fault = OWN["a tier is shown"]
    with Instance() as mock, Instance(spoiled.front) as live:
        words: tuple[str, ...] = ("--mock", mock.url, "--live", live.url, "--max-examples", "1")
        words += tuple(word for name in LIFE for word in ("--operation", name))
        ran = _run(tmp_path, *words, "--json")

    report = json.loads(ran.stdout)
    folder = tmp_path / "mockserver-report" / "drift"
    assert (ran.returncode, report["verdict"], report["command"]) == (1, "findings", "mockserver check drift")
    assert "+        tier:" in (folder / "openapi.patch").read_text("utf-8")
    assert {"report.html", "ledger.jsonl", "ledger-mock.jsonl"} <= {path.name for path in folder.iterdir()}
