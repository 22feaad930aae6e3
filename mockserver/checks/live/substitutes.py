"""Substitutes: what a request names in place of records that aren't this run's."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.checks.live.ownership import Ownership
from mockserver.openapi.resources import Call


class Substitutes:
    """Substitutes for foreign values in a request. `make` creates a record and returns its id, or None."""

    def __init__(self, ownership: Ownership, make: Callable[[Call, Mapping[str, str]], str | None]) -> None:
        self._ownership, self._make = ownership, make
        self._spares: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def arguments(self, call: Call, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The path parameters with nothing foreign in them: ids of ours in place of valid ones, made-up ones in place
        of others."""
        safe = {name: self._context(call, name, _sendable(value)) for name, value in arguments.items()}
        if call.record in safe:
            safe[call.record] = self._record(call, safe, safe[call.record])
        return safe

    def _context(self, call: Call, name: str, value: Any) -> Any:
        if name == call.record or not call.changes or call.issues:
            return value
        return value if self._ownership.may_enter(name, str(value)) else self._ownership.marks.identifier(value)

    def _record(self, call: Call, arguments: Mapping[str, Any], value: Any) -> Any:
        if isinstance(value, str) and self._ownership.may_name(call, value):
            return value
        parameter = next(entry for entry in call.operation.parameters if entry.name == call.record)
        if not self._ownership.surface.contract.validator(parameter.pointer).is_valid(value):
            return self._ownership.marks.identifier(value) if call.changes else value
        if not call.changes and hash_of(value) % 2:
            return value
        return self.spare(call, arguments) or self._ownership.unknown_id(call)

    def spare(self, call: Call, arguments: Mapping[str, Any], *, refused: bool = False) -> str | None:
        """A living record for this operation: kept by those that read or update, new for the others.

        An operation that should be `refused` changes nothing: the record is kept, unless it could be gone afterwards.
        """
        resources = self._ownership.surface.resources
        resource = next((one for one in resources if call.path.startswith(one.delete.path)), None)
        if resource is None:
            return next(iter(self._ownership.readable.values()), None)
        if self._ownership.policy.read_only:
            return self._ownership.readable.get(resource.create.id)
        context = {name: str(value) for name, value in arguments.items() if name != call.record}
        if call.method in ("GET", "HEAD", "PUT", "PATCH") or (refused and call.method != "DELETE"):
            return self._kept(resource.create, context)
        return self._make(resource.create, context)

    def _kept(self, create: Call, context: Mapping[str, str]) -> str | None:
        key = (create.id, str(sorted(context.items())))
        with self._lock:
            spare = self._spares.get(key)
            if spare is None or not self._ownership.is_alive(create, spare):
                spare = self._make(create, context)
                if spare is not None:
                    self._spares[key] = spare
            return spare


def _sendable(value: Any) -> Any:
    """A value as UTF-8 can have it: a link may hand on half of a character that a target answered."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def hash_of(value: object) -> int:
    """A number that is the same in every process."""
    return sum(position * code for position, code in enumerate(str(value).encode(), start=1))
