"""Shapes: what of a JSON value a schema knows, at any depth, and what it requires."""

from collections.abc import Callable
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import schemas

Make = Callable[[str], Any]  # an object for the schema at a pointer


class Shape:
    """The shape of an object: its fields in their order, without those that only clients write. Shapes of fields are
    made when they are first needed, as a schema may hold itself."""

    def __init__(self, contract: Contract, pointer: str, shapes: "dict[str, Shape | None]") -> None:
        self._contract, self._shapes, self.pointer = contract, shapes, pointer
        declared = schemas.fields(contract, pointer)
        self._hidden = frozenset(name for name, at in declared.items() if _is_write_only(contract, at))
        self._declared = {name: at for name, at in declared.items() if name not in self._hidden}
        self._others = schemas.allows_others(contract, pointer)
        self._required = schemas.required(contract, pointer) - self._hidden
        self._inner: dict[str, Shape | None] | None = None

    def of(self, value: dict[str, Any], make: Make) -> dict[str, Any]:
        """The value as this schema knows it: other fields are left out, required ones that it lacks are made."""
        shown = {name: value[name] for name in self._declared if name in value}
        if self._others:
            shown |= {name: each for name, each in value.items() if name not in shown and name not in self._hidden}
        for name, shape in (self._inner if self._inner is not None else self._inside()).items():
            if shape is not None and name in shown:
                shown[name] = _shaped(shown[name], shape, make)
        if not self._required <= shown.keys():
            made = make(self.pointer)
            shown |= {name: made[name] for name in made if name in self._required and name not in shown}
        return shown

    def _inside(self) -> "dict[str, Shape | None]":
        """The shapes of the fields that are objects, or lists of objects."""
        found = {name: shape_at(self._contract, at, self._shapes) for name, at in self._declared.items()}
        self._inner = {name: shape for name, shape in found.items() if shape is not None}
        return self._inner


def shape_at(contract: Contract, pointer: str, shapes: dict[str, Shape | None]) -> Shape | None:
    """The shape of the objects of a schema, or of those in its lists; None if its values have none. `shapes` are those
    that were made before, by the pointer to where a schema stands."""
    _, end = schemas.followed(contract, pointer)
    if end not in shapes:
        shapes[end] = None  # for a list that holds itself
        kinds = schemas.kinds(contract, end)
        inner = schemas.items(contract, end)
        if kinds == {"object"} and schemas.fields(contract, end):
            shapes[end] = Shape(contract, end, shapes)
        elif kinds == {"array"} and inner is not None:
            shapes[end] = shape_at(contract, inner, shapes)
    return shapes[end]


def _shaped(value: Any, shape: Shape, make: Make) -> Any:
    if isinstance(value, dict):
        return shape.of(value, make)
    return [_shaped(one, shape, make) for one in value] if isinstance(value, list) else value


def _is_write_only(contract: Contract, pointer: str) -> bool:
    return any(part.get("writeOnly") for part, _ in schemas.parts(contract, pointer))
