"""Joining: operations on other paths that are plainly about the records of a resource."""

from collections.abc import Iterable, Iterator, Mapping

from mockserver.openapi.contract import Operation
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.candidates import Candidate
from mockserver.openapi.resources.recognised import ResourceRole, RoleOperation, label_of
from mockserver.openapi.resources.record_forms import answer_of, body_of, singular
from mockserver.openapi.resources.told_resources import ToldOperation, ToldResources

_ON_COLLECTION = {"put": ResourceRole.REPLACE, "patch": ResourceRole.PATCH}


def join(candidates: list[Candidate], operations: Mapping[str, Mapping[str, Operation]], told: ToldResources) -> None:
    """Give the operations that have no role one in the resource whose records they are plainly about: those that the
    contract assigns, then those that take or show the same schema as the item's own operations."""
    by_item = {one.item: one for one in candidates}
    taken = {one.operation.operation_id for each in candidates for one in (*each.roles.values(), *each.also)}
    left = [one for on_path in operations.values() for one in on_path.values() if one.operation_id not in taken]
    for operation in left:
        said = told.operations.get((operation.path, operation.method), ToldOperation())
        if said.item is not None and said.item in by_item:
            role = said.role or _role_of(operation)
            if role is not None:
                by_item[said.item].give(role, operation, said)
    _join_alike(candidates, [one for one in left if (one.path, one.method) not in told.operations])


def _join_alike(candidates: list[Candidate], left: list[Operation]) -> None:
    by_record: dict[str, list[Candidate]] = {}
    for one in candidates:
        if one.shown is not None:
            end = schemas.followed(one.contract, one.shown.schema)[1]
            by_record.setdefault(end, []).append(one)
    items = {one.item for one in candidates}
    for same in by_record.values():
        owner = _owner(same)
        if owner is not None and _has_name(owner):
            for operation in left:
                if operation.path not in items:
                    _offer(owner, operation)
            for other in same:
                if other is not owner and not other.is_told:
                    _take_over(owner, other)


def _take_over(owner: Candidate, other: Candidate) -> None:
    """Give the operations on another path of the same records their role: the other one has nothing else."""
    if other.roles and all(_offer(owner, role.operation) for role in other.roles.values()):
        other.is_joined = True


def _owner(same: list[Candidate]) -> Candidate | None:
    """The one whose records these are, if several read the same kind: the only one that does more."""
    if len(same) == 1:
        return same[0]
    whole = [one for one in same if ResourceRole.CREATE in one.roles]
    if len(whole) == 1:
        return whole[0]
    whole = [one for one in same if one.roles.keys() - {ResourceRole.READ}]
    return whole[0] if len(whole) == 1 else None


def _has_name(one: Candidate) -> bool:
    """Whether its record's schema is one that several operations can refer to."""
    return bool(one.shown) and schemas.followed(one.contract, one.shown.schema)[1].startswith("/components/")  # type: ignore[union-attr]


def _role_of(operation: Operation) -> ResourceRole | None:
    """The role that a method usually means."""
    roles = {
        "post": ResourceRole.CREATE,
        "put": ResourceRole.REPLACE,
        "patch": ResourceRole.PATCH,
        "delete": ResourceRole.DELETE,
        "get": ResourceRole.LIST,
    }
    return roles.get(operation.method)


def _offer(owner: Candidate, operation: Operation) -> bool:
    """Give an operation on another path a role, if it is plain."""
    found = next(iter(_plain_roles(owner, operation)), None) if label_of(operation) not in owner.left else None
    if found is None:
        return False
    if found.role in owner.roles:
        owner.also.append(found)
    else:
        owner.roles[found.role] = found
    return True


def _plain_roles(owner: Candidate, operation: Operation) -> Iterator[RoleOperation]:
    """The role that an operation plainly has."""
    answer, method = answer_of(operation), operation.method
    ends_with_parameter = operation.path.rstrip("/").endswith("}")
    said = ToldOperation()
    if method == "get" and answer and answer.whole:
        roles = [ResourceRole.READ] if ends_with_parameter else [ResourceRole.LIST]
    elif method == "post" and not ends_with_parameter and not owner.on_collection.get("post"):
        roles = [ResourceRole.CREATE] if ResourceRole.CREATE not in owner.roles else []
    elif method in _ON_COLLECTION and operation.path.rstrip("/") == owner.collection.rstrip("/"):
        roles = [_ON_COLLECTION[method]]
    else:
        roles = []
    for role in roles:
        found = owner.role(role, operation, said)
        if isinstance(found, RoleOperation) and _is_plain(owner, found):
            yield found


def _is_plain(owner: Candidate, found: RoleOperation) -> bool:
    """Whether what an operation takes and shows are the very records, and each of its parameters is understood."""
    contract, schema = owner.contract, owner.shown.schema if owner.shown else ""
    ends = {schemas.followed(contract, one)[1] for one in _forms(found)}
    own = schemas.followed(contract, schema)[1]
    if own not in ends or (found.takes and found.takes.at and found.key_at):
        return False
    if found.role is ResourceRole.LIST and found.lists is not None:
        is_part = bool(found.lists.filters) or (bool(found.around) and _is_named(owner, found.operation))
        return is_part and {*_names(found.operation)} <= found.lists.understood
    if found.role is ResourceRole.CREATE:
        return found.shows is not None and body_of(found.operation) is not None and _is_named(owner, found.operation)
    return True


def _is_named(owner: Candidate, operation: Operation) -> bool:
    """Whether the last step of a path is the word for the records."""
    return singular(operation.path.rstrip("/").rpartition("/")[2]) == owner.kind


def _forms(found: RoleOperation) -> Iterable[str]:
    if found.lists is not None:
        return [found.lists.item]
    return [one.schema for one in (found.takes, found.shows) if one is not None]


def _names(operation: Operation) -> Iterator[str]:
    return (one.name for one in operation.parameters_in("query"))
