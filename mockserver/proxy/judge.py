"""The judge: does a request, and the answer of the instance to it, fit the contract?

What judges is what the mock compiles of an operation: its parameters, its body, its declared responses.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from mockserver.content_codings import decoded_body
from mockserver.errors import ApiError, BadRequest
from mockserver.http.messages import MAX_BODY, Header, Request, Response
from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.declared_answers import declared_status
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import is_json_type
from mockserver.pipeline.parameters import ParameterReader
from mockserver.pipeline.request_body import BodyReader
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.pipeline.security import Security, any_credential
from mockserver.violations import Violation, breach, dotted

Side = Literal["request", "answer"]
SUCCESS = range(200, 300)


class FoundViolation(NamedTuple):
    """A violation of the contract, in a request or in the answer to it. `place` is general: it has no indices."""

    side: Side
    place: str
    keyword: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.side} {self.where}: {self.message}"


class OperationJudge:
    """Judges requests to one operation, and answers to them."""

    def __init__(self, contract: Contract, declared: Operation, path: str) -> None:
        self.operation_id, self.method, self.path = declared.operation_id, declared.method.upper(), path
        self._declared = declared
        self._parameters = ParameterReader(contract, declared)
        self._body = BodyReader(contract, declared)
        self._responses = ResponseValidator(contract, declared.responses, strict=False)
        self._security = Security(contract, declared, any_credential)

    def declares(self, status: int) -> bool:
        """Whether the contract declares this status, be it by a range or by `default`."""
        return declared_status(self._declared.responses, status) is not None

    def of_request(self, request: Request, body: bytes | None) -> list[FoundViolation]:
        """What is wrong with a request, whose path parameters are set. Of a body that isn't known its media type is
        judged."""
        found = [("path", problem) for problem in self._parameters.path(request)]
        query, headers = list[Violation](), list[Violation]()
        try:
            self._parameters.query(request, query)
        except BadRequest as error:
            query.append(breach((), "content", error.message))
        self._parameters.check_headers(request, headers)
        found += [("query", problem) for problem in query]
        found += [("header", problem) for problem in headers]
        found += [("body", problem) for problem in self._of_body(request, body)]
        return [_found("request", place, problem) for place, problem in found]

    def _of_body(self, request: Request, body: bytes | None) -> list[Violation]:
        if not self._body.expected:
            return []
        problems: list[Violation] = []
        try:
            if body is None:
                self._body.check_type(request)
            else:
                self._body.content(request, body, problems)
        except ApiError as error:
            return [breach((), "content", error.hint or error.message)]
        return problems

    def of_answer(self, response: Response, *, has_body: bool = True) -> list[FoundViolation]:
        """What is wrong with an answer, whose headers have lower-case names. Without its body that isn't judged."""
        judged = self._responses
        found = judged.violations(response) if has_body else judged.head_violations(response)
        return [_found("answer", "", problem) for problem in found]

    async def of_access(self, request: Request, status: int) -> list[FoundViolation]:
        """What is wrong with a success for somebody without the credential that the contract asks for."""
        if status not in SUCCESS:
            return []
        try:
            await self._security.authenticate(request)
        except ApiError as error:
            told = f"{status} for a request without a credential. {error.hint or error.message}"
            return [_found("answer", "", breach(("security",), "security", told))]
        return []


class ContractJudge:
    """The judges of all operations of a contract, by method and path."""

    def __init__(self, contract: Contract) -> None:
        """Raises ContractError if the contract can't be served."""
        self._router: Router[OperationJudge] = Router()
        for route in contract.routes():
            declared = contract.operation(route.declared_path, route.method.lower())
            named = declared._replace(operation_id=route.operation_id)  # which is unique
            self._router.add(route.method, route.path, OperationJudge(contract, named, route.path))

    def of(self, request: Request, method: str | None = None) -> OperationJudge | None:
        """The judge of the operation that a request is for, whose path parameters it then has; None if the contract has
        none. `method` is another one than that of the request."""
        try:
            judge, parameters = self._router.match(method or request.method, request.raw_path)
        except ApiError:
            return None
        request.path_parameters = parameters
        return judge


def readable_body(body: bytes, headers: Sequence[Header], longest: int = MAX_BODY) -> bytes:
    """A body as its schema describes it: without content codings. Raises CannotDecode."""
    codings = b",".join(value for name, value in headers if name == b"content-encoding")
    return decoded_body(body, codings.decode("latin-1"), longest) if codings else body


def is_json(headers: Sequence[Header]) -> bool:
    """Whether headers announce JSON, one text and not a sequence of them."""
    return is_json_type(b"".join(value for name, value in headers if name == b"content-type").decode("latin-1"))


def _found(side: Side, place: str, problem: Violation) -> FoundViolation:
    where = dotted((place, *problem.path) if place else problem.path)
    return FoundViolation(side, re.sub(r"\[[0-9]+\]", "[]", where), problem.keyword, where, problem.message)
