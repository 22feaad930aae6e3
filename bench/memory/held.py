"""What the mock has recognised in a document, held against the truth, and each recognised resource lived through."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.memory.life import ALONE, RIGHT, WRONG, Ask, Life, Verdict, filled
from bench.memory.truth import ByHand, value_at
from mockserver.openapi.resources import RecognisedResource

REASONS = 2


class Outcome(NamedTuple):
    """What is to be said of a resource: `kind`, why, and of each of its roles."""

    name: str
    kind: str
    why: str
    roles: dict[str, Verdict]
    recognised: bool


def outcomes(ask: Ask, by_hand: Sequence[ByHand], recognised: Sequence[RecognisedResource]) -> list[Outcome]:
    """The outcome for each resource, and for what was recognised and isn't one."""
    found = {_shape(one.item): one for one in recognised}
    known = {one.name: one for one in by_hand}
    made = [_outcome(ask, one, known, found.get(_shape(one.item))) for one in by_hand]
    real = {_shape(one.item) for one in by_hand}
    return made + [
        Outcome(one.name, WRONG, f"{one.item} isn't a resource by hand", {}, recognised=True)
        for shape, one in found.items()
        if one.is_remembered and shape not in real
    ]


def _outcome(ask: Ask, one: ByHand, known: dict[str, ByHand], found: RecognisedResource | None) -> Outcome:
    if found is None or not found.is_remembered:
        why = "; ".join(found.reasons[:REASONS]) if found else "its paths weren't seen as a resource"
        return Outcome(one.name, ALONE, why, {role: Verdict(ALONE, why) for role in one.calls}, recognised=False)
    roles = frozenset(role.value for role in found.operations)
    verdicts = Life(ask, one, around(ask, one, known), roles).live()
    wrong = [*_misread(one, found), *(f"{role}: {each.why}" for role, each in verdicts.items() if each.kind == WRONG)]
    left = dict.fromkeys(each.why for each in verdicts.values() if each.kind == ALONE)
    return Outcome(one.name, WRONG if wrong else RIGHT, "; ".join(wrong or left), verdicts, recognised=True)


def _misread(one: ByHand, found: RecognisedResource) -> Iterator[str]:
    """What was recognised otherwise than it is."""
    if found.id_at != one.key:
        yield f"its key is {'.'.join(one.key)}, not {'.'.join(found.id_at)}"
    for role, recognised in found.operations.items():
        is_, said = recognised.operation, one.calls.get(role.value)
        if said is None:
            yield f"{is_.method.upper()} {is_.path} isn't its {role.value}"
        elif (said.method.lower(), _shape(said.path)) != (is_.method.lower(), _shape(is_.path)):
            yield f"its {role.value} is {said.method} {said.path}, not {is_.method.upper()} {is_.path}"


def around(ask: Ask, one: ByHand, known: dict[str, ByHand]) -> tuple[str, ...]:
    """The keys of records that a collection is in: new ones, or the first that there are."""
    if one.parent is None:
        return ()
    parent = known[one.parent]
    before = around(ask, parent, known)
    life = Life(ask, parent, before, frozenset())
    if "create" in parent.calls:
        life.create()
        return (*before, life.key or "none")
    rows = value_at(ask("GET", filled(parent.calls["list"].path, before), None).content, parent.listed)
    first = rows[0] if isinstance(rows, list) and rows else None
    return (*before, str(value_at(first, parent.key)))


def _shape(path: str) -> str:
    """A path without the names of its parameters."""
    return "/".join("{}" if "{" in step else step for step in path.strip("/").split("/"))
