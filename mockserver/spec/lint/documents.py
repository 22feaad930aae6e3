"""Linting of a whole document: the findings of openapi-spec-validator and of our rules, as they are shown."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.errors import ReferenceLost
from mockserver.escaping import visible
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Document, Problem, load
from mockserver.openapi.structure import readable
from mockserver.spec.lint import links, operations, schemas
from mockserver.spec.lint.findings import LintFinding
from mockserver.spec.outline import Outline

Rule = Callable[[Outline], Iterable[LintFinding]]

_VALID = "valid"
_MEANINGLESS = "`nullable` means nothing since OpenAPI 3.1"
_UNSOUND = (
    AttributeError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
)  # errors that a malformed document may cause in a rule
# Problems that our own rules report better, or with their place.
_OURS = re.compile(r"is not a 'regex'|is not unique$|was not resolved$|has not defined properties")
_ADVICE = {
    r"is a required property": "Add it.",
    r"Additional properties are not allowed": "Correct its spelling, take it out, or let it begin with x-.",
    r"is not of type": "Write it as that type; mind the quotes.",
    r"is not one of": "Choose one of them.",
}


class ShownFinding(NamedTuple):
    """A finding as it is shown to people: `file:line`, the place as `#/…`, what is wrong, what to do, and the rule."""

    line: str
    pointer: str
    message: str
    advice: str
    rule: str

    def __str__(self) -> str:
        found = visible(f"{self.line}: {self.pointer}: {self.message} [{self.rule}]")
        return f"{found}\n    {visible(self.advice)}"


def lint(
    source: str | Path,
    root: str | Path | None = None,
    more: Mapping[str, Rule] = MappingProxyType({}),
    overlay: str | Path | None = None,
) -> list[ShownFinding]:
    """All defects of the contract at a path or URL, by our rules and by `more` rules, which are given by name.

    A file may refer to others below the folder `root`, or below its own folder. An `overlay` is applied first.
    Raises ContractError if it can't be read.
    """
    try:
        return _linted(load(source, check=False, root=root, overlay=overlay), more)
    except ReferenceLost as error:  # without it there is no document, and so no other finding
        line, _, message = str(error).partition(": ")
        return [ShownFinding(line, "#", message, "Mend this first: without it, the rest can't be seen.", "references")]


def _linted(document: Document, more: Mapping[str, Rule]) -> list[ShownFinding]:
    problems = list(document.problems())
    found = [_shown(problem) for problem in problems if not _is_ours(problem)]
    found += [
        ShownFinding(place.line, readable(place.steps), _MEANINGLESS, 'Add "null" to the type.', "nullable")
        for place in document.meaningless()
    ]
    is_sound = not any(problem.is_of_form for problem in problems)
    known = rules(Contract(document.text, document.content)) | dict(more)
    for name, finding in _findings(document.content, known, is_sound=is_sound):
        advice = f"{finding.advice[:1].upper()}{finding.advice[1:]}."
        found.append(
            ShownFinding(document.place(finding.steps).line, readable(finding.steps), finding.message, advice, name)
        )
    return found


def _is_ours(problem: Problem) -> bool:
    """Whether one of our rules reports the problem, too."""
    is_default = not problem.is_of_form and problem.place.steps[-1:] == ("default",)
    return is_default or _OURS.search(problem.message) is not None


def _shown(problem: Problem) -> ShownFinding:
    advice = next((advice for words, advice in _ADVICE.items() if re.search(words, problem.message)), "Correct it.")
    return ShownFinding(problem.place.line, readable(problem.place.steps), problem.short, advice, _VALID)


def _findings(
    content: Mapping[str, Any], known: Mapping[str, Rule], *, is_sound: bool
) -> Iterator[tuple[str, LintFinding]]:
    """The findings of the rules, each with the name of its rule. In a malformed document, a rule may end early."""
    outline = Outline(content)
    for name, rule in known.items():
        with nullcontext() if is_sound else suppress(*_UNSOUND):
            yield from ((name, finding) for finding in rule(outline))


def rules(contract: Contract) -> dict[str, Rule]:
    """All our rules for a contract, by name."""
    violations_of = schemas.value_validator(contract)
    return {rule.__name__: rule for rule in _RULES} | {
        "routing": partial(operations.routing, contract=contract),
        "examples": partial(schemas.examples, violations_of=violations_of),
        "defaults": partial(schemas.defaults, violations_of=violations_of),
    }


_RULES: tuple[Rule, ...] = (
    operations.templates,
    operations.unreachable,
    operations.path_parameters,
    operations.repeated_parameters,
    operations.operation_ids,
    operations.successes,
    operations.response_descriptions,
    operations.security,
    links.links,
    links.callbacks,
    schemas.patterns,
    schemas.enums,
    schemas.required_properties,
    schemas.discriminators,
    schemas.impossible,
)
