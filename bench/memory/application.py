"""The own tests of a FastAPI application (examples/fastapi-app), pointed at the mock of its document.

    python -m bench.memory.application

The application isn't there: all that the mock knows is the document that FastAPI writes.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import click

from bench.memory.served import served

APP = Path(__file__).parents[2] / "examples" / "fastapi-app"
DOCUMENT = "import json; from workshop.main import app; print(json.dumps(app.openapi()))"
PATIENCE = 240
RULES = "a rule of the application that no schema says"
WHY = {  # of tests that can't pass, by their names without parameters: what they ask for that no document says
    "test_an_email_is_taken_once": f"{RULES}: an email is unique",
    "test_a_tool_is_lent": f"{RULES}: lending takes a tool out (`available`)",
    "test_a_tool_that_is_out_isnt_lent": f"{RULES}: a tool that is out can't be lent",
    "test_a_tool_that_is_out_stays": f"{RULES}: what is lent can't be removed",
    "test_a_tool_comes_back": f"{RULES}: `POST /loans/{{id}}/return` ends a loan, once",
    "test_nobody_lends_to_nobody": f"{RULES}: `member_id` names a member",
    "test_an_unknown_loan_is_a_404": "loans are created at `/tools/{tool_id}/loans` and read at `/loans/{loan_id}`",
    "test_tools_are_found_by_category_and_name": "`q` searches in names: only its description says so",
    "test_a_list_has_pages": "`q` searches in names: only its description says so",
    "test_nobody_without_the_key": "a mock takes any key",
    "test_an_unknown_tool_is_a_404": "the text of the 404 is the application's own",
    "test_a_tool_is_added": f"{RULES}: a new tool is in (`available`), and a note that wasn't sent is null",
    "test_health_needs_no_key": "the document has any text for `status`, the application `ok`",
    "test_another_method_is_told_which_there_are": "a mock takes HEAD, too, and says so in `Allow`",
}


class Suite(NamedTuple):
    """A run of the tests: those that passed, and why the others didn't, by their names."""

    passed: list[str]
    failed: Mapping[str, str]


def suite() -> Suite:
    """The run of the application's tests at the mock. Raises DidNotStart."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(_python({}, "-c", DOCUMENT), encoding="utf-8")
        results = Path(folder) / "junit.xml"
        with served(document) as url:
            place = {"WORKSHOP_URL": url, "WORKSHOP_API_KEY": "workshop-key"}
            _python(
                place, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--junit-xml={results}"
            )
        return of_results(results.read_text("utf-8"))


def of_results(junit: str) -> Suite:
    """What a JUnit file says."""
    passed: list[str] = []
    failed: dict[str, str] = {}
    for case in ET.fromstring(junit).iter("testcase"):  # noqa: S314 (it is pytest's own file)
        name = str(case.get("name"))
        problem = next((each for kind in ("failure", "error") for each in case.iter(kind)), None)
        if problem is None:
            passed.append(name)
        else:
            failed[name] = str(problem.get("message", "")).partition("\n")[0][:160]
    return Suite(passed, failed)


def told(found: Suite) -> list[str]:
    """The lines of the page."""
    total = len(found.passed) + len(found.failed)
    lines = [f"{len(found.passed)} of {total} tests of examples/fastapi-app pass at the mock of its document.", ""]
    if found.failed:
        lines += ["| test | why it can't, or what it says |", "|---|---|"]
    lines += [f"| `{name}` | {_why(name, said)} |" for name, said in found.failed.items()]
    return lines


def _why(name: str, said: str) -> str:
    """Why a test can't pass, or what it says if nobody knows."""
    return WHY.get(name.partition("[")[0], f"NOT EXPLAINED: {said}")


def _python(place: Mapping[str, str], *arguments: str) -> str:
    """What a Python says in the folder of the application, which knows nothing of ours."""
    environment = {**os.environ, "PYTHONPATH": str(APP), "PYTHONDONTWRITEBYTECODE": "1", **place}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=APP, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return done.stdout


if __name__ == "__main__":
    click.echo("\n".join(told(suite())))
