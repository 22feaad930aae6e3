"""Recordings are judged as a whole: what is right isn't blamed, each lie is found, and nothing else."""

import copy
import json
from pathlib import Path

import pytest

from tests.checks.recording.archive import URL, Entry, call, entries, judged
from tests.checks.recording.lies import LIES, LIST, Lie
from tests.mutants.walk import Step

ROOT = Path(__file__).parents[3]
ROTATION = f"{LIST}/5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11/rotate-hmac-key"


@pytest.fixture(scope="session")
def honest(walk: list[Step]) -> list[Entry]:
    """An entry for each operation and status of a walk; the first ones of each are as short as any."""
    found = {(request.operation, answer.status): (request, answer) for request, answer in reversed(walk)}
    return entries(sorted(found.values(), key=walk.index))


def _spoiled(honest: list[Entry], lie: Lie) -> list[Entry]:
    spoiled = copy.deepcopy(honest)
    one = next(
        one
        for one in spoiled
        if (one["request"]["method"], one["response"]["status"]) == (lie.method, lie.status)
        and one["request"]["url"].partition("?")[0].endswith(lie.path)
    )
    lie.change(one)
    return spoiled


def test_a_correct_server_has_no_findings(walk: list[Step], tmp_path: Path) -> None:
    """Whatever was asked of it, well or badly; every operation is seen, and assumptions are confirmed by name."""
    report = judged(tmp_path, entries(walk))
    assert (report.findings, report.verdict, report.not_judged) == ([], "pass", [])
    assert report.coverage["totals"]["operations"] == {"declared": 15, "seen": 15}
    assert {name for name, state in report.assumptions.items() if state == "confirmed"} >= {"A12", "A33", "A76", "A86"}
    assert [one for one in report.beyond if one["kind"] != "parameter"] == []


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found_and_nothing_else(name: str, honest: list[Entry], tmp_path: Path) -> None:
    """By its promise, operation, place, assumption and blame."""
    lie = LIES[name]
    (found,) = judged(tmp_path, _spoiled(honest, lie)).findings
    assert (found.check, found.operation, found.assumption) == (lie.check, lie.operation, lie.assumption)
    assert found.as_json()["blame"] == lie.blame
    assert lie.said in f"{found.message} {found.got}"
    assert f"{URL}/api" in found.got
    assert found.got.startswith("entry ")
    assert lie.place in _line(found.where)


def _line(where: str) -> str:
    file, _, line = where.rpartition(":")
    return (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_lies_are_many() -> None:
    """And each breaks something of its own."""
    assert len(LIES) >= 15
    assert len({(lie.check, lie.operation, lie.said, lie.blame) for lie in LIES.values()}) == len(LIES)


def test_what_is_missing_is_told_as_missing(tmp_path: Path) -> None:
    """A field, or a header: the answer had something else."""
    lacking = call("GET", f"{LIST}/5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11", 404, {"message": "Not found."})
    limited = call("POST", ROTATION, 429, {"code": 429, "message": "Too many requests."})
    got = {one.message: one.got for one in judged(tmp_path, [lacking, limited]).findings}
    assert got["Response violates schema: code: is missing"].endswith(": answered 404, without that field")
    assert got["429, header Retry-After: is missing"].endswith(": answered 429, without that header")
    sent = call("POST", LIST, 200, {"webhookSubscriptionId": "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"}, sent={})
    (found,) = judged(tmp_path, [sent]).findings
    assert (found.message.partition(":")[2], found.got[-14:]) == (
        " is missing, and the request was accepted",
        ": answered 200",
    )


def test_what_is_not_in_a_recording_is_not_gone(tmp_path: Path) -> None:
    """Another recording may not have the call in which something was found."""
    wrong, right = (
        call("POST", LIST, 200, {"webhookSubscriptionId": f"5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c1{last}"}, sent=sent)
        for last, sent in (("1", {}), ("2", {"webhookSubscription": {"eventName": "MemberWasRegistered"}}))
    )
    before = tmp_path / "before.json"
    before.write_text(json.dumps(judged(tmp_path, [wrong]).as_json()), "utf-8")
    other = call("GET", f"{LIST}/5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11", 404, {"code": 404, "message": "Not found."})

    told = [judged(tmp_path, [one], compare=str(before)).compared for one in (right, other)]

    assert [(len(one["gone"]), len(one.get("unasked", ()))) for one in told] == [(1, 0), (0, 1)]
