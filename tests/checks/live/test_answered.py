"""What a run can say to be gone: only what it has asked again, and was answered."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from tests.checks.conftest import Judged
from tests.checks.findings.test_promises import FAULTS, GET, LIST, POST, ROW
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.proxy import Fault, honest

SORTS = f"{ROW}sorted by url)"


async def _shut(request: Request, send: Send) -> Answer:
    """Nobody may log in."""
    answer = await send(request)
    return Answer.of(401, {"code": 401, "message": "Invalid credentials."}) if "login" in request.path else answer


async def _asked_too_often(request: Request, send: Send) -> Answer:
    """No list is shown."""
    is_list = request.method == "GET" and request.path.endswith("/subscription")
    return Answer.of(429, {}) if is_list else await send(request)


def _before(judged: Judged, folder: Path, mutant: str = "sorting is reversed", scenario: str = SORTS) -> str:
    path = folder / "before.json"
    report = judged(FAULTS[mutant].make(), scenario)
    assert report.findings
    path.write_text(json.dumps(report.as_json()), "utf-8")
    return str(path)


def _told(report: Report) -> tuple[int, int]:
    """How many are gone, and weren't asked again."""
    return len(report.compared["gone"]), len(report.compared.get("unasked", ()))


def test_what_is_mended_is_gone(judged: Judged, tmp_path: Path) -> None:
    """The same was asked again, and found to be as it should."""
    assert _told(judged(honest, SORTS, compare=_before(judged, tmp_path))) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "scenario", "options"),
    [
        (_shut, SORTS, {}),
        (_asked_too_often, SORTS, {}),
        (honest, "fuzzing: coverage", {}),
        (honest, SORTS, {"operation": (POST,)}),
        (honest, SORTS, {"max_requests": 12}),
    ],
    ids=["no login", "throttled", "another scenario", "another operation", "a budget"],
)
def test_what_was_not_asked_again_is_not_gone(
    fault: Fault, scenario: str, options: dict[str, Any], judged: Judged, tmp_path: Path
) -> None:
    """Whatever the reason: such a run says nothing about it."""
    assert _told(judged(fault, scenario, compare=_before(judged, tmp_path), **options)) == (0, 1)


def test_an_undeclared_method_belongs_to_its_path(judged: Judged, tmp_path: Path) -> None:
    """What other methods were answered is gone, where the same path was asked by them again."""
    before = _before(judged, tmp_path, "head is not allowed", "allowed methods")

    assert _told(judged(honest, "allowed methods", compare=before))[1] == 0
    assert _told(judged(honest, "allowed methods", compare=before, operation=(GET, LIST)))[1] >= 1


def test_cases_that_a_budget_cut_say_nothing(judged: Judged, tmp_path: Path) -> None:
    """Any of those that were not generated may be the one."""
    before = _before(judged, tmp_path, "missing url is accepted", "fuzzing: coverage")

    assert _told(judged(honest, "fuzzing: coverage", compare=before, operation=(POST,), max_requests=60))[0] == 0
