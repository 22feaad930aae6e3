"""`check live` at the mock of a document: what our own judge finds there."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.memory.served import served

EXAMPLES, SECONDS, PATIENCE = 4, 60, 300
KEY = "a-key"
ANY_CREDENTIAL = "a mock of another contract takes any credential of the right form"
EVERYWHERE = {  # why a check has findings at mocks, whatever the document
    "bad_token": ANY_CREDENTIAL,
    "ignored_auth": ANY_CREDENTIAL,
    "status_code_conformance": "the document declares no 4xx there, and something has to be answered",
}


class Judged(NamedTuple):
    """What a run of the judge says: its exit code, its requests, the findings by their checks, and how many operations
    it could not judge."""

    code: int
    requests: int
    findings: Mapping[str, int]
    not_judged: int
    told: Mapping[str, str] = {}  # the first finding of each check, in its words


def judged(path: Path) -> Judged:
    """What `check live` says of the mock of a document. Raises DidNotStart."""
    with served(path) as url, tempfile.TemporaryDirectory() as folder:
        bounds = ["--max-examples", str(EXAMPLES), "--max-time", str(SECONDS), "--seed", "1"]
        command = [sys.executable, "-m", "mockserver", "check", "live", "--url", url, "--spec", str(path), *bounds]
        command += ["--spec-root", str(path.parent), "--report-dir", folder]
        environment = {**os.environ, "OL_API_KEY": KEY}
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment
            )
        except subprocess.TimeoutExpired:
            return Judged(-1, 0, {}, 0, {"no report": f"no end within {PATIENCE} seconds"})
        report = Path(folder) / "report.json"
        if not report.is_file():
            words = (done.stderr or done.stdout).strip().splitlines()
            return Judged(done.returncode, 0, {}, 0, {"no report": words[-1][:200] if words else "nothing"})
        return of_report(done.returncode, json.loads(report.read_text("utf-8")))


def of_report(code: int, report: Mapping[str, Any]) -> Judged:
    """What a report says."""
    findings = report["findings"]
    told: dict[str, str] = {}
    for each in findings:
        told.setdefault(each["check"], f"{each.get('operation', '')}: {each.get('message', '')}"[:200])
    return Judged(code, report["requests"], Counter(each["check"] for each in findings), len(report["notJudged"]), told)
