"""mockserver.pipeline.response_validation: the response validator finds whatever breaks the contract."""

import logging
from typing import Any

import pytest
from starlette.types import Message

from mockserver.http.asgi_messages import request_of
from mockserver.http.messages import Request, Response, json_response
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.remarks import LONGEST_TEXT
from mockserver.violations import dotted

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /thing:
    get:
      operationId: thingGet
      responses:
        '200':
          description: A thing.
          headers:
            X-Count: {required: true, schema: {type: integer, minimum: 0}}
            X-Note: {schema: {type: string, maxLength: 3}}
          content:
            application/json:
              schema:
                type: object
                required: [id, name]
                properties:
                  id: {type: string, format: uuid}
                  name: {type: string, maxLength: 5}
                  size: {type: integer, nullable: true}
        '204': {description: Nothing.}
        '4XX':
          description: No.
          content:
            application/json:
              schema: {type: object, required: [code], properties: {code: {type: integer}}}
"""
THING: dict[str, Any] = {"id": "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11", "name": "chair"}
COUNT = [(b"x-count", b"1")]


@pytest.fixture(scope="module")
def things() -> Contract:
    """A contract with one operation."""
    return Contract(DOCUMENT.encode(), Source("a.yaml", DOCUMENT.encode()).content)


@pytest.fixture(scope="module")
def validator(things: Contract) -> ResponseValidator:
    """A validator that reports."""
    return ResponseValidator(things, things.operation("/thing", "get").responses, strict=False)


@pytest.fixture
def request_() -> Request:
    """The request whose answer is validated; its body is not read."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"method": "GET", "raw_path": b"/thing", "query_string": b"secret=1", "headers": []}
    return request_of(scope, receive)


def test_a_forgotten_success_is_no_violation(things: Contract) -> None:
    """An operation that declares refusals alone says nothing of its successes, but of other statuses."""
    responses = things.operation("/thing", "get").responses
    forgetful = ResponseValidator(things, {"4XX": responses["4XX"]}, strict=False)

    assert forgetful.is_valid(Response(204, []))
    assert not forgetful.is_valid(Response(500, []))
    assert not ResponseValidator(things, responses, strict=False).is_valid(Response(202, []))


@pytest.mark.parametrize("name", ["4XX", "4xx", "default"])
def test_a_status_may_be_declared_with_others(name: str) -> None:
    """The response of a class, written in either case, and that of all others are held to."""
    contract = Contract(b"", Source("openapi.yaml", DOCUMENT.replace("4XX", name).encode()).content)
    validator = ResponseValidator(contract, contract.operation("/thing", "get").responses, strict=False)

    assert validator.violations(json_response(404, {"code": 1})) == []
    assert [one.keyword for one in validator.violations(json_response(404, {"code": "1"}))] == ["type"]


@pytest.mark.parametrize(
    "answer",
    [
        json_response(200, THING, [*COUNT]),
        json_response(200, THING | {"size": None}, [*COUNT, (b"x-note", b"abc")]),
        json_response(204, None),
        json_response(404, {"code": 404}),
        json_response(418, {"code": 418}),
        Response(404, [(b"content-type", b"Application/JSON ; charset=utf-8")], b'{"code":404}'),
    ],
)
def test_declared_answers_pass(validator: ResponseValidator, answer: Response) -> None:
    """What the contract declares passes, by exact status or by range."""
    assert validator.violations(answer) == []


LIES: dict[str, tuple[Response, str]] = {
    "undeclared status": (json_response(301, THING, [*COUNT]), "status"),
    "wrong type": (json_response(200, THING | {"name": 1}, [*COUNT]), "body.name"),
    "missing property": (json_response(200, {"id": THING["id"]}, [*COUNT]), "body.name"),
    "null where not nullable": (json_response(200, THING | {"name": None}, [*COUNT]), "body.name"),
    "wrong format": (json_response(200, THING | {"id": "chair"}, [*COUNT]), "body.id"),
    "too long": (json_response(200, THING | {"name": "armchair"}, [*COUNT]), "body.name"),
    "fraction for integer": (json_response(200, THING | {"size": 1.5}, [*COUNT]), "body.size"),
    "wrong root": (json_response(200, [THING], [*COUNT]), "body"),
    "wrong error shape": (json_response(404, {"error": {"code": 404}}), "body.code"),
    "missing header": (json_response(200, THING), "headers.x-count"),
    "header of the wrong type": (json_response(200, THING, [(b"x-count", b"many")]), "headers.x-count"),
    "header out of bounds": (json_response(200, THING, [(b"x-count", b"-1")]), "headers.x-count"),
    "header too long": (json_response(200, THING, [*COUNT, (b"x-note", b"long")]), "headers.x-note"),
    "wrong content type": (Response(200, [(b"content-type", b"text/html"), *COUNT], b"<p>"), "content-type"),
    "no content type": (Response(200, [*COUNT], b"{}"), "content-type"),
    "no body": (Response(200, [*COUNT]), "content-type"),
    "body where none is declared": (json_response(204, THING), "body"),
    "no JSON": (Response(200, [(b"content-type", b"application/json"), *COUNT], b"{"), "body"),
}


@pytest.mark.parametrize(("answer", "where"), LIES.values(), ids=LIES)
def test_lies_are_seen(validator: ResponseValidator, answer: Response, where: str) -> None:
    """Each way to leave the contract is found at its place."""
    assert where in [dotted(violation.path) for violation in validator.violations(answer)]


def test_report_keeps_the_answer(
    validator: ResponseValidator, request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    """By default a violation is logged and named in a header; the response itself goes out."""
    with caplog.at_level(logging.ERROR, "mockserver"):
        answer = validator.validated(json_response(301, THING), request_)

    assert answer.status == 301
    assert dict(answer.all_headers)[b"x-mock-contract-violation"].startswith(b"status: 301 is not declared")
    assert caplog.messages[0].startswith("contract violation: GET /thing answered 301: status: 301 is not declared")
    assert "secret" not in caplog.text


def test_strict_answers_500(things: Contract, request_: Request) -> None:
    """A strict validator lets no violation out: it answers 500 and names it."""
    validator = ResponseValidator(things, things.operation("/thing", "get").responses, strict=True)

    answer = validator.validated(json_response(200, THING | {"name": 1}, [*COUNT]), request_)

    assert (answer.status, answer.content) == (
        500,
        {"code": 500, "message": "Contract violation in a 200: body.name: This value should be of type string."},
    )


def test_report_stays_small_and_printable(validator: ResponseValidator, request_: Request) -> None:
    """However large and odd the violation, its header is one short line of ASCII."""
    huge = {"id": "ü\n" * 10_000, "name": "ü\r\n" * 10_000}

    header = dict(validator.validated(json_response(200, huge, [*COUNT]), request_).all_headers)[
        b"x-mock-contract-violation"
    ]

    assert len(header) <= LONGEST_TEXT
    assert all(32 <= byte < 127 for byte in header)


def test_paths_without_an_operation_are_judged(things: Contract) -> None:
    """A 404 or 405 that no operation answers is validated by what the operations declare; other statuses aren't."""
    validator = ResponseValidator.for_paths(
        Contract.load(), [Contract.load().operation("/api/token/revoke", "get")], strict=False
    )

    allow = [(b"allow", b"GET")]
    assert validator.violations(json_response(405, {"code": 405, "message": "Method Not Allowed."}, allow)) == []
    assert validator.violations(json_response(405, {"error": "no"}, allow)) != []
    assert (
        ResponseValidator.for_paths(things, [things.operation("/thing", "get")], strict=False).violations(
            Response(404, [])
        )
        == []
    )
