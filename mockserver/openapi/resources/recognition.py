"""Recognition: the resources of a contract that a mock can remember, with a confidence and reasons.

A path that ends with a parameter, and the path before it, are the item and the collection of a resource. Which field of
its records holds their id say the contract's links, else names. Whatever its operations take or show has to look like
the same record: an operation that doesn't keeps its examples.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.record_names import RecordNames
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.list_forms import list_form
from mockserver.openapi.resources.recognised import (
    Confidence,
    Place,
    RecognisedResource,
    RecordForm,
    ResourceRole,
    RoleOperation,
)
from mockserver.openapi.resources.surface import Link, declared_links

_ITEM = re.compile(r"(.*)/\{([^{}/]+)\}/?")
_FROM_BODY = re.compile(r"\$response\.body#/(.+)")
_ON_COLLECTION = {"post": ResourceRole.CREATE, "get": ResourceRole.LIST}
_ON_ITEM = {
    "get": ResourceRole.READ,
    "put": ResourceRole.REPLACE,
    "patch": ResourceRole.PATCH,
    "delete": ResourceRole.DELETE,
}
_WEAK = frozenset({"key", "slug", "name"})  # names of fields that are ids only if the path says so, too
_BODILESS = frozenset({204, 205})


def recognise(contract: Contract) -> tuple[RecognisedResource, ...]:
    """The resources of a contract, those among them that are unsure, in the order of its paths. The same contract
    always gives the same."""
    operations: dict[str, dict[str, Operation]] = {}
    for route in contract.routes():
        method = route.method.lower()
        operation = contract.operation(route.declared_path, method)._replace(operation_id=route.operation_id)
        operations.setdefault(route.declared_path, {})[method] = operation
    names, links = RecordNames(operations), declared_links(contract)
    found = [
        _Candidate(contract, path, operations[path], operations.get(before) or operations.get(f"{before}/") or {})
        for path in operations
        if (before := _collection_of(path)) is not None
    ]
    made = [one.resource(names, links) for one in found]
    return tuple(_named(_with_parents([one for one in made if one is not None])))


def _collection_of(item: str) -> str | None:
    """The path of the collection that a path ends with a parameter in; None if it doesn't."""
    found = _ITEM.fullmatch(item)
    return found[1] if found and found[1] else None


class _Found(NamedTuple):
    """What the operations of an item and its collection tell of their record."""

    schema: str
    id_at: Place
    roles: Mapping[ResourceRole, RoleOperation]
    confidence: Confidence


@dataclass
class _Candidate:
    """An item and its collection, on the way to being a resource."""

    contract: Contract
    item: str
    on_item: Mapping[str, Operation]
    on_collection: Mapping[str, Operation]
    reasons: list[str] = field(default_factory=list)

    @property
    def _parameter(self) -> str:
        """The path parameter that names a record."""
        return self.item[self.item.rindex("{") + 1 : self.item.rindex("}")]

    def resource(self, names: RecordNames, links: tuple[Link, ...]) -> RecognisedResource | None:
        """The resource that it is; None if nothing looks like one at all."""
        if not self.on_collection and not {"get", "put"} & self.on_item.keys():
            return None
        parameter = self._parameter
        before = str(_collection_of(self.item))
        collection = next((one.path for one in self.on_collection.values()), before)
        name = next((step for step in reversed(collection.split("/")) if step and "{" not in step), collection)
        linked = self._linked(links, parameter)
        likely = (one for one in names.id_properties(before) if one not in _WEAK or one in parameter.lower())
        record = self._record([*dict.fromkeys([*linked, *likely])])
        if record is None:
            self.reasons.append(f"no answer shows a record with a field that holds {{{parameter}}}")
            found = _Found("", (), {}, Confidence.UNSURE)
        else:
            roles = dict(self._roles(*record))
            found = _Found(record[0], (record[1],), roles, self._confidence(roles, record[1], linked, parameter))
        return RecognisedResource(
            name,
            collection,
            self.item,
            parameter,
            found.id_at,
            found.schema,
            found.roles,
            None,
            found.confidence,
            tuple(self.reasons),
        )

    def _linked(self, links: tuple[Link, ...], parameter: str) -> list[str]:
        """The fields of an answer that links hand on as this parameter of the item's operations."""
        targets = {one.operation_id for one in self.on_item.values()}
        handed = (_FROM_BODY.fullmatch(link.parameters.get(parameter, "")) for link in links if link.target in targets)
        return [found[1].rpartition("/")[2] for found in handed if found]

    def _record(self, id_names: list[str]) -> tuple[str, str] | None:
        """The schema of the record as it is read, else as its creation, a change or a list shows it; and its id."""
        shown = [self.on_item.get("get"), self.on_collection.get("post"), self.on_item.get("put")]
        for operation in [*shown, self.on_item.get("patch")]:
            form = operation and self._shown(operation, id_names)
            if form:
                return form
        lister = self.on_collection.get("get")
        whole = lister and self._answer_schema(lister)
        if lister and whole:
            form_of_list = list_form(self.contract, lister, whole, lambda item: self._id_in(item, id_names) is not None)
            if form_of_list:
                return form_of_list.item, str(self._id_in(form_of_list.item, id_names))
        return None

    def _shown(self, operation: Operation, id_names: list[str]) -> tuple[str, str] | None:
        """The schema of the record that an answer shows, and the field of its id."""
        whole = self._answer_schema(operation)
        for schema, _ in self._records_in(whole) if whole else ():
            if id_name := self._id_in(schema, id_names):
                return schema, id_name
        return None

    def _records_in(self, whole: str) -> Iterator[tuple[str, Place]]:
        """The schemas in a body that may be that of a record, with their places: the whole, then its objects."""
        yield whole, ()
        for name, inner in schemas.fields(self.contract, whole).items():
            if schemas.kinds(self.contract, inner) == {"object"}:
                yield inner, (name,)

    def _id_in(self, schema: str, id_names: list[str]) -> str | None:
        declared = schemas.fields(self.contract, schema)
        likely = (name for name in id_names if name in declared)
        return next((name for name in likely if self._may_be_named_by(declared[name])), None)

    def _may_be_named_by(self, schema: str) -> bool:
        """Whether the path parameter of an item may have the values of a field: both are texts, or both are numbers."""
        own = schemas.kinds(self.contract, schema)
        return bool(own) and own <= schemas.SCALARS and bool(own & self._kinds_in_path)

    @cached_property
    def _kinds_in_path(self) -> frozenset[str]:
        """The types that the last path parameter may have: any scalar, if it says nothing."""
        in_path = [one for on_item in self.on_item.values() for one in on_item.parameters_in("path")]
        own = (one.pointer for one in in_path if one.name == self._parameter)
        kinds = frozenset(kind for pointer in own if pointer for kind in schemas.kinds(self.contract, pointer))
        return kinds | {"integer", "number"} if "integer" in kinds or "number" in kinds else kinds or schemas.SCALARS

    def _answer_schema(self, operation: Operation) -> str | None:
        success = schemas.success_of(operation.responses)
        return None if success is None else schemas.json_schema_of(success[1].media_types)

    def _roles(self, schema: str, id_name: str) -> Iterator[tuple[ResourceRole, RoleOperation]]:
        """The operations that treat this record, by their roles."""
        for on_path, roles in ((self.on_collection, _ON_COLLECTION), (self.on_item, _ON_ITEM)):
            for method, role in roles.items():
                if method in on_path:
                    made = self._role(role, on_path[method], schema, id_name)
                    if made is not None:
                        yield role, made
                    else:
                        self.reasons.append(f"{method.upper()} {on_path[method].path} isn't about this record")

    def _role(self, role: ResourceRole, operation: Operation, schema: str, id_name: str) -> RoleOperation | None:
        """The operation in a role; None if what it takes or shows isn't this record."""
        success = schemas.success_of(operation.responses)
        if success is None:
            return None
        status, response = success
        whole = None if status in _BODILESS else schemas.json_schema_of(response.media_types)
        if whole is None and response.media_types and status not in _BODILESS:
            return None
        if role is ResourceRole.LIST:
            return self._list(operation, status, whole, id_name)
        shows = None if whole is None else self._form(whole, schema, id_name)
        if role in (ResourceRole.READ, ResourceRole.DELETE):
            is_right = role is ResourceRole.DELETE or shows is not None
            return RoleOperation(role, operation, status, None, shows) if is_right else None
        return self._writing(RoleOperation(role, operation, status, self._taken(operation, schema), shows), whole)

    def _writing(self, found: RoleOperation, whole: str | None) -> RoleOperation | None:
        """An operation that takes a record; None if its body or its answer isn't one."""
        if (found.takes is None and found.role is not ResourceRole.PATCH) or (
            found.shows is None and whole is not None
        ):
            return None
        return found._replace(creates=found.role is ResourceRole.REPLACE and "201" in found.operation.responses)

    def _list(self, operation: Operation, status: int, whole: str | None, id_name: str) -> RoleOperation | None:
        if whole is None:
            return None
        form = list_form(self.contract, operation, whole, lambda item: self._id_in(item, [id_name]) is not None)
        return None if form is None else RoleOperation(ResourceRole.LIST, operation, status, lists=form)

    def _form(self, whole: str, schema: str, id_name: str) -> RecordForm | None:
        """How an answer shows the record: by its id, else by most of its fields."""
        found = [
            (inner, at) for inner, at in self._records_in(whole) if id_name in schemas.fields(self.contract, inner)
        ]
        found = found or [one for one in self._records_in(whole) if self._alike(one[0], schema)]
        return RecordForm(found[0][0], whole, found[0][1]) if found else None

    def _taken(self, operation: Operation, schema: str) -> RecordForm | None:
        """How a body holds the record: some of its fields are those of the record."""
        whole = schemas.json_schema_of(operation.media_types) or next(
            filter(None, operation.media_types.values()), None
        )
        if whole is None:
            return None
        found = next((one for one in self._records_in(whole) if self._alike(one[0], schema)), None)
        return None if found is None else RecordForm(found[0], whole, found[1])

    def _alike(self, one: str, other: str) -> bool:
        """Whether two schemas are the same, or share at least half of the fields of the smaller one."""
        contract = self.contract
        if schemas.followed(contract, one)[1] == schemas.followed(contract, other)[1]:
            return True
        own, others = schemas.fields(contract, one).keys(), schemas.fields(contract, other).keys()
        return bool(own and others) and 2 * len(own & others) >= min(len(own), len(others))

    def _confidence(
        self, roles: Mapping[ResourceRole, RoleOperation], id_name: str, linked: list[str], parameter: str
    ) -> Confidence:
        if not {ResourceRole.CREATE, ResourceRole.LIST} & roles.keys() and not any(
            one.creates for one in roles.values()
        ):
            self.reasons.append("nothing creates or lists its records")
            return Confidence.UNSURE
        if not {ResourceRole.READ, ResourceRole.REPLACE, ResourceRole.PATCH, ResourceRole.DELETE} & roles.keys():
            self.reasons.append("nothing reads, changes or deletes one of its records")
            return Confidence.UNSURE
        if linked and id_name in linked:
            self.reasons.append(f"a link hands {id_name} on as {{{parameter}}}")
            return Confidence.CERTAIN
        self.reasons.append(f"its records have a field {id_name}, which {{{parameter}}} names")
        return Confidence.CERTAIN if {ResourceRole.READ, ResourceRole.CREATE} <= roles.keys() else Confidence.LIKELY


def _with_parents(found: list[RecognisedResource]) -> list[RecognisedResource]:
    """The resources, each with the one whose item is the longest beginning of its collection."""
    items = {_shape(one.item): one for one in found if one.is_remembered}
    made = []
    for one in found:
        steps = _shape(one.collection).split("/")
        before = ("/".join(steps[:end]) for end in range(len(steps) - 1, 1, -1))
        parent = next((items[path] for path in before if path in items), None)
        made.append(one if parent is None else one._replace(parent=parent.item))
    return made


def _named(found: list[RecognisedResource]) -> Iterator[RecognisedResource]:
    """The resources under names of their own; those that share one get the literal steps of their collections."""
    times = [one.name for one in found]
    names = {one.item: one.name if times.count(one.name) == 1 else _long_name(one.collection) for one in found}
    for one in found:
        yield one._replace(name=names[one.item], parent=None if one.parent is None else names[one.parent])


def _long_name(collection: str) -> str:
    return "/".join(step for step in collection.split("/") if step and "{" not in step)


def _shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", path.rstrip("/"))
