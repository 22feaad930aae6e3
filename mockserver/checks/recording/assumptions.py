"""The assumptions of a contract as a recording shows them: confirmed or refuted by name, or not judged with the
reason."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from mockserver.checks.findings.assumptions import TESTED_BY
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.checks.findings.report import Finding
from mockserver.checks.findings.source_locations import mark_of
from mockserver.openapi.contract import Contract

NOT_SHOWN = "nothing in the recording shows it"
ACTIVE = "a recording can't show it, as somebody has to try it (`mockserver check live`, `check sender`)"
_IN_ANSWERS = frozenset({Promise.RESPONSE_SCHEMA_CONFORMANCE, Promise.RESPONSE_HEADERS_CONFORMANCE})
_PASSIVE = frozenset({*_IN_ANSWERS, *RecordingPromise})


def shown_by_answers(marks: Iterable[str]) -> set[str]:
    """The assumptions at places that an answer has, of which a valid answer says that they hold."""
    return {mark for mark in marks if _promises(mark) & _IN_ANSWERS}


def states(contract: Contract, confirmed: Collection[str], findings: Iterable[Finding]) -> dict[str, str]:
    """The state of each assumption of the contract, in words that begin with `confirmed`, `refuted` or `not judged`."""
    refuted = {one.assumption: f"refuted: {one.method} {one.path}: {one.message}" for one in findings if one.assumption}
    marks = sorted(set(_marks(contract.document)), key=lambda mark: (len(mark), mark))
    return {mark: refuted.get(mark) or _state(mark, confirmed) for mark in marks}


def _state(mark: str, confirmed: Collection[str]) -> str:
    if mark in confirmed:
        return "confirmed"
    return f"not judged: {NOT_SHOWN if _promises(mark) & _PASSIVE else ACTIVE}"


def _promises(mark: str) -> set[str]:
    return {test.partition(":")[0] for test in TESTED_BY.get(mark, ())}


def _marks(document: Any) -> Iterator[str]:
    """The marks in a document."""
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield from mark_of(node)
            left += [inner for inner in node.values() if isinstance(inner, dict | list)]
        else:
            left += [inner for inner in node if isinstance(inner, dict | list)]
