"""Judging an outcome by its case."""

from dataclasses import dataclass
from enum import Enum

from tests.hostile.corpora.cases import LEFT, REFUSED, Case, Steps
from tests.hostile.corpora.outcomes import Outcome

REFUSALS = frozenset({"400", "405", "408", "411", "413", "414", "417", "421", "426", "431", "501", "505"})


class Verdict(Enum):
    """ALLOWED is what the standard advises against, and no more."""

    RIGHT = "right"
    ALLOWED = "allowed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and what speaks against the outcome."""

    verdict: Verdict
    problems: tuple[str, ...] = ()


def judge(case: Case, outcome: Outcome) -> Judgement:
    """The verdict on what came of a case."""
    verdict = _verdict(case, outcome.steps)
    problems = [*outcome.faults]
    if verdict is Verdict.WRONG:
        problems.append(f"got {told(outcome.steps)}")
    if case.head and case.head.lower() not in outcome.head.lower().split("\r\n"):
        problems.append(f"no {case.head}")
    return Judgement(Verdict.WRONG if problems else verdict, tuple(problems))


def _verdict(case: Case, steps: Steps) -> Verdict:
    if any(_is(right, steps) for right in case.right):
        return Verdict.RIGHT
    return Verdict.ALLOWED if any(_is(allowed, steps) for allowed in case.allowed) else Verdict.WRONG


def told(steps: Steps) -> str:
    """Steps in a line."""
    return " · ".join(steps) if steps else "closed"


def _is(right: Steps, got: Steps) -> bool:
    """Whether steps are those of a result. An application that begins early may be told that the client left."""
    if not any(step.startswith(LEFT) for step in right):
        got = tuple(step for step in got if not step.startswith(LEFT))
    if right[-1:] != (REFUSED,):
        return right == got
    before = len(right) - 1
    return got[:before] == right[:before] and (not got[before:] or _is_refusal(got[before:]))


def _is_refusal(steps: Steps) -> bool:
    return len(steps) == 1 and steps[0] in REFUSALS
