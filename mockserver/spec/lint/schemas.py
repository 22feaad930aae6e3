"""Rules for schemas, examples and defaults: defects that make a schema useless for validation or for examples."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import jsonschema_rs

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.expressions import Expressions
from mockserver.openapi.normal_forms import Schema, Unsatisfiable
from mockserver.openapi.normalization import SchemaNormalizer
from mockserver.openapi.structure import Steps, mapping, pointer_to, steps_of
from mockserver.spec.lint.findings import LintFinding
from mockserver.spec.outline import Outline
from mockserver.spec.subsumption import MessageSchemas
from mockserver.violations import Violation, dotted

ValueValidator = Callable[[Steps, Any], Iterable[str]]

_PARTS = ("allOf", "anyOf", "oneOf", "not")
_IN_REQUESTS = ("requestBody", "requestBodies", "parameters")
_IN_RESPONSES = ("responses", "headers")
_HOLDERS = ("parameter", "header", "mediaType")
_WORDS = {
    "required": "it is missing.",
    "additionalProperties": "it may not be there.",
}  # clearer than the vendor's messages
_MOST_SHOWN = 200  # characters of a pattern
_COMPONENTS = ("components", "schemas")


def value_validator(contract: Contract) -> ValueValidator:
    """A function that gives the violations of the schema at a place in a value; none if the schema can't be compiled.

    A value that may be part of a request or of a response must be valid in one of the two.
    """

    def violations_of(schema: Steps, value: Any) -> Iterator[str]:
        in_request, in_response = (any(step in names for step in schema) for names in (_IN_REQUESTS, _IN_RESPONSES))
        sides = [sent for sent, other in ((False, in_request), (True, in_response)) if not other]
        with suppress(ContractError):
            pointer = pointer_to(*schema)
            found = [contract.validator(pointer, sent=sent).violations(value) for sent in sides]
            yield from map(_message, found[0] if all(found) else ())

    return violations_of


def _message(violation: Violation) -> str:
    place = dotted(violation.path)
    words = _WORDS.get(violation.keyword, violation.message)
    return f"{place}: {words}" if place else words


def examples(outline: Outline, violations_of: ValueValidator) -> Iterator[LintFinding]:
    """Every example is valid by the schema beside it: of bodies, parameters, headers, schemas and properties."""
    for kind, steps, node in outline.walk():
        if kind in _HOLDERS and "schema" in node:
            named = outline.children(steps, "examples").values()
            values = [(place, outline.node(place)["value"]) for place in named if "value" in outline.node(place)]
            yield from _validated(violations_of, (*steps, "schema"), [*_own(steps, node), *values])
        elif kind == "schema":
            yield from _validated(violations_of, steps, _own(steps, node))


def _own(steps: Steps, node: dict[str, Any]) -> list[tuple[Steps, Any]]:
    own = [((*steps, "example"), node["example"])] if "example" in node else []
    several = node.get("examples")
    return [*own, *(((*steps, "examples", index), each) for index, each in _numbered(several))]


def _numbered(values: Any) -> Iterator[tuple[int, Any]]:
    """The examples of a schema, which are a list; those of a parameter have names."""
    return enumerate(values) if isinstance(values, list) else enumerate(())


def _validated(violations_of: ValueValidator, schema: Steps, values: list[tuple[Steps, Any]]) -> Iterator[LintFinding]:
    for place, value in values:
        for message in violations_of(schema, value):
            yield LintFinding(
                place, f"the example doesn't fit its schema: {message[:200]}", "correct the one or the other"
            )


def defaults(outline: Outline, violations_of: ValueValidator) -> Iterator[LintFinding]:
    """Every default is valid by its schema."""
    for steps, node in _schemas(outline):
        if "default" in node:
            for message in violations_of(steps, node["default"]):
                advice = "correct the one or the other"
                yield LintFinding((*steps, "default"), f"the default doesn't fit its schema: {message}", advice)


def _schemas(outline: Outline) -> Iterator[tuple[Steps, dict[str, Any]]]:
    return ((steps, node) for kind, steps, node in outline.walk() if kind == "schema" and "$ref" not in node)


def patterns(outline: Outline) -> Iterator[LintFinding]:
    """Every pattern is a regular expression."""
    expressions = Expressions()
    for steps, node in _schemas(outline):
        for place, pattern in _patterns(steps, node):
            if expressions.can_use(pattern):
                continue
            message = f"{pattern[:_MOST_SHOWN]!r} is no regular expression that can be used"
            advice = "correct it; Perl's extensions don't belong into contracts, nor do thousands of repetitions"
            yield LintFinding(place, message, advice)


def _patterns(steps: Steps, node: Schema) -> Iterator[tuple[Steps, str]]:
    """The patterns of texts and of names in a schema, with their places."""
    if isinstance(node.get("pattern"), str):
        yield (*steps, "pattern"), node["pattern"]
    yield from (((*steps, "patternProperties", name), name) for name in mapping(node.get("patternProperties")))


def enums(outline: Outline) -> Iterator[LintFinding]:
    """Every value of an enum is of the type beside it."""
    for steps, node in _schemas(outline):
        values = node.get("enum")
        kinds = {"type": _types(node)} if "type" in node else {}
        for index, value in enumerate(values if isinstance(values, list) else ()):
            place = (*steps, "enum", index)
            if not jsonschema_rs.Draft4Validator(kinds).is_valid(value):
                advice = "quote it, correct it, or take it out; `null` has to be allowed by the type, too"
                yield LintFinding(place, f"the value {value!r} is not of the type {node['type']}", advice)


def _types(node: Schema) -> list[str]:
    types = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return [*types, *(["null"] if node.get("nullable") is True else [])]


def required_properties(outline: Outline) -> Iterator[LintFinding]:
    """Every required property is declared, unless the object is a map."""
    schemas = SchemaNormalizer(outline.document, subtypes=False)
    for steps, node in _schemas(outline):
        if steps[-2] not in _PARTS and steps[-1] != "not":
            with suppress(Unsatisfiable):
                normalized = schemas.normalized(node)
                names = set(normalized.get("properties", ())).union(
                    *_of_branches(schemas, normalized.get("choices", ()))
                )
                is_map = normalized.get("additionalProperties") or not names
                lost = set() if is_map else set(normalized.get("required", ())) - names
                for name in sorted(lost):
                    advice = "describe it under properties, or take it out of required"
                    yield LintFinding(
                        (*steps, "required"), f"the property {name} is required, but not described", advice
                    )


def _of_branches(schemas: SchemaNormalizer, choices: Iterable[Any]) -> Iterator[set[str]]:
    for choice in choices:
        for branch in choice.branches:
            with suppress(Unsatisfiable):
                yield set(schemas.normalized(branch, choice.above).get("properties", ()))


def impossible(outline: Outline) -> Iterator[LintFinding]:
    """Every schema accepts some value."""
    found: list[Steps] = []
    messages = MessageSchemas(outline.document, requests=False)
    for steps, node in sorted(_schemas(outline), key=lambda each: -len(each[0])):
        inside = any(place[: len(steps)] == steps for place in found)
        if node != {"not": {}} and not inside and messages.is_unsatisfiable(node):
            found.append(steps)
            advice = (
                "look for bounds that cross, types that exclude each other, and required properties that may not be"
            )
            yield LintFinding(steps, "nothing fits this schema", advice)


def discriminators(outline: Outline) -> Iterator[LintFinding]:
    """Every discriminator maps to existing schemas, and each alternative has its property."""
    schemas = SchemaNormalizer(outline.document, subtypes=False)
    for steps, node in _schemas(outline):
        discriminator = mapping(node.get("discriminator"))
        for name, target in mapping(discriminator.get("mapping")).items():
            place = steps_of(str(target)) if "#" in str(target) else (*_COMPONENTS, str(target))
            if outline.at(place) is None:
                where = (*steps, "discriminator", "mapping", name)
                yield LintFinding(where, f"{target} leads nowhere", "name a schema that exists")
        tag = discriminator.get("propertyName")
        for key in ("oneOf", "anyOf"):
            for index, branch in enumerate(node.get(key) or () if tag else ()):
                with suppress(Unsatisfiable):
                    if tag not in schemas.normalized(branch).get("properties", {}):
                        message = f"the alternative has no property {tag}, by which the discriminator tells it"
                        yield LintFinding((*steps, key, index), message, f"describe {tag}, and require it")
