"""The resource model of a contract: which operations create, read, list, change and delete records, and which log in.

It is derived from the contract's links. An operation whose response supplies a path parameter of another one creates
records; such a parameter identifies a record; a public operation with a link that hands on a body (a refresh token) is
a login, and the target of that link is the refresh.

Most contracts have no links: there the paths tell (`record_names`). What is posted to `/pets` is the record of
`/pets/{petId}`, and its id is the property of that name, or `id`, in the response.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.judged_document import judged_document
from mockserver.openapi.loading import Source
from mockserver.openapi.record_names import RecordNames
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import METHODS

_FROM_BODY = re.compile(r"\$response\.body#/(\w+)$")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # methods that change nothing


_KEYS = [  # types of security schemes that take a key, and where
    ("apiKey", "header"),
    ("http", "bearer"),
    ("oauth2", "bearer"),
    ("openIdConnect", "bearer"),
    ("apiKey", "cookie"),
]


@dataclass(frozen=True)
class Link:
    """A link of the contract: after a response `status` of `source`, `target` can be called (both are operationIds)."""

    source: str
    status: str
    name: str
    target: str
    parameters: Mapping[str, str]
    body: Any

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of the link: source, status and name."""
        return (self.source, self.status, self.name)


@dataclass(frozen=True)
class Call:
    """An operation and its role in the resource model.

    `record` is the path parameter that identifies a record, `creates` the response property that holds the id of a new
    one. `issues`: it issues tokens. `account_wide`: it changes something that isn't a record. `parents` are the
    path parameters of records that the record is in.
    """

    operation: Operation
    declared: Mapping[str, Any]
    record: str | None = None
    creates: str | None = None
    issues: bool = False
    account_wide: bool = False
    parents: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The operationId; method and path, if it has none that is its own."""
        return self.operation.operation_id

    @property
    def method(self) -> str:
        """The method in upper case."""
        return self.operation.method.upper()

    @property
    def path(self) -> str:
        """The path template."""
        return self.operation.path

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the operation."""
        return tuple(self.declared.get("tags", ()))

    @property
    def kind(self) -> str:
        """The kind of record that it is about: the last literal segment of its path, such as `subscription`."""
        return [segment for segment in self.path.split("/") if segment and "{" not in segment][-1]

    @property
    def public(self) -> bool:
        """Whether it needs no credential."""
        return not self.operation.security or {} in [dict(entry) for entry in self.operation.security]

    @property
    def changes(self) -> bool:
        """Whether it may change data on the server: with a method that isn't safe, or with a success that has no
        body."""
        return self.method not in SAFE or self._has_only_an_effect

    @property
    def _has_only_an_effect(self) -> bool:
        successes = [response for status, response in self.operation.responses.items() if status.startswith("2")]
        return bool(successes) and not any(response.media_types for response in successes)

    def url(self, **arguments: str) -> str:
        """The path with its parameters filled in. They must be percent-encoded where a path needs it."""
        return self.path.format(**arguments)


@dataclass(frozen=True)
class Resource:
    """A kind of record that can be created and deleted, with the operations on it."""

    create: Call
    delete: Call
    read: Call | None
    list: Call | None
    update: Call | None
    others: tuple[Call, ...]

    @property
    def id_name(self) -> str:
        """The property that holds a record's id."""
        return self.create.creates or ""

    @property
    def parameter(self) -> str:
        """The path parameter that identifies a record."""
        return self.delete.record or ""


class Surface:
    """The resource model of a contract: its operations, links, resources and logins. `name` names its file for
    people. `contexts` are path parameters that name no records of a run, but where it goes on."""

    def __init__(self, contract: Contract, name: str = "", contexts: Collection[str] = ()) -> None:
        self.contract, self._name = contract, name
        declared = dict(_declared(contract))
        self._ids = {(route.declared_path, route.method.lower()): route.operation_id for route in contract.routes()}
        self.links = declared_links(contract)
        self._names, self._contexts = RecordNames((entry[0] for entry in declared), contexts), frozenset(contexts)
        fed = {name for link in self.links for name, value in link.parameters.items() if _FROM_BODY.search(value)}
        self.calls = {call.id: call for call in (self._call(*entry, fed) for entry in declared)}
        self._router: Router[Call] = Router()
        for call in self.calls.values():
            self._router.add(call.method, call.path, call)

    def line(self, *steps: str | int) -> str:
        """The file and line of the part of the contract at the end of these steps, such as `openapi.yaml:123`; or of
        the deepest part that exists. What an overlay wrote has the overlay's line."""
        if self.contract.place is None:
            return self._source.at(*steps)
        place = self.contract.place(steps)
        file = place.source.shown
        return f"{Path(file).name}{place.line.removeprefix(file)}"

    @cached_property
    def _source(self) -> Source:
        """The contract's source, which knows its lines. It is parsed at the first use, which takes a while."""
        return Source(self._name, self.contract.text)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The contract's document, as tools of others judge by it."""
        return judged_document(self.contract, self._ids)

    def match(self, method: str, raw_path: bytes) -> tuple[Call, dict[str, str]]:
        """The operation of a request, and its path parameters. Raises NotFound or MethodNotAllowed."""
        return self._router.match(method, raw_path)

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The kinds of record that can be created and deleted."""
        found = (self._resource(call) for call in self.calls.values() if call.creates)
        return tuple(resource for resource in found if resource)

    @cached_property
    def unmade(self) -> tuple[Call, ...]:
        """The operations on records that no operation creates and deletes."""
        made = [resource.delete.path for resource in self.resources]
        on_records = (call for call in self.calls.values() if call.record is not None)
        return tuple(call for call in on_records if not any(call.path.startswith(path) for path in made))

    @cached_property
    def logins(self) -> tuple[Call, ...]:
        """The operations that log in; those without path parameters come first."""
        targets = {link.target for link in self.links}
        found = [call for call in self.calls.values() if call.issues and call.id not in targets]
        return tuple(sorted(found, key=lambda call: call.path.count("{")))

    @cached_property
    def security_schemes(self) -> tuple[Mapping[str, Any], ...]:
        """The security schemes that its operations ask for, each once, in their order."""
        asked = (name for call in self.calls.values() for entry in call.operation.security for name in entry)
        return tuple(self.contract.security_scheme(name) for name in dict.fromkeys(asked))

    @cached_property
    def key_scheme(self) -> Mapping[str, Any] | None:
        """The security scheme that takes a key in one line: in a header of its own, else as a bearer's token, else in a
        cookie; None if there is none."""
        return (
            min(self.security_schemes, key=_rank, default=None) if any(map(_takes_key, self.security_schemes)) else None
        )

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The response properties that hold a secret: texts that creating a record returns and reading it doesn't,
        except for the id, and properties of the format `password`."""
        found = {name for resource in self.resources for name in self._shown_once(resource)}
        for call in self.calls.values():
            returned = self.properties(call.operation, "2")
            found |= {name for name, schema in returned.items() if schema.get("format") == "password"}
        return frozenset(found)

    def _shown_once(self, resource: Resource) -> set[str]:
        read = self.properties(resource.read.operation, "2") if resource.read else {}
        created = self.properties(resource.create.operation, "2")
        texts = {name for name, schema in created.items() if schema.get("type", "string") == "string"}
        return texts - read.keys() - {resource.id_name} if resource.read else set()

    def refresh_of(self, login: Call) -> Call | None:
        """The operation that renews the tokens of a login."""
        return next((self.calls[link.target] for link in self.links if link.source == login.id), None)

    def deletable(self, call: Call) -> bool:
        """Whether the records that this operation creates can be deleted."""
        return any(resource.create.id == call.id for resource in self.resources)

    def creators(self, path: str, name: str) -> frozenset[str]:
        """The operationIds that create the records which a path parameter names: those of the path before it, and those
        whose links supply it."""
        before = path.partition(f"{{{name}}}")[0]
        found = {call.id for call in self.calls.values() if call.creates and f"{call.path.rstrip('/')}/" == before}
        return frozenset(found | {link.source for link in self.links if self._supplies(link, before, name)})

    def _supplies(self, link: Link, before: str, name: str) -> bool:
        """Whether a link hands on the id of a new record, as the parameter that follows a beginning of a path."""
        is_new = link.source in self.calls and bool(self.calls[link.source].creates)
        path = self.calls[link.target].path if link.target in self.calls else ""
        return (
            is_new and path.startswith(f"{before}{{{name}}}") and bool(_FROM_BODY.search(link.parameters.get(name, "")))
        )

    def walked(self, links: Collection[Link]) -> set[str]:
        """The operationIds that calling these links may need: their sources and targets, the operations that lead to
        the sources, and other operations whose responses hold ids of the same kinds of record."""
        named = {record for link in links for record in self._named(link)}
        sources = {link.source for link in links} | {link.source for link in self.links if self._named(link) & named}
        while leading := {link.source for link in self.links if link.target in sources} - sources:
            sources |= leading
        return sources | {link.target for link in links}

    def _named(self, link: Link) -> set[str]:
        """The kinds of record whose ids a response supplies to the target of a link, as the path up to that
        parameter."""
        path = self.calls[link.target].path if link.target in self.calls else ""
        supplied = (name for name, value in link.parameters.items() if value.startswith("$response."))
        return {path.partition(f"{{{name}}}")[0] for name in supplied if f"{{{name}}}" in path}

    def _call(self, path: str, method: str, fed: set[str]) -> Call:
        operation = self.contract.operation(path, method)._replace(operation_id=self._ids[path, method])
        call = Call(operation, self.contract.document["paths"][path][method])
        in_path = operation.parameters_in("path")
        names = {parameter.name: parameter for parameter in in_path if parameter.name not in self._contexts}
        named = self._names.of(path)
        record = next((name for name in reversed(names) if name in (*fed, named) or _is_id(names[name].schema)), None)
        issues = call.public and method == "post" and bool(self._onwards(call.id))
        creates = None
        if method == "post" and not issues and record is None:
            creates = self._id_in_response(operation)
        account_wide = call.changes and record is None and creates is None and not issues
        parents = self._names.parents(path) - {record}
        return Call(operation, call.declared, record, creates, issues, account_wide, parents)

    def _onwards(self, operation_id: str) -> list[Link]:
        """The links from an operation that hand on a body, such as one with a refresh token."""
        return [link for link in self.links if link.source == operation_id and isinstance(link.body, dict)]

    def _id_in_response(self, operation: Operation) -> str | None:
        for link in self.links:
            if link.source == operation.operation_id:
                for value in link.parameters.values():
                    if found := _FROM_BODY.search(value):
                        return found[1]
        properties = self.properties(operation, "2")
        by_name = self._names.id_properties(operation.path)
        return next((name for name in by_name if _may_be_id(properties.get(name))), None) or next(
            (name for name, schema in properties.items() if schema.get("format") == "uuid"), None
        )

    def properties(self, operation: Operation, status: str) -> dict[str, Mapping[str, Any]]:
        """The properties of an operation's JSON responses whose status begins with `status`."""
        found: dict[str, Mapping[str, Any]] = {}
        for code, response in operation.responses.items():
            if code.startswith(status):
                for pointer in filter(None, response.media_types.values()):
                    found |= properties(self.contract, self.contract.at(pointer))
        return found

    def items(self, operation: Operation, status: str) -> Mapping[str, Any]:
        """The schema of the items, if an operation's JSON responses whose status begins with `status` are lists."""
        responses = (response for code, response in operation.responses.items() if code.startswith(status))
        pointers = (pointer for response in responses for pointer in response.media_types.values())
        schemas = (self.contract.resolved(self.contract.at(pointer)) for pointer in filter(None, pointers))
        return next((schema["items"] for schema in schemas if isinstance(schema.get("items"), dict)), {})

    def _resource(self, create: Call) -> Resource | None:
        takers = {link.target for link in self.links if link.source == create.id and _supplies_path(link)}
        beginning = f"{create.path.rstrip('/')}/{{"
        calls = [call for call in self.calls.values() if call.id in takers or call.path.startswith(beginning)]
        deleting = (call for call in calls if call.method == "DELETE" and call.path.rstrip("/").endswith("}"))
        delete = min(deleting, key=lambda call: call.path.count("/"), default=None)
        if delete is None:
            return None
        same = [call for call in calls if call.path == delete.path]
        item = {call.method: call for call in same}
        lister = next((call for call in self.calls.values() if (call.path, call.method) == (create.path, "GET")), None)
        others = tuple(call for call in calls if call not in same)
        return Resource(create, delete, item.get("GET"), lister, item.get("PUT"), others)


def properties(contract: Contract, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The properties of an object's schema, with those of its `allOf` parts and alternatives; references are
    followed."""
    schema = contract.resolved(schema)
    found = {name: contract.resolved(entry) for name, entry in schema.get("properties", {}).items()}
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            found = {**properties(contract, part), **found}
    return found


def _declared(contract: Contract) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for path, item in contract.document["paths"].items():
        for method in METHODS:
            if method in item:
                yield (path, method), item[method]


def declared_links(contract: Contract) -> tuple[Link, ...]:
    """The links of a contract's responses to operations that they name by operationId."""
    return tuple(_links(contract))


def _links(contract: Contract) -> Iterator[Link]:
    ids = {(route.declared_path, route.method.lower()): route.operation_id for route in contract.routes()}
    for source, operation in ((ids[entry], operation) for entry, operation in _declared(contract)):
        for status, response in operation.get("responses", {}).items():
            for name, entry in contract.resolved(response).get("links", {}).items():
                link = contract.resolved(entry)
                if "operationId" in link:
                    parameters = {
                        key.rpartition(".")[2]: str(value) for key, value in link.get("parameters", {}).items()
                    }
                    yield Link(source, str(status), name, link["operationId"], parameters, link.get("requestBody"))


def _supplies_path(link: Link) -> bool:
    return any(_FROM_BODY.search(value) for value in link.parameters.values())


def _takes_key(scheme: Mapping[str, Any]) -> bool:
    return _rank(scheme) < len(_KEYS)


def _rank(scheme: Mapping[str, Any]) -> int:
    """The place of a security scheme among those that take a key, the plainest first."""
    kind = (scheme.get("type"), scheme.get("in") or str(scheme.get("scheme", "bearer")).lower())
    return _KEYS.index(kind) if kind in _KEYS else len(_KEYS)


def _may_be_id(schema: Mapping[str, Any] | None) -> bool:
    """Whether a property of this schema may hold an id: a text, or a number."""
    kinds = schema.get("type", "string") if schema is not None else ()
    return bool({"string", "integer", "number"} & {*([kinds] if isinstance(kinds, str) else kinds)})


def _is_id(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "uuid"
