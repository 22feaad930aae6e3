"""Our own contract without its handlers: which of its operations does the derived behaviour get right?

    python -m bench.memory.own_contract

The contract is read under another title, so the mock takes it for a contract of others. Then it plays the scenarios of
tests/scenarios, whose answers our handlers give, all of them. A step is right if its answer is as the scenario expects,
in all that it says. Scenarios begin without subscriptions: those that a collection begins with are deleted before.
"""

import copy
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.scenarios.player import play, read
from tests.scenarios.transports import Client, compiled

SCENARIOS = Path(__file__).parents[2] / "tests" / "scenarios"
NOW = 1_768_473_000.0  # 2026-01-15T10:30:00+00:00, as scenarios have it
STORES = ("DEFAULT", "OTHER")
SUCCESSES, REFUSALS = "successes", "refusals"
FAILED = 400
Counts = dict[
    tuple[str, str], list[int]
]  # by operation and kind of expectation: with the right status, right, of how many


class Played(NamedTuple):
    """A step of a scenario: what it requests, the status that it expects, whether its answer had that, and whether it
    was right in all that the scenario says."""

    request: str
    expected: int
    has_status: bool
    is_right: bool


def without_handlers() -> Contract:
    """Our contract, as one of others."""
    document = copy.deepcopy(dict(Contract.load().document))
    document["info"] = {**document["info"], "title": "A loyalty API"}
    return Contract(b"", document)


def played(contract: Contract, *, memory: bool) -> list[Played]:
    """The steps of all scenarios of the API, at a mock of a contract."""
    steps: list[Played] = []
    for path in sorted(SCENARIOS.glob("*/*.yaml")):
        if path.parent.name != "control":
            steps += _steps(read(path), contract, memory=memory)
    return steps


def _steps(scenario: dict[str, Any], contract: Contract, *, memory: bool) -> Iterator[Played]:
    """The steps of one scenario. What comes after an answer that lacks what is needed later isn't right."""
    clock, given = Clock(frozen_at=NOW), scenario.get("given") or {}
    usual = {"seed": 1, "stores": STORES, "memory": memory}
    settings = Settings(**(usual | (given.get("settings") or {})))
    wrong: dict[int, str] = {}
    reached = len(scenario["steps"])
    with compiled(World.build(settings, contract, clock)) as client:
        _emptied(client)
        try:
            wrong.update((each.step, each.kind) for each in play(scenario, client, clock, goes_on=True))
        except (KeyError, IndexError, TypeError):
            reached = max(wrong, default=0)
    for number, step in enumerate(scenario["steps"], start=1):
        if step.get("request"):
            expected = step["expect"] if isinstance(step["expect"], int) else step["expect"]["status"]
            is_reached = number <= reached
            has_status = is_reached and not wrong.get(number, "").isdigit()
            yield Played(step["request"], expected, has_status, is_reached and number not in wrong)


def _emptied(client: Client) -> None:
    """Delete the subscriptions that there are: scenarios begin without."""
    token = {"Authorization": "Bearer a-token"}
    for store in STORES:
        place = f"/api/{store}/webhook/subscription"
        for row in client.get(f"{place}?_itemsOnPage=50", headers=token).json().get("items", ()):
            client.delete(f"{place}/{row['webhookSubscriptionId']}", headers=token)


def counted(steps: Sequence[Played], contract: Contract) -> Counts:
    """How many steps are right, by operation and whether a success was expected. What no operation is
    asked isn't counted."""
    patterns = [
        (route.method.upper(), re.compile(re.sub(r"\{[^{}]+\}", "[^/]+", route.path)), route.operation_id)
        for route in contract.routes()
    ]
    counts: Counts = {}
    for step in steps:
        method, _, target = step.request.partition(" ")
        path = target.partition("?")[0]
        operation = next((name for verb, pattern, name in patterns if verb == method and pattern.fullmatch(path)), None)
        if operation:
            pair = counts.setdefault((operation, SUCCESSES if step.expected < FAILED else REFUSALS), [0, 0, 0])
            pair[0] += step.has_status
            pair[1] += step.is_right
            pair[2] += 1
    return counts


def told(derived: Counts, examples: Counts, contract: Contract) -> list[str]:
    """The lines of the page."""
    operations = [route.operation_id for route in contract.routes()]
    all_of = sum(of for *_, of in derived.values())
    with_, without = (f"{_sum(counts, 0)} and {_sum(counts, 1)}" for counts in (derived, examples))
    lines = [
        f"Of {all_of} steps of scenarios, right status and whole answer: {with_}; with `--no-memory` {without}.",
        "",
        "| operation | successes | right status | whole answer | refusals | right status | whole answer |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for one in operations:
        cells = [_cells(derived.get((one, kind)), examples.get((one, kind))) for kind in (SUCCESSES, REFUSALS)]
        lines.append(f"| `{one}` | {' | '.join(cells)} |")
    return lines


def _sum(counts: Counts, figure: int) -> int:
    return sum(each[figure] for each in counts.values())


def _cells(derived: list[int] | None, examples: list[int] | None) -> str:
    """Of how many, and how many are right; in brackets without memory, where that is another number."""
    if derived is None or examples is None:
        return "0 | |"
    shown = [
        f"{own}" if own == other else f"{own} ({other})" for own, other in zip(derived[:2], examples, strict=False)
    ]
    return f"{derived[2]} | {' | '.join(shown)}"


def lines() -> list[str]:
    """What is measured, as lines of the page."""
    logging.getLogger("mockserver").setLevel(logging.ERROR)  # of deliveries that go nowhere
    contract = without_handlers()
    derived, examples = (counted(played(contract, memory=memory), contract) for memory in (True, False))
    return told(derived, examples, contract)


if __name__ == "__main__":
    click.echo("\n".join(lines()))
