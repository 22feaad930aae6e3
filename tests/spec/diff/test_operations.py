"""mockserver.spec.diff.operations: changes of parameters, bodies, responses and security."""

from typing import Any

import pytest

from mockserver.spec.diff import ChangeKind, compare
from tests.spec.diff.contracts import BREAKING, FINE, ID, TEXT, TOLD, Json, document


def query(**more: Any) -> Json:
    """An operation with a parameter."""
    return {"parameters": [{"name": "tag", "in": "query", "schema": TEXT} | more]}


def body(*media_types: str, **more: Any) -> Json:
    """An operation with a request body."""
    return {"requestBody": {"content": {name: {"schema": TEXT} for name in media_types}} | more}


def answers(**responses: Json) -> Json:
    """An operation with responses, named `_200` for 200."""
    return {"responses": {name.strip("_"): {"description": "ok"} | given for name, given in responses.items()}}


def header(**more: Any) -> Json:
    """An operation that answers with a header."""
    return answers(_200={"headers": {"X-Page": {"schema": TEXT} | more}})


KEY: Json = {"key": []}


OAUTH: Json = {"oauth": ["read", "write"]}


OPERATIONS = {
    "optional parameter": ({}, query(), FINE, "the query parameter tag is new"),
    "required parameter": ({}, query(required=True), BREAKING, "the query parameter tag is new, and required"),
    "parameter gone": (query(), {}, BREAKING, "the query parameter tag is gone"),
    "parameter required now": (query(), query(required=True), BREAKING, "the query parameter tag is required now"),
    "parameter optional now": (query(required=True), query(), FINE, "the query parameter tag is no longer required"),
    "narrower parameter": (query(), query(schema={"type": "string", "maxLength": 3}), BREAKING, "tag: maxLength 3"),
    "wider parameter": (query(schema=ID), query(schema={"type": "number"}), FINE, "the query parameter tag: the type"),
    "style": (
        query(),
        query(style="pipeDelimited"),
        BREAKING,
        "style of the query parameter tag was form, and is pipeDelimited",
    ),
    "empty value": (query(), query(allowEmptyValue=True), FINE, "allowEmptyValue of the query parameter tag was false"),
    "style as by default": (query(), query(style="form", explode=True), None, ""),
    "described parameter": (query(), query(description="A tag"), TOLD, "the description is new"),
    "deprecated parameter": (query(), query(deprecated=True), FINE, "the query parameter tag is deprecated now"),
    "header that is no parameter": (
        {},
        {"parameters": [{"name": "Accept", "in": "header", "required": True}]},
        None,
        "",
    ),
    "optional body": ({}, body("text/plain"), FINE, "the request body is new"),
    "required body": ({}, body("text/plain", required=True), BREAKING, "the request body is new, and required"),
    "body gone": (body("text/plain"), {}, BREAKING, "the request body is gone"),
    "body required now": (body("a/b"), body("a/b", required=True), BREAKING, "the request body is required now"),
    "media type": (body("a/b"), body("a/b", "c/d"), FINE, "the request body can be c/d now"),
    "media type gone": (body("a/b", "c/d"), body("a/b"), BREAKING, "the request body can't be c/d any more"),
    "response": ({}, answers(_200={}, _404={}), FINE, "the response 404 is new"),
    "success gone": (answers(_200={}, _202={}), answers(_200={}), BREAKING, "the response 202 is gone"),
    "error gone": (answers(_200={}, _404={}), answers(_200={}), FINE, "the response 404 is gone"),
    "described response": (answers(_200={}), answers(_200={"description": "fine"}), TOLD, "the description changed"),
    "answer of another type": (
        answers(_200={"content": {"a/b": {}}}),
        answers(_200={"content": {"c/d": {}}}),
        BREAKING,
        "can't be a/b any more",
    ),
    "answer with a schema": (
        answers(_200={"content": {"a/b": {}}}),
        answers(_200={"content": {"a/b": {"schema": ID}}}),
        FINE,
        "the type",
    ),
    "header": (answers(_200={}), header(), FINE, "the header X-Page of the response 200 is new"),
    "optional header gone": (header(), answers(_200={}), FINE, "the header X-Page of the response 200 is gone"),
    "required header gone": (header(required=True), answers(_200={}), BREAKING, "the header X-Page"),
    "header optional now": (header(required=True), header(), BREAKING, "is no longer required"),
    "wider header": (header(schema=ID), header(), BREAKING, "the header X-Page of the response 200: the type was"),
    "credential needed": ({}, {"security": [KEY]}, BREAKING, "nobody gets in without a credential any more"),
    "no credential needed": ({"security": [KEY]}, {"security": []}, FINE, "no credential is needed any more"),
    "alternative gone": ({"security": [KEY, OAUTH]}, {"security": [KEY]}, BREAKING, "oauth with read, write is not"),
    "alternative": ({"security": [KEY]}, {"security": [KEY, OAUTH]}, FINE, "oauth with read, write is enough now"),
    "scope gone": ({"security": [OAUTH]}, {"security": [{"oauth": ["read"]}]}, FINE, "oauth with read is enough now"),
    "both needed": ({"security": [KEY]}, {"security": [KEY | OAUTH]}, BREAKING, "key is not enough any more"),
    "server": ({"servers": [{"url": "/a"}]}, {"servers": [{"url": "/b"}]}, BREAKING, "the server /a is gone"),
    "deprecated": ({}, {"deprecated": True}, FINE, "the operation is deprecated now"),
    "operationId": ({"operationId": "a"}, {"operationId": "b"}, FINE, "the operationId was a, and is b now"),
    "summary": ({}, {"summary": "Buy a pet"}, TOLD, "the summary is new"),
    "tags": ({"tags": ["a"]}, {"tags": ["b"]}, TOLD, "the tags changed"),
    "extension": ({"x-cost": 1}, {"x-cost": 2}, TOLD, "the x-cost changed"),
}


@pytest.mark.parametrize(("old", "new", "kind", "said"), OPERATIONS.values(), ids=OPERATIONS)
def test_changes_of_an_operation(old: Json, new: Json, kind: ChangeKind | None, said: str) -> None:
    """The worst change of an operation is of the expected kind, and says what it is."""
    changes = compare(document(old), document(new))

    assert (changes[0].kind if changes else None) is kind
    assert not changes or said in " ".join(change.what for change in changes)
    assert {change.where for change in changes} <= {("POST /pets/{id}",)}
