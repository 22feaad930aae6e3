"""bench.memory.held: recognition, held against the truth."""

from typing import Any

from bench.memory.held import outcomes
from bench.memory.life import ALONE, RIGHT, WRONG
from mockserver.openapi.resources import RecognisedResource, recognise
from tests.bench.memory.shelf import Shelf, books
from tests.support.contracts_of import INFO, json_body
from tests.support.remembering import contract_of

_BOOK = {"$ref": "#/components/schemas/Book"}
_LIST = {"type": "object", "properties": {"items": {"type": "array", "items": _BOOK}, "total": {"type": "integer"}}}
_ID = {"name": "bookId", "in": "path", "required": True, "schema": {"type": "integer"}}


def _recognised(change: Any = None) -> tuple[RecognisedResource, ...]:
    """What is recognised in a document with books."""
    own = {"responses": {"200": json_body(_BOOK)}}
    document = {
        "openapi": "3.0.3",
        "info": INFO,
        "paths": {
            "/books": {
                "get": {"responses": {"200": json_body(_LIST)}},
                "post": {"requestBody": json_body(_BOOK), **own},
            },
            "/books/{bookId}": {
                "parameters": [_ID],
                "get": own,
                "put": {"requestBody": json_body(_BOOK), **own},
                "patch": {"requestBody": json_body(_BOOK), **own},
                "delete": {"responses": {"204": {"description": ""}}},
            },
        },
        "components": {
            "schemas": {
                "Book": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "integer"},
                        "title": {"type": "string"},
                        "pages": {"type": "integer"},
                    },
                }
            }
        },
    }
    if change:
        change(document)
    return recognise(contract_of(document))


def test_what_is_recognised_and_kept_is_right() -> None:
    """Nothing is to be said of it."""
    (one,) = outcomes(Shelf(), [books()], _recognised())

    assert (one.kind, one.why, one.recognised) == (RIGHT, "", True)


def test_a_lie_is_wrong_with_its_role() -> None:
    """The role and what was seen are told."""
    (one,) = outcomes(Shelf("keeps"), [books()], _recognised())

    assert (one.kind, one.why) == (WRONG, "delete: reading it afterwards is 200")


def test_another_key_and_another_operation_are_wrong() -> None:
    """Even if the answers happen to be right."""
    by_hand = books(key="title", elsewhere={"list": "GET /library"})
    (one,) = outcomes(Shelf(), [by_hand], _recognised())

    assert one.kind == WRONG
    assert "its key is title, not id" in one.why
    assert "its list is GET /library, not GET /books" in one.why


def test_what_isnt_a_resource_is_wrong() -> None:
    """Nor may the mock remember what nobody would."""
    (one,) = outcomes(Shelf(), [], _recognised())

    assert (one.name, one.kind) == ("books", WRONG)


def test_what_isnt_recognised_is_left_alone_with_the_reason() -> None:
    """Recognition says why it is unsure."""

    def nameless(document: Any) -> None:
        del document["components"]["schemas"]["Book"]["properties"]["id"]

    (one,) = outcomes(Shelf(), [books()], _recognised(nameless))

    assert one.kind == ALONE
    assert one.why.startswith("no answer shows a record with a field that holds {bookId}")
    assert {each.kind for each in one.roles.values()} == {ALONE}
