"""What a run takes: the costs of its scenarios and of its fuzzing, stage by stage, counted before anything is sent."""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.checks.live.fuzzing import Fuzzer
from mockserver.checks.live.list_reader import NEWEST_PAGES, ListFilter, ListReader
from mockserver.checks.live.planning.forecast import (
    EXTRA,
    WORK_ON_CASES,
    Cost,
    PlannedStage,
    of_cases,
    of_scenario,
    of_walks,
)
from mockserver.checks.live.planning.fuzzing_options import PHASES
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.scenarios.catalogue import Catalogue
from mockserver.openapi.resources import Call

CREATING, ENDING = ("POST", "PUT", "PATCH"), ("DELETE",)


def stages_of_run(plan: Plan, catalogue: Catalogue, fuzzer: Fuzzer) -> list[PlannedStage]:
    """What all of a run takes but for its sweep, in the order of the run."""
    stages = (
        _entering(plan, catalogue),
        *_of_scenarios(plan, catalogue, late=False),
        *_of_fuzzing(plan, fuzzer),
        *_of_scenarios(plan, catalogue, late=True),
    )
    return [stage for stage in stages if stage.lanes]


def _entering(plan: Plan, catalogue: Catalogue) -> PlannedStage:
    """Logins, a look at whether the credential is good, and the records that are there: pages of them, as many as are
    looked at."""
    stores = 2 if plan.options.other_store else 1
    lists = [one for one in plan.surface.resources if one.list is not None]
    logins = len(catalogue.context.sessions)
    return PlannedStage((Cost(logins + 1 + stores * len(lists) * NEWEST_PAGES, logins),))


def _of_scenarios(plan: Plan, catalogue: Catalogue, *, late: bool) -> Iterator[PlannedStage]:
    lists = [one for one in plan.surface.resources if one.list is not None]
    filters = {one.create.kind: ListReader(plan.surface, one.list).filters for one in lists if one.list is not None}
    counted = {call.id for call in plan.calls if call.issues}

    def cost_of(name: str) -> Cost:
        kind = name.removeprefix("list of ").partition("s:")[0]
        cost = of_scenario(name, filters.get(kind, list[ListFilter]()))
        return cost if counted.isdisjoint(name.split()) else replace(cost, logins=cost.requests)

    for stage in catalogue.stages:
        if stage.late is late:
            yield PlannedStage(tuple(sum((cost_of(name) for name, _ in chain), Cost()) for chain in stage.chains))


def _of_fuzzing(plan: Plan, fuzzer: Fuzzer) -> Iterator[PlannedStage]:
    """Those of Schemathesis, which makes its cases again when the run comes to it: what creates or changes comes first,
    what deletes last. Logins and refreshes come after the walks along the links."""
    free = [call for call in plan.calls if not call.issues]
    first, last = ([call for call in free if call.method in methods] for methods in (CREATING, ENDING))
    others = [call for call in free if call not in first and call not in last]
    yield from _of_phases(plan, fuzzer, (first, others, last))
    yield PlannedStage((of_walks(fuzzer.walks),), WORK_ON_CASES["stateful"])
    yield from _of_phases(plan, fuzzer, ([call for call in plan.calls if call.issues],))


def _of_phases(plan: Plan, fuzzer: Fuzzer, layers: tuple[list[Call], ...]) -> Iterator[PlannedStage]:
    for phase in PHASES:
        for calls in layers:
            lanes = (_of_phase(plan, call, phase, fuzzer.cases(call)) for call in calls)
            yield PlannedStage(tuple(lane for lane in lanes if lane.requests), WORK_ON_CASES[phase])


def _of_phase(plan: Plan, call: Call, phase: str, cases: dict[str, int]) -> Cost:
    if phase not in cases:
        return Cost()
    cost = of_cases(
        phase,
        cases[phase],
        makes=call.creates is not None and plan.surface.deletable(call),
        takes=call.record is not None and call.method in ("DELETE", "POST"),
        ends=call.record is not None and call.method in ENDING,
    )
    cost = replace(cost, logins=cost.requests) if call.issues else cost
    is_first = phase == next(one for one in PHASES if one in cases)
    return cost + Cost(EXTRA) if is_first and not call.public else cost
