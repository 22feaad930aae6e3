"""`mockserver check sender`, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.checks.fronts import GATE_HEADER, gate
from tests.checks.instance import Instance

VARIABLES = os.environ | {"OL_USERNAME": "admin", "OL_PASSWORD": "password", "GITHUB_ACTIONS": ""}
FAR = ("--url", "https://ol.staging.example.com")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", "check", "sender", *words]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=folder, env=VARIABLES, capture_output=True, text=True, check=False
    )


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    """It names what would be caused and what can't be, for any host."""
    ran = _run(tmp_path, *FAR, "--plan", "--allow-residue", "member")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "by the API  CustomerRegistered\n" in ran.stdout
    assert "not judged  CustomerUpdated: no operation of the contract causes it (--trigger-command)" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_another_machine_needs_consent_and_an_address(tmp_path: Path) -> None:
    """Each error names the option that mends it."""
    assert "agree by --yes-host ol.staging.example.com" in _run(tmp_path, *FAR).stderr
    ran = _run(tmp_path, *FAR, "--yes-host", "ol.staging.example.com")
    assert ran.returncode == 2
    assert "Give --catcher-url" in ran.stderr


def test_a_run_writes_reports_of_its_own(tmp_path: Path) -> None:
    """With --json stdout is the report and nothing else; what came is in the archive, which can be judged again."""
    with Instance() as mock:
        words = ("--url", mock.url, "--allow-residue", "member", "--event", "CustomerRegistered", "--wait-quiet", "0.1")
        ran = _run(tmp_path, *words, "--json")
    report = json.loads(ran.stdout)
    assert (ran.returncode, report["verdict"], report["command"]) == (0, "pass", "mockserver check sender")
    assert report["assumptions"]["A43"] == "confirmed"
    archive = tmp_path / "mockserver-report" / "sender" / "exchanges.har"
    again = _run(tmp_path, "--captured", str(archive))
    assert (again.returncode, "0 failed" in again.stdout) == (0, True)
    assert json.loads(archive.read_text("utf-8"))["log"]["entries"]


def test_a_gate_in_front_of_the_instance_is_passed(tmp_path: Path) -> None:
    """By the options that every judge of an instance has; no file holds what opens it."""
    name, value = GATE_HEADER
    with Instance(gate(basic=False)) as mock:
        words = ("--url", mock.url, "--allow-residue", "member", "--event", "CustomerRegistered", "--wait-quiet", "0.1")
        ran = _run(tmp_path, *words, "--header", f"{name}: {value}")
    texts = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert (ran.returncode, "0 failed" in ran.stdout) == (0, True), ran.stdout
    assert not any(value in text for text in [*texts, ran.stdout, ran.stderr])


def test_a_trigger_command_finds_the_instance(tmp_path: Path) -> None:
    """By MOCKSERVER_URL, which is that of the instance, whatever the environment says."""
    says = f"{sys.executable} -c 'import os, sys; sys.exit(os.environ[sys.argv[1]])' MOCKSERVER_URL"
    with Instance() as mock:
        ran = _run(tmp_path, "--url", mock.url, "--event", "CustomerUpdated", "--trigger-command", says)
    assert ran.returncode == 2
    assert f"CustomerUpdated: the trigger command ended with 1: {mock.url}" in ran.stdout


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """In one line, without a traceback."""
    ran = _run(tmp_path, "--captured", "nowhere.har")
    assert (ran.returncode, ran.stderr) == (2, "Error: nowhere.har can't be read: No such file or directory.\n")
