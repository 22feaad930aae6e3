"""A document linted: what the validator finds and what our rules find, as remarks with lines."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.contract import Contract
from mockserver.errors import ReferenceLost
from mockserver.linting import schemas
from mockserver.linting.findings import Finding
from mockserver.linting.links import callbacks, links
from mockserver.loading import Document, Problem, load
from mockserver.outline import Outline, mapping, pointer
from mockserver.parsing import Steps

Rule = Callable[[Outline], Iterable[Finding]]

VALID = "valid"
_UNSOUND = (AttributeError, KeyError, IndexError, TypeError, ValueError)  # what a malformed document may lead to
_VARIABLE = re.compile(r"\{([^{}]*)\}")
# What our own rules say better, or with its place.
_OURS = re.compile(r"is not a 'regex'|is not unique$|was not resolved$|has not defined properties")
_ADVICE = {
    r"is a required property": "Add it.",
    r"Additional properties are not allowed": "Correct its spelling, take it out, or let it begin with x-.",
    r"is not of type": "Write it as that type; mind the quotes.",
    r"is not one of": "Choose one of them.",
}


class Remark(NamedTuple):
    """A finding as it is shown: `file:line`, the place as `#/…`, what is wrong, what to do, and the rule."""

    line: str
    pointer: str
    message: str
    advice: str
    rule: str

    def __str__(self) -> str:
        return f"{self.line}: {self.pointer}: {self.message} [{self.rule}]\n    {self.advice}"


def lint(source: str | Path) -> list[Remark]:
    """Everything that there is to mend in the contract at a path or URL. Raises ContractError if it can't be read."""
    try:
        return _linted(load(source, check=False))
    except ReferenceLost as error:  # there is no document without it, and so nothing else to say
        line, _, message = str(error).partition(": ")
        return [Remark(line, "#", message, "Mend this first: without it, the rest can't be seen.", "references")]


def _linted(document: Document) -> list[Remark]:
    problems = list(document.problems())
    remarks = [_remark(problem) for problem in problems if not _is_ours(problem)]
    is_sound = not any(problem.is_of_form for problem in problems)
    for name, finding in findings(Contract(document.text, document.content), is_sound=is_sound):
        advice = f"{finding.advice[:1].upper()}{finding.advice[1:]}."
        remarks.append(
            Remark(document.place(finding.steps).line, pointer(finding.steps), finding.message, advice, name)
        )
    return remarks


def _is_ours(problem: Problem) -> bool:
    """Whether one of our rules says it, too."""
    is_default = not problem.is_of_form and problem.place.steps[-1:] == ("default",)
    return is_default or _OURS.search(problem.message) is not None


def _remark(problem: Problem) -> Remark:
    advice = next((said for words, said in _ADVICE.items() if re.search(words, problem.message)), "Correct it.")
    return Remark(problem.place.line, pointer(problem.place.steps), problem.short, advice, VALID)


def findings(contract: Contract, *, is_sound: bool = True) -> Iterator[tuple[str, Finding]]:
    """What our rules find, each with the name of its rule. Where a document isn't sound, a rule may have to give up."""
    outline = Outline(contract.document)
    for name, rule in rules(contract).items():
        with nullcontext() if is_sound else suppress(*_UNSOUND):
            yield from ((name, finding) for finding in rule(outline))


def rules(contract: Contract) -> dict[str, Rule]:
    """All our rules for a contract, by name."""
    judge = schemas.judge_of(contract)
    return {rule.__name__: rule for rule in _RULES} | {
        "examples": partial(schemas.examples, judge=judge),
        "defaults": partial(schemas.defaults, judge=judge),
    }


# ---------------------------------------------------------------- paths and operations
def templates(outline: Outline) -> Iterator[Finding]:
    """No two paths are the same but for the names of their parameters."""
    seen: dict[str, str] = {}
    for path, steps in outline.children((), "paths").items():
        known = seen.setdefault(_VARIABLE.sub("{}", path), path)
        if known != path:
            yield Finding(steps, f"the path matches what {known} matches", "make one of the two")


def path_parameters(outline: Outline) -> Iterator[Finding]:
    """The parameters in a path and those that are declared are the same."""
    for operation in outline.operations("paths"):
        named = set(_VARIABLE.findall(operation.path))
        declared = {name: steps for (place, name), steps in outline.parameters(operation).items() if place == "path"}
        for name in sorted(named - declared.keys()):
            advice = f"declare it under parameters: name: {name}, in: path, required: true"
            yield Finding(operation.steps, f"the path parameter {name} is not declared", advice)
        for name in sorted(declared.keys() - named):
            message = f"the path {operation.path} has no parameter {name}"
            yield Finding(operation.steps, message, "correct its name, or take it out")


def repeated_parameters(outline: Outline) -> Iterator[Finding]:
    """No parameter is declared twice in one place."""
    for operation in outline.operations():
        for holder in (operation.item, operation.steps):
            entries = [outline.node((*holder, "parameters", index)) for index, _ in enumerate(_listed(outline, holder))]
            names = Counter((entry.get("in"), entry.get("name")) for entry in entries)
            for (place, name), count in names.items():
                if count > 1:
                    yield Finding(
                        (*holder, "parameters"), f"the {place} parameter {name} stands here twice", "keep one"
                    )


def _listed(outline: Outline, holder: Steps) -> list[Any]:
    found: list[Any] = outline.node(holder).get("parameters") or []
    return found


def operation_ids(outline: Outline) -> Iterator[Finding]:
    """No operationId names two operations or events."""
    seen: set[str] = set()
    for operation in outline.operations():
        name = outline.node(operation.steps).get("operationId")
        if name in seen:
            message = f"the operationId {name} is that of another operation, too"
            yield Finding((*operation.steps, "operationId"), message, "choose another name: this one is taken")
        seen.update([name] if name else [])


def successes(outline: Outline) -> Iterator[Finding]:
    """Every operation can succeed."""
    for operation in outline.operations():
        statuses = outline.children(operation.steps, "responses")
        if not any(status[:1] in "23d" for status in statuses):  # `default` may be a success
            yield Finding(
                (*operation.steps, "responses"), "the operation never succeeds", "declare a success, like 200"
            )


def response_descriptions(outline: Outline) -> Iterator[Finding]:
    """The description that OpenAPI asks of every response says something."""
    for kind, steps, node in outline.walk():
        if kind == "response" and node.get("description") == "":
            yield Finding((*steps, "description"), "the description is empty", "say when this is answered")


def security(outline: Outline) -> Iterator[Finding]:
    """Every security scheme that is asked for is declared."""
    schemes = outline.children(("components",), "securitySchemes")
    for holder in ((), *(operation.steps for operation in outline.operations())):
        for index, alternative in enumerate(mapping(outline.at(holder)).get("security") or ()):
            for name in [name for name in alternative if name not in schemes]:
                advice = "declare it under components/securitySchemes, or correct its name"
                yield Finding((*holder, "security", index), f"the security scheme {name} is not declared", advice)


_RULES: tuple[Rule, ...] = (
    templates,
    path_parameters,
    repeated_parameters,
    operation_ids,
    successes,
    response_descriptions,
    security,
    links,
    callbacks,
    schemas.patterns,
    schemas.enums,
    schemas.required_properties,
    schemas.discriminators,
    schemas.impossible,
)
