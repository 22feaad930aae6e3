"""What a contract declares of one operation: its parameters, bodies and responses."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """A declared parameter. `pointer` leads to its schema, if it has one."""

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    allow_empty: bool
    schema: Mapping[str, Any]
    pointer: str | None


class ResponseHeader(NamedTuple):
    """A declared header of a response. `pointer` leads to its schema, if it has one."""

    required: bool
    schema: Mapping[str, Any]
    pointer: str | None
    example: Any = None


class DeclaredResponse(NamedTuple):
    """A declared response.

    `media_types` maps each media type of the body, in lower case and without parameters, to the pointer of its schema,
    if it has one; `contents` maps it to its whole declaration.
    """

    media_types: Mapping[str, str | None]
    contents: Mapping[str, Mapping[str, Any]]
    headers: Mapping[str, ResponseHeader]


class Operation(NamedTuple):
    """A declared operation. `media_types` maps each media type of the request body to the pointer of its schema, if
    any."""

    operation_id: str
    path: str
    method: str
    parameters: tuple[Parameter, ...]
    security: tuple[Mapping[str, Any], ...]
    responses: Mapping[str, DeclaredResponse]
    media_types: Mapping[str, str | None]
    body_required: bool

    def parameters_in(self, location: str) -> list[Parameter]:
        """The parameters of one location: path, query, header or cookie."""
        return [parameter for parameter in self.parameters if parameter.location == location]
