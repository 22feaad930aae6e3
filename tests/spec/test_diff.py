"""mockserver.spec.diff: what changed between two contracts, and whom it breaks."""

import copy
from typing import Any, NamedTuple

import pytest

from mockserver.openapi.contract import Contract
from mockserver.spec.diff import Change, ChangeKind, compare

Json = dict[str, Any]
BREAKING, FINE, TOLD = ChangeKind.BREAKING, ChangeKind.NON_BREAKING, ChangeKind.DOCUMENTATION
MISSING: Any = object()
ID = {"type": "integer"}
TEXT = {"type": "string"}
A = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["a"]}, "x": TEXT}}
B = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["b"]}, "y": TEXT}}


def pet(**properties: Json) -> Json:
    """An object with a required name, and more."""
    return {"type": "object", "required": ["name"], "properties": {"name": TEXT, **properties}}


def tree(**properties: Json) -> Json:
    """A schema that refers to itself."""
    return {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/S"}}} | properties,
    }


def document(operation: Json, path: str = "/pets/{id}", **components: Json) -> Json:
    """A contract with one operation."""
    parameters = [{"name": "id", "in": "path", "required": True, "schema": TEXT}]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {path: {"parameters": parameters, "post": {"responses": {"200": {"description": "ok"}}} | operation}},
        "components": components,
    }


def sent(schema: Json) -> Json:
    """A contract whose requests carry a schema."""
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}
    return document({"requestBody": body}, schemas={"S": schema, "Id": ID, "A": A, "B": B})


def answered(schema: Json) -> Json:
    """A contract whose responses carry a schema."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}
    responses = {"200": {"description": "ok", "content": content}}
    return document({"responses": responses}, schemas={"S": schema, "Id": ID, "A": A, "B": B})


def changed(old: Json, new: Json) -> list[tuple[str, str]]:
    """What changed, with its kind."""
    return [(change.kind, change.what) for change in compare(old, new)]


class Case(NamedTuple):
    """Two schemas, the kind of the change in a request and in a response, and a part of what is said."""

    old: Json
    new: Json
    request: ChangeKind
    response: ChangeKind
    said: str


SCHEMAS = {
    "optional property": Case(pet(), pet(tag=TEXT), FINE, FINE, "S: the property tag is new"),
    "property gone": Case(pet(tag=TEXT), pet(), FINE, FINE, "S: the property tag is gone"),
    "required property": Case(
        pet(), pet(tag=TEXT) | {"required": ["name", "tag"]}, BREAKING, FINE, "S: the required property tag is new"
    ),
    "required property gone": Case(
        pet(tag=TEXT) | {"required": ["name", "tag"]}, pet(), FINE, BREAKING, "S: the property tag is gone"
    ),
    "required now": Case(
        pet(tag=TEXT), pet(tag=TEXT) | {"required": ["name", "tag"]}, BREAKING, FINE, "the property tag is required now"
    ),
    "property of a closed object": Case(
        pet() | {"additionalProperties": False}, pet(tag=TEXT) | {"additionalProperties": False}, FINE, BREAKING, "tag"
    ),
    "property gone from a closed object": Case(
        pet(tag=TEXT) | {"additionalProperties": False}, pet() | {"additionalProperties": False}, BREAKING, FINE, "tag"
    ),
    "closed object": Case(
        pet(), pet() | {"additionalProperties": False}, FINE, FINE, "other properties are refused now"
    ),
    "map that is closed": Case(
        pet() | {"additionalProperties": True}, pet() | {"additionalProperties": False}, BREAKING, FINE, "refused now"
    ),
    "narrower map": Case(
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"type": "object", "additionalProperties": ID},
        BREAKING,
        FINE,
        "S.*: the type was number",
    ),
    "type": Case(pet(age=ID), pet(age=TEXT), BREAKING, BREAKING, "S.age: the type was integer, and is string now"),
    "wider type": Case(pet(age=ID), pet(age={"type": "number"}), FINE, BREAKING, "S.age: the type was integer"),
    "any type": Case(pet(age=ID), pet(age={}), FINE, BREAKING, "S.age: the type integer is gone"),
    "nullable": Case(pet(age=ID), pet(age=ID | {"nullable": True}), FINE, BREAKING, "S.age: may be null now"),
    "nullable enum": Case(
        pet(age={"type": "string", "enum": ["a"]}),
        pet(age={"type": "string", "enum": ["a"], "nullable": True}),
        FINE,
        BREAKING,
        "S.age: may be null now",
    ),
    "enum value": Case(
        {"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}, FINE, BREAKING, "new value 'b'"
    ),
    "enum": Case(TEXT, {"type": "string", "enum": ["a"]}, BREAKING, FINE, "an enum restricts it now: 'a'"),
    "pattern instead of an enum": Case(
        {"type": "string", "enum": ["a", "aa"]}, {"type": "string", "pattern": "^a+$"}, FINE, BREAKING, "the enum"
    ),
    "longer": Case(
        {"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 5}, FINE, BREAKING, "was 3, and is 5 now"
    ),
    "minimum": Case(ID, {"type": "integer", "minimum": 1}, BREAKING, FINE, "S: minimum 1 is new"),
    "the same bound": Case(
        {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        {"type": "integer", "minimum": 1},
        FINE,
        FINE,
        "minimum was 0 (excluded), and is 1 now",
    ),
    "32 bits": Case(ID, {"type": "integer", "format": "int32"}, BREAKING, FINE, "S: format int32 is new"),
    "date": Case(TEXT, {"type": "string", "format": "date"}, BREAKING, FINE, "format date is new"),
    "precision": Case({"type": "number"}, {"type": "number", "format": "double"}, FINE, FINE, "format double is new"),
    "unknown format": Case(TEXT, {"type": "string", "format": "zork"}, BREAKING, FINE, "format zork is new"),
    "pattern": Case(
        {"type": "string", "pattern": "^a+$"},
        {"type": "string", "pattern": "^a*$"},
        BREAKING,
        BREAKING,
        "pattern was '^a+$'",
    ),
    "items": Case(
        {"type": "array", "items": {"type": "number"}}, {"type": "array", "items": ID}, BREAKING, FINE, "S[]: the type"
    ),
    "unique items": Case({"type": "array"}, {"type": "array", "uniqueItems": True}, BREAKING, FINE, "uniqueItems True"),
    "items described": Case({"type": "array"}, {"type": "array", "items": ID}, BREAKING, FINE, "are described now"),
    "alternative": Case(
        {"oneOf": [A]}, {"oneOf": [A, {"$ref": "#/components/schemas/B"}]}, FINE, BREAKING, "the alternative B is new"
    ),
    "alternative to a schema": Case(
        {"allOf": [{"$ref": "#/components/schemas/A"}]},
        {"oneOf": [{"$ref": "#/components/schemas/A"}, B]},
        FINE,
        BREAKING,
        "the alternative number 1 is new",
    ),
    "within an alternative": Case(
        {"oneOf": [A, B]}, {"oneOf": [B, A | {"required": ["kind", "x"]}]}, BREAKING, FINE, "property x is required now"
    ),
    "oneOf": Case({"anyOf": [A, B]}, {"oneOf": [A, B]}, BREAKING, FINE, "oneOf stands where anyOf stood"),
    "part": Case(
        {"allOf": [pet(), {"properties": {"age": ID}}]},
        {"allOf": [pet(), {"properties": {"age": TEXT}}]},
        BREAKING,
        BREAKING,
        "S.age: the type was integer",
    ),
    "parts instead of one": Case(
        pet(age=ID),
        {
            "allOf": [
                {"required": ["name"]},
                {"type": "object", "properties": {"age": ID, "name": TEXT}},
                {"properties": {"more": TEXT}},
            ]
        },
        FINE,
        FINE,
        "the property more is new",
    ),
    "recursion": Case(tree(), tree(name=TEXT), FINE, FINE, "the property name is new"),
    "recursion, required": Case(tree(a=ID), tree(a=ID) | {"required": ["a"]}, BREAKING, FINE, "a is required now"),
    "readOnly and required": Case(
        pet(id=ID | {"readOnly": True}),
        pet(id=ID | {"readOnly": True}) | {"required": ["name", "id"]},
        FINE,
        FINE,
        "the property id is required now",
    ),
    "no longer readOnly": Case(
        pet(id=ID | {"readOnly": True}) | {"required": ["id"]},
        pet(id=ID) | {"required": ["id"]},
        BREAKING,
        FINE,
        "id",
    ),
    "default": Case(
        ID | {"default": 1}, ID | {"default": 2}, BREAKING, FINE, "the default changed: it was 1, and is 2 now"
    ),
    "deprecated": Case(pet(a=ID), pet(a=ID | {"deprecated": True}), FINE, FINE, "S.a: the deprecated is new"),
    "description": Case(pet(), pet() | {"description": "A pet"}, TOLD, TOLD, "S: the description is new"),
    "example": Case(pet(a=ID | {"example": 1}), pet(a=ID | {"example": 2}), TOLD, TOLD, "S.a: the example changed"),
    "negation": Case({"not": ID}, {"not": TEXT}, BREAKING, BREAKING, "not was"),
}


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_schema_changes_in_a_request(case: Case) -> None:
    """A change of what clients send is named, and breaks if what they could send is refused now."""
    changes = changed(sent(case.old), sent(case.new))

    assert changes[0][0] is case.request
    assert any(case.said in what for _, what in changes)


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_schema_changes_in_a_response(case: Case) -> None:
    """A change of what clients get is named, and breaks if they can get what they couldn't before."""
    changes = changed(answered(case.old), answered(case.new))

    assert changes[0][0] is case.response
    assert any(case.said in what for _, what in changes)


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_no_change_is_found_where_none_is(case: Case) -> None:
    """A contract doesn't differ from itself, however its schemas look."""
    assert changed(sent(case.old), sent(case.old)) == []
    assert changed(answered(case.new), answered(case.new)) == []


# ---------------------------------------------------------------- operations
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


def test_a_new_path_breaks_nobody() -> None:
    """What is only there in the new contract is not breaking, and what is only in the old one is."""
    old, new = document({}), document({})
    new["paths"]["/owners"] = {"get": {"responses": {}}}

    assert changed(old, new) == [(FINE, "the operation is new")]
    assert changed(new, old) == [(BREAKING, "the operation is gone")]


def test_a_renamed_path_parameter_breaks_nobody() -> None:
    """The names of path parameters are not seen on the wire; their schemas are compared across the new name."""
    old, new = document({}), document({}, path="/pets/{pet}")
    new["paths"]["/pets/{pet}"]["parameters"][0] |= {"name": "pet", "schema": ID}

    assert changed(old, new) == [
        (BREAKING, "the path parameter pet: the type was string, and is integer now"),
        (FINE, "the path parameter id is called pet now"),
    ]


def test_a_change_is_told_once() -> None:
    """A change of a shared component is one change, with all operations that it concerns, and its place."""
    old, new = answered(pet()), answered(pet(tag=TEXT))
    for each in (old, new):
        each["paths"]["/pets/{id}"]["get"] = copy.deepcopy(each["paths"]["/pets/{id}"]["post"])

    assert compare(old, new) == [
        Change(
            FINE,
            ("GET /pets/{id}", "POST /pets/{id}"),
            "S: the property tag is new",
            ("new", "components", "schemas", "S", "properties", "tag"),
        )
    ]


def event(schema: Json, **more: Any) -> Json:
    """A contract with an event."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok"}}
    return document({}) | {
        "x-webhooks": {"Sold": {"post": {"requestBody": {"content": content}, "responses": responses} | more}}
    }


EVENTS = {
    "wider": (event(ID), event({"type": "number"}), BREAKING, "the request body: the type was integer"),
    "narrower": (event({"type": "number"}), event(ID), FINE, "the request body: the type was number"),
    "gone": (event(ID), document({}), BREAKING, "the event is gone"),
    "new": (document({}), event(ID), FINE, "the event is new"),
    "response gone": (event(ID), event(ID, responses={"204": {}}), BREAKING, "the response 200 is gone"),
    "header promised": (
        event(ID),
        event(ID, parameters=[{"name": "X", "in": "header", "required": True}]),
        FINE,
        "X is new".lower(),
    ),
}


@pytest.mark.parametrize(("old", "new", "kind", "said"), EVENTS.values(), ids=EVENTS)
def test_events_go_the_other_way(old: Json, new: Json, kind: ChangeKind, said: str) -> None:
    """An event is sent by the server: what widens it breaks who receives it."""
    changes = compare(old, new)

    assert changes[0].kind is kind
    assert said in " ".join(change.what for change in changes)
    assert changes[0].where == ("event Sold",)


# ---------------------------------------------------------------- our own contract
SUBSCRIBE = ("paths", "/api/{storeCode}/webhook/subscription", "post")
LIST = ("paths", "/api/{storeCode}/webhook/subscription", "get")
SCHEMA = ("components", "schemas")
MUTATIONS: dict[str, tuple[tuple[str | int, ...], Any, ChangeKind]] = {
    "operation": (SUBSCRIBE, MISSING, BREAKING),
    "operationId": ((*SUBSCRIBE, "operationId"), "other", FINE),
    "summary": ((*SUBSCRIBE, "summary"), "Other", TOLD),
    "success": ((*SUBSCRIBE, "responses", "200"), MISSING, BREAKING),
    "error": ((*SUBSCRIBE, "responses", "404"), MISSING, FINE),
    "body": ((*SUBSCRIBE, "requestBody"), MISSING, BREAKING),
    "closed world": ((*SCHEMA, "RestWebhookPost", "required"), ["url", "eventName", "extra"], BREAKING),
    "request property": ((*SCHEMA, "RestWebhookPost", "properties", "url"), MISSING, BREAKING),
    "request enum": ((*SCHEMA, "WebhookEventName", "enum", 0), MISSING, BREAKING),
    "response type": ((*SCHEMA, "WebhookSubscription", "properties", "eventName"), {"type": "integer"}, BREAKING),
    "response property": ((*SCHEMA, "WebhookSubscription", "properties", "more"), {"type": "integer"}, FINE),
    "event": (("x-webhooks", "CustomerUpdated"), MISSING, BREAKING),
    "event type": ((*SCHEMA, "WebhookEnvelope", "properties", "messageId"), {"type": "integer"}, BREAKING),
    "security": (("security",), [], FINE),
    "scheme": (("components", "securitySchemes", "token", "name"), "X-OTHER", BREAKING),
    "title": (("info", "description"), "Other", TOLD),
    "parameter": (("components", "parameters", "itemsOnPage", "schema", "maximum"), 10, BREAKING),
}


def test_our_contract_is_itself(contract: Contract) -> None:
    """The contract that the mock ships doesn't differ from a copy of itself."""
    assert compare(contract.document, copy.deepcopy(contract.document)) == []


@pytest.mark.parametrize(("place", "value", "kind"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_mutation_is_seen(contract: Contract, place: tuple[str | int, ...], value: Any, kind: ChangeKind) -> None:
    """One change of our contract is found, for what it is."""
    mutant = copy.deepcopy(contract.document)
    node: Any = mutant
    for step in place[:-1]:
        node = node[step]
    if value is MISSING:
        del node[place[-1]]
    else:
        node[place[-1]] = value

    changes = compare(contract.document, mutant)

    assert changes[0].kind is kind
