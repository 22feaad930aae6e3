"""Lints the contract: what validators of OpenAPI don't look at, and what this project promises on top.

    python -m tools.lint_contract openapi.yaml

Prints one line per finding: the JSON pointer of the place, what to do, and the rule. Exit code 0: nothing was found.
1: something was. 2: the contract can't be read.

Validators are blind inside ``x-webhooks``, so the specification is checked on a copy in which events are ordinary paths
(``derive_contract.py``). Examples are validated by plain ``jsonschema``, independently of how the mock does it. The
rules that any contract has to keep are those of ``mockserver spec lint``.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml
from jsonschema import Draft4Validator, FormatChecker, ValidationError  # type: ignore[import-untyped]
from jsonschema import validators as jsonschema_validators
from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from mockserver import grammar, linting
from mockserver.contract import Contract
from mockserver.grammar import EVENTS as EXTENSION
from mockserver.grammar import METHODS, steps_of
from mockserver.outline import Outline
from tools.derive_contract import PREFIX, with_events_as_paths

ASSUMPTIONS = Path("docs/assumptions.md")
# Below these keys stand names, which can be anything; below all others, keywords.
NAME_MAPS = {
    *("callbacks", "content", "examples", "headers", "links", "parameters", "paths", "properties"),
    *("requestBodies", "responses", "schemas", "securitySchemes", EXTENSION),
}
# What stands below these keywords is data and not part of the contract.
DATA = frozenset({"default", "enum", "example"})
BODYLESS = frozenset({"204"})

Steps = tuple[str, ...]
Node = dict[str, Any]


class Finding(NamedTuple):
    """Something to mend: where, and what to do about it."""

    pointer: str
    advice: str


class Operation(NamedTuple):
    """An operation or event, and where it stands."""

    steps: Steps
    item: Node
    node: Node


@dataclass(frozen=True)
class Linted:
    """A contract under examination: as text, as data, and the table of assumptions that belongs to it."""

    text: str = field(repr=False)
    document: Node = field(repr=False)
    assumptions: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Linted":
        """The contract at ``path``, with docs/assumptions.md beside it; where nothing was guessed there is none.

        Raises OSError, TypeError or YAMLError.
        """
        text = path.read_text(encoding="utf-8")
        document = yaml.load(text, yaml.CSafeLoader)
        if not isinstance(document, dict):
            raise TypeError(f"{path} is not an OpenAPI document")
        table = path.parent / ASSUMPTIONS
        assumptions = table.read_text(encoding="utf-8") if table.exists() else ""
        return cls(text, json.loads(json.dumps(document, default=str)), assumptions)

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations, then all events."""
        return [*self.operations_of("paths"), *self.operations_of(EXTENSION)]

    def operations_of(self, section: str) -> list[Operation]:
        """The operations of ``paths``, or the events of ``x-webhooks``."""
        return [
            Operation((section, path, method), item, item[method])
            for path, item in self.document.get(section, {}).items()
            for method in METHODS
            if method in item
        ]

    def followed(self, node: Node) -> Node:
        """What a node refers to, or the node itself; empty if the reference leads nowhere."""
        while isinstance(node.get("$ref"), str):
            node = self.at(steps_of(node["$ref"])) or {}
        return node

    def at(self, steps: Steps) -> Any:
        """The node at a place; None if there is none."""
        node: Any = self.document
        for step in steps:
            if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            elif isinstance(node, dict) and step in node:
                node = node[step]
            else:
                return None
        return node

    def reachable(self, *starts: Steps) -> dict[Steps, Node]:
        """All nodes below the places, references followed."""
        found: dict[Steps, Node] = {}
        waiting = list(starts)
        while waiting:
            start = waiting.pop()
            for steps, node in _walk(self.at(start), start, names=start[-1] in NAME_MAPS):
                if steps not in found:
                    found[steps] = node
                    reference = node.get("$ref")
                    waiting += [steps_of(reference)] if isinstance(reference, str) else []
        return found


Rule = Callable[[Linted], Iterable[Finding]]


def _pointer(steps: Iterable[object]) -> str:
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _walk(node: Any, steps: Steps = (), *, names: bool = False) -> Iterator[tuple[Steps, Node]]:
    """Every object of the contract, data left out. ``names`` says that the keys of ``node`` are names."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _walk(item, (*steps, str(index)))
    elif isinstance(node, dict):
        yield steps, node
        for key, child in node.items():
            if names or not _is_data(key, steps):
                yield from _walk(child, (*steps, key), names=not names and key in NAME_MAPS)


def _is_data(key: str, steps: Steps) -> bool:
    is_value_of_example = key == "value" and steps[-2:-1] == ("examples",)
    return key in DATA or is_value_of_example or (key.startswith("x-") and key != EXTENSION)


# --- the file -------------------------------------------------------------------------------


def yaml_traps(linted: Linted) -> Iterator[Finding]:
    """No key stands twice, and no plain text is read as a date or a yes-or-no by one YAML reader and not by another."""
    root = yaml.compose(linted.text, Loader=yaml.CSafeLoader)
    yield from _traps(root, ())


def _traps(node: yaml.Node | None, steps: Steps) -> Iterator[Finding]:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _traps(item, (*steps, str(index)))
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield Finding(_pointer((*steps, key.value)), f"stands twice (line {key.start_mark.line + 1}): keep one")
            seen.add(key.value)
            yield from _traps(value, (*steps, key.value))
    elif isinstance(node, yaml.ScalarNode) and _is_ambiguous(node):
        yield Finding(_pointer(steps), f"quote {node.value}: YAML 1.1 reads it as something else than text")


def _is_ambiguous(node: yaml.ScalarNode) -> bool:
    is_odd_bool = node.tag.endswith(":bool") and node.value not in ("true", "false")
    return node.tag.endswith(":timestamp") or is_odd_bool


# --- the specification ----------------------------------------------------------------------


def specification(linted: Linted) -> Iterator[Finding]:
    """The document is valid OpenAPI 3.0, its events included."""
    if any(linted.at(steps_of(reference)) is None for _, reference in _references(linted)):
        return  # `references` says so; the validator would stumble
    for error in OpenAPIV30SpecValidator(with_events_as_paths(linted.document)).iter_errors():
        path = [str(step) for step in error.absolute_path]
        is_event = len(path) > 1 and path[0] == "paths" and path[1].startswith(PREFIX)
        steps = [EXTENSION, path[1].removeprefix(PREFIX), *path[2:]] if is_event else path
        yield Finding(_pointer(steps), str(error.message).strip().splitlines()[0])


def references(linted: Linted) -> Iterator[Finding]:
    """Every reference is local, leads somewhere, and stands alone."""
    for steps, reference in _references(linted):
        node = linted.at(steps)
        if not reference.startswith("#/"):
            yield Finding(_pointer(steps), f"refer to this document instead of to {reference}")
        elif linted.at(steps_of(reference)) is None:
            yield Finding(_pointer(steps), f"refer to something that exists, not to {reference}")
        if len(node) > 1:
            others = ", ".join(sorted(node.keys() - {"$ref"}))
            yield Finding(_pointer(steps), f"move {others} away: what stands beside $ref is ignored")


def _references(linted: Linted) -> Iterator[tuple[Steps, str]]:
    for steps, node in _walk(linted.document):
        if isinstance(node.get("$ref"), str):
            yield steps, node["$ref"]


def unused_components(linted: Linted) -> Iterator[Finding]:
    """Every component is used."""
    used = linted.reachable(("paths",), (EXTENSION,))
    schemes = {
        name
        for node in (linted.document, *(operation.node for operation in linted.operations))
        for alternative in node.get("security", ())
        for name in alternative
    }
    for section, components in linted.document.get("components", {}).items():
        for name in components:
            steps = ("components", section, name)
            if steps not in used and not (section == "securitySchemes" and name in schemes):
                yield Finding(_pointer(steps), "use it or take it out")


# --- operations -----------------------------------------------------------------------------


def operations(linted: Linted) -> Iterator[Finding]:
    """Every operation and event has a name, a summary, a description, and declared tags."""
    declared = {tag["name"] for tag in linted.document.get("tags", ())}
    for steps, _, node in linted.operations:
        absent = [key for key in ("operationId", "summary", "description", "tags") if not node.get(key)]
        if absent:
            yield Finding(_pointer(steps), f"give it {', '.join(absent)}")
        for tag in set(node.get("tags", ())) - declared:
            yield Finding(_pointer((*steps, "tags")), f"declare the tag {tag!r} at the top, or correct it")


def bodies(linted: Linted) -> Iterator[Finding]:
    """Every request and response body has an example."""
    for steps, _, node in linted.operations:
        for where, content in _contents(linted, steps, node):
            for media_type, body in content.items():
                if not body.get("examples") and "example" not in body:
                    yield Finding(_pointer((*where, media_type)), "add an example")


def descriptions(linted: Linted) -> Iterator[Finding]:
    """Every component and every tag is described."""
    for index, tag in enumerate(linted.document.get("tags", ())):
        if not tag.get("description"):
            yield Finding(_pointer(("tags", index)), "describe it")
    for section, components in linted.document.get("components", {}).items():
        for name, component in components.items():
            if section != "examples" and not component.get("description"):
                yield Finding(_pointer(("components", section, name)), "describe it")


def _contents(linted: Linted, steps: Steps, node: Node) -> Iterator[tuple[Steps, Node]]:
    """The bodies of an operation, requests first, by media type."""
    request = linted.followed(node.get("requestBody", {}))
    if request:
        yield (*steps, "requestBody", "content"), request.get("content", {})
    for status, response in node.get("responses", {}).items():
        yield (*steps, "responses", status, "content"), linted.followed(response).get("content", {})


# --- examples -------------------------------------------------------------------------------


def examples(linted: Linted) -> Iterator[Finding]:
    """Every example fits the schema beside it, as plain ``jsonschema`` sees it."""
    registry = _registry(linted.document)

    def judge(schema: grammar.Steps, value: Any) -> Iterator[str]:
        for error in _validator(registry, schema).iter_errors(value):
            place = _pointer(error.absolute_path).removeprefix("#") or "the example"
            yield f"correct {place}: {error.message[:200]}"

    for steps, message, _ in linting.examples(Outline(linted.document), judge):
        yield Finding(_pointer(steps), message)


_CONTRACT = "urn:contract"


def _registry(document: Node) -> "Registry[Any]":
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(_CONTRACT, DRAFT4.create_resource(_as_draft4(document)))
    return filled


def _validator(registry: "Registry[Any]", steps: grammar.Steps) -> Any:
    """A validator of the schema at a place."""
    reference = _CONTRACT + "#" + quote(_pointer(steps).removeprefix("#"))
    return _Draft4({"$ref": reference}, registry=registry, format_checker=_FORMATS)


def _as_draft4(node: Any) -> Any:
    """A copy in JSON Schema Draft 4: null is a type, int32 a range, and references name the document."""
    if isinstance(node, list):
        return [_as_draft4(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _as_draft4(value) for key, value in node.items()}
    if isinstance(copy.get("$ref"), str):
        return {"$ref": _CONTRACT + copy["$ref"]}
    if copy.get("format") == "int32":
        copy = {"minimum": -(2**31), "maximum": 2**31 - 1} | copy
    if copy.get("nullable") is True and isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
        if "enum" in copy:
            copy["enum"] = [*copy["enum"], None]
    return copy


def _multiple_of(_validator: Any, step: float, value: object, _schema: Any) -> Iterator[ValidationError]:
    """Decimal, as 1.255 is no multiple of 0.001 in binary."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and Decimal(str(value)) % Decimal(str(step)):
        yield ValidationError(f"{value} is not a multiple of {step}")


_Draft4: Any = jsonschema_validators.extend(Draft4Validator, {"multipleOf": _multiple_of})
_FORMATS = FormatChecker(formats=())
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@_FORMATS.checks("uuid")  # type: ignore[untyped-decorator]
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(_UUID.fullmatch(value))


@_FORMATS.checks("email")  # type: ignore[untyped-decorator]
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or bool(_EMAIL.fullmatch(value))


@_FORMATS.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(_DATE.fullmatch(value) and date.fromisoformat(value))


@_FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))


# --- events ---------------------------------------------------------------------------------


def events(linted: Linted) -> Iterator[Finding]:
    """An event stands in ``x-webhooks``, in the callbacks and in the names one can subscribe to; or in none of them."""
    described = set(linted.document.get(EXTENSION, {}))
    subscribing = [o for o in linted.operations_of("paths") if "callbacks" in o.node]
    for operation in subscribing:
        yield from _callback_names(operation, described)
        body = (*operation.steps, "requestBody")
        for steps, node in linted.reachable(body).items():
            names = set(node.get("enum", ()))
            if names & described:
                yield from _unequal(steps, "enum", names, described)
    if described and not subscribing:
        yield Finding("#/paths", "let an operation have callbacks for the events")
    for name in described:
        yield from _own_name(linted, name)


def _callback_names(operation: Operation, described: set[str]) -> Iterator[Finding]:
    found = operation.node["callbacks"]
    yield from _unequal(operation.steps, "callbacks", set(found), described)
    for name, callback in found.items():
        for expression, item in callback.items():
            if item.get("$ref") != f"#/{EXTENSION}/{name}":
                where = _pointer((*operation.steps, "callbacks", name, expression))
                yield Finding(where, f"refer to #/{EXTENSION}/{name}")


def _unequal(steps: Steps, key: str, names: set[str], described: set[str]) -> Iterator[Finding]:
    for name in sorted(described - names):
        yield Finding(_pointer((*steps, key)), f"add {name}, which {EXTENSION} describes")
    for name in sorted(names - described):
        yield Finding(_pointer((*steps, key)), f"describe {name} under {EXTENSION}, or take it out here")


def _own_name(linted: Linted, name: str) -> Iterator[Finding]:
    """The event's schema allows its own name only, and its examples carry it."""
    body = (EXTENSION, name, "post", "requestBody")
    enums = [
        node["enum"] for steps, node in linted.reachable(body).items() if steps[-1] == "eventName" and "enum" in node
    ]
    if enums != [[name]]:
        yield Finding(_pointer(body), f"let eventName be {name} and nothing else")
    for value in Outline(linted.document).examples(body):
        if not isinstance(value, dict) or value.get("eventName") != name:
            yield Finding(_pointer(body), f"let eventName of its examples be {name}")


def open_event_names(linted: Linted) -> Iterator[Finding]:
    """Answers don't restrict event names, as an instance may know more than this document."""
    described = set(linted.document.get(EXTENSION, {}))
    starts = [(*operation.steps, "responses") for operation in linted.operations_of("paths")]
    for steps, node in linted.reachable(*starts).items():
        if described & {name for name in node.get("enum", ()) if isinstance(name, str)}:
            yield Finding(_pointer((*steps, "enum")), "take the enum out: answers may carry other event names")


# --- assumptions ----------------------------------------------------------------------------

_ROW = re.compile(r"^\| *(A[0-9]{2}) *\|(.*)\|$", re.MULTILINE)
_COLUMNS = 5


def assumptions(linted: Linted) -> Iterator[Finding]:
    """``x-assumption`` and the table of assumptions name the same ids; the table is complete and sorted."""
    places = _assumption_places(linted)
    rows = _ROW.findall(linted.assumptions)
    ids = [row_id for row_id, _ in rows]
    for unknown in sorted(places.keys() - set(ids)):
        yield Finding(_pointer(places[unknown]), f"add a row {unknown} to {ASSUMPTIONS}, or correct the id")
    for unused in sorted(set(ids) - places.keys()):
        yield Finding("#", f"mark the place of {unused} with x-assumption, or take its row out of {ASSUMPTIONS}")
    if ids != sorted(set(ids)):
        yield Finding("#", f"sort the rows of {ASSUMPTIONS} by id, each one once")
    for row_id, cells in rows:
        filled = [cell for cell in cells.split(" | ") if cell.strip(" |")]
        if len(filled) != _COLUMNS - 1:
            yield Finding("#", f"fill the {_COLUMNS} columns of {row_id} in {ASSUMPTIONS}")


def _assumption_places(linted: Linted) -> Mapping[str, Steps]:
    """One place of each id."""
    places: dict[str, Steps] = {}
    for steps, node in _walk(linted.document):
        marked = node.get("x-assumption", [])
        for row_id in marked if isinstance(marked, list) else [marked]:
            places.setdefault(str(row_id), (*steps, "x-assumption"))
    return places


# --- what any contract has to keep ---------------------------------------------------------


def _shared(name: str) -> Rule:
    """A rule of `mockserver spec lint`."""

    def rule(linted: Linted) -> Iterator[Finding]:
        for steps, message, advice in linting.rules(Contract(b"", linted.document))[name](Outline(linted.document)):
            yield Finding(_pointer(steps), f"{message}: {advice}")

    rule.__name__ = name
    return rule


# --- the whole ------------------------------------------------------------------------------

OWN = (
    yaml_traps,
    specification,
    references,
    unused_components,
    operations,
    bodies,
    descriptions,
    examples,
    events,
    open_event_names,
    assumptions,
)
_SHARED = [name for name in linting.rules(Contract(b"", {})) if name not in {rule.__name__ for rule in OWN}]
RULES: Mapping[str, Rule] = {rule.__name__: rule for rule in OWN} | {name: _shared(name) for name in _SHARED}


def lint(linted: Linted) -> list[str]:
    """Every finding of every rule, one line each."""
    return [f"{pointer}: {advice} [{name}]" for name, rule in RULES.items() for pointer, advice in rule(linted)]


def main(arguments: list[str]) -> int:
    """Command line: lints the contract that is named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tools.lint_contract CONTRACT\n")
        return 2
    try:
        linted = Linted.read(Path(arguments[0]))
    except (OSError, TypeError, ValueError, yaml.YAMLError) as error:
        sys.stderr.write(f"{arguments[0]} can't be read: {error}\n")
        return 2
    found = lint(linted)
    said = found or [f"{arguments[0]}: {len(RULES)} rules, nothing found"]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
