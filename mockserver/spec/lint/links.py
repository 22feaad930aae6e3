"""Rules for links and callbacks, and the runtime expressions in them."""

import re
from collections.abc import Iterator
from typing import Any

from mockserver.openapi.structure import Steps, find, mapping, steps_of
from mockserver.spec.lint.findings import LintFinding
from mockserver.spec.outline import DeclaredOperation, Outline, template, variables

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (of a header)
_SOURCE = rf"(?:header\.{_TOKEN}|query\.[^{{}}]+|path\.(?P<path>[^{{}}]+)|body(?:#(?P<body>(?:/[^{{}}]*)?))?)"
_BY_DOTS = re.compile(r"\$(request|response)\.body\.([^{}#]+)")
_EXPRESSION = re.compile(rf"\$(?:url|method|statusCode|(?P<side>request|response)\.{_SOURCE})")


def links(outline: Outline) -> Iterator[LintFinding]:
    """Every link leads to an operation and sets each of its path parameters, by expressions that have a value."""
    targets = {outline.node(operation.steps).get("operationId"): operation for operation in outline.operations("paths")}
    for operation in outline.operations("paths"):
        for response in outline.children(operation.steps, "responses").values():
            for place in outline.children(response, "links").values():
                link = outline.node(place)
                target = targets.get(link["operationId"]) if "operationId" in link else _at_reference(outline, link)
                yield from _link(outline, place, link, target)
                for value in _strings([link.get("parameters"), link.get("requestBody")]):
                    if value.startswith("$"):
                        yield from _expression(outline, operation, response, (place, value))


def _at_reference(outline: Outline, link: dict[str, Any]) -> DeclaredOperation | None:
    """The operation that `operationRef` leads to; None if there is none."""
    steps = steps_of(str(link.get("operationRef", "")))
    return next((operation for operation in outline.operations("paths") if operation.steps == steps), None)


def _link(
    outline: Outline, place: Steps, link: dict[str, Any], target: DeclaredOperation | None
) -> Iterator[LintFinding]:
    if target is None:
        named = link.get("operationId", link.get("operationRef"))
        if (
            named is None or "operationId" in link or str(named).startswith("#")
        ):  # other references may lead to another document
            yield LintFinding(place, f"the link leads nowhere: there is no {named}", "lead to an operation that exists")
        return
    given = mapping(link.get("parameters"))
    known = outline.parameters(target)
    names = {name for _, name in known} | {f"{location}.{name}" for location, name in known}
    for location, name in known:
        if location == "path" and not given.keys() & {name, f"path.{name}"}:
            yield LintFinding(
                place, f"the link leaves the path parameter {name} open", f"set the path parameter {name}"
            )
    for name in [name for name in given if name not in names]:
        yield LintFinding(place, f"the target of the link has no parameter {name}", f"take out {name}")


def callbacks(outline: Outline) -> Iterator[LintFinding]:
    """The URL of every callback contains well-formed expressions that have a value."""
    for operation in outline.operations("paths"):
        for callback in outline.children(operation.steps, "callbacks").values():
            for url in [url for url in outline.node(callback) if not url.startswith("x-")]:
                place = (*outline.end(callback), url)
                parts = variables(url)
                if url.startswith("$"):
                    yield from _expression(outline, operation, None, (place, _spelled(outline, operation, url)))
                if "{" in (rest := template(url).replace("{}", "")) or "}" in rest:
                    yield LintFinding(place, f"{url}: a brace has no other one", "close each brace that is opened")
                elif not parts and not url.startswith("$"):
                    message = "the callback always goes to the same URL"
                    yield LintFinding(
                        place, message, "name the URL by an expression in braces, like {$request.body#/url}"
                    )
                for part in parts:
                    yield from _expression(outline, operation, None, (place, _spelled(outline, operation, part)))


def _spelled(outline: Outline, operation: DeclaredOperation, text: str) -> str:
    """An expression as the specification spells what FastAPI's documents have: `$request.body.id` is a pointer,
    `$callback_url` a parameter or a property of this name. Any other one as it is."""
    if found := _BY_DOTS.fullmatch(text):
        return f"${found[1]}.body#/{found[2].replace('.', '/')}"
    name = text.removeprefix("$")
    places = [location for location, known in outline.parameters(operation) if known == name and text != name]
    if places:
        return f"$request.{places[0]}.{name}"
    body = (*operation.steps, "requestBody")
    schemas = (outline.node((*kind, "schema")) for kind in outline.children(body, "content").values())
    return f"$request.body#/{name}" if any(name in mapping(one.get("properties")) for one in schemas) else text


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (list, dict)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _strings(child)


def _expression(
    outline: Outline, operation: DeclaredOperation, response: Steps | None, stands: tuple[Steps, str]
) -> Iterator[LintFinding]:
    """The defects of a runtime expression. One that reads a body must have a value in an example, if there is any."""
    place, text = stands
    match = _EXPRESSION.fullmatch(text)
    names = [name for location, name in outline.parameters(operation) if location == "path"]
    if match is None:
        yield LintFinding(place, f"{text}: it is no runtime expression", "write it like $request.path.id")
    elif match["path"] and match["path"] not in names:
        advice = f"name one of {', '.join(names) or 'its parameters'}"
        yield LintFinding(place, f"{text}: the operation has no such path parameter", advice)
    elif match["body"]:
        body = (*operation.steps, "requestBody") if match["side"] == "request" else response
        examples = list(outline.examples(body)) if body else []
        if examples and not any(_leads_somewhere(value, match["body"]) for value in examples):
            yield LintFinding(place, f"{text}: no example has a value there", "correct the pointer, or the examples")


def _leads_somewhere(value: Any, pointer: str) -> bool:
    return find(value, steps_of(f"#{pointer}")) is not None
