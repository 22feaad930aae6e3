"""`mockserver check recording`, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.checks.recording.archive import call, write
from tests.checks.recording.lies import LIST

GOOD = {"items": [], "total": {"all": 0, "filtered": 0, "estimated": False}}
VARIABLES = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}


def _run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", "check", "recording", *words]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=folder, env=VARIABLES | variables, capture_output=True, text=True, check=False
    )


def test_what_is_inside_the_contract_is_exit_code_0(tmp_path: Path) -> None:
    """With where the API was found, how much of the contract was seen, and the reports in a folder of their own."""
    write(tmp_path / "good.har", [call("GET", LIST, 200, GOOD)])
    ran = _run(tmp_path, "good.har")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "good.har is inside the contract.\n1 of 1 recorded entries are calls of the contract\n" in ran.stdout
    assert "of the contract was seen: operations 1/15" in ran.stdout
    assert "note        base URL: https://ol.staging.example.com/loyalty\n" in ran.stdout
    folder = tmp_path / "mockserver-report" / "recording"
    assert {one.name for one in folder.iterdir()} >= {"report.html", "report.json", "junit.xml", "report.sarif"}


def test_findings_are_exit_code_1(tmp_path: Path) -> None:
    """Each with its entry, its place in the contract and who is to blame; --fail-on and --json as with other judges."""
    write(tmp_path / "bad.har", [call("GET", f"{LIST}?colour=red", 200, GOOD)])
    ran = _run(tmp_path, "bad.har")
    assert ran.returncode == 1
    assert "medium   assumption A02 refuted: the instance does otherwise: GET /api/{storeCode}/webhook" in ran.stdout
    for line in ("got       entry 1, GET https://ol.staging", "contract  openapi.yaml:", "blame     contract"):
        assert f"         {line}" in ran.stdout
    assert _run(tmp_path, "bad.har", "--fail-on", "high").returncode == 0
    report = json.loads(_run(tmp_path, "bad.har", "--json").stdout)
    assert (report["command"], report["exitCode"]) == ("mockserver check recording", 1)


def test_what_cannot_be_judged_is_exit_code_2(tmp_path: Path) -> None:
    """Words, and no traceback: no file, no archive, nothing of the contract, no such option."""
    (tmp_path / "no.har").write_text("{}", "utf-8")
    write(tmp_path / "other.har", [call("GET", "/elsewhere", 200, {})])
    for words, said in (
        (("nowhere.har",), "nowhere.har can't be read: No such file or directory."),
        (("no.har",), "no.har is no HTTP Archive (HAR): there is no list at log.entries."),
        (("other.har",), "could not judge.\nof the contract was seen: operations 0/15"),
        (("other.har",), "not judged  the only entry isn't a call of the contract, as no URL fits its paths"),
        (("other.har", "--base-url", "here"), "--base-url must be like https://staging.example.com/v1"),
        ((), "Missing argument"),
    ):
        ran = _run(tmp_path, *words)
        assert (ran.returncode, "Traceback" in ran.stderr) == (2, False)
        assert said in ran.stdout + ran.stderr


def test_findings_are_known_by_baseline_and_comparison(tmp_path: Path) -> None:
    """By ids that are the same in every run."""
    write(tmp_path / "bad.har", [call("GET", f"{LIST}?colour=red", 200, GOOD)])
    report = json.loads(_run(tmp_path, "bad.har", "--json").stdout)
    known = f'[[accept]]\nid = "{report["findings"][0]["id"]}"\nreason = "CRM-1"\nexpires = 2999-01-01\n'
    (tmp_path / "known.toml").write_text(known, "utf-8")
    last = str(tmp_path / "mockserver-report" / "recording" / "report.json")
    assert _run(tmp_path, "bad.har", "--baseline", "known.toml").returncode == 0
    assert "since run 00000000: 0 new, 0 gone, 1 still there" in _run(tmp_path, "bad.har", "--compare", last).stdout
    assert "::warning file=openapi.yaml,line=" in _run(tmp_path, "bad.har", GITHUB_ACTIONS="1").stdout
