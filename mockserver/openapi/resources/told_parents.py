"""Told parents: the resource that `x-mock-resource` says the records of another one are in."""

from collections.abc import Mapping, Sequence

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.fields_around import field_around, kind_before
from mockserver.openapi.resources.recognised import Place, RecognisedResource
from mockserver.openapi.resources.told_resources import ToldItem, mistake
from mockserver.openapi.routing import path_parameters


def with_told_parents(
    contract: Contract, found: Sequence[RecognisedResource], told: Mapping[str, ToldItem]
) -> list[RecognisedResource]:
    """The resources, each in the one that it is told to be in, by its item: as its own path names a record of that
    one, or a field of its records does. Raises ContractError, which says what to correct."""
    return [_told(contract, found, one, told.get(one.item, ToldItem()).parent) for one in found]


def _told(
    contract: Contract, found: Sequence[RecognisedResource], one: RecognisedResource, parent: str | None
) -> RecognisedResource:
    if parent is None or not one.is_remembered:
        return one
    other = _named(found, one, parent)
    if _is_in_path(one, other):
        return one._replace(parent=other.item)
    places = _places(contract, one, other)
    if places[-1] is None:
        what = (
            f"takes a parent whose {{{other.parameter}}} its own path has at the same place, or a field of its records"
        )
        raise _wrong(one, f"{what}, and not {other.item}")
    return one._replace(holder=other.item, named_by=places)


def _named(found: Sequence[RecognisedResource], one: RecognisedResource, parent: str) -> RecognisedResource:
    """The resource that is meant by the path of its item, or by the parameter there. Raises ContractError."""
    meant = [other for other in found if parent in (other.item, other.parameter) and other is not one]
    if not meant:
        others = ", ".join(other.item for other in found if other is not one) or "no others"
        raise _wrong(one, f"names {parent!r} as parent, which is no other resource; there are {others}")
    if len(meant) > 1:
        paths = ", ".join(other.item for other in meant)
        raise _wrong(one, f"names {parent!r} as parent, which is in several paths: {paths}. Name one of them")
    if not meant[0].is_remembered:
        raise _wrong(one, f"names {parent!r} as parent, which isn't remembered: {'; '.join(meant[0].reasons)}")
    return meant[0]


def _is_in_path(one: RecognisedResource, other: RecognisedResource) -> bool:
    """Whether a path names a record of another resource before it goes on: as many parameters lead there, and the last
    of these is called alike, or stands behind the same word."""
    around, theirs = path_parameters(one.item)[:-1], path_parameters(other.item)
    if len(around) < len(theirs):
        return False
    mine = around[len(theirs) - 1]
    return mine == other.parameter or kind_before(one.item, mine) == kind_before(other.item, other.parameter)


def _places(contract: Contract, one: RecognisedResource, other: RecognisedResource) -> tuple[Place | None, ...]:
    """The fields of a record for the parameters of another resource's item; None where it has none."""
    fields = schemas.fields(contract, one.schema)
    names = (field_around(contract, fields, one.id_at, other.item, name) for name in path_parameters(other.item))
    return tuple(None if name is None else (name,) for name in names)


def _wrong(one: RecognisedResource, what: str) -> ContractError:
    return mistake((one.item,), what, "parent")
