"""mockserver.spec.diff.documents: changes of paths and events, and each change told once."""

import copy
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.spec.diff import Change, ChangeKind, compare
from tests.spec.diff.contracts import BREAKING, FINE, ID, MISSING, TEXT, TOLD, Json, answered, changed, document, pet


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


def test_a_contract_may_become_openapi_31() -> None:
    """Events under `webhooks` are those that were under the extension, and null is null however it is written."""
    old, new = event({"type": "string", "nullable": True}), event({"type": ["string", "null"]})
    new = {"openapi": "3.1.0", "webhooks": new.pop("x-webhooks"), **{key: new[key] for key in new if key != "openapi"}}

    assert {change.kind for change in compare(old, new)} == {ChangeKind.DOCUMENTATION}
