"""Places in the files of a contract, and the errors of references that stand there."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.errors import ReferenceLost
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.structure import Steps, at, below, pointer_to


class Place(NamedTuple):
    """A place in a file: the file, the steps to a value, and the value."""

    source: Source
    steps: Steps
    node: Any

    def child(self, step: str | int) -> "Place":
        """The place under a key or an index. Raises LookupError."""
        node = below(self.node, step)
        return Place(self.source, (*self.steps, int(step) if isinstance(self.node, list) else str(step)), node)

    @property
    def line(self) -> str:
        """The file and line of the value, or of its `$ref` if it is a reference."""
        return self.source.at(*self.steps, *(["$ref"] if is_reference(self.node) else []))

    @property
    def pointer(self) -> str:
        """The pointer within the file, as `#/…`."""
        return "#" + pointer_to(*self.steps)

    @property
    def parent(self) -> Any:
        """The list or object that holds the value."""
        return at(self.source.content, self.steps[:-1])


class OverlayWrite(NamedTuple):
    """What an overlay has put into a document: the object or list, the key or index there, and where it was read."""

    holder: Any
    key: Any
    place: Place

    def nested(self) -> Iterator[Place]:
        """The place of the value, and those of all objects and lists below it."""
        waiting = [self.place]
        while waiting:
            place = waiting.pop()
            if isinstance(place.node, dict | list):
                yield place
                keys = range(len(place.node)) if isinstance(place.node, list) else place.node
                waiting += [Place(place.source, (*place.steps, key), place.node[key]) for key in keys]


def is_reference(node: Any) -> bool:
    """Whether a value is a reference."""
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)


class BadReference(ReferenceLost):
    """A reference that can't be followed. Its line is looked up only when the message is shown."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self._place = place
        self._problem = problem

    def __str__(self) -> str:
        return f"{self._place.line}: the reference {self._place.node['$ref']!r} {self._problem}"


def endless(place: Place) -> ReferenceLost:
    """The error for a reference that leads back to itself."""
    return BadReference(place, "leads back to itself. Break the cycle.")


def nowhere(place: Place, why: str) -> ReferenceLost:
    """The error for a reference that leads nowhere."""
    return BadReference(place, f"leads nowhere: {why}.")
