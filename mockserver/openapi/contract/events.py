"""The events of a document: what its server sends by itself.

They stand under `webhooks` since OpenAPI 3.1, under `x-webhooks` in any version, and in the `callbacks` of operations.
A callback that refers to an event is that event, sent to one more place.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.openapi.contract.routes import Route
from mockserver.openapi.dialects import dialect_of
from mockserver.openapi.structure import EVENTS, METHODS, Steps, escaped, mapping, pointer_to, steps_of

JSON = "application/json"
Resolve = Callable[[Mapping[str, Any], str], tuple[Mapping[str, Any], str]]  # a node and its pointer, over references


class DeclaredEvent(NamedTuple):
    """An event. `steps` lead to its operation, `operation` is that. `media_type` and `pointer` are those of its
    payload, JSON if there is a choice; empty, and None, if it has no payload, or no schema for it."""

    name: str
    steps: Steps
    method: str
    operation: Mapping[str, Any]
    media_type: str = ""
    pointer: str | None = None

    @property
    def content(self) -> str:
        """The JSON pointer of the schema of its payload: where it is, or would be."""
        return self.pointer or pointer_to(*self.steps, "requestBody", "content", JSON, "schema")


class Callback(NamedTuple):
    """A callback of an operation: whenever that succeeds, the event goes to the URL of the expression."""

    operation_id: str
    expression: str
    event_name: str


class EventCatalogue(NamedTuple):
    """All events by name, in the order of the document, and the callbacks that send some of them."""

    events: Mapping[str, DeclaredEvent]
    callbacks: tuple[Callback, ...] = ()


class _Found(NamedTuple):
    """A path item that is one of a callback, and where it stands."""

    name: str
    route: Route
    expression: str
    item: Mapping[str, Any]
    pointer: str


def catalogue_of(document: Mapping[str, Any], routes: list[Route], resolve: Resolve) -> EventCatalogue:
    """The events of a document whose operations have these routes, which are left out if no callbacks count."""
    events: dict[str, DeclaredEvent] = {}
    told: set[tuple[str, str]] = set()  # a document may have one event under both names, for tools of both versions
    for key in dict.fromkeys((dialect_of(document).events, EVENTS)):
        for name, entry in mapping(document.get(key)).items():
            item, pointer = resolve(mapping(entry), pointer_to(key, name))
            for method, operation in _operations(item):
                if (name, method) in told:
                    continue
                told.add((name, method))
                event = _declared(name if name not in events else f"{name} {method.upper()}", pointer, method,
                                  operation, resolve)  # fmt: skip
                events.setdefault(event.name, event)
    return EventCatalogue(events, tuple(_callbacks(document, routes, resolve, events)))


def _callbacks(
    document: Mapping[str, Any], routes: list[Route], resolve: Resolve, events: dict[str, DeclaredEvent]
) -> Iterator[Callback]:
    """The callbacks of all operations; what they send is added to the events, unless it is there."""
    places = {event.steps: event.name for event in events.values()}
    found = [one for route in routes for one in _items(document, route, resolve)]
    common = Counter(one.name for one in found)
    for one in found:
        for method, operation in _operations(one.item):
            steps = (*steps_of(f"#{one.pointer}"), method)
            if steps not in places:
                plain = one.name if common[one.name] == 1 else f"{one.route.operation_id}.{one.name}"
                name = next(name for name in _names(plain, method) if name not in events)
                events[name] = _declared(name, one.pointer, method, operation, resolve)
                places[steps] = name
            yield Callback(one.route.operation_id, one.expression, places[steps])


def _items(document: Mapping[str, Any], route: Route, resolve: Resolve) -> Iterator[_Found]:
    """The path items of the callbacks of an operation, by their expressions."""
    steps = "paths", route.declared_path, route.method.lower(), "callbacks"
    declared = document["paths"][route.declared_path][route.method.lower()]
    for name, entry in mapping(declared.get("callbacks")).items():
        callback, pointer = resolve(mapping(entry), pointer_to(*steps, name))
        for expression, item in callback.items():
            if not expression.startswith("x-") and isinstance(item, dict):
                found, place = resolve(item, f"{pointer}/{escaped(expression)}")
                yield _Found(name, route, expression, found, place)


def _operations(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The operations of a path item; POST, which events usually are, is the first."""
    methods = sorted(METHODS, key="post".__ne__)
    return ((method, item[method]) for method in methods if isinstance(item.get(method), dict))


def _names(plain: str, method: str) -> Iterator[str]:
    """The possible names of an event, the preferred one first."""
    yield from (plain, f"{plain} {method.upper()}")
    number = 2
    while True:
        yield f"{plain} ({number})"
        number += 1


def _declared(name: str, pointer: str, method: str, operation: Mapping[str, Any], resolve: Resolve) -> DeclaredEvent:
    steps = (*steps_of(f"#{pointer}"), method)
    body, where = resolve(mapping(operation.get("requestBody")), f"{pointer}/{method}/requestBody")
    contents = {kind: mapping(entry) for kind, entry in mapping(body.get("content")).items() if "/" in kind}
    if not contents:
        return DeclaredEvent(name, steps, method.upper(), operation)
    kinds = (JSON, *(kind for kind in contents if kind.partition(";")[0].endswith("json")), *contents)
    kind = next(kind for kind in kinds if kind in contents)
    has_schema = isinstance(contents[kind].get("schema"), dict)
    schema = f"{where}/content/{escaped(kind)}/schema" if has_schema else None
    return DeclaredEvent(name, steps, method.upper(), operation, kind, schema)
