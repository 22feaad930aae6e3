"""mockserver.openapi.contract.events: what a document's server sends by itself."""

from typing import Any

from mockserver.openapi.contract import Callback, Contract
from tests.support.event_contracts import ORDERS, STREAMED, STREAMS, body_of, event_of


def _contract(document: dict[str, Any]) -> Contract:
    return Contract(b"", document)


def test_callbacks_are_events() -> None:
    """Each callback is an event of its method, with the operation that causes it and the expression of its URL."""
    contract = _contract(STREAMS)

    assert contract.event_names == ["onData", "onEnd"]
    assert contract.callbacks == (
        Callback("openStream", "{$request.body#/url}/data", "onData"),
        Callback("openStream", "$request.header.X-End", "onEnd"),
    )
    data, end = contract.events.values()
    assert (data.method, data.media_type, contract.at(data.pointer)) == ("POST", "application/json", STREAMED)
    assert (end.method, end.media_type, end.pointer) == ("PUT", "", None)


def test_webhooks_have_methods_and_media_types() -> None:
    """A webhook may have any method and media type; its names may be odd."""
    events = _contract(ORDERS).events

    assert {name: (event.method, event.media_type) for name, event in events.items()} == {
        "order.shipped": ("POST", "application/json"),
        "order/form": ("PUT", "application/x-www-form-urlencoded"),
        "note": ("POST", "text/plain"),
        "never": ("POST", "application/json"),
    }


def test_json_is_preferred_and_webhooks_of_both_spellings_count() -> None:
    """Of several media types it is JSON; what OpenAPI 3.1 has under `x-webhooks` counts, too."""
    several = {"content": {"text/xml": {}, "application/vnd.shop+json; v=1": {"schema": {"type": "object"}}}}
    item = {"post": event_of(several), "put": event_of(None)}
    document = {"openapi": "3.1.0", "webhooks": {"a": item}, "x-webhooks": {"b": {"post": event_of(None)}}}
    events = _contract(document).events

    assert list(events) == ["a", "a PUT", "b"]
    assert {event.media_type for event in events.values()} == {"application/vnd.shop+json; v=1", ""}


def test_an_event_under_both_spellings_is_one() -> None:
    """That of the document's own version; another method of it is another event."""
    item = {"post": event_of(body_of({"type": "object"}))}
    both = {"a": {"post": event_of(None), "put": event_of(None)}}
    events = _contract({"openapi": "3.1.0", "webhooks": {"a": item}, "x-webhooks": both}).events

    assert list(events) == ["a", "a PUT"]
    assert events["a"].steps == ("webhooks", "a", "post")


def _operation(name: str, callbacks: dict[str, Any]) -> dict[str, Any]:
    responses = {"201": {"description": "made"}}
    return {"post": {"operationId": name, "responses": responses, "callbacks": callbacks}}


def test_names_of_callbacks_differ() -> None:
    """Callbacks of one name in two operations are told apart by these; an event that a callback refers to is that."""
    hook = {"{$request.body#/url}": {"post": event_of(body_of({"type": "object"}))}}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/a": _operation("one", {"done": hook}),
            "/b": _operation("two", {"done": hook}),
            "/c": _operation("three", {"known": {"$request.query.url": {"$ref": "#/webhooks/born"}}}),
        },
        "webhooks": {"born": {"post": event_of(body_of({"type": "object"}))}},
    }
    contract = _contract(document)

    assert contract.event_names == ["born", "one.done", "two.done"]
    assert [one.event_name for one in contract.callbacks] == ["one.done", "two.done", "born"]


def test_ours_has_no_callbacks_of_its_own(contract: Contract) -> None:
    """In the contract of Open Loyalty a callback is what subscriptions cause, and no event beside the 29."""
    assert contract.callbacks == ()
    assert len(contract.event_names) == 29
    assert contract.event_schema("CustomerRegistered") == (
        "/x-webhooks/CustomerRegistered/post/requestBody/content/application~1json/schema"
    )
    assert contract.event_steps("CustomerRegistered") == ("x-webhooks", "CustomerRegistered", "post")
