"""First records: what the collections of one resource begin with, and the ids of all its records, made of numbers.

The first collection begins with the contract's examples; those in other records have records of their own. No two have
an id in common, and no later record gets that of a first one, which may be gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from mockserver.openapi.resources import Place, RecognisedResource, schemas
from mockserver.storage.resource_records import value_at
from mockserver.world.memory.initial_records import FEWEST, example_record, initial_records
from mockserver.world.memory.later_moments import settled
from mockserver.world.memory.means import Means
from mockserver.world.memory.path_values import meant
from mockserver.world.memory.record_keys import RecordKeys
from mockserver.world.memory.record_places import RecordPlaces, Within
from mockserver.world.memory.record_views import put_at


class FirstRecords:
    """The first records of one resource. `parent` are those of the resource whose records have collections of it."""

    def __init__(self, means: Means, resource: RecognisedResource, parent: "FirstRecords | None") -> None:
        self._means, self._resource, self._parent = means, resource, parent
        self._named: list[tuple[FirstRecords, Sequence[Place | None]]] = []
        self._places = RecordPlaces(means.contract, resource)

    @cached_property
    def _keys(self) -> RecordKeys:
        field = schemas.field_at(self._means.contract, self._resource.schema, self._resource.id_at)
        return RecordKeys(self._means, self._resource.name, field)

    def made_of(self, number: int) -> Any:
        """The id of a number: from 1 on those of later records, before that those of first ones."""
        number += self.count
        for taken in self._taken:
            number += taken <= number
        return self._keys.made_of(number)

    def data(self, within: Within) -> list[dict[str, Any]]:
        """The records that a collection begins with; those that are made up have no ids yet."""
        index = self._index(within)
        if index == 0:
            return [self._naming(one, number) for number, one in enumerate(self._declared_or_made)]
        contract, examples, id_at = self._means.contract, self._means.examples, self._resource.id_at
        turns = range(FEWEST * index + 1, FEWEST * (index + 1) + 1)  # the first turn is the example itself
        made = [example_record(contract, examples, self._resource, f"initial {turn}") for turn in turns]
        return [
            self._naming({name: one[name] for name in one if (name,) != id_at}, number)
            for number, one in enumerate(made)
        ]

    def name(self, others: "FirstRecords", places: Sequence[Place | None]) -> None:
        """Have those that are made up name records of another resource, in turn: `places` are the fields for the values
        of its path."""
        self._named.append((others, places))

    def _naming(self, record: dict[str, Any], number: int) -> dict[str, Any]:
        """The record with the names of others, and no moment that it doesn't stand for; as it is, if it is an example
        of the contract."""
        if value_at(record, self._resource.id_at) is not None:
            return record
        record = settled(self._means.contract, self._resource.schema, record)
        for others, places in self._named:
            paths = [(*within, key) for within in others._known for key in others._keys_in(within)]  # noqa: SLF001
            for place, text in zip(places, paths[number % len(paths)], strict=False) if paths else ():
                field = schemas.field_at(self._means.contract, self._resource.schema, place) if place else None
                value = meant(text, self._means.contract.validator(field).is_valid) if field else None
                if place and value is not None:
                    record = put_at(record, place, value)
        return record

    def before(self, within: Within) -> int:
        """The number before those of the records that a collection begins with."""
        index = self._index(within)
        return (self._made + FEWEST * (index - 1) if index else 0) - self.count

    @cached_property
    def count(self) -> int:
        """How many numbers are those of first records."""
        return self._made + FEWEST * max(0, len(self._known) - 1)

    def _keys_in(self, within: Within) -> Iterator[str]:
        """The keys of the records that a collection begins with."""
        is_first = self._index(within) == 0
        yield from self._declared if is_first else ()
        before = self.before(within)
        for number in range(before + 1, before + 1 + (self._made if is_first else FEWEST)):
            yield self._places.key(str(self.made_of(number)))

    @cached_property
    def _declared_or_made(self) -> list[dict[str, Any]]:
        return initial_records(self._means.contract, self._means.examples, self._resource)

    @cached_property
    def _declared(self) -> Sequence[str]:
        """The keys of the records in the contract's examples."""
        ids = (value_at(one, self._resource.id_at) for one in self._declared_or_made)
        return [*dict.fromkeys(self._places.key(str(one)) for one in ids if one is not None)]

    @cached_property
    def _made(self) -> int:
        """How many of the first collection's records have ids that are made of numbers."""
        return len(self._declared_or_made) - len(self._declared)

    @cached_property
    def _taken(self) -> Sequence[int]:
        """The numbers of which the ids in the contract's examples would be made."""
        return sorted(number for key in self._declared if (number := self._keys.number_of(key)) is not None)

    @cached_property
    def _known(self) -> Mapping[Within, int]:
        """The collections that are there from the start, in their order; none where paths may say anything."""
        if self._parent is None:
            return {} if self._places.depth else {(): 0}
        parent = self._parent
        inside = ((*within, key) for within in parent._known for key in parent._keys_in(within))  # noqa: SLF001
        return {within: index for index, within in enumerate(inside)}

    def _index(self, within: Within) -> int:
        """Which of these collections this one is; any other one is as the first."""
        depth = self._parent._places.depth + 1 if self._parent else 0  # noqa: SLF001 (another one of its kind)
        return self._known.get(within[:depth], 0)
