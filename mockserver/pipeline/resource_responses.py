"""Resource responses: what an operation on a remembered resource answers.

The header X-Mock-Source says `resource`. An answer that its contract doesn't allow is replaced by the declared one,
and X-Mock-Hint says so.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from mockserver.http.messages import Header, Request, Response
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, RecordForm, ResourceRole, schemas
from mockserver.openapi.routing import path_parameters
from mockserver.openapi.structure import bare_type
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.pipeline.record_requests import RecordRequests
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.storage.resource_records import ResourceRecord, value_at
from mockserver.world.memory import RememberedResource, Treated
from mockserver.world.memory.list_queries import ListQueries, listed
from mockserver.world.memory.record_maker import merged
from mockserver.world.memory.record_views import RecordView, generated, put_at

SOURCE: Header = (b"x-mock-source", b"resource")
LEFT_ALONE = "The remembered record doesn't fit the response that the contract declares, so this is an example: {}"
NO_RECORD = "The body holds no record that could be remembered, so this is an example."
JSON_PATCH = "application/json-patch+json"
_JSON: Header = (b"content-type", b"application/json")

Query = Mapping[str, Any]


class _Asked(NamedTuple):
    """A request whose parameters and body are valid: the values of its path, of its query, and its body."""

    request: Request
    path: tuple[str, ...]
    query: Query
    content: Any


class ResourceResponses:
    """The answers of one operation on a remembered resource."""

    def __init__(
        self,
        contract: Contract,
        examples: Examples,
        treated: Treated,
        responses: DeclaredResponses,
        validator: ResponseValidator,
    ) -> None:
        self._contract, self._examples = contract, examples
        self._resource: RememberedResource = treated.resource
        self._role = treated.role
        self._responses, self._validator = responses, validator
        self._requests = RecordRequests(treated.resource.resource, treated.role)
        self._around = treated.around
        self._heads: dict[int, list[Header]] = {}
        self._do: Callable[[_Asked], Awaitable[Response]] = {
            ResourceRole.CREATE: self._create,
            ResourceRole.READ: self._read,
            ResourceRole.LIST: self._list,
            ResourceRole.REPLACE: self._replace,
            ResourceRole.PATCH: self._patch,
            ResourceRole.DELETE: self._delete,
        }[treated.role.role]

    async def answer(self, request: Request, query: Query, content: Any) -> Response:
        """The response to a request whose parameters and body are valid. Raises ApiError."""
        response = await self._do(_Asked(request, self._path(request, content), query, content))
        if response.headers and SOURCE in response.headers and not self._validator.is_valid(response):
            wrong = self._validator.violations(response)[0]
            return self._example(LEFT_ALONE.format(wrong.message))
        return response

    async def _create(self, asked: _Asked) -> Response:
        sent = self._sent(asked.content)
        if sent is None:
            return self._example(NO_RECORD)
        await self._require_around(asked.request)
        sent = self._requests.completed(sent, asked.request.path_parameters)
        record = await self._resource.create(asked.path, sent, self._role.takes)
        response = self._shown(record)
        path = asked.request.raw_path.rstrip(b"/") + b"/" + record.key.encode()
        response.headers[:] = [(name, path if name == b"location" else value) for name, value in response.headers]
        return response

    async def _read(self, asked: _Asked) -> Response:
        *within, key = asked.path
        return self._shown(await self._resource.read(tuple(within), key))

    async def _list(self, asked: _Asked) -> Response:
        form = self._role.lists
        if form is None:
            return self._example(NO_RECORD)
        await self._require_around(asked.request)
        wanted = self._requests.among(self._queries.of(asked.query), asked.request.path_parameters)
        found = await self._resource.find(asked.path, wanted)
        rows = [self._row_view.of(row) for row in found.rows]
        return self._response(listed(form, self._frame, rows, found, wanted))

    async def _replace(self, asked: _Asked) -> Response:
        sent = self._sent(asked.content)
        if sent is None:
            return self._example(NO_RECORD)
        *within, key = asked.path
        creates = self._role.creates
        record, is_new = await self._resource.replace(tuple(within), key, sent, self._role.takes, creates=creates)
        return self._shown(record, 201 if is_new and creates else None)

    async def _patch(self, asked: _Asked) -> Response:
        *within, key = asked.path
        media_type = bare_type(asked.request.headers.get(b"content-type", b"").decode("latin-1"))
        if media_type == JSON_PATCH:
            return self._example(NO_RECORD)
        sent = self._sent(asked.content)
        if sent is None:
            return self._example(NO_RECORD)
        record = await self._resource.patch(tuple(within), key, lambda old: merged(old, sent), self._role.takes)
        return self._shown(record)

    async def _delete(self, asked: _Asked) -> Response:
        *within, key = asked.path
        return self._shown(await self._resource.delete(tuple(within), key))

    def _path(self, request: Request, content: Any) -> tuple[str, ...]:
        """The values of the path parameters that name the record, or its collection, in the order of its path."""
        return self._requests.path(request.path_parameters, content)

    async def _require_around(self, request: Request) -> None:
        """Check that the record is there that another path of the resource begins with. Raises NotFound."""
        if self._around is not None:
            values = request.path_parameters
            *within, key = (values[name] for name in path_parameters(self._around.resource.item) if name in values)
            await self._around.read(tuple(within), key)

    def _sent(self, content: Any) -> Mapping[str, Any] | None:
        """The record that a body holds; None if it holds none."""
        found = value_at(content, self._role.takes.at) if self._role.takes else content
        return found if isinstance(found, dict) else None

    @cached_property
    def _view(self) -> RecordView:
        form = self._role.shows
        return RecordView(self._contract, self._examples, form.schema if form else self._resource.resource.schema)

    @cached_property
    def _row_view(self) -> RecordView:
        form = self._role.lists
        return RecordView(self._contract, self._examples, form.item if form else self._resource.resource.schema)

    @cached_property
    def _queries(self) -> ListQueries:
        form = self._role.lists or ListForm("", "")
        return ListQueries(form, schemas.fields(self._contract, form.item))

    @cached_property
    def _frame(self) -> Any:
        """What stands around the records in an answer."""
        form: RecordForm | ListForm | None = self._role.shows or self._role.lists
        place = self._role.lists.items if self._role.lists else self._role.shows.at if self._role.shows else ()
        return generated(self._examples, "", form.whole) if form and place else None

    def _shown(self, record: ResourceRecord, status: int | None = None) -> Response:
        """The response that shows a record, or nothing, as its operation declares."""
        form = self._role.shows
        if form is None:
            return self._response(None, status)
        return self._response(put_at(self._frame, form.at, self._view.of(record)), status)

    def _response(self, content: Any, status: int | None = None) -> Response:
        status = status or self._role.status
        if content is None:
            return Response(status, [*self._head(status)])
        body = orjson.dumps(content)
        return Response(status, [*self._head(status)], body, content)

    def _head(self, status: int) -> list[Header]:
        """The headers of an answer with this status, those that are declared among them."""
        if status not in self._heads:
            declared = self._responses.with_status(status, None)
            found = declared.headers if declared else [_JSON]
            self._heads[status] = [SOURCE if name == SOURCE[0] else (name, value) for name, value in found]
        return self._heads[status]

    def _example(self, hint: str) -> Response:
        response = self._responses.success()
        response.remark(hint=hint)
        return response
