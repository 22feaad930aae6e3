"""Told mistakes: what `x-mock-resource` says of a contract's resources, and can't be."""

from collections.abc import Iterable
from typing import NoReturn

from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.candidates import Candidate
from mockserver.openapi.resources.recognised import Place, ResourceRole, RoleOperation
from mockserver.openapi.resources.record_forms import answer_of
from mockserver.openapi.resources.told_resources import ToldItem, ToldOperation, ToldResources, mistake


def refuse_mistakes(told: ToldResources, candidates: Iterable[Candidate]) -> None:
    """Check that what is told has become so. Raises ContractError, which names the field that is wrong."""
    found = {one.item: one for one in candidates}
    for path, said in told.items.items():
        _check_item(path, said, found.get(path))
    for (path, method), of_operation in told.operations.items():
        if of_operation != ToldOperation():
            _check_operation((path, method), of_operation, found)


def _check_item(path: str, said: ToldItem, one: Candidate | None) -> None:
    if said.key is not None and one is not None and one.shown is None:
        what = f"takes the field that holds {{{one.parameter}}} as key, and not {_shown(said.key)}"
        raise mistake((path,), f"{what}: no answer shows a record with such a field", "key")


def _check_operation(where: tuple[str, str], said: ToldOperation, found: dict[str, Candidate]) -> None:
    roles = [role for one in found.values() for role in (*one.roles.values(), *one.also)]
    role = next((one for one in roles if (one.operation.path, one.operation.method) == where), None)
    if role is None:
        _refuse(where, said, found)
    if said.record is not None and (role.shows is None or role.shows.at != said.record):
        raise mistake(where, f"has the record at {_shown(said.record)}, where its answer has nothing", "record")
    if said.total is not None and not _is_in_answer(role, said.total, found):
        raise mistake(where, f"has the total at {_shown(said.total)}, where its answer has nothing", "total")


def _is_in_answer(role: RoleOperation, place: Place, found: dict[str, Candidate]) -> bool:
    contract, answer = next(iter(found.values())).contract, answer_of(role.operation)
    return bool(answer and answer.whole and schemas.field_at(contract, answer.whole, place))


def _refuse(where: tuple[str, str], said: ToldOperation, found: dict[str, Candidate]) -> NoReturn:
    """Tell why an operation hasn't the role that it was given."""
    label = f"{where[1].upper()} {where[0]}"
    why = next((one.left[label] for one in found.values() if label in one.left), None)
    field = "items" if said.items and said.role in (None, ResourceRole.LIST) else "record" if said.record else "role"
    if why is None and said.item is None:
        raise mistake(where, "belongs to no resource: its path is none of an item or a collection. Name one by item")
    if why is None:
        lacks = found[str(said.item)].reasons if said.item in found else ()
        what = f"names the item {said.item!r}, which is no resource" if said.item else "belongs to no resource"
        raise mistake(where, "; ".join([what, *lacks]), "item" if said.item else None)
    told = {"items": said.items, "record": said.record}.get(field)
    shown = f"{field} {_shown(told)}" if told else f"the role {said.role or 'that its method means'}"
    raise mistake(where, f"can't have {shown}: {why}", field)


def _shown(place: Place) -> str:
    return "/" + "/".join(place)
