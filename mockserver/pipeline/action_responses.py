"""Action responses: what an operation beside a remembered record answers that shows it, as `POST /pets/{petId}/feed`.

It shows the record as it is remembered, with what was sent where that fits, and changes nothing: what the action does
the contract doesn't say. What shows something else, as `POST /pets/{petId}/image`, answers by its examples while the
record is there, and by its declared 404 once it is gone.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from mockserver.http.messages import Request, Response
from mockserver.openapi.contract import Operation
from mockserver.openapi.resources import schemas
from mockserver.openapi.routing import path_parameters
from mockserver.pipeline.declared_responses import SOURCE as EXAMPLE
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.pipeline.echoes import Echo
from mockserver.pipeline.resource_responses import LEFT_ALONE, SOURCE
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.pipeline.written_json import text_of_json
from mockserver.storage.resource_records import ResourceRecord, value_at
from mockserver.world.memory.example_resources import ActedOn, ExampleResources
from mockserver.world.memory.record_views import RecordView, put_at
from mockserver.world.memory.remembered import RememberedResource

Answer = Callable[[Request, Mapping[str, Any], Any], Awaitable[Response]]
MISSING = frozenset({"404", "4XX"})
UNCHANGED = (
    "This shows the remembered record with what was sent, and changes nothing. x-mock-resource can say its role."
)


class ActionResponses:
    """The answers of one operation that shows the remembered record that its path begins with."""

    def __init__(
        self,
        operation: Operation,
        resources: ExampleResources,
        acted_on: ActedOn,
        responses: DeclaredResponses,
        validator: ResponseValidator,
    ) -> None:
        self._operation, self._resources, self._acted_on = operation, resources, acted_on
        self._responses, self._validator = responses, validator

    async def answer(self, request: Request, _query: Mapping[str, Any], content: Any) -> Response:
        """The response to a request whose parameters and body are valid. Raises NotFound."""
        remembered = self._acted_on.remembered
        plain = self._responses.success()
        if remembered is None:
            return plain
        record = await _named(remembered, request)
        response = plain
        for told in self._told(self._view.of(record), content):
            body = put_at(plain.content, self._acted_on.shows.at, told)
            headers = [SOURCE if header == EXAMPLE else header for header in plain.headers]
            response = replace(plain, headers=headers, body=text_of_json(body), content=body)
            if self._validator.is_valid(response):
                if request.method != "GET":
                    response.remark(hint=UNCHANGED)
                return response
        plain.remark(hint=LEFT_ALONE.format(self._validator.violations(response)[0].message))
        return plain

    def _told(self, shown: dict[str, Any], content: Any) -> Iterator[dict[str, Any]]:
        """The record with what was sent, if that is much like it, and without."""
        takes = self._acted_on.takes
        if self._echo.is_alike:
            sent = value_at(content, takes.at if takes else ())
            yield self._echo.of_body(shown, sent, merges=self._operation.method == "patch")
        yield shown

    @cached_property
    def _view(self) -> RecordView:
        return RecordView(self._resources.contract, self._resources.examples, self._acted_on.shows.schema)

    @cached_property
    def _echo(self) -> Echo:
        takes = self._acted_on.takes
        sent = takes.schema if takes else schemas.json_schema_of(self._operation.media_types)
        return Echo(self._resources.contract, self._acted_on.shows.schema, sent)


def acting(
    operation: Operation, resources: ExampleResources, responses: DeclaredResponses, validator: ResponseValidator
) -> ActionResponses | None:
    """What answers an operation that shows the remembered record that its path begins with; None for another one."""
    acted_on = resources.acted_on(operation)
    if acted_on is None or acted_on.remembered is None:
        return None
    return ActionResponses(operation, resources, acted_on, responses, validator)


def requiring(operation: Operation, resources: ExampleResources, answer: Answer) -> Answer:
    """The answer, or NotFound where the remembered record that the path begins with isn't there, if the operation
    declares that. Of records that clients can't create, a path may name some that the mock doesn't know."""
    above = resources.above(operation) if MISSING & operation.responses.keys() else None
    if above is None or not above.is_creatable:
        return answer

    async def required(request: Request, query: Mapping[str, Any], content: Any) -> Response:
        await _named(above, request)
        return await answer(request, query, content)

    return required


async def _named(remembered: RememberedResource, request: Request) -> ResourceRecord:
    """The record that the path of a request begins with. Raises NotFound."""
    names = path_parameters(remembered.resource.item)
    return await remembered.read(tuple(request.path_parameters[name] for name in names))
