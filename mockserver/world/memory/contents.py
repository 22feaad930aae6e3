"""Contents: what the collections of a mock hold, as its control plane changes it: by a description, by records that are
made up, or by none."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from mockserver.errors import BadRequest
from mockserver.storage.model import Json
from mockserver.storage.resource_records import (
    Collection,
    NoFreeKey,
    Placed,
    RecordQuery,
    ResourceRecord,
    ResourceRecords,
    TakenKeys,
    collection_of,
    first_of_each,
)
from mockserver.storage.snapshots import MOST_PROBLEMS
from mockserver.turns import Turns
from mockserver.violations import Violation, breach, not_a_choice, taken
from mockserver.world.memory.described_records import DescribedRecord, IsThere, entries_of
from mockserver.world.memory.record_fit import UnfitRecord
from mockserver.world.memory.record_places import Within
from mockserver.world.memory.remembered import RememberedResource

BATCH = 200  # records that are made up between two turns
MOST_MADE_UP = 100_000  # records of one call
TOO_MANY = "That would be {} records; at most {} are made up at once. Ask for fewer, or for one resource."
NOTHING_TO_FILL = (
    "There is no collection that could be filled: those of this contract are in records that aren't there."
)
NO_MORE_IDS = "There are no more ids for {}: all that their schema allows, as far as the mock can make them, are taken."
NONE_FITS = "No record of {} could be made up that the contract can show: {}"
OTHER_PLACE = "The path of this resource has another number of parameters before the record's own:"


class Contents:
    """The contents of the collections of remembered resources, which are given by name, parents first."""

    def __init__(self, remembered: Mapping[str, RememberedResource], records: ResourceRecords) -> None:
        self._remembered, self._records = remembered, records

    async def add(self, description: Mapping[str, Any]) -> None:
        """Add described records, all of them or none. Raises BadRequest with every problem, by its path."""
        entries = await entries_of(self._remembered, description, self._is_there)
        for name in dict.fromkeys(description):
            own = [place for place, one in enumerate(entries) if one.resource.resource.name == name and not one.has_id]
            first = await self._records.numbers(name, len(own)) if own else 0
            for number, place in enumerate(own, first):
                entries[place] = entries[place]._replace(number=number)
        await self._settled(entries, self._records.add_all, self._drawn)

    async def begin_with(
        self, description: Mapping[str, Any], is_meant: Callable[[Collection], bool] = lambda _: True
    ) -> None:
        """Have the described records in place of what their collections hold, and of all that is in that; in the
        collections that are meant. Raises BadRequest, and changes nothing, if something doesn't fit."""
        numbers = {name: len(rows) for name, rows in description.items()}

        async def drawn(name: str) -> int:
            numbers[name] += 1
            return numbers[name] - self._remembered[name].first_count

        entries = await entries_of(self._remembered, description, self._stays(description))
        entries = [one._replace(number=one.number - one.resource.first_count) for one in entries]  # in their place
        placed = await self._settled(entries, _no_conflicts, drawn)
        inside = {name for one in description for name in self._remembered[one].with_those_inside}
        await self.forget(inside, is_meant)
        for name, number in numbers.items():
            await self._records.numbers(name, max(0, number - self._remembered[name].first_count))
        rows = {Collection(name): list[ResourceRecord]() for name in description if not self._remembered[name].depth}
        for one in placed:
            rows.setdefault(one.collection, []).append(one.record)
        rows |= {one: [] for one in self._without_examples(placed) if one not in rows}
        for collection, found in rows.items():
            if is_meant(collection):
                await self._records.begin(collection, found)

    async def forget(self, names: Iterable[str], is_meant: Callable[[Collection], bool] = lambda _: True) -> None:
        """Have the collections of resources begin anew, and their ids, too, if all of them are meant."""
        names = [*names]
        used = await self._records.used(names)
        meant = [one for one in used if is_meant(one)]
        await self._records.forget(meant, names if len(meant) == len(used) else [])

    async def put_back(self, snapshot: Json, is_meant: Callable[[Collection], bool]) -> None:
        """Have what a snapshot says in these collections, which were forgotten. Others begin anew."""
        rows: dict[Collection, list[ResourceRecord]] = {
            collection_of(row): [] for row in snapshot.get("collections", ())
        }
        for row in snapshot.get("records", ()):
            rows.setdefault(collection_of(row), []).append(ResourceRecord(row["key"], row["data"]))
        for collection, found in rows.items():
            if is_meant(collection):
                await self._records.begin(collection, found)

    async def refuse_unknown(self, snapshot: Json) -> None:
        """Refuse a snapshot with records of resources that the contract doesn't have. Raises BadRequest."""
        problems: list[Violation] = []
        for part in ("collections", "records"):
            index = 0
            async for row in Turns().over(snapshot.get(part, ())):
                resource = self._remembered.get(row["resource"])
                if resource is None:
                    problems.append(not_a_choice((part, index, "resource"), row["resource"], [*self._remembered]))
                elif len(row["within"]) != resource.depth:
                    problems.append(breach((part, index, "within"), "within", f"{OTHER_PLACE} {resource.depth}."))
                if len(problems) >= MOST_PROBLEMS:
                    break
                index += 1
        if problems:
            raise BadRequest(problems[:MOST_PROBLEMS])

    async def empty(self) -> None:
        """Have nothing in any collection, nor in those of first records, should their ids be used again."""
        ended: list[Collection] = []
        for name, resource in self._remembered.items():
            used = await self._records.used([name])
            await self._records.forget(used)
            ended += [Collection(name)] if resource.depth == 0 else used if resource.parent is None else []
        for one in ended:
            inside = self._remembered[one.resource].first_inside(one.within)
            for empty in (one, *inside):
                await self._records.begin(empty, ())

    async def fill(self, count: int, names: Sequence[str]) -> None:
        """Add so many made-up records of each resource, spread over the records that its collections are in. Raises
        BadRequest if they are too many, or if there is no collection for any."""
        if count * len(names) > MOST_MADE_UP:
            raise BadRequest(message=TOO_MANY.format(count * len(names), MOST_MADE_UP))
        filled = 0
        for name in (name for name in self._remembered if name in names):
            resource = self._remembered[name]
            places = await self._places(resource, count)
            filled += len(places)
            await self._fill(resource, islice(cycle(places), count if places else 0))
        if not filled:
            raise BadRequest(message=NOTHING_TO_FILL)

    async def _fill(self, resource: RememberedResource, places: Iterator[Within]) -> None:
        turns = Turns()
        while batch := [DescribedRecord(resource, within, {}, ()) for within in islice(places, BATCH)]:
            first = await self._records.numbers(resource.resource.name, len(batch))
            entries = [one._replace(number=first + index) for index, one in enumerate(batch)]
            try:
                await self._settled(entries, self._records.add_all, self._drawn, made_up=True)
            except UnfitRecord as error:
                raise BadRequest(message=NONE_FITS.format(resource.resource.name, error)) from None
            await turns.give()

    async def _places(self, resource: RememberedResource, most: int) -> list[Within]:
        """Where collections of a resource are: in nothing, or in the records of its parent; else those that were used,
        or what the contract has as an example."""
        parent, name = resource.parent, resource.resource.name
        if resource.depth == 0:
            return [()]
        if parent is None or resource.depth != parent.depth + 1:
            return [one.within for one in await self._records.used([name])] or resource.likely_places
        found: list[Within] = []
        for within in await self._places(parent, most):
            rows = await self._records.find(
                parent.collection(within), RecordQuery(size=most - len(found)), parent.seeds(within)
            )
            found += [(*within, row.key) for row in rows.rows]
            if len(found) >= most:
                break
        return found

    async def _settled(
        self,
        entries: list[DescribedRecord],
        conflicts: Callable[[Sequence[Placed]], Awaitable[list[int]]],
        draw: Callable[[str], Awaitable[int]],
        *,
        made_up: bool = False,
    ) -> list[Placed]:
        """The records of entries, once none of them conflicts: those without ids get others until then. Raises
        BadRequest for ids that are taken, and if there are no others."""
        placed = [one.made_up if made_up else one.placed for one in entries]
        least, seen = len(placed) + 1, TakenKeys()
        while found := _doubles(entries, placed) or await conflicts(placed):
            wrong = [entries[index] for index in found if entries[index].has_id]
            if wrong:
                raise BadRequest([taken((*one.path, *one.resource.resource.id_at)) for one in wrong])
            least, seen = (len(found), TakenKeys()) if len(found) < least else (least, seen)
            for index in found:
                _note(seen, placed[index])
                number = await draw(entries[index].resource.resource.name)
                entries[index] = entries[index]._replace(number=number)
                placed[index] = entries[index].made_up if made_up else entries[index].placed
        return placed

    async def _drawn(self, name: str) -> int:
        return await self._records.numbers(name, 1)

    async def _is_there(self, resource: RememberedResource, within: Within, key: str) -> bool:
        if (parent := resource.parent) is not None:
            depth = parent.depth
            if not await self._is_there(parent, within[:depth], within[depth]):
                return False
        return await self._records.get(resource.collection(within), key, resource.seeds(within)) is not None

    def _stays(self, description: Mapping[str, Any]) -> IsThere:
        """What knows the records that stay, as they are in no collection that is described anew."""
        anew = {
            name for one in description if one in self._remembered for name in self._remembered[one].with_those_inside
        }

        async def is_there(resource: RememberedResource, within: Within, key: str) -> bool:
            return resource.resource.name not in anew and await self._is_there(resource, within, key)

        return is_there

    def _without_examples(self, placed: Sequence[Placed]) -> Iterator[Collection]:
        """The collections in described records that would begin with the contract's examples, as these have the same
        ids as the records that the examples are in."""
        for one in placed:
            name, within = one.collection
            if any(row.key == one.record.key for row in one.seeds()):
                for child in self._remembered.values():
                    if child.parent is self._remembered[name] and child.depth == len(within) + 1:
                        yield child.collection((*within, one.record.key))


def _note(seen: TakenKeys, one: Placed) -> None:
    """Note the key of a record that conflicts. Raises BadRequest if there are no others."""
    try:
        seen.add((one.collection, one.record.key))
    except NoFreeKey:
        raise BadRequest(message=NO_MORE_IDS.format(one.collection.resource)) from None


def _doubles(entries: Sequence[DescribedRecord], placed: Sequence[Placed]) -> list[int]:
    """The indices of records that have the key of another one; of two, the one whose id may be another."""
    order = sorted(range(len(placed)), key=lambda index: not entries[index].has_id)
    firsts = first_of_each(placed[index] for index in order)
    return [index for index, is_first in zip(order, firsts, strict=True) if not is_first]


async def _no_conflicts(_: Sequence[Placed]) -> list[int]:
    return []
