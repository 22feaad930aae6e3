"""Whether live lets the run delete what it creates: where it doesn't, the run makes one record of a kind, no more."""

from typing import Final

import requests

from mockserver.checks.drift.ask import Answer
from mockserver.openapi.resources import Call, Surface

_GONE: Final = frozenset((requests.codes.not_found, requests.codes.gone))
_REFUSALS: Final = frozenset(range(400, 500)) - _GONE - {requests.codes.too_many_requests}


class Upkeep:
    """What live was seen to delete, and to refuse to delete."""

    def __init__(self, surface: Surface) -> None:
        self._resources = surface.resources
        self._deletes: set[str] = set()
        self._held_back: dict[str, str] = {}

    def is_refused(self, call: Call, live: Answer) -> bool:
        """Whether live refuses to delete a record of the run, and has never deleted one of that kind. Then no more are
        created. An error of the server is a difference like any other."""
        created = self.created_by(call)
        if not created or call.id in self._deletes:
            return False
        if live.succeeded:
            self._deletes.add(call.id)
        if live.status not in _REFUSALS:
            return False
        self.give_up([*created, call], f"live answers {live.status} to {call.id} on a record of this run")
        return True

    def give_up(self, calls: list[Call], why: str) -> None:
        """Hold operations back from now on."""
        self._held_back |= {call.id: why for call in calls}

    def created_by(self, call: Call) -> list[Call]:
        """The operations that create what an operation deletes; none if it deletes no record."""
        return [one.create for one in self._resources if one.delete.id == call.id]

    def holds_back(self, call: Call) -> bool:
        """Whether an operation isn't called any more."""
        return call.id in self._held_back

    @property
    def told(self) -> list[str]:
        """What isn't judged for that reason, a line for each."""
        by_reason: dict[str, list[str]] = {}
        for name, why in self._held_back.items():
            by_reason.setdefault(why, []).append(name)
        return [
            f"{why}: it created no more of them, and asked {' and '.join(sorted(names))} no further"
            for why, names in by_reason.items()
        ]
