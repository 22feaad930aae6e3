"""Told resources: what `x-mock-resource` says of a contract's resources. It beats whatever is recognised.

On a path item it says what the records of this path are, on an operation which role it has; `false` leaves either
alone. An overlay is the place for it: the document itself stays as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources.recognised import Place, ResourceRole
from mockserver.openapi.structure import METHODS, escaped, steps_of

TELLS = "x-mock-resource"
_OF_PATHS = ("name", "key", "collection", "parent")
_OF_OPERATIONS = ("role", "item", "record", "items", "total")


class ToldItem(NamedTuple):
    """What is said of an item's path: the resource's name, the place of the id in its records, the path of its
    collection, and the item's path, or the path parameter, of the resource whose records they are in. None is left to
    recognition."""

    name: str | None = None
    key: Place | None = None
    collection: str | None = None
    parent: str | None = None


class ToldOperation(NamedTuple):
    """What is said of an operation: its role, the item's path of the resource it belongs to, the place of the record in
    its answer, or of the list and its total. None is left to recognition."""

    role: ResourceRole | None = None
    item: str | None = None
    record: Place | None = None
    items: Place | None = None
    total: Place | None = None


class ToldResources(NamedTuple):
    """All that a contract tells: by path, by path and method; `alone` is what belongs to no resource."""

    items: Mapping[str, ToldItem]
    operations: Mapping[tuple[str, str], ToldOperation]
    alone: frozenset[tuple[str, str]]


def told_resources(contract: Contract) -> ToldResources:
    """What the contract tells of its resources. Raises ContractError, which says what to correct."""
    items: dict[str, ToldItem] = {}
    operations: dict[tuple[str, str], ToldOperation] = {}
    alone: set[tuple[str, str]] = set()
    for path, item in contract.document.get("paths", {}).items():
        declared = [(path, method) for method in METHODS if isinstance(item, Mapping) and method in item]
        for where, said in _said(path, item):
            if said is False:
                alone.update(declared if where is None else [(path, where)])
            elif where is None:
                items[path] = _item(contract, path, said)
            else:
                operations[path, where] = _operation(contract, path, where, said)
    return ToldResources(items, operations, frozenset(alone))


def mistake(where: tuple[str, ...], what: str, field: str | None = None) -> ContractError:
    """The error that says what is wrong with what is told of a path, and maybe a method; with one of its fields."""
    pointer = "/".join(["/paths", *map(escaped, where), TELLS, *([field] if field else [])])
    return ContractError(f"{TELLS} of {' '.join([*map(str.upper, where[1:]), where[0]])} {what}. Correct it.", pointer)


def _said(path: str, item: Any) -> Iterator[tuple[str | None, Any]]:
    """What is said on a path item (None) and on its operations."""
    if not isinstance(item, Mapping) or path.startswith("x-"):
        return
    if TELLS in item:
        yield None, item[TELLS]
    for method in METHODS:
        if isinstance(item.get(method), Mapping) and TELLS in item[method]:
            yield method, item[method][TELLS]


class _Reader:
    """Reads one `x-mock-resource`."""

    def __init__(self, contract: Contract, where: tuple[str, ...], said: Any, known: tuple[str, ...]) -> None:
        self._contract, self._said = contract, said
        self._where = where
        if not isinstance(said, Mapping):
            raise self.wrong(f"is an object with some of {', '.join(known)}, or false, and not {said!r}")
        others = [str(name) for name in said if name not in known]
        if others:
            raise self.wrong(f"knows {', '.join(known)} here, and not {', '.join(others)}")

    def wrong(self, what: str) -> ContractError:
        """The error that says what is wrong."""
        return mistake(self._where, what)

    def text(self, name: str) -> str | None:
        """A text, if it is there."""
        value = self._said.get(name)
        if value is not None and not (isinstance(value, str) and value):
            raise self.wrong(f"takes a text as {name}, and not {value!r}")
        return value

    def path(self, name: str, *, is_item: bool) -> str | None:
        """A path of the contract, if it is there."""
        value = self.text(name)
        if value is None:
            return None
        if value not in self._contract.document["paths"]:
            raise self.wrong(f"names the path {value!r} as {name}, which the contract doesn't have")
        if is_item and not value.rstrip("/").endswith("}"):
            raise self.wrong(f"takes a path that ends with a parameter as {name}, and not {value!r}")
        return value

    def place(self, name: str) -> Place | None:
        """A place in a body: the name of a field, or a JSON pointer; `/` is the body itself."""
        value = self.text(name)
        if value is None:
            return None
        return tuple(step for step in steps_of(f"#{value}") if step) if value.startswith("/") else (value,)


def _item(contract: Contract, path: str, said: Any) -> ToldItem:
    read = _Reader(contract, (path,), said, _OF_PATHS)
    if not path.rstrip("/").endswith("}"):
        raise read.wrong(
            "is for a path that ends with the parameter that names a record; give operations one of their own"
        )
    return ToldItem(read.text("name"), read.place("key"), read.path("collection", is_item=False), read.text("parent"))


def _operation(contract: Contract, path: str, method: str, said: Any) -> ToldOperation:
    read = _Reader(contract, (path, method), said, _OF_OPERATIONS)
    role = read.text("role")
    if role is not None and role not in [*ResourceRole]:
        raise read.wrong(f"takes one of {', '.join(ResourceRole)} as role, and not {role!r}")
    places = (read.place(name) for name in ("record", "items", "total"))
    return ToldOperation(ResourceRole(role) if role else None, read.path("item", is_item=True), *places)
