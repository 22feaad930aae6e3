"""Answers of any shape: whatever a property of an answer is, every scenario goes on, and nothing crashes."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.instance import Instance
from tests.mutants.exchange import ADMIN, API_KEY, MEMBER, Answer, Request, Send
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

CREDENTIALS = Credentials(ADMIN["username"], ADMIN["password"], API_KEY, MEMBER["username"], MEMBER["password"])
LOGINS = ("/login_check", "/token/refresh")
MISSING = object()
Change = Callable[[Any], Any]
CHANGES: dict[str, Change] = {
    "null": lambda _: None,
    "a number": lambda value: 17 if not isinstance(value, int) else "17",
    "an object": lambda value: {"value": value},
    "a list": lambda value: [value],
    "a text": lambda value: "" if isinstance(value, str) else "text",
    "missing": lambda _: MISSING,
}


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and its name or index there."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _changing(change: Change, start: int) -> Fault:
    """Each answer has one place changed; the next answer of the same operation, the next place."""
    seen: Counter[str | None] = Counter()

    async def fault(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.path.endswith(LOGINS) and not seen[request.operation]:
            seen[request.operation] = start  # the run has to get in
            return answer
        content = {"": answer.json}
        places = list(_places(content))
        if not answer.body:
            return answer
        holder, key = places[(start + seen[request.operation]) % len(places)]
        seen[request.operation] += 1
        holder[key] = change(holder[key])
        if holder[key] is MISSING:
            del holder[key]
        return replace(answer, body=json.dumps(content[""]).encode() if content else b"")

    return fault


@pytest.fixture(scope="module")
def spoiled() -> Spoiled:
    """What stands before the instance."""
    return Spoiled()


@pytest.fixture(scope="module")
def planned(spoiled: Spoiled, signing_key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plan]:
    """A run of every scenario, without fuzzing."""
    settings = Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error")
    with Instance(spoiled.front, settings) as instance:
        options = Options(
            instance.url,
            CREDENTIALS,
            other_store="OTHER",
            allow_residue=("member", "transaction"),
            seed=1,
            report_dir=str(tmp_path_factory.mktemp("shapes")),
        )
        yield replace(run.plan(options), only="^(?!fuzzing)")


@pytest.mark.parametrize("start", range(3))
@pytest.mark.parametrize("change", CHANGES)
def test_no_shape_of_an_answer_ends_a_run(change: str, start: int, planned: Plan, spoiled: Spoiled) -> None:
    """Every property in turn is null, of another type, or missing, and an object is in a list: findings, no crash."""
    spoiled.fault = _changing(CHANGES[change], start)

    report = run.check(planned).report

    assert [line for line in report.not_judged if "Error" in line] == []
    assert report.findings
