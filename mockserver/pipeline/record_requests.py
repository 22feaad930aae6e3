"""Record requests: which record, or which part of a collection, a request on any path of a resource means."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract, Operation, Validator
from mockserver.openapi.resources import RecognisedResource, ResourceRole, RoleOperation, schemas
from mockserver.openapi.routing import path_parameters
from mockserver.storage.model import Json
from mockserver.storage.resource_records import RecordQuery, value_at
from mockserver.world.memory.record_places import value_in_path
from mockserver.world.memory.record_views import put_at

_ON_ALL = frozenset({ResourceRole.CREATE, ResourceRole.LIST})


class RecordRequests:
    """How the requests of one operation name records: by their path, or by a field of the body; and which fields of
    records the path gives."""

    def __init__(self, resource: RecognisedResource, role: RoleOperation) -> None:
        names = path_parameters(resource.item)
        self._names = names[:-1] if role.role in _ON_ALL or role.key_at is not None else names
        self._own = path_parameters(role.operation.path)
        self._role = role
        declared = {one.name: one for one in role.operation.parameters_in("path")}
        self._around = [(name, place, declared.get(name)) for name, place in role.around.items()]

    def path(self, values: Mapping[str, str], content: Any) -> tuple[str, ...]:
        """The values of the parameters of the collection's or the record's own path."""
        missing = [name for name in self._names if name not in values]
        if missing:  # the same path under other names
            return tuple(values[name] for name in self._own)
        path = tuple(values[name] for name in self._names)
        if self._role.key_at is None:
            return path
        key = value_at(content, self._role.key_at)
        return (*path, "" if isinstance(key, dict | list | None) else str(key))

    def fields(self, values: Mapping[str, str]) -> dict[tuple[str, ...], Any]:
        """The fields of the record that the path gives, by their places."""
        return {place: value_in_path(values[name], parameter) for name, place, parameter in self._around}

    def completed(self, sent: Json, values: Mapping[str, str]) -> Json:
        """What was sent, with the fields that the path gives."""
        for place, value in self.fields(values).items():
            sent = put_at(sent, place, value)
        return sent

    def among(self, query: RecordQuery, values: Mapping[str, str]) -> RecordQuery:
        """The query of a list, among the records that the path means."""
        return query._replace(equal={**query.equal, **self.fields(values)}) if self._around else query


def address(request: Request, name: str, value: str) -> str:
    """The address of a request with another value of a query parameter."""
    fields = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    query = urlencode([*((one, text) for one, text in fields if one != name), (name, value)])
    return f"{origin(request)}{request.path}?{query}"


def location(request: Request, key: str, header: Validator, path: str, item: str) -> bytes:
    """The address of a new record, which may be elsewhere than the `path` of the operation that makes it: that of its
    `item`. A path, or an absolute one where the schema of the header takes no other."""
    sent = request.raw_path.rstrip(b"/").decode("latin-1")
    *around, own = path_parameters(item)
    values = {name: request.path_parameters.get(name) for name in around} | {own: key}
    place = f"{sent}/{quote(key, safe='')}"
    if None not in values.values():
        base = "/".join(sent.split("/")[: -len(path.strip("/").split("/"))])
        place = base + re.sub(r"\{([^{}]+)\}", lambda name: quote(str(values[name[1]]), safe=""), item)
    return (place if header.is_valid(place) else f"{origin(request)}{place}").encode("latin-1")


def location_validator(contract: Contract, operation: Operation) -> Validator:
    """What validates the `Location` that the success of an operation declares; it takes all if none is declared."""
    success = schemas.success_of(operation.responses)
    declared = {name.lower(): header.pointer for name, header in success[1].headers.items()} if success else {}
    return contract.validator(declared.get("location"))


def origin(request: Request) -> str:
    """What the addresses of a request's server begin with; empty if the request doesn't say where it is."""
    scheme = request.source.scheme if request.source else "http"
    host = request.headers.get(b"host", b"").decode("latin-1")
    return f"{scheme}://{host}" if host else ""
