"""Lints a contract of this house: by the rules that any contract has to keep, and by our own on top.

    python -m tools.lint_contract openapi.yaml

Prints what `mockserver spec lint` prints: `FILE:LINE: PLACE: what is wrong [rule]`, and below it what to do. Exit code
0: nothing was found. 1: something was. 2: the contract can't be read.
"""

import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml  # noqa: TID251 (to read it as others do)

from mockserver.errors import ContractError
from mockserver.openapi.loading import Source
from mockserver.openapi.structure import EVENTS, REFERABLE, Steps, mapping, steps_of
from mockserver.spec.lint import LintFinding, Rule, lint
from mockserver.spec.outline import Outline

ASSUMPTIONS = Path("docs/assumptions.md")
_MARK = "x-assumption"
_ROW = re.compile(r"^\| *(A[0-9]{2}) *\|(.*)\|$", re.MULTILINE)
_COLUMNS = 6
_SCHEMA = ("requestBody", "content", "application/json", "schema")


def house(contract: Source, assumptions: str) -> dict[str, Rule]:
    """The rules of this house by name, for a contract; `assumptions` is the table that belongs to it."""
    content = contract.content
    rules = (unused_components, operations, optional_parameters, bodies, descriptions, events, open_names)
    return {rule.__name__: rule for rule in rules} | {
        "yaml_versions": lambda _: yaml_versions(content, yaml.load(contract.text, yaml.CSafeLoader)),
        "lone_references": lambda _: lone_references(Outline(mapping(content))),  # as they are before they are followed
        "assumptions": partial(assumption_marks, rows=_ROW.findall(assumptions)),
    }


# ---------------------------------------------------------------- the file
def yaml_versions(ours: Any, theirs: Any, steps: Steps = ()) -> Iterator[LintFinding]:
    """Who reads YAML 1.1 finds what we read, by version 1.2: in the one, `no` and `2026-01-15` are no texts."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from yaml_versions(value, theirs.get(key, Ellipsis), (*steps, key))
    elif isinstance(ours, list) and isinstance(theirs, list):
        for index, (value, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from yaml_versions(value, other, (*steps, index))
    elif type(ours) is not type(theirs) or ours != theirs:
        yield LintFinding(steps, "this, or its key, is something else in YAML 1.1", "quote it")


# ---------------------------------------------------------------- references and components
def lone_references(outline: Outline) -> Iterator[LintFinding]:
    """Every reference leads into the same file, and stands alone."""
    for steps, node, reference in _references(outline):
        if not reference.startswith("#/"):
            yield LintFinding(steps, f"{reference} is in another file", "refer to this document")
        if len(node) > 1:
            others = ", ".join(sorted(node.keys() - {"$ref"}))
            yield LintFinding(steps, f"what stands beside $ref is ignored: {others}", "move it away")


def _references(outline: Outline, *start: Any) -> Iterator[tuple[Steps, dict[str, Any], str]]:
    for kind, steps, node in outline.walk(*start):
        if kind in REFERABLE and isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield steps, node, node["$ref"]


def unused_components(outline: Outline) -> Iterator[LintFinding]:
    """Every component is used."""
    used = _reachable(outline, ("paths", ("paths",)), ("{webhook}", (EVENTS,)))
    schemes = {
        name
        for steps in ((), *(operation.steps for operation in outline.operations()))
        for alternative in outline.node(steps).get("security", ())
        for name in alternative
    }
    for section, name, steps in _components(outline):
        if steps not in used and not (section == "securitySchemes" and name in schemes):
            yield LintFinding(steps, "nothing uses this component", "use it or take it out")


def _components(outline: Outline) -> Iterator[tuple[str, str, Steps]]:
    for section in outline.children((), "components"):
        for name, steps in outline.children(("components",), section).items():
            yield section, name, steps


def _reachable(outline: Outline, *starts: tuple[str, Steps]) -> dict[Steps, Any]:
    """All objects below places of some kinds, references followed."""
    found: dict[Steps, Any] = {}
    waiting = list(starts)
    while waiting:
        for kind, steps, node in outline.walk(*waiting.pop()):
            if steps not in found:
                found[steps] = node
                if kind in REFERABLE and isinstance(node, dict) and isinstance(node.get("$ref"), str):
                    waiting.append((kind, steps_of(node["$ref"])))
    return found


# ---------------------------------------------------------------- operations and descriptions
def operations(outline: Outline) -> Iterator[LintFinding]:
    """Every operation and event has a name, a summary, a description, and declared tags."""
    declared = {tag["name"] for tag in outline.document.get("tags", ())}
    for operation in outline.operations():
        node = outline.node(operation.steps)
        absent = [key for key in ("operationId", "summary", "description", "tags") if not node.get(key)]
        if absent:
            yield LintFinding(operation.steps, f"there is no {', '.join(absent)}", "say it")
        for tag in sorted(set(node.get("tags", ())) - declared):
            yield LintFinding((*operation.steps, "tags"), f"the tag {tag} is not declared", "declare it, or correct it")


def optional_parameters(outline: Outline) -> Iterator[LintFinding]:
    """An optional parameter of a query has no example: viewers send all of them, and filters contradict each other."""
    for kind, steps, node in outline.walk():
        if kind == "parameter" and mapping(node).get("in") == "query" and not node.get("required"):
            for key in sorted(node.keys() & {"example", "examples"}):
                yield LintFinding((*steps, key), "viewers fill this in, and send it with each call", "take it out")


def bodies(outline: Outline) -> Iterator[LintFinding]:
    """Every request and response body has an example."""
    without: dict[Steps, None] = {}
    for operation in outline.operations():
        for body in ((*operation.steps, "requestBody"), *outline.children(operation.steps, "responses").values()):
            for place in outline.children(body, "content").values():
                node = outline.node(place)
                without.update({} if node.get("examples") or "example" in node else {place: None})
    yield from (LintFinding(place, "the body has no example", "add one") for place in without)


def descriptions(outline: Outline) -> Iterator[LintFinding]:
    """Every component and every tag is described."""
    tags = ((("tags", index), tag) for index, tag in enumerate(outline.document.get("tags", ())))
    components = ((steps, outline.at(steps)) for section, _, steps in _components(outline) if section != "examples")
    for steps, node in (*tags, *components):
        if not node.get("description"):
            yield LintFinding(steps, "this has no description", "describe it")


# ---------------------------------------------------------------- events
def events(outline: Outline) -> Iterator[LintFinding]:
    """An event stands in `x-webhooks`, in the schema of all events, and in the names one can subscribe to."""
    described = set(outline.children((), EVENTS))
    subscribing = [each for each in outline.operations("paths") if outline.node(each.steps).get("callbacks")]
    for operation in subscribing:
        for callback in outline.children(operation.steps, "callbacks").values():
            for url in outline.node(callback):
                yield from _all_events(outline, (*callback, url, "post", *_SCHEMA), described)
        for steps, node in _bodies(outline, operation.steps):
            names = set(node.get("enum", ()))
            yield from _unequal((*steps, "enum"), names, described) if names & described else ()
    if described and not subscribing:
        yield LintFinding(("paths",), "no operation has callbacks", "let one have a callback for the events")
    for name in sorted(described):
        yield from _own_name(outline, name)


def _all_events(outline: Outline, schema: Steps, described: set[str]) -> Iterator[LintFinding]:
    """What is called back is one of all events, told apart by their names."""
    steps, node = outline.end(schema), outline.node(schema)
    mapped = mapping(mapping(node.get("discriminator")).get("mapping"))
    yield from _unequal((*steps, "discriminator", "mapping"), set(mapped), described)
    for name in sorted(described & mapped.keys()):
        own = mapping(outline.at((EVENTS, name, "post", *_SCHEMA))).get("$ref")
        if mapped[name] != own:
            yield LintFinding((*steps, "discriminator", "mapping", name), f"{name} has another schema", f"name {own}")
    if [mapping(branch).get("$ref") for branch in node.get("oneOf", ())] != list(mapped.values()):
        yield LintFinding((*steps, "oneOf"), "these aren't the schemas of the mapping", "list them in its order")


def _unequal(steps: Steps, names: set[str], described: set[str]) -> Iterator[LintFinding]:
    for name in sorted(described - names):
        yield LintFinding(steps, f"{name} is missing, which {EVENTS} describes", f"add {name}")
    for name in sorted(names - described):
        yield LintFinding(steps, f"{EVENTS} doesn't describe {name}", "describe it there, or take it out here")


def _own_name(outline: Outline, name: str) -> Iterator[LintFinding]:
    """An event is called by its name, its schema allows no other, and its examples carry it."""
    body = (EVENTS, name, "post", "requestBody")
    if outline.node(body[:-1]).get("summary") != name:
        yield LintFinding((*body[:-1], "summary"), "viewers list the event by this", f"let it be {name}")
    enums = [node["enum"] for steps, node in _bodies(outline, body[:-1]) if steps[-1] == "eventName" and "enum" in node]
    if enums != [[name]]:
        yield LintFinding(body, "eventName may be something else", f"let it be {name} and nothing else")
    for value in outline.examples(body):
        if not isinstance(value, dict) or value.get("eventName") != name:
            yield LintFinding(body, "an example is of another event", f"let its eventName be {name}")


def _bodies(outline: Outline, operation: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """The objects that an operation's request consists of."""
    found = _reachable(outline, ("requestBody", (*operation, "requestBody")))
    return ((steps, node) for steps, node in found.items() if isinstance(node, dict))


def open_names(outline: Outline) -> Iterator[LintFinding]:
    """Answers don't restrict event names, as an instance may know more than this document."""
    described = set(outline.children((), EVENTS))
    starts = [("responses", (*operation.steps, "responses")) for operation in outline.operations("paths")]
    for steps, node in _reachable(outline, *starts).items():
        if described & {name for name in mapping(node).get("enum", ()) if isinstance(name, str)}:
            yield LintFinding((*steps, "enum"), "answers may carry other event names", "take the enum out")


# ---------------------------------------------------------------- assumptions
def assumption_marks(outline: Outline, rows: list[tuple[str, str]]) -> Iterator[LintFinding]:
    """`x-assumption` and the table of assumptions name the same ids; the table is complete and sorted."""
    places = dict(reversed([*_marks(outline.document)]))
    ids = [row_id for row_id, _ in rows]
    for unknown in sorted(places.keys() - set(ids)):
        yield LintFinding(
            places[unknown], f"{ASSUMPTIONS} has no row {unknown}", f"add a row {unknown}, or correct the id"
        )
    for unused in sorted(set(ids) - places.keys()):
        yield LintFinding((), f"no place is marked with {unused}", f"mark one with {_MARK}, or take the row out")
    if ids != sorted(set(ids)):
        yield LintFinding((), f"the rows of {ASSUMPTIONS} are in disorder", "sort them by id, each one once")
    for row_id, cells in rows:
        if len([cell for cell in cells.split(" | ") if cell.strip(" |")]) != _COLUMNS - 1:
            yield LintFinding((), f"{row_id} is incomplete in {ASSUMPTIONS}", f"fill its {_COLUMNS} columns")


def _marks(node: Any, steps: Steps = ()) -> Iterator[tuple[str, Steps]]:
    """The ids that places are marked with."""
    for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == _MARK:
            yield from ((str(row_id), (*steps, key)) for row_id in (child if isinstance(child, list) else [child]))
        yield from _marks(child, (*steps, key))


# ---------------------------------------------------------------- the whole
def main(arguments: list[str]) -> int:
    """Command line: lints the contract that is named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tools.lint_contract CONTRACT\n")
        return 2
    path = Path(arguments[0])
    table = path.parent / ASSUMPTIONS
    try:
        contract = Source(str(path), path.read_bytes())
        remarks = lint(path, more=house(contract, table.read_text("utf-8") if table.exists() else ""))
    except (OSError, ContractError, yaml.YAMLError) as error:
        sys.stderr.write(f"The contract can't be read: {error}\n")
        return 2
    sys.stdout.write("\n".join([*map(str, remarks), *([] if remarks else [f"{path}: nothing found"])]) + "\n")
    return 1 if remarks else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
