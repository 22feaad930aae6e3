"""Snapshots that somebody has tampered with: every part of a good one, in turn, replaced by what isn't meant there."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Step = str | int

ODD_VALUES: tuple[object, ...] = (None, True, -1, 0.5, 2**53, 1e300, "", "\0", "DEFAULT", "a" * 300, [], [[]], {})
ZEROS = "A" * 3334 + "=="  # the state of a Mersenne Twister that gives zeros for ever, as version 1 had it


def steps(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The paths to all parts of a JSON value, itself not included."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in members:
        yield (*path, step)
        yield from steps(inner, (*path, step))


def tampered(snapshot: Json) -> Iterator[tuple[str, Json]]:
    """Variations of a good snapshot, each with what was done to it."""
    for path in steps(snapshot):
        yield f"{path} left out", _changed(snapshot, path, lambda holder, step: holder.pop(step))
        for value in ODD_VALUES:
            yield f"{path} is {value!r:.40}", _changed(snapshot, path, _put(value))
        if isinstance(path[-1], int):
            yield f"{path} twice", _changed(snapshot, path, lambda holder, step: holder.append(holder[step]))
    yield "zeros", snapshot | {"randomState": ZEROS}


Change = Callable[[Any, Step], object]


def _put(value: object) -> Change:
    def put(holder: Any, step: Step) -> None:
        holder[step] = value

    return put


def _changed(snapshot: Json, path: tuple[Step, ...], change: Change) -> Json:
    changed = copy.deepcopy(snapshot)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    change(holder, path[-1])
    return changed
