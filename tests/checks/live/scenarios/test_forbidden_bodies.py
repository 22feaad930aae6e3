"""Bodies that the contract forbids."""

from mockserver.checks.live.scenarios.forbidden_bodies import UNKNOWN, spoiled, values_of_other_kinds, with_value
from mockserver.openapi.contract import Contract

SCHEMA = {
    "type": "object",
    "required": ["name", "at"],
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "note": {"nullable": True},
        "at": {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}},
    },
    "additionalProperties": False,
}
GOOD = {"name": "x", "kind": "a", "at": {"day": "2026-01-15"}}


FORBIDDEN = {
    "with event": {**GOOD, "event": "E"},
    "without name": {"kind": "a", "at": {"day": "2026-01-15"}},
    "without at": {"name": "x", "kind": "a"},
    "with an odd name": {**GOOD, "name": 0.5},
    "with null in place of at": {**GOOD, "at": None},
    "with an object in place of name": {**GOOD, "name": {}},
    "with a property that nobody knows": {**GOOD, UNKNOWN: "odd"},
    "with a too long name": {**GOOD, "name": "xaaa"},
    "with an odd kind": {**GOOD, "kind": "odd"},
    "with an odd at": {**GOOD, "at": "odd"},
    "with an odd at.day": {**GOOD, "at": {"day": "odd"}},
    "with at.day as 1700000000": {**GOOD, "at": {"day": "1700000000"}},
    "with at.day as 15.01.2026": {**GOOD, "at": {"day": "15.01.2026"}},
    "with at.day as 2026-02-30": {**GOOD, "at": {"day": "2026-02-30"}},
}


def test_each_forbidden_body_has_one_fault_and_says_which() -> None:
    """What is required is left out, or of another kind; every property gets a value that it may not have, and what
    another operation takes, or nobody knows, is added; what the contract allows isn't among them."""
    contract = Contract(b"", {"schema": SCHEMA})

    found = dict(spoiled(contract, "/schema", [GOOD], "odd", [{"name": "y", "event": "E"}]))

    assert found == FORBIDDEN


def test_values_of_other_kinds_are_forbidden_where_they_stand() -> None:
    """Truths and numbers become texts, numbers too fine, and lines break, once for each place, whichever item of a list
    it is in; what the contract allows isn't among them."""
    line = {"type": "string", "pattern": "^[ -~]*$"}
    amount, price = {"type": "number", "multipleOf": 0.01}, {"type": "number"}
    item = {"type": "object", "properties": {"amount": amount, "price": price, "line": line}}
    schema = {"type": "object", "properties": {"on": {"type": "boolean"}, "rows": {"type": "array", "items": item}}}
    first, second = {"price": 2, "line": "ab"}, {"amount": 1.5, "price": 3}
    body = {"on": True, "rows": [first, second]}

    found = dict(values_of_other_kinds(Contract(b"", {"schema": schema}), "/schema", [body, body]))

    assert found == {
        "with on as a text": {**body, "on": "true"},
        "with rows[0].price as a text": {**body, "rows": [{**first, "price": "2"}, second]},
        "with a line break in rows[0].line": {**body, "rows": [{**first, "line": "a\nb"}, second]},
        "with rows[0].amount as a text": {**body, "rows": [first, {"amount": "1.5", "price": 3}]},
        "with a too fine rows[0].amount": {**body, "rows": [first, {"amount": 1.5001234, "price": 3}]},
    }


def test_another_value_leaves_the_body_as_it_was() -> None:
    """A body with another value is a new one."""
    body = {"rows": [{"a": 1}, {"a": 2}]}

    assert with_value(body, ("rows", 1, "a"), 3) == {"rows": [{"a": 1}, {"a": 3}]}
    assert body == {"rows": [{"a": 1}, {"a": 2}]}


def test_what_answers_alone_have_isnt_missed() -> None:
    """A body without an id that only answers show is allowed, though the schema requires it."""
    number, text = {"type": "integer", "readOnly": True}, {"type": "string"}
    schema = {"type": "object", "required": ["id"], "properties": {"id": number, "names": {"items": text}}}
    contract = Contract(b"", {"schema": schema})
    body = {"names": ["ab"]}

    assert "without names" not in dict(spoiled(contract, "/schema", [body], "odd", []))
    assert not list(values_of_other_kinds(contract, "/schema", [body]))


TEXT, CLOSED = {"type": "string"}, {"type": "object", "additionalProperties": False}
REST = {**CLOSED, "required": ["url"], "properties": {"url": TEXT, "kind": {"enum": ["rest"]}, "note": TEXT}}
QUEUE = {**CLOSED, "required": ["url", "key"], "properties": {"url": TEXT, "kind": {"enum": ["queue"]}, "key": TEXT}}
EITHER = Contract(b"", {"schema": {"oneOf": [{"$ref": "#/rest"}, QUEUE]}, "rest": REST})


def test_each_alternative_is_spoiled() -> None:
    """The fullest body is spoiled wholly, that of another choice by what its schema says otherwise: else what one body
    is refused for anyway hides what another one is taken with."""
    bodies = [{"url": "u"}, {"url": "u", "note": "n"}, {"url": "u", "kind": "queue", "key": "k"}]

    found = dict(spoiled(EITHER, "/schema", bodies, "odd", []))

    assert found["with an odd kind"] == {**bodies[2], "kind": "odd"}
    assert {words: body for words, body in found.items() if ", as " in words} == {
        "with an odd kind, as rest": {**bodies[1], "kind": "odd"},
        "with an odd note, as rest": {**bodies[1], "note": 0.5},
        "with an odd key, as rest": {**bodies[1], "key": "odd"},
    }
