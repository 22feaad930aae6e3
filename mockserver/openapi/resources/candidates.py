"""Candidates: an item and its collection, on the way to being a resource."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, partial

from mockserver.openapi.contract import Contract, Operation, Parameter
from mockserver.openapi.record_names import ID_PROPERTIES, RecordNames
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.fields_around import field_around
from mockserver.openapi.resources.list_forms import keyed_form, list_form
from mockserver.openapi.resources.partial_records import doubt_of_patch
from mockserver.openapi.resources.recognised import (
    Confidence,
    Place,
    RecognisedResource,
    RecordForm,
    ResourceRole,
    RoleOperation,
    label_of,
)
from mockserver.openapi.resources.record_forms import (
    DeclaredSuccess,
    RecordForms,
    Shown,
    answer_of,
    body_of,
    plain,
    singular,
)
from mockserver.openapi.resources.surface import Link
from mockserver.openapi.resources.told_resources import ToldItem, ToldOperation, ToldResources

_ITEM = re.compile(r"(.*)/\{([^{}/]+)\}/?")
_FROM_BODY = re.compile(r"\$response\.body#/(.+)")
_ON_COLLECTION = {"post": ResourceRole.CREATE, "get": ResourceRole.LIST}
_ON_ITEM = {
    "get": ResourceRole.READ,
    "put": ResourceRole.REPLACE,
    "patch": ResourceRole.PATCH,
    "delete": ResourceRole.DELETE,
}
ON_ONE = frozenset({ResourceRole.READ, ResourceRole.REPLACE, ResourceRole.PATCH, ResourceRole.DELETE})
_WEAK = frozenset({"key", "slug", "name"})  # names of fields that are ids only if the path says so, too
_MESSAGES = frozenset({"message", "msg", "status", "success", "ok", "detail", "code", "error", "type", "result"})
_CREATED = 201
_SAFE = frozenset({"get", "head", "options", "trace"})
_NO_SUCCESS = "it declares no success"


def collection_of(item: str) -> str | None:
    """The path of the collection that a path ends with a parameter in; None if it doesn't."""
    found = _ITEM.fullmatch(item)
    return found[1] if found and found[1] else None


class Candidate:
    """An item and its collection, with the operations on their paths, in this order. `settle` decides what the record
    is and which roles the operations have; `resource` is what became of it."""

    def __init__(
        self,
        contract: Contract,
        item: str,
        operations: tuple[Mapping[str, Operation], Mapping[str, Operation]],
        told: ToldResources,
    ) -> None:
        self.contract, self.item = contract, item
        self.on_item, self.on_collection = operations
        self._said, self._told = told.items.get(item, ToldItem()), told
        said, on_collection = self._said, self.on_collection
        self.parameter = item[item.rindex("{") + 1 : item.rindex("}")]
        self._before = str(collection_of(item))
        self.collection = next((one.path for one in on_collection.values()), said.collection or self._before)
        literal = next((step for step in reversed(self.collection.split("/")) if step and "{" not in step), "")
        self.name = said.name or literal or self.collection
        self.kind = singular(literal)
        self.forms = RecordForms(contract, (self.kind, re.sub(r"(?i)[-_]?id$", "", self.parameter)))
        self.shown: Shown | None = None
        self.roles: dict[ResourceRole, RoleOperation] = {}
        self.also: list[RoleOperation] = []
        self.reasons: list[str] = []
        self.left: dict[str, str] = {}
        self.is_linked = self.is_joined = False

    @property
    def looks_like_one(self) -> bool:
        """Whether it is worth a look: something is done with its collection, or with all of an item."""
        return bool(self._said != ToldItem() or self.on_collection or {"get", "put"} & self.on_item.keys())

    @property
    def is_told(self) -> bool:
        """Whether the contract itself says that this is a resource."""
        return self._said != ToldItem()

    @property
    def around(self) -> tuple[str, ...]:
        """The path parameters that the item is in."""
        return tuple(re.findall(r"\{([^{}]*)\}", self._before))

    def settle(self, names: RecordNames, links: tuple[Link, ...]) -> None:
        """Decide what the record is, and which roles the operations of these two paths have."""
        linked = self._linked_places(links)
        if self._said.key is not None:
            self.shown = self._record([self._said.key])
        else:
            self.shown = self._record(linked, [*self._telling_places()], [*self._usual_places(names)])
        if self.shown is None:
            self.reasons.append(f"no answer shows a record with a field that holds {{{self.parameter}}}")
            return
        self.is_linked = self.shown.id_at in linked
        for on_path, roles in ((self.on_collection, _ON_COLLECTION), (self.on_item, _ON_ITEM)):
            for method, operation in on_path.items():
                said = self._told.operations.get((operation.path, method), ToldOperation())
                role = said.role or roles.get(method)
                if role is not None and said.item in (None, self.item):
                    self.give(role, operation, said)

    def give(self, role: ResourceRole, operation: Operation, said: ToldOperation) -> bool:
        """Give an operation its role, if it has that; else note why not."""
        found = self.role(role, operation, said)
        if isinstance(found, str):
            self.left[label_of(operation)] = found
            return False
        if role in self.roles:
            self.also.append(found)
        else:
            self.roles[role] = found
        return True

    # ------------------------------------------------ the record
    def _linked_places(self, links: tuple[Link, ...]) -> list[Place]:
        """The fields that links hand on as this parameter of the item's operations."""
        targets = {one.operation_id for one in self.on_item.values()}
        handed = (link.parameters.get(self.parameter, "") for link in links if link.target in targets)
        steps = [tuple(found[1].split("/")) for one in handed if (found := _FROM_BODY.fullmatch(one))]
        return [place[start:] for place in steps for start in range(len(place) - 1, -1, -1)]

    def _telling_places(self) -> Iterator[Place]:
        """The fields that the parameter itself names: all of it, or its last word."""
        parameter = self.parameter
        snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", parameter).lower().replace("-", "_")
        first, *others = snake.split("_")
        yield from ((one,) for one in (parameter, snake, first + "".join(map(str.capitalize, others))))
        kind = plain(self.kind)
        if plain(parameter).startswith(kind) and plain(parameter) != kind:
            yield (plain(parameter).removeprefix(kind),)
        if others:
            yield (others[-1],)

    def _usual_places(self, names: RecordNames) -> Iterator[Place]:
        """The fields that usually hold an id, the likeliest first."""
        likely = [*names.id_properties(self._before)] or [*ID_PROPERTIES]
        yield from ((one,) for one in likely if one not in _WEAK or one in self.parameter.lower())

    def _record(self, *likely: list[Place]) -> Shown | None:
        """The record as it is read, else as its creation, a change or a list shows it, with the first of the likely
        places of its id that is in any of them."""
        item, collection = self.on_item, self.on_collection
        order = (item.get("get"), collection.get("post"), item.get("put"), item.get("patch"), collection.get("get"))
        answers = [(one, answer_of(one)) for one in order if one]
        for places in likely:
            for operation, answer in answers:
                found = self._in_answer(operation, answer.whole, places) if answer and answer.whole else None
                if found is not None:
                    return found
        return None

    def _in_answer(self, operation: Operation, whole: str, places: list[Place]) -> Shown | None:
        """The record that an answer shows; that of a list, if it is the collection's."""
        if operation is not self.on_collection.get("get"):
            return self._in_whole(whole, places)
        found: Shown | None = None

        def is_record(item: str) -> bool:
            nonlocal found
            found = self.forms.shown(item, places, self.kinds_in_path)
            return found is not None and not found.at

        return found if list_form(self.contract, operation, whole, is_record) else None

    def _in_whole(self, whole: str, places: list[Place]) -> Shown | None:
        deeper = [(head, *place) for head in self.forms.heads(whole) for place in places]
        return self.forms.shown(whole, [*places, *deeper], self.kinds_in_path)

    @cached_property
    def kinds_in_path(self) -> frozenset[str]:
        """The types that the last path parameter may have: any scalar, if it says nothing, or if its field is told."""
        if self._said.key is not None:
            return schemas.SCALARS
        own = [one.pointer for one in self.own_parameters if one.pointer]
        kinds = frozenset(kind for pointer in own for kind in schemas.kinds(self.contract, pointer))
        return kinds | {"integer", "number"} if "integer" in kinds or "number" in kinds else kinds or schemas.SCALARS

    @cached_property
    def own_parameters(self) -> list[Parameter]:
        """The last path parameter, as each operation of the item declares it."""
        in_path = [one for on_item in self.on_item.values() for one in on_item.parameters_in("path")]
        return [one for one in in_path if one.name == self.parameter]

    # ------------------------------------------------ roles
    def role(self, role: ResourceRole, operation: Operation, said: ToldOperation) -> RoleOperation | str:
        """The operation in a role; in words why it hasn't that."""
        answer = answer_of(operation)
        if answer is None:
            if role in (ResourceRole.READ, ResourceRole.LIST):
                return _NO_SUCCESS
            answer = DeclaredSuccess(204, None, has_body=False)
        where = self._where(role, operation)
        if isinstance(where, str):
            return where
        if role is ResourceRole.LIST:
            found = self._list(operation, answer, said)
        elif role in (ResourceRole.READ, ResourceRole.DELETE):
            found = self._of_one(role, operation, answer, said)
        else:
            found = self._writing(role, operation, answer, said)
        return found if isinstance(found, str) else found._replace(around=where[0], key_at=where[1])

    def _where(self, role: ResourceRole, operation: Operation) -> tuple[dict[str, Place], Place | None] | str:
        """The fields that path parameters stand for, and the place of the key in the body; or why it isn't plain."""
        in_path = re.findall(r"\{([^{}]*)\}", operation.path)
        missing = [one for one in self.around if one not in in_path]
        if missing:
            return f"its path lacks {{{missing[0]}}}, which the records of {self.item} are in"
        others = [one for one in in_path if one not in self.around]
        if role in ON_ONE and others:
            is_own = others == [self.parameter] or operation.path == self.item
            return ({}, None) if is_own else f"its path names {{{others[-1]}}}, and not {{{self.parameter}}}"
        if role in ON_ONE:
            key_at = self._key_in_body(operation)
            return "neither its path nor its body names a record" if key_at is None else ({}, key_at)
        around = {one: self._field_of(one, operation.path) for one in others}
        unknown = [one for one, place in around.items() if place is None]
        if unknown:
            return f"no field of the record holds its {{{unknown[0]}}}"
        return {one: place for one, place in around.items() if place}, None

    def _key_in_body(self, operation: Operation) -> Place | None:
        """The place of the body that names a record; None if it names none."""
        form = self.shown and self.forms.in_body(operation, self.shown.schema)
        if not (form and self.shown) or schemas.field_at(self.contract, form.schema, self.shown.id_at) is None:
            return None
        return (*form.at, *self.shown.id_at)

    def _field_of(self, parameter: str, path: str) -> Place | None:
        """The field of the record that has the value of a path parameter."""
        declared = schemas.fields(self.contract, self.shown.schema) if self.shown else {}
        found = field_around(self.contract, declared, self.shown.id_at if self.shown else (), path, parameter)
        return None if found is None else (found,)

    def _list(self, operation: Operation, answer: DeclaredSuccess, said: ToldOperation) -> RoleOperation | str:
        whole, shown = answer.whole, self.shown
        if whole is None or shown is None:
            return "its answer is no list in JSON"
        is_row = partial(self._is_row, said=said)
        form = list_form(self.contract, operation, whole, is_row, said.items)
        if form is None and said.items is None:
            form = keyed_form(self.contract, operation, whole, is_row, shown.id_at)
        if form is None:
            return "its answer holds no list of these records, or several"
        unknown = [
            one.name for one in operation.parameters_in("query") if one.required and one.name not in form.understood
        ]
        if unknown and said.role is None:
            return f"it needs the parameter {unknown[0]}, whose meaning isn't plain"
        if said.total is not None:
            form = form._replace(totals={**form.totals, "total": said.total})
        return RoleOperation(ResourceRole.LIST, operation, answer.status, lists=form)

    def _is_row(self, item: str, said: ToldOperation) -> bool:
        if said.role is not None or said.items is not None:
            return True
        field = schemas.field_at(self.contract, item, self.shown.id_at) if self.shown else None
        if field is None or not self.forms.may_name(field, self.kinds_in_path):
            return False
        return self.forms.alike(item, self.shown.schema) if self.shown else False

    def _of_one(
        self, role: ResourceRole, operation: Operation, answer: DeclaredSuccess, said: ToldOperation
    ) -> RoleOperation | str:
        shows = self._shows(answer, said)
        if role is ResourceRole.READ and shows is None:
            return "its answer doesn't show the record in JSON"
        return RoleOperation(role, operation, answer.status, None, shows)

    def _writing(
        self, role: ResourceRole, operation: Operation, answer: DeclaredSuccess, said: ToldOperation
    ) -> RoleOperation | str:
        """An operation that takes a record, or makes one of nothing; else in words why its body or answer isn't one."""
        shown, body = self.shown, body_of(operation)
        takes = self.forms.in_body(operation, shown.schema) if shown else None
        shows = self._shows(answer, said)
        if body is not None and takes is None and shown and (said.role is not None or shows is not None):
            takes = self.forms.nearest(body, shown.schema)
        is_made_of_nothing = role is ResourceRole.CREATE and shows is not None and answer.status == _CREATED
        if body is not None and takes is None and (said.role is not None or is_made_of_nothing):
            takes = RecordForm(body, body)
        if body is None and (operation.media_types or not is_made_of_nothing):
            return "nothing is said of what it takes" if operation.media_types else "it takes nothing"
        if body is not None and takes is None and not (role is ResourceRole.PATCH and self._is_open(body)):
            return "what it takes isn't like the record"
        if role is ResourceRole.PATCH and said.role is None and takes and shown:
            doubt = doubt_of_patch(self.contract, operation, takes, self._known_fields)
            if doubt is not None:
                return doubt
        is_new = role is ResourceRole.CREATE and said.role is None and answer.status != _CREATED
        if is_new and shows is None and self._tells_other_things(answer):
            return "its answer is about something else"
        creates = role is ResourceRole.REPLACE and str(_CREATED) in operation.responses
        return RoleOperation(role, operation, answer.status, takes, shows, creates=creates)

    @cached_property
    def _known_fields(self) -> frozenset[str]:
        """The fields of the record, and of what creates or replaces one."""
        bodies = [body_of(one) for one in (self.on_collection.get("post"), self.on_item.get("put")) if one]
        records = [schema for body in bodies if body for schema, _ in self.forms.records_in(body)]
        records += [self.shown.schema] if self.shown else []
        return frozenset(name for schema in records for name in schemas.fields(self.contract, schema))

    def _tells_other_things(self, answer: DeclaredSuccess) -> bool:
        """Whether an answer shows something that isn't the record, and more than whether it went well."""
        whole = answer.whole
        return whole is not None and (
            schemas.items(self.contract, whole) is not None
            or any(plain(name) not in _MESSAGES for name in schemas.fields(self.contract, whole))
        )

    def _is_open(self, body: str | None) -> bool:
        return body is not None and not schemas.fields(self.contract, body)

    def _shows(self, answer: DeclaredSuccess, said: ToldOperation) -> RecordForm | None:
        if answer.whole is None or self.shown is None:
            return None
        if said.record is not None:
            schema = schemas.field_at(self.contract, answer.whole, said.record)
            return RecordForm(schema, answer.whole, said.record) if schema else None
        return self.forms.in_answer(answer.whole, self.shown.schema, self.shown.id_at)

    def resource(self, confidence: Confidence, why: list[str]) -> RecognisedResource:
        """The resource that it is, sure or not."""
        treated = {one.label for one in (*self.roles.values(), *self.also)} | self.left.keys()
        for operation in (*self.on_collection.values(), *self.on_item.values()):
            if operation.method not in _SAFE and label_of(operation) not in treated:
                self.left[label_of(operation)] = f"what {operation.method.upper()} does there isn't plain"
        shown, order = self.shown, [role for role in ResourceRole if role in self.roles]
        return RecognisedResource(
            self.name,
            self.collection,
            self.item,
            self.parameter,
            shown.id_at if shown else (),
            shown.schema if shown else "",
            {role: self.roles[role] for role in order},
            None,
            confidence,
            (*self.reasons, *why),
            tuple(self.also),
            self.left,
        )
