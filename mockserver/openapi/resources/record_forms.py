"""Record forms: where a body holds one record, which field of it holds its id, and whether two bodies hold the same."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.recognised import Place, RecordForm

_DEEPEST = 2  # objects around a record
_WRAPPERS = frozenset(
    {"data", "result", "item", "record", "object", "entity", "payload", "response", "value", "content"}
)
_HEADS = frozenset({"metadata", "meta", "sys", "header", "head", "system"})  # parts of a record that hold its id


class Shown(NamedTuple):
    """A record that a body shows: the schema of the record, where it stands, and where in the record its id does."""

    schema: str
    whole: str
    at: Place
    id_at: Place


class DeclaredSuccess(NamedTuple):
    """The success of an operation: its status, the schema of its JSON body, if any, and whether it has a body."""

    status: int
    whole: str | None
    has_body: bool


class RecordForms:
    """How the bodies of a contract hold records of one kind. `kinds` are words for one of them, as paths tell."""

    def __init__(self, contract: Contract, kinds: Iterable[str]) -> None:
        self._contract = contract
        self._kinds = tuple(kind for kind in map(plain, kinds) if kind)

    def shown(self, whole: str, id_places: Iterable[Place], parameter_kinds: frozenset[str]) -> Shown | None:
        """The record in a body by its id: the likeliest place that is there, and may have what the path has."""
        places = [*id_places]
        for schema, at in self.records_in(whole):
            for id_at in places:
                field = schemas.field_at(self._contract, schema, id_at)
                if field is not None and self.may_name(field, parameter_kinds):
                    return Shown(schema, whole, at, id_at)
        return None

    def may_name(self, field: str, parameter_kinds: frozenset[str]) -> bool:
        """Whether a path parameter may have the values of a field: both are texts, or both are numbers."""
        own = schemas.kinds(self._contract, field)
        return bool(own) and own <= schemas.SCALARS and bool(own & parameter_kinds)

    def heads(self, whole: str) -> list[str]:
        """The parts of a body's records that may hold their id, as `metadata` does."""
        found = (name for schema, _ in self.records_in(whole) for name in schemas.fields(self._contract, schema))
        return [name for name in dict.fromkeys(found) if plain(name) in _HEADS]

    def records_in(self, whole: str, at: Place = ()) -> Iterator[tuple[str, Place]]:
        """The schemas in a body that may be that of a record, with their places: the whole, then what it wraps."""
        yield whole, at
        declared = schemas.fields(self._contract, whole)
        for name, inner in declared.items() if len(at) < _DEEPEST else ():
            if schemas.kinds(self._contract, inner) == {"object"} and self._wraps(name, alone=len(declared) == 1):
                yield from self.records_in(inner, (*at, name))

    def _wraps(self, name: str, *, alone: bool) -> bool:
        """Whether a field with this name is what an answer is about, and not a part of that."""
        word = plain(name)
        return word not in _HEADS and (alone or word in _WRAPPERS or any(map(word.endswith, self._kinds)))

    def in_answer(self, whole: str, schema: str, id_at: Place) -> RecordForm | None:
        """How an answer shows the record: by its id, else by most of its fields."""
        records = [*self.records_in(whole)]
        found = [one for one in records if schemas.field_at(self._contract, one[0], id_at) is not None]
        found = found or [one for one in records if self.alike(one[0], schema)]
        return RecordForm(found[0][0], whole, found[0][1]) if found else None

    def in_body(self, operation: Operation, schema: str) -> RecordForm | None:
        """How a request's body holds the record: some of its fields are those of the record."""
        whole = body_of(operation)
        if whole is None:
            return None
        found = next((one for one in self.records_in(whole) if self.alike(one[0], schema)), None)
        return None if found is None else RecordForm(found[0], whole, found[1])

    def nearest(self, whole: str, schema: str) -> RecordForm | None:
        """The part of a body that shares most fields with the record; of one that says nothing of its fields, that
        itself; None if nothing is shared."""
        fields, own = schemas.fields, schemas.fields(self._contract, schema).keys()
        records = [*self.records_in(whole)]
        found = max(records, key=lambda one: len(own & fields(self._contract, one[0]).keys()))
        if not own & fields(self._contract, found[0]).keys():
            found = next((one for one in records if not fields(self._contract, one[0])), ("", ()))
        return RecordForm(found[0], whole, found[1]) if found[0] else None

    def alike(self, one: str, other: str) -> bool:
        """Whether two schemas are the same, or share at least half of the fields of the smaller one."""
        contract = self._contract
        if same(contract, one, other):
            return True
        own, others = schemas.fields(contract, one).keys(), schemas.fields(contract, other).keys()
        return bool(own and others) and 2 * len(own & others) >= min(len(own), len(others))


def same(contract: Contract, one: str, other: str) -> bool:
    """Whether two pointers lead to one schema."""
    return schemas.followed(contract, one)[1] == schemas.followed(contract, other)[1]


def body_of(operation: Operation) -> str | None:
    """The schema of what an operation takes: of JSON, else of a form; None if it takes nothing that has one."""
    pointers = operation.media_types
    return schemas.json_schema_of(pointers) or next(filter(None, pointers.values()), None)


def answer_of(operation: Operation) -> DeclaredSuccess | None:
    """The success that an operation declares; None if it declares none."""
    success = schemas.success_of(operation.responses)
    if success is None:
        return None
    status, response = success
    if status in schemas.BODILESS:
        return DeclaredSuccess(status, None, has_body=False)
    return DeclaredSuccess(status, schemas.json_schema_of(response.media_types), bool(response.media_types))


def plain(name: str) -> str:
    """A name without case and separators: `pet_id` and `petId` mean the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def singular(word: str) -> str:
    """The word for one of many: a guess that is only compared with other names."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word.removesuffix("s") if not word.endswith("ss") else word
