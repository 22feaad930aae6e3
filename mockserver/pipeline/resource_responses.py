"""Resource responses: what an operation on a remembered resource answers.

The header X-Mock-Source says `resource`. An answer that its contract doesn't allow is replaced by the declared one,
and X-Mock-Hint says so.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.http.messages import JSON_TYPE, Header, Request, Response
from mockserver.openapi.contract import Contract, Validator
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ResourceRole
from mockserver.openapi.routing import path_parameters
from mockserver.openapi.structure import bare_type
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.pipeline.record_requests import RecordRequests, address, location, location_validator
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.pipeline.written_json import text_of_json
from mockserver.storage.resource_records import RecordQuery, ResourceRecord, value_at
from mockserver.violations import Violation
from mockserver.world.memory import RememberedResource, Treated, UnfitRecord
from mockserver.world.memory.list_frames import TOTALS, linked
from mockserver.world.memory.listing import Listing
from mockserver.world.memory.record_maker import merged
from mockserver.world.memory.record_views import RecordView, generated, put_at

SOURCE: Header = (b"x-mock-source", b"resource")
NOT_REMEMBERED = "This can't be remembered as the contract shows it, so it is an example: {}"
LEFT_ALONE = "The remembered record doesn't fit the response that the contract declares, so this is an example: {}"
NO_RECORD = "The body holds no record that could be remembered, so this is an example."
NO_SUCCESS = "It is done. The contract declares no success of this operation."
IGNORED = "The list is the same without {}: what that means isn't plain from the contract."
JSON_PATCH = "application/json-patch+json"
_LOOKS = frozenset({ResourceRole.READ, ResourceRole.LIST})  # others judge their answers before they change anything

Query = Mapping[str, Any]


class _Asked(NamedTuple):
    """A request whose parameters and body are valid: the values of its path, of its query, and its body."""

    request: Request
    path: tuple[str, ...]
    query: Query
    content: Any


class _Trial:
    """The response that shows a record, made and judged before the record is kept: `response` is the last one."""

    def __init__(self, show: Callable[[ResourceRecord, bool], Response], validator: ResponseValidator) -> None:
        self._show, self._validator = show, validator
        self.response = Response(500, [])

    def __call__(self, record: ResourceRecord, is_new: bool) -> Sequence[Violation]:  # noqa: FBT001 (Answered)
        """What is wrong with the response."""
        self.response = self._show(record, is_new)
        return () if self._validator.is_valid(self.response) else self._validator.violations(self.response)


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
        try:
            response = await self._do(_Asked(request, self._path(request, content), query, content))
        except UnfitRecord as error:
            return self._example(NOT_REMEMBERED.format(error))
        if self._role.role in _LOOKS and SOURCE in response.headers and not self._validator.is_valid(response):
            return self._example(LEFT_ALONE.format(self._validator.violations(response)[0].message))
        return response

    async def _create(self, asked: _Asked) -> Response:
        sent = self._sent(asked.content)
        if sent is None:
            return self._example(NO_RECORD)
        await self._require_around(asked.request)
        sent = self._requests.completed(sent, asked.request.path_parameters)
        replaces = "409" not in self._role.operation.responses
        trial = _Trial(partial(self._created, asked.request), self._validator)
        await self._resource.create(asked.path, sent, self._role.takes, replaces=replaces, answered=trial)
        return trial.response

    def _created(self, request: Request, record: ResourceRecord, _: bool) -> Response:  # noqa: FBT001 (Answered)
        return self._located(request, record, self._shown(record))

    def _replaced(self, request: Request, record: ResourceRecord, is_new: bool) -> Response:  # noqa: FBT001 (Answered)
        return self._located(request, record, self._shown(record, 201)) if is_new else self._shown(record)

    def _located(self, request: Request, record: ResourceRecord, response: Response) -> Response:
        """The response with the address of the record, if it declares that."""
        place = location(request, record.key, self._location, self._role.operation.path, self._resource.resource.item)
        response.headers[:] = [(name, place if name == b"location" else value) for name, value in response.headers]
        return response

    async def _read(self, asked: _Asked) -> Response:
        return self._shown(await self._resource.read(asked.path))

    async def _list(self, asked: _Asked) -> Response:
        listing = self._listing
        if listing is None:
            return self._example(NO_RECORD)
        await self._require_around(asked.request)
        queried, frame = listing.queries.of(listing.frame.bounded(asked.query)), listing.frame
        wanted = self._requests.among(frame.cut(queried), asked.request.path_parameters)
        found = await self._resource.find(asked.path, wanted)
        if "all" in listing.form.totals and not wanted.takes_all:
            unfiltered = self._requests.among(RecordQuery(size=0), asked.request.path_parameters)
            found = found._replace(all=(await self._resource.find(asked.path, unfiltered)).total)
        rows = [listing.row_view.of(row) for row in found.rows]
        response = self._response(frame.around(rows, found, wanted, partial(address, asked.request)))
        total = str(found.total).encode()
        response.headers[:] = [(name, total if name in TOTALS else value) for name, value in response.headers]
        links = frame.links(found, wanted, partial(address, asked.request))
        responses = self._role.operation.responses
        response.headers[:] = linked(response.headers, responses, response.status, links)
        if self._ignored and (sent := self._ignored & _names_in(asked.request)):
            response.remark(hint=IGNORED.format(", ".join(sorted(sent))))
        return response

    async def _replace(self, asked: _Asked) -> Response:
        sent = self._sent(asked.content)
        if sent is None:
            return self._example(NO_RECORD)
        trial = _Trial(partial(self._replaced, asked.request), self._validator)
        creates = self._role.creates
        await self._resource.replace(asked.path, sent, self._role.takes, creates=creates, answered=trial)
        return trial.response

    async def _patch(self, asked: _Asked) -> Response:
        media_type = bare_type(asked.request.headers.get(b"content-type", b"").decode("latin-1"))
        if media_type == JSON_PATCH:
            from mockserver.world.memory.json_patches import patched  # here, as few send such a patch

            patch = partial(_flipped, patched, asked.content)
        else:
            sent = self._sent(asked.content)
            if sent is None:
                return self._example(NO_RECORD)
            patch = partial(_flipped, merged, sent)
        trial = _Trial(lambda record, _: self._shown(record), self._validator)
        await self._resource.patch(asked.path, patch, self._role.takes, answered=trial)
        return trial.response

    async def _delete(self, asked: _Asked) -> Response:
        trial = _Trial(lambda record, _: self._shown(record), self._validator)
        await self._resource.delete(asked.path, answered=trial)
        return trial.response

    def _path(self, request: Request, content: Any) -> tuple[str, ...]:
        """The values of the path parameters that name the record, or its collection, in the order of its path."""
        return self._requests.path(request.path_parameters, content)

    async def _require_around(self, request: Request) -> None:
        """Check that the record is there that another path of the resource begins with. Raises NotFound."""
        if self._around is not None:
            values = request.path_parameters
            names = path_parameters(self._around.resource.item)
            await self._around.read(tuple(values[name] for name in names if name in values))

    def _sent(self, content: Any) -> Mapping[str, Any] | None:
        """The record that a body holds; None if it holds none."""
        found = value_at(content, self._role.takes.at) if self._role.takes else content
        return found if isinstance(found, dict) else None

    @cached_property
    def _location(self) -> Validator:
        """What validates the address of a new record."""
        return location_validator(self._contract, self._role.operation)

    @cached_property
    def _view(self) -> RecordView:
        form = self._role.shows
        return RecordView(self._contract, self._examples, form.schema if form else self._resource.resource.schema)

    @cached_property
    def _listing(self) -> Listing | None:
        form = self._role.lists
        return None if form is None else Listing(self._contract, self._examples, form)

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(self._role.ignored)

    @cached_property
    def _frame(self) -> Any:
        """What stands around the record in an answer."""
        form = self._role.shows
        return generated(self._examples, "", form.whole) if form and form.at else None

    def _shown(self, record: ResourceRecord, status: int | None = None) -> Response:
        """The response that shows a record, or nothing, as its operation declares."""
        form, status = self._role.shows, status or self._role.status
        if form is None:
            return self._told(status)
        return self._response(put_at(self._frame, form.at, self._view.of(record)), status)

    def _told(self, status: int) -> Response:
        """The declared response that says that it is done, and shows no record."""
        declared = self._responses.with_status(status, None)
        if declared is not None:
            return replace(declared, headers=[*self._head(status)])
        response = Response(status, [SOURCE])
        response.remark(hint=NO_SUCCESS)
        return response

    def _response(self, content: Any, status: int | None = None) -> Response:
        status = status or self._role.status
        return Response(status, [*self._head(status)], text_of_json(content), content)

    def _head(self, status: int) -> list[Header]:
        """The headers of an answer with this status, those that are declared among them."""
        if status not in self._heads:
            declared = self._responses.with_status(status, None)
            found = declared.headers if declared else [JSON_TYPE]
            usual = {SOURCE[0]: SOURCE, JSON_TYPE[0]: JSON_TYPE}  # the validator knows the latter by itself
            is_json = JSON_TYPE in found
            self._heads[status] = [
                usual[name] if name == SOURCE[0] or (name in usual and is_json) else (name, value)
                for name, value in found
            ]
        return self._heads[status]

    def _example(self, hint: str) -> Response:
        response = self._responses.success()
        response.remark(hint=hint)
        return response


def _names_in(request: Request) -> set[str]:
    """The names in the query of a request; `filter[a]` is the parameter `filter`."""
    query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
    return {name.partition("[")[0] for name in query} | query.keys()


def _flipped(call: Callable[[Any, Any], Any], second: Any, first: Any) -> Any:
    """What a function says of two values, given the second one first."""
    return call(first, second)
