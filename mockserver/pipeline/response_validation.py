"""The guard: judges every answer against the contract, errors included, before it leaves.

Connexion's own response validation sees neither error bodies nor undeclared statuses nor missing headers; this does. A
breach is a defect of the mock. It is reported (a log line and the header X-Mock-Contract-Violation), or, where the
settings say strict, answered with a 500 that names it.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.http.messages import BREACH_HEADER, JSON_TYPE, OUTSIDE, Request, Response, json_response
from mockserver.openapi.contract import Contract, DeclaredResponse, Operation, Validator
from mockserver.openapi.structure import bare_type
from mockserver.violations import Violation, breach, dotted

logger = logging.getLogger("mockserver")

LONGEST_REPORT = 500  # characters; a header must not grow with the breach


class ResponseValidator:
    """Judges the answers of one operation, or, from `for_paths`, those to requests that no operation answers."""

    def __init__(
        self, contract: Contract, responses: Mapping[str, DeclaredResponse], *, strict: bool, complete: bool = True
    ) -> None:
        """`complete` says that no other status than those of `responses` may be answered."""
        self._judges = {status: _Judge(contract, response) for status, response in responses.items()}
        self._exact = {int(status): judge for status, judge in self._judges.items() if status.isdigit()}
        self._strict = strict
        self._complete = complete

    @classmethod
    def for_paths(cls, contract: Contract, operations: list[Operation], *, strict: bool) -> "ResponseValidator":
        """A guard for 404 and 405, which answer what no operation does; any operation's declaration of them counts."""
        responses = {
            status: response
            for operation in operations
            for status, response in operation.responses.items()
            if status in ("404", "405")
        }
        return cls(contract, responses, strict=strict, complete=False)

    def passed(self, answer: Response, request: Request) -> Response:
        """The answer, if it keeps the contract or is marked as OUTSIDE of it; otherwise the report of its breach."""
        judge = self._exact.get(answer.status)
        if judge and judge.takes(answer):
            return answer
        found = [] if OUTSIDE in answer.headers else self.violations(answer)
        if not found:
            return answer
        report = "; ".join(f"{dotted(violation.path)}: {violation.message}" for violation in found)[:LONGEST_REPORT]
        logger.error("contract violation: %s %s answered %d: %s", request.method, request.path, answer.status, report)
        if self._strict:
            answer = json_response(500, {"code": 500, "message": f"Contract violation in a {answer.status}: {report}"})
        answer.headers.append((BREACH_HEADER, _printable(report)))
        return answer

    def violations(self, answer: Response) -> list[Violation]:
        """Every way in which an answer leaves the contract."""
        judge = self._judge(answer.status)
        if judge is None and not self._complete:
            return []
        if judge is None:
            declared = ", ".join(self._judges)
            return [breach(("status",), "status", f"{answer.status} is not declared, only {declared}")]
        return judge.violations(answer)

    def _judge(self, status: int) -> "_Judge | None":
        return self._exact.get(status) or self._judges.get(f"{status // 100}XX") or self._judges.get("default")


class _Judge:
    """One declared response, compiled."""

    def __init__(self, contract: Contract, response: DeclaredResponse) -> None:
        self._bodies = {
            media_type: contract.validator(pointer) if pointer else None
            for media_type, pointer in response.media_types.items()
        }
        self._headers = {
            name.lower().encode(): (header.required, contract.validator(header.pointer), header.schema)
            for name, header in response.headers.items()
        }
        self._usual = None if self._headers else self._bodies.get("application/json")

    def takes(self, answer: Response) -> bool:
        """Whether nothing is wrong, as can be seen at a glance: nearly every answer is JSON without declared headers,
        made by json_response, and its type needs no parsing."""
        content = answer.content
        return bool(
            self._usual and content is not None and answer.headers[0] is JSON_TYPE and self._usual.is_valid(content)
        )

    def violations(self, answer: Response) -> list[Violation]:
        """What is wrong with headers, content type and body."""
        headers = dict(answer.headers)
        found = self._body_violations(answer, headers) if answer.body or self._bodies else []
        for name, (required, validator, schema) in self._headers.items():
            found += _header_violations(name, headers.get(name), validator, schema, required=required)
        return found

    def _body_violations(self, answer: Response, headers: Mapping[bytes, bytes]) -> list[Violation]:
        media_type = bare_type(headers.get(b"content-type", b"").decode("latin-1"))
        if not self._bodies:
            return [breach(("body",), "content", "a body where none is declared")]
        declared_as = next((name for name in _ranges(media_type) if name in self._bodies), None)
        if declared_as is None:
            declared = ", ".join(self._bodies)
            return [breach(("content-type",), "content", f"{media_type or 'none'} instead of {declared}")]
        validator = self._bodies[declared_as]
        if validator is None or not media_type.endswith("json"):
            return []
        content = answer.content
        if content is None:
            try:
                content = orjson.loads(answer.body)
            except orjson.JSONDecodeError as error:
                return [breach(("body",), "content", f"is no JSON: {error}")]
        return [] if validator.is_valid(content) else validator.violations(content, ("body",))


def _ranges(media_type: str) -> tuple[str, ...]:
    """How a contract may declare a media type: as it is, or by a range."""
    return media_type, f"{media_type.partition('/')[0]}/*", "*/*"


def _header_violations(
    name: bytes, value: bytes | None, validator: Validator, schema: Mapping[str, Any], *, required: bool
) -> list[Violation]:
    path = ("headers", name.decode())
    if value is None:
        return [breach(path, "required", "is missing")] if required else []
    text = value.decode("latin-1")
    is_number = schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text)
    return validator.violations(int(text) if is_number else text, path)


def _printable(text: str) -> bytes:
    """A header's value: one line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", text).encode()
