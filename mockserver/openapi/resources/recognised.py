"""What is recognised in a contract: a resource, and how each of its operations takes and shows its records."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

from mockserver.openapi.contract import Operation

Place = tuple[str, ...]  # steps from the top of a JSON body to a value in it; () is the body itself


class Confidence(IntEnum):
    """How sure it is that a resource is what it looks like. What is UNSURE isn't remembered: it stays with examples.
    TOLD is what the contract itself says by `x-mock-resource`."""

    UNSURE = 0
    LIKELY = 1
    CERTAIN = 2
    TOLD = 3


class ResourceRole(StrEnum):
    """What an operation does with the records of a resource."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    REPLACE = "replace"
    PATCH = "patch"
    DELETE = "delete"


class RecordForm(NamedTuple):
    """How a body holds one record: `at` is the place of the record, `schema` the JSON pointer of its schema, `whole`
    that of the body's."""

    schema: str
    whole: str
    at: Place = ()


class Paging(NamedTuple):
    """The parameters that choose a part of a list. `counts` says what `start` counts: pages or records; or it is a
    cursor, which an answer has told. `first` is the number of the first one. `otherwise` is the size if none is asked
    for, None for all."""

    size: str | None
    start: str | None
    counts: str = "pages"
    first: int = 1
    otherwise: int | None = None


class Sorting(NamedTuple):
    """The parameters that sort a list: `field` names a field, as `name` or `-name`; `order` is asc or desc."""

    field: str
    order: str | None = None


class ListForm(NamedTuple):
    """How a list shows records: `items` is the place of the array, `item` the JSON pointer of the schema of its items,
    `whole` that of the body's. `totals` are the places of figures about the list, by what they count: `total` (of all
    that match), `all` (whether they match or not), `page`, `size`, `pages`, `offset`, `count` (of those shown), `more`
    (whether others follow), and where those before and behind are: `previous` and `next` (a link, a number or a
    cursor).
    `filters` are the fields of the record that a query parameter asks for, by the parameter; `search` is the parameter
    that asks for a text in any of them. `key` is the place of the id in a record, if the list is an object by it and no
    array. `bounds` are the parameters that compare a field, as `price[lt]` does, with the field's place and how: `eq`,
    `lt`, `lte`, `gt`, `gte` or `like` (contains, in any case)."""

    item: str
    whole: str
    items: Place = ()
    totals: Mapping[str, Place] = {}
    paging: Paging | None = None
    filters: Mapping[str, Place] = {}
    sorting: Sorting | None = None
    search: str | None = None
    key: Place | None = None
    bounds: Mapping[str, tuple[Place, str]] = {}

    @property
    def understood(self) -> frozenset[str]:
        """The query parameters whose meaning is plain."""
        parts = (name for part in (self.paging, self.sorting) if part for name in (part[0], part[1]) if name)
        return frozenset([*self.filters, *self.bounds, *parts])


class RoleOperation(NamedTuple):
    """An operation in its role. `status` is that of its success. `takes` is how its JSON body holds the record, `shows`
    how its answer does, `lists` how a list does; each None where there is none. `creates` says of a PUT that it also
    makes a record that isn't there.

    On a path that isn't the collection's or the item's, `around` are the fields of the record that have the values of
    path parameters, by their names, and `key_at` is the place of the body that names the record, if the path doesn't.
    """

    role: ResourceRole
    operation: Operation
    status: int
    takes: RecordForm | None = None
    shows: RecordForm | None = None
    lists: ListForm | None = None
    creates: bool = False
    around: Mapping[str, Place] = {}
    key_at: Place | None = None

    @property
    def label(self) -> str:
        """The operation as people write it: `POST /pets`."""
        return label_of(self.operation)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The query parameters of a list that change nothing, as their meaning isn't plain."""
        if self.lists is None:
            return ()
        known = self.lists.understood | {self.lists.search}
        return tuple(one.name for one in self.operation.parameters_in("query") if one.name not in known)


def label_of(operation: Operation) -> str:
    """An operation as people write it: `POST /pets`."""
    return f"{operation.method.upper()} {operation.path}"


class RecognisedResource(NamedTuple):
    """A kind of record that a contract's operations create, show, change or delete.

    `collection` and `item` are path templates; `parameter` is the path parameter that names a record, `id_at` the place
    of that name in the record, `schema` the JSON pointer of the record's schema as it is read. `parent` is the name of
    the resource whose records have such collections of their own. `reasons` say in words why it is believed. `also` are
    operations in roles that another one has, too, such as another list; `left` says of operations on its paths why they
    have no role. `holder` is the name of the resource that the contract itself says the records are in, though no path
    does: `named_by` are their fields for the parameters of its item, None where there is none.
    """

    name: str
    collection: str
    item: str
    parameter: str
    id_at: Place
    schema: str
    operations: Mapping[ResourceRole, RoleOperation]
    parent: str | None
    confidence: Confidence
    reasons: tuple[str, ...]
    also: tuple[RoleOperation, ...] = ()
    left: Mapping[str, str] = {}
    holder: str | None = None
    named_by: tuple[Place | None, ...] = ()

    @property
    def treating(self) -> tuple[RoleOperation, ...]:
        """All operations that treat its records."""
        return (*self.operations.values(), *self.also)

    @property
    def is_remembered(self) -> bool:
        """Whether it is sure enough for a mock to remember its records."""
        return self.confidence > Confidence.UNSURE
