"""Rules for paths and operations: their parameters, names, responses and security."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import Steps, mapping, steps_of
from mockserver.spec.lint.findings import LintFinding
from mockserver.spec.outline import Outline, template, variables


def templates(outline: Outline) -> Iterator[LintFinding]:
    """No two paths match the same requests: they differ in more than parameter names and percent-encoding."""
    seen: dict[tuple[str, ...], str] = {}
    for path, steps in outline.children((), "paths").items():
        known = seen.setdefault(tuple(map(unquote, template(path).split("/"))), path)
        if known != path:
            yield LintFinding(steps, f"the path matches what {known} matches", "make one of the two")


def unreachable(outline: Outline) -> Iterator[LintFinding]:
    """No path contains a query or a fragment, which the path of a request never has."""
    for path, steps in outline.children((), "paths").items():
        if "?" in path or "#" in path:
            advice = "declare a query as parameters, take a fragment out, or write %3F and %23"
            yield LintFinding(steps, f"no request's path has a query or fragment, as {path} has", advice)


def routing(_outline: Outline, contract: Contract) -> Iterator[LintFinding]:
    """Every operation can be routed."""
    router = Router[None]()
    try:
        for route in contract.routes():
            router.add(route.method, route.path, None)
    except ContractError as error:
        steps = ("paths", route.declared_path) if error.pointer is None else steps_of(f"#{error.pointer}")
        yield LintFinding(steps, f"{error}".removesuffix("."), "correct it: the contract can't be served as it is")


def path_parameters(outline: Outline) -> Iterator[LintFinding]:
    """The parameters in a path template are those that are declared."""
    for operation in outline.operations("paths"):
        named = set(variables(operation.path))
        declared = {name: steps for (place, name), steps in outline.parameters(operation).items() if place == "path"}
        for name in sorted(named - declared.keys()):
            advice = f"declare it under parameters: name: {name}, in: path, required: true"
            yield LintFinding(operation.steps, f"the path parameter {name} is not declared", advice)
        for name in sorted(declared.keys() - named):
            message = f"the path {operation.path} has no parameter {name}"
            yield LintFinding(operation.steps, message, "correct its name, or take it out")


def repeated_parameters(outline: Outline) -> Iterator[LintFinding]:
    """No parameter is declared twice in one place."""
    for operation in outline.operations():
        for holder in (operation.item, operation.steps):
            entries = [outline.node((*holder, "parameters", index)) for index, _ in enumerate(_listed(outline, holder))]
            names = Counter((entry.get("in"), entry.get("name")) for entry in entries)
            for (place, name), count in names.items():
                if count > 1:
                    yield LintFinding(
                        (*holder, "parameters"), f"the {place} parameter {name} stands here twice", "keep one"
                    )


def _listed(outline: Outline, holder: Steps) -> list[Any]:
    found: list[Any] = outline.node(holder).get("parameters") or []
    return found


def operation_ids(outline: Outline) -> Iterator[LintFinding]:
    """No operationId names two operations or events."""
    seen: set[str] = set()
    for operation in outline.operations():
        name = outline.node(operation.steps).get("operationId")
        if name in seen:
            message = f"the operationId {name} is that of another operation, too"
            yield LintFinding((*operation.steps, "operationId"), message, "choose another name: this one is taken")
        seen.update([name] if name else [])


def successes(outline: Outline) -> Iterator[LintFinding]:
    """Every operation declares a success."""
    for operation in outline.operations():
        statuses = outline.children(operation.steps, "responses")
        if not any(status[:1] in "23d" for status in statuses):  # `default` may be a success
            yield LintFinding(
                (*operation.steps, "responses"), "the operation never succeeds", "declare a success, like 200"
            )


def response_descriptions(outline: Outline) -> Iterator[LintFinding]:
    """The required description of every response is not empty."""
    for kind, steps, node in outline.walk():
        if kind == "response" and node.get("description") == "":
            yield LintFinding((*steps, "description"), "the description is empty", "say when this is answered")


def security(outline: Outline) -> Iterator[LintFinding]:
    """Every security scheme that is required is declared."""
    schemes = outline.children(("components",), "securitySchemes")
    for holder in ((), *(operation.steps for operation in outline.operations())):
        for index, alternative in enumerate(mapping(outline.at(holder)).get("security") or ()):
            for name in [name for name in alternative if name not in schemes]:
                advice = "declare it under components/securitySchemes, or correct its name"
                yield LintFinding((*holder, "security", index), f"the security scheme {name} is not declared", advice)
