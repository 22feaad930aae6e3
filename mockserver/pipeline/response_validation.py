"""The response validator: validates every response against the contract, errors included, before it is sent.

Connexion's own response validation ignores error bodies, undeclared statuses and missing headers. A violation is a
defect of the mock. It is reported by a log line and the header X-Mock-Contract-Violation; with the setting `strict`,
the response is a 500 that names it.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from mockserver.http.messages import JSON_TYPE, Header, Request, Response, json_response
from mockserver.openapi.contract import Contract, DeclaredResponse, Operation, Validator
from mockserver.openapi.declared_answers import declared_status, declared_type
from mockserver.openapi.structure import bare_type
from mockserver.pipeline.sequences import is_readable, read
from mockserver.pipeline.text_schemas import read_by
from mockserver.remarks import LONGEST_TEXT
from mockserver.violations import Violation, breach, dotted

logger = logging.getLogger("mockserver")

SOURCE_MOCK: Header = (b"x-mock-source", b"mock")  # a response that the contract doesn't declare; it isn't validated
_SUCCESSES = range(200, 300)


class ResponseValidator:
    """Validates the responses of one operation, or, from `for_paths`, those of requests that match no operation."""

    def __init__(
        self, contract: Contract, responses: Mapping[str, DeclaredResponse], *, strict: bool, complete: bool = True
    ) -> None:
        """`complete` says that every status must be declared in `responses`; but a contract that declares no success of
        an operation says nothing about that."""
        self._validators = {
            status: _DeclaredResponseValidator(contract, response) for status, response in responses.items()
        }
        self._exact = {int(status): validator for status, validator in self._validators.items() if status.isdigit()}
        self._strict = strict
        self._complete = complete
        self._has_success = any(status[:1] in ("2", "d") for status in responses)

    @classmethod
    def for_paths(cls, contract: Contract, operations: list[Operation], *, strict: bool) -> "ResponseValidator":
        """The validator of the 404 and 405 of the router; any operation's declaration of them counts."""
        responses = {
            status: response
            for operation in operations
            for status, response in operation.responses.items()
            if status in ("404", "405")
        }
        return cls(contract, responses, strict=strict, complete=False)

    def validated(self, response: Response, request: Request) -> Response:
        """The response, if it is valid or marked SOURCE_MOCK; else with a report, or if `strict` a 500 in its place."""
        validator = self._exact.get(response.status)
        if validator and validator.is_plainly_valid(response):
            return response
        found = [] if SOURCE_MOCK in response.headers else self.violations(response)
        if not found:
            return response
        report = "; ".join(f"{dotted(violation.path)}: {violation.message}" for violation in found)[:LONGEST_TEXT]
        logger.error("contract violation: %s %s answered %d: %s", request.method, request.path, response.status, report)
        if self._strict:
            response = json_response(
                500, {"code": 500, "message": f"Contract violation in a {response.status}: {report}"}
            )
        response.remark(violation=report)
        return response

    def is_valid(self, response: Response) -> bool:
        """Whether a response has no violation."""
        validator = self._exact.get(response.status)
        return bool(validator and validator.is_plainly_valid(response)) or not self.violations(response)

    def violations(self, response: Response) -> list[Violation]:
        """All violations of the contract in a response."""
        return self._found(response, _DeclaredResponseValidator.violations)

    def head_violations(self, response: Response) -> list[Violation]:
        """Those in status, headers and media type alone, for a response whose body isn't known."""
        return self._found(response, _DeclaredResponseValidator.head_violations)

    def _found(
        self, response: Response, find: "Callable[[_DeclaredResponseValidator, Response], list[Violation]]"
    ) -> list[Violation]:
        validator = self._validator_of(response.status)
        if validator is None and not (self._complete and (self._has_success or response.status not in _SUCCESSES)):
            return []
        if validator is None:
            declared = ", ".join(self._validators)
            return [breach(("status",), "status", f"{response.status} is not declared, only {declared}")]
        return find(validator, response)

    def _validator_of(self, status: int) -> "_DeclaredResponseValidator | None":
        if (exact := self._exact.get(status)) is not None:
            return exact
        name = declared_status(self._validators, status)
        return None if name is None else self._validators[name]


class _DeclaredResponseValidator:
    """The compiled validators of one declared response."""

    def __init__(self, contract: Contract, response: DeclaredResponse) -> None:
        self._bodies = {
            media_type: contract.validator(pointer) if pointer else None
            for media_type, pointer in response.media_types.items()
        }
        self._headers = {
            name.lower().encode(): (
                header.required,
                contract.validator(header.pointer),
                read_by(contract, header.schema),
            )
            for name, header in response.headers.items()
        }
        self._usual = None if self._headers else self._bodies.get("application/json")

    def is_plainly_valid(self, response: Response) -> bool:
        """A fast check: True only for valid JSON, made by json_response, where no header is declared.

        That holds for nearly every response. False says nothing: `violations` decides.
        """
        content = response.content
        return bool(
            self._usual and content is not None and response.headers[0] is JSON_TYPE and self._usual.is_valid(content)
        )

    def violations(self, response: Response) -> list[Violation]:
        """The violations in headers, content type and body."""
        headers = dict(response.headers)
        found = self._body_violations(response, headers) if response.body or self._bodies else []
        return [*found, *self._in_headers(headers)]

    def head_violations(self, response: Response) -> list[Violation]:
        """The violations in headers and content type."""
        headers = dict(response.headers)
        declared = self._declared_type(headers) if self._bodies and b"content-type" in headers else ""
        found = [self._wrong_type(headers)] if declared is None else []
        return [*found, *self._in_headers(headers)]

    def _in_headers(self, headers: Mapping[bytes, bytes]) -> list[Violation]:
        found: list[Violation] = []
        for name, (required, validator, schema) in self._headers.items():
            found += _header_violations(name, headers.get(name), validator, schema, required=required)
        return found

    def _body_violations(self, response: Response, headers: Mapping[bytes, bytes]) -> list[Violation]:
        media_type = _media_type(headers)
        if not self._bodies:
            return [breach(("body",), "content", "a body where none is declared")]
        declared_as = self._declared_type(headers)
        if declared_as is None:
            return [self._wrong_type(headers)]
        validator = self._bodies[declared_as]
        if validator is None or not (media_type.endswith("json") or is_readable(media_type)):
            return []
        if is_readable(media_type) and _is_valid_sequence(validator, media_type, response.body):
            return []
        content = response.content
        if content is None:
            try:
                content = orjson.loads(response.body)
            except orjson.JSONDecodeError as error:
                return [breach(("body",), "content", f"is no JSON: {error}")]
        return [] if validator.is_valid(content) else validator.violations(content, ("body",))

    def _declared_type(self, headers: Mapping[bytes, bytes]) -> str | None:
        """The media type, or the range, by which the contract declares the content type; None if it doesn't."""
        return declared_type(self._bodies, _media_type(headers))

    def _wrong_type(self, headers: Mapping[bytes, bytes]) -> Violation:
        declared = ", ".join(self._bodies)
        return breach(("content-type",), "content", f"{_media_type(headers) or 'none'} instead of {declared}")


def _media_type(headers: Mapping[bytes, bytes]) -> str:
    return bare_type(headers.get(b"content-type", b"").decode("latin-1"))


def _is_valid_sequence(validator: Validator, media_type: str, body: bytes) -> bool:
    """Whether a text of items is valid; its schema may describe the list or, before OpenAPI 3.2, each of them."""
    try:
        items = read(media_type, body)
    except ValueError:
        return False
    return validator.is_valid(items) or all(map(validator.is_valid, items))


def _header_violations(
    name: bytes, value: bytes | None, validator: Validator, schema: Mapping[str, Any], *, required: bool
) -> list[Violation]:
    path = ("headers", name.decode())
    if value is None:
        return [breach(path, "required", "is missing")] if required else []
    text = value.decode("latin-1")
    is_number = schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text)
    return validator.violations(int(text) if is_number else text, path)
