"""What was recognised in a contract, kept for the next start.

It is kept as lists of what a JSON file can hold; operations are named by path and method. What can't be read is
recognised again.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources.recognised import (
    Confidence,
    ListForm,
    Paging,
    Place,
    RecognisedResource,
    RecordForm,
    ResourceRole,
    RoleOperation,
    Sorting,
)
from mockserver.openapi.resources.recognition import recognise

_NAME = "resources"


def resources_of(contract: Contract) -> tuple[RecognisedResource, ...]:
    """What `recognise` says of a contract, or has said of it at an earlier start. Raises what it raises."""
    stored = contract.kept.get(_NAME)
    if stored is not None:
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            return _read(contract, stored)
    found = recognise(contract)
    contract.kept.put(_NAME, [_written(one) for one in found])
    return found


def _written(one: RecognisedResource) -> dict[str, Any]:
    roles = {"operations": one.operations.values(), "also": one.also}
    return {**one._asdict(), **{name: [*map(_role_written, found)] for name, found in roles.items()}}


def _role_written(one: RoleOperation) -> dict[str, Any]:
    lists = one.lists and {**one.lists._asdict(), "paging": _listed(one.lists.paging)}
    if one.lists and lists:
        lists["sorting"] = _listed(one.lists.sorting)
    forms = {"takes": _listed(one.takes), "shows": _listed(one.shows), "lists": lists}
    return {**one._asdict(), "operation": [one.operation.path, one.operation.method], **forms}


def _listed(found: tuple[Any, ...] | None) -> list[Any] | None:
    return None if found is None else [*found]


def _read(contract: Contract, stored: list[dict[str, Any]]) -> tuple[RecognisedResource, ...]:
    """What was written. Raises LookupError, TypeError, ValueError or AttributeError if it was something else."""
    ids = {(route.declared_path, route.method.lower()): route.operation_id for route in contract.routes()}
    return tuple(_resource(contract, ids, one) for one in stored)


def _resource(contract: Contract, ids: Mapping[tuple[str, str], str], one: dict[str, Any]) -> RecognisedResource:
    def role(stored: dict[str, Any]) -> RoleOperation:
        path, method = stored["operation"]
        return _role(stored, contract.operation(path, method)._replace(operation_id=ids[path, method]))

    operations = [role(stored) for stored in one["operations"]]
    read = {
        "id_at": _place(one["id_at"]),
        "operations": {found.role: found for found in operations},
        "confidence": Confidence(one["confidence"]),
        "reasons": tuple(one["reasons"]),
        "also": tuple(role(stored) for stored in one["also"]),
        "named_by": tuple(None if at is None else _place(at) for at in one["named_by"]),
    }
    return RecognisedResource(**{**one, **read})


def _role(stored: dict[str, Any], operation: Operation) -> RoleOperation:
    key_at = stored["key_at"]
    read = {
        "role": ResourceRole(stored["role"]),
        "operation": operation,
        "takes": _form(stored["takes"]),
        "shows": _form(stored["shows"]),
        "lists": _list_form(stored["lists"]),
        "around": _places(stored["around"]),
        "key_at": None if key_at is None else _place(key_at),
    }
    return RoleOperation(**{**stored, **read})


def _form(stored: list[Any] | None) -> RecordForm | None:
    if stored is None:
        return None
    schema, whole, at = stored
    return RecordForm(schema, whole, _place(at))


def _list_form(stored: dict[str, Any] | None) -> ListForm | None:
    if stored is None:
        return None
    read = {
        "items": _place(stored["items"]),
        "totals": _places(stored["totals"]),
        "paging": None if stored["paging"] is None else Paging(*stored["paging"]),
        "filters": _places(stored["filters"]),
        "sorting": None if stored["sorting"] is None else Sorting(*stored["sorting"]),
        "key": None if stored["key"] is None else _place(stored["key"]),
        "bounds": {name: (_place(at), how) for name, (at, how) in stored["bounds"].items()},
    }
    return ListForm(**{**stored, **read})


def _places(stored: dict[str, list[str]]) -> dict[str, Place]:
    return {name: _place(at) for name, at in stored.items()}


def _place(stored: list[str]) -> Place:
    return tuple(stored)
