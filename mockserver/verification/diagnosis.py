"""Which mistake, or which two, would give a signature."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from mockserver.signing import same
from mockserver.verification.case import Case, Mistake
from mockserver.verification.computation import Patch
from mockserver.verification.mistakes import MISTAKES

SHOWN = frozenset({"method", "host", "path", "timestamp", "request_id"})  # the key isn't
ALTERNATIVES = 3

Step = tuple[Mistake, Patch]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Mistakes that together give the signature, what they put in place, and other mistakes that would do the same."""

    mistakes: tuple[Mistake, ...]
    values: dict[str, str]
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the mistakes."""
        return tuple(mistake.name for mistake in self.mistakes)

    @property
    def change(self) -> str:
        """What completes the sentence "it matches with …"."""
        shown = "".join(f" ({name.replace('_', ' ')} `{value}`)" for name, value in self.values.items())
        return " and ".join(mistake.change for mistake in self.mistakes) + shown

    @property
    def advice(self) -> str:
        """What to change in the receiver's code."""
        return " ".join(dict.fromkeys(mistake.advice for mistake in self.mistakes))

    @property
    def by_sender(self) -> bool:
        """Whether a sender, not a receiver, would have to do it for a captured signature to come out."""
        return any(mistake.by_sender for mistake in self.mistakes)


def explain(case: Case, signature: str) -> Explanation | None:
    """The mistakes after which the computation gives this signature: one if one is enough, else two, else None.

    For a captured signature that doesn't match, these are changes to what was captured; for a value that a
    receiver's code computed from a good request, they are what the code does wrong. Signatures are compared in
    constant time.
    """
    steps = list(_steps(case))
    for candidates in (((step,) for step in steps), _pairs(steps)):
        found = list(_matching(case, candidates, signature))
        if found:
            return _explanation(found)
    return None


def _steps(case: Case) -> Iterator[Step]:
    """Every mistake in every way that changes something."""
    for mistake in MISTAKES:
        seen: list[Patch] = []
        for patch in _patches(mistake, case):
            if patch not in seen and any(getattr(case.base, name) != value for name, value in patch.items()):
                seen.append(patch)
                yield mistake, patch


def _patches(mistake: Mistake, case: Case) -> list[Patch]:
    try:
        return list(mistake.patches(case))
    except RecursionError:  # JSON that can just be read may be nested too deeply to be written
        return []


def _pairs(steps: list[Step]) -> Iterator[tuple[Step, ...]]:
    """Two mistakes in different places."""
    return ((one, two) for one, two in combinations(steps, 2) if one[1].keys().isdisjoint(two[1]))


def _matching(case: Case, candidates: Iterable[tuple[Step, ...]], signature: str) -> Iterator[tuple[Step, ...]]:
    for steps in candidates:
        changes = {name: value for _, patch in steps for name, value in patch.items()}
        if same(replace(case.base, **changes).signature(), signature):
            yield steps


def _explanation(found: list[tuple[Step, ...]]) -> Explanation:
    first, *others = (Explanation(tuple(mistake for mistake, _ in steps), _values(steps)) for steps in found)
    names = dict.fromkeys(other.names for other in others if other.names != first.names)
    return replace(first, alternatives=tuple(names)[:ALTERNATIVES])


def _values(steps: tuple[Step, ...]) -> dict[str, str]:
    return {name: value for _, patch in steps for name, value in patch.items() if name in SHOWN}
