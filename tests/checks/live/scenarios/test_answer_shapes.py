"""Answers of any shape: whatever a property of an answer is, every scenario goes on, and nothing crashes."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mockserver.checks.live.scenarios.answer_shapes import dotted, is_secret, lacking
from mockserver.openapi.contract import Contract
from tests.checks.conftest import Judged
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.faults import MUTANTS
from tests.mutants.proxy import Fault

FAULTS = {mutant.name: mutant for mutant in MUTANTS}
LOGINS = ("/login_check", "/token/refresh")
MISSING = object()
Change = Callable[[Any], Any]
CHANGES: tuple[Change, ...] = (
    lambda _: None,
    lambda value: 17 if not isinstance(value, int) else "17",
    lambda value: {"value": value},
    lambda value: [value],
    lambda value: "" if isinstance(value, str) else "text",
    lambda _: MISSING,
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and its name or index there."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _changing(first: int, *, together: bool) -> Fault:
    """Each answer has one place changed, or the same place of all rows; the next answer of the same operation, the next
    place, and after all places the next change. `first` is the change to begin with."""
    seen: Counter[str | None] = Counter()

    async def fault(request: Request, send: Send) -> Answer:
        answer = await send(request)
        seen[request.operation] += 1
        if not answer.body or (request.path.endswith(LOGINS) and seen[request.operation] == 1):
            return answer  # the run has to get in
        content = {"": answer.json}
        places = list(_places(content))
        around, at = divmod(seen[request.operation], len(places))
        chosen, name = places[at]
        change = CHANGES[(first + around) % len(CHANGES)]
        for holder, key in places if together and isinstance(name, str) else ((chosen, name),):
            if key == name:
                _put(holder, key, change(holder[key]))
        return replace(answer, body=json.dumps(content[""]).encode() if content else b"")

    return fault


def _put(holder: Any, key: Any, value: Any) -> None:
    if value is MISSING:
        del holder[key]
    else:
        holder[key] = value


@pytest.mark.whole_runs
@pytest.mark.parametrize("together", [True, False], ids=["in all rows", "in one"])
@pytest.mark.parametrize("first", [0, 3])
def test_no_shape_of_an_answer_ends_a_run(first: int, together: bool, judged: Judged) -> None:  # noqa: FBT001
    """Every property in turn is null, of another type, or missing, and an object is in a list: findings, no crash."""
    report = judged(_changing(first, together=together), "^(?!fuzzing)")

    assert [line for line in report.not_judged if "Error" in line] == []
    assert report.findings


SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "total": {"type": "object", "properties": {"all": {"type": "integer"}}},
        "items": {"type": "array", "items": {"required": ["name"], "properties": {"name": {}, "size": {}}}},
    },
}


def test_what_all_examples_show_is_looked_for_at_all_depths() -> None:
    """A part that every example has and a body lacks is named once, unless its schema requires it anyway."""
    contract = Contract(b"", {"schema": SCHEMA})
    first = {"id": "a", "total": {"all": 1, "few": 2}, "items": [{"name": "x", "size": 1}], "note": ""}
    second = {"id": "b", "total": {"all": 0}, "items": [{"name": "y", "size": 2, "odd": 1}]}

    found = lacking(contract, SCHEMA, [first, second], {"total": {}, "items": [{"name": "z"}, {}]})

    assert [dotted(path) for path in found] == ["items[0].size", "total.all"]


@pytest.mark.parametrize(
    ("mutant", "operation", "scenario"),
    [
        ("a span is missing", "membersStatsGet", "examples of membersStatsGet"),
        ("estimated is missing", "webhookSubscriptionGetList", "examples of webhookSubscriptionGetList"),
    ],
)
def test_nested_parts_that_are_missing_are_found(mutant: str, operation: str, scenario: str, judged: Judged) -> None:
    """By the examples of the contract, or by its schema if that requires them."""
    report = judged(FAULTS[mutant].make(), scenario)

    assert {one.operation for one in report.findings} == {operation}
    assert {one.check for one in report.findings} <= {"examples_work", "response_schema_conformance"}


@pytest.mark.parametrize(
    ("mutant", "scenario", "words"),
    [
        ("undeclared property is shown", "is created and read", "webhookSubscriptionGet answers owner"),
        ("a new event is listed", "names of", "the contract doesn't know: CustomerBecameFamous"),
    ],
)
def test_what_is_new_is_a_note(mutant: str, scenario: str, words: str, judged: Judged) -> None:
    """A property or a name that the contract doesn't know is told once, and is no finding."""
    report = judged(FAULTS[mutant].make(), scenario)

    assert report.findings == []
    assert len([line for line in report.notes if words in line]) == 1


@pytest.mark.parametrize(
    ("name", "secret"),
    [("passwordHash", True), ("api_key", True), ("secretKey", True), ("eventName", False), ("tokenizer", False)],
)
def test_names_tell_secrets(name: str, secret: bool) -> None:  # noqa: FBT001
    """By their words, not by letters within them."""
    assert is_secret(name) is secret


def test_a_list_that_lags_is_told_as_such(judged: Judged) -> None:
    """One low finding says about how long; no record counts as lost, and no filter, page or order as wrong."""
    report = judged(FAULTS["list lags"].make(), "^(life|list)")

    assert {(one.check, one.severity) for one in report.findings} == {("list_is_current", "low")}
    assert "lags" in report.findings[0].message
