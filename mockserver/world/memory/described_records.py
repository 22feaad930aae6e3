"""Described records: lists of records by the names of resources, as a person writes them: only what matters has to be
there. What the contract wouldn't show is refused."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from mockserver.errors import BadRequest, listed
from mockserver.storage.model import Json
from mockserver.storage.resource_records import Placed
from mockserver.storage.snapshots import MOST_PROBLEMS
from mockserver.turns import Turns
from mockserver.violations import Path, Violation, breach, missing, otherwise_wrong, unexpected
from mockserver.world.memory.record_fit import UnfitRecord
from mockserver.world.memory.record_places import Within
from mockserver.world.memory.remembered import RememberedResource

NO_PARENT = "No {} has this id: a record is in one that is there, or described as well."
IsThere = Callable[[RememberedResource, Within, str], Awaitable[bool]]  # a record with this key, in these records


class DescribedRecord(NamedTuple):
    """A described record, with its path in the description. `number` makes its id if it has none."""

    resource: RememberedResource
    within: Within
    given: Json
    path: Path
    number: int = 0

    @property
    def has_id(self) -> bool:
        """Whether the description says its id."""
        return self.resource.id_in(self.given) is not None

    @property
    def placed(self) -> Placed:
        """What is to be added. Raises UnfitRecord."""
        record = self.resource.described(self.within, self.given, self.number)
        return Placed(self.resource.collection(self.within), record, self.resource.seeds(self.within))

    @property
    def made_up(self) -> Placed:
        """The same of a record that is made up. Raises UnfitRecord."""
        record = self.resource.made_up(self.within, self.number)
        return Placed(self.resource.collection(self.within), record, self.resource.seeds(self.within))


async def entries_of(
    remembered: Mapping[str, RememberedResource], description: Mapping[str, Any], is_there: IsThere
) -> list[DescribedRecord]:
    """The entries of a description, parents first. `is_there` knows the records that aren't described. Raises
    BadRequest with every problem, by its path in the description."""
    reading = _Reading(remembered, is_there)
    for name in description:
        if name not in remembered:
            told = f"There is no such resource; this mock remembers {listed([*remembered]) or 'none'}."
            reading.problems.append(otherwise_wrong((name,), "resource", told))
    turns = Turns()
    for name, resource in remembered.items():
        async for index, given in turns.over(enumerate(description.get(name, ()))):
            if len(reading.problems) >= MOST_PROBLEMS:
                break
            await reading.read(resource, given, (name, index))
    if reading.problems:
        raise BadRequest(reading.problems)
    return reading.entries


class _Reading:
    """The entries that were read, and the `problems` that were met."""

    def __init__(self, remembered: Mapping[str, RememberedResource], is_there: IsThere) -> None:
        self._remembered, self._is_there = remembered, is_there
        self._keys: set[tuple[str, Within, str]] = set()
        self._numbers: dict[str, int] = {}
        self.entries: list[DescribedRecord] = []
        self.problems: list[Violation] = []

    async def read(self, resource: RememberedResource, given: Json, path: Path) -> None:
        values, left = resource.around_in(resource.dated(given))
        problems = [missing((*path, name)) for name, value in values.items() if value is None]
        problems += _slips(resource, left, path)
        within = tuple("" if value is None else value for value in values.values())
        if not problems and (parent := resource.parent) is not None:
            depth = parent.depth
            name = [*values][depth]
            if not await self._has(parent, within[:depth], within[depth]):
                problems.append(breach((*path, name), "record", NO_PARENT.format(parent.resource.name)))
        if not problems:
            problems += self._kept(DescribedRecord(resource, within, left, path))
        self.problems += problems

    def _kept(self, entry: DescribedRecord) -> Iterator[Violation]:
        """Keep an entry that the contract can show; its problems otherwise."""
        try:
            name = entry.resource.resource.name
            if not entry.has_id:
                self._numbers[name] = self._numbers.get(name, 0) + 1
                entry = entry._replace(number=self._numbers[name])
            key = entry.placed.record.key
        except UnfitRecord as unfit:
            yield from (one._replace(path=(*entry.path, *one.path)) for one in unfit.violations)
            return
        self._keys.add((name, entry.within, key))
        self.entries.append(entry)

    async def _has(self, parent: RememberedResource, within: Within, key: str) -> bool:
        return (parent.resource.name, within, key) in self._keys or await self._is_there(parent, within, key)


def _slips(resource: RememberedResource, given: Json, path: Path) -> Iterator[Violation]:
    """The fields that records of a resource don't have."""
    known = resource.known_fields
    for name in given if known is not None else ():
        if known is not None and name not in known:
            near = get_close_matches(name, known, n=1)
            problem = unexpected((*path, name))
            yield problem._replace(parameters={"detail": f"Did you mean {near[0]}?"}) if near else problem
