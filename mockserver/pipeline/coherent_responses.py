"""Coherent responses: examples that agree with their request and with each other, where nothing is remembered.

The record that a path names has its id, and is that of the list; what was sent stands in the answer, as far as the
schemas know it. An answer that the contract doesn't allow is replaced by the declared example.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, NamedTuple

from mockserver.http.messages import Request, Response
from mockserver.openapi.contract import Operation
from mockserver.openapi.resources import ListForm, ResourceRole, schemas
from mockserver.openapi.resources.record_forms import body_of
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.pipeline.echoes import Echo, telling_parameters
from mockserver.pipeline.record_requests import address, location, location_validator
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.pipeline.written_json import text_of_json
from mockserver.storage.resource_records import Collection, MemoryResourceRecords, RecordQuery, ResourceRecord, value_at
from mockserver.world.memory.example_records import ExampleRecords
from mockserver.world.memory.example_resources import ActedOn, ExampleResources, Exemplified
from mockserver.world.memory.initial_records import declared_bodies
from mockserver.world.memory.list_frames import TOTALS
from mockserver.world.memory.listing import Listing
from mockserver.world.memory.record_views import RecordView, put_at

_MOST_KEPT = 256  # answers of one operation
_MOST_BYTES = 512 * 1024  # of them
_ANY = Collection("")


class _Asked(NamedTuple):
    """A valid request, the values of its path and of its query, by their names, and its body."""

    request: Request
    path: Mapping[str, str]
    query: Mapping[str, Any]
    content: Any


class CoherentResponses:
    """The answers of one operation that isn't remembered. What it needs is made with the first one."""

    def __init__(
        self,
        operation: Operation,
        resources: ExampleResources,
        responses: DeclaredResponses,
        validator: ResponseValidator,
    ) -> None:
        self._operation, self._resources = operation, resources
        self._contract, self._examples = resources.contract, resources.examples
        self._responses, self._validator = responses, validator
        self._kept: dict[tuple[bytes, bytes], Response] = {}
        self._bytes = 0

    async def answer(self, request: Request, query: Mapping[str, Any], content: Any) -> Response:
        """The response to a request whose parameters and body are valid."""
        if self._is_alone:
            return self._responses.success()
        if request.method != "GET" or content is not None:
            return await self._made(request, query, content)
        host = request.headers.get(b"host", b"")  # which links to the next page name
        place = request.raw_path, request.query_string + b" " + host if self._list_form else b""
        kept = self._kept.get(place)
        if kept is None:
            kept = await self._made(request, query, content)
            self._keep(place, kept)
        return replace(kept, headers=[*kept.headers])

    def _keep(self, place: tuple[bytes, bytes], response: Response) -> None:
        self._bytes += len(response.body)
        if len(self._kept) >= _MOST_KEPT or self._bytes > _MOST_BYTES:
            self._kept.clear()
            self._bytes = len(response.body)
        self._kept[place] = response

    async def _made(self, request: Request, query: Mapping[str, Any], content: Any) -> Response:
        plain = self._responses.success()
        if not isinstance(plain.content, dict | list):
            return plain
        asked, listing = _Asked(request, request.path_parameters, query, content), self._listing
        told = plain.content
        bodies = self._records(asked, told) if listing is None else [await self._list(listing, asked, told)]
        for body in bodies:
            response = replace(plain, body=text_of_json(body), content=body)
            if self._validator.is_valid(response):
                return self._with_headers(request, response)
        return plain

    def _with_headers(self, request: Request, response: Response) -> Response:
        """The response with headers that agree with its body: where a new record is, and how long a list is."""
        told: dict[bytes, bytes] = {}
        form = self._list_form
        if form is not None:
            rows = value_at(response.content, form.items)
            told |= dict.fromkeys(TOTALS, str(len(rows)).encode()) if isinstance(rows, list | dict) else {}
        elif self._exemplified and self._creates:
            own_id = value_at(response.content, (*self._place, *self._id_at))
            if own_id is not None:
                header = location_validator(self._contract, self._operation)
                item = self._exemplified.records.resource.item
                told[b"location"] = location(request, str(own_id), header, self._operation.path, item)
        response.headers[:] = [(name, told.get(name, value)) for name, value in response.headers]
        return response

    # ---------------------------------------------------------------- lists
    async def _list(self, listing: Listing, asked: _Asked, plain: Any) -> Any:
        """The body of a list: the part of its rows that is asked for. A filter that leaves nothing is left out, as the
        list of an example isn't there to be empty."""
        known = self._exemplified
        if known is None:
            return plain
        rows = known.records.rows(tuple(asked.path.values()), listing.form)
        wanted = listing.queries.of(asked.query)
        if self._is_declared and wanted == RecordQuery(size=wanted.size) and len(rows) <= (wanted.size or len(rows)):
            return plain
        records = MemoryResourceRecords()
        found = await records.find(_ANY, wanted, lambda: rows)
        if not found.total:
            found = await records.find(_ANY, wanted._replace(equal={}, bounds=()), lambda: rows)
        shown = [listing.row_view.of(one) for one in found.rows]
        return listing.frame.around(shown, found, wanted, partial(address, asked.request), plain)

    @cached_property
    def _listing(self) -> Listing | None:
        return None if self._list_form is None else Listing(self._contract, self._examples, self._list_form)

    # ---------------------------------------------------------------- records
    def _records(self, asked: _Asked, plain: Any) -> Iterator[Any]:
        """The bodies that show the record that is meant, the one that agrees with most of the request first."""
        body = self._record(asked, plain)
        shown = value_at(body, self._place)
        if isinstance(shown, dict) and self._echo is not None:
            told = self._echo.of_path(shown, {name: asked.path[name] for name in self._telling})
            if self._echo.is_alike:
                merges = self._operation.method == "patch"
                sent = value_at(asked.content, self._takes_at)
                yield put_at(body, self._place, self._echo.of_body(told, sent, merges=merges))
            yield put_at(body, self._place, told)
        yield body

    def _record(self, asked: _Asked, plain: Any) -> Any:
        """The body that shows the record that the path names, or the one that is created; else the plain example."""
        records = self._known
        if records is None or (self._creates and self._is_declared):
            return plain
        record = self._meant(records, asked)
        if record is None:
            return plain
        if self._is_declared and str(value_at(plain, (*self._place, *self._id_at))) == record.key:
            return plain
        return put_at(plain, self._place, self._view.of(record))

    def _meant(self, records: ExampleRecords, asked: _Asked) -> ResourceRecord | None:
        """The new record, the one that the path names, or the body; None if nothing does."""
        values, resource = tuple(asked.path.values()), records.resource
        if self._creates:
            return records.record(values, records.new_key)
        depth = resource.item.count("{") - 1
        if self._operation.path.startswith(resource.item):
            return records.record(values[:depth], values[depth])
        own_id = value_at(value_at(asked.content, self._takes_at), resource.id_at)
        return None if own_id is None or isinstance(own_id, dict | list) else records.record((), str(own_id))

    # ---------------------------------------------------------------- what is known of the operation
    @cached_property
    def _exemplified(self) -> Exemplified | None:
        """The records that the operation shows, and its role; None if it shows none."""
        found = self._resources.exemplified_by(self._operation.operation_id)
        return found if found and (found.role.lists or found.role.shows) else None

    @cached_property
    def _acted_on(self) -> ActedOn | None:
        return None if self._exemplified else self._resources.acted_on(self._operation)

    @cached_property
    def _known(self) -> ExampleRecords | None:
        """The records of which an answer shows one."""
        found = self._exemplified or self._acted_on
        return found.records if found else None

    @cached_property
    def _list_form(self) -> ListForm | None:
        return self._exemplified.role.lists if self._exemplified else None

    @cached_property
    def _creates(self) -> bool:
        return bool(self._exemplified and self._exemplified.role.role is ResourceRole.CREATE)

    @cached_property
    def _is_declared(self) -> bool:
        """Whether the plain answer is an example of the contract."""
        return next(declared_bodies(self._contract, self._operation.responses), None) is not None

    @cached_property
    def _is_alone(self) -> bool:
        """Whether no answer agrees with anything."""
        if self._exemplified or self._acted_on:
            return False
        return self._echo is None or not (self._echo.is_alike or self._telling)

    @cached_property
    def _place(self) -> tuple[str, ...]:
        """The place of the record in an answer."""
        found = self._exemplified.role if self._exemplified else self._acted_on
        shows = found.shows if found else None
        return shows.at if shows else ()

    @cached_property
    def _takes_at(self) -> tuple[str, ...]:
        """The place of the record in a body that is sent."""
        found = self._exemplified.role if self._exemplified else self._acted_on
        takes = found.takes if found else None
        return takes.at if takes else ()

    @cached_property
    def _id_at(self) -> tuple[str, ...]:
        records = self._known
        return records.resource.id_at if records else ()

    @cached_property
    def _shown(self) -> str | None:
        """The pointer to the schema of the record in an answer; None if that is no JSON."""
        if self._exemplified and self._exemplified.role.shows:
            return self._exemplified.role.shows.schema
        if self._acted_on:
            return self._acted_on.shows.schema
        success = schemas.success_of(self._operation.responses)
        return schemas.json_schema_of(success[1].media_types) if success else None

    @cached_property
    def _view(self) -> RecordView:
        return RecordView(self._contract, self._examples, str(self._shown))

    @cached_property
    def _echo(self) -> Echo | None:
        """What of a request the record in an answer may say."""
        if self._shown is None or self._list_form:
            return None
        role, sent = self._exemplified and self._exemplified.role, body_of(self._operation)
        if role:  # a change whose body says nothing about itself is one of the record
            tells = role.takes and schemas.fields(self._contract, role.takes.schema)
            sent = role.takes.schema if role.takes and tells else self._shown
        elif self._acted_on and self._acted_on.takes:
            sent = self._acted_on.takes.schema
        return Echo(self._contract, self._shown, sent)

    @cached_property
    def _telling(self) -> tuple[str, ...]:
        """The path parameters that fields of the answer are called like."""
        names = telling_parameters(self._operation.path)
        own = self._id_at if self._exemplified or self._acted_on else ()
        return tuple(name for name in names if self._echo and (name,) != own and self._echo.says(name))
