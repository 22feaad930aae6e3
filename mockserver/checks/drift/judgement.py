"""The judgement: differences grouped into causes, each with both answers, its place in the contract and a verdict."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import requests

from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.patching import Patch, Patcher
from mockserver.checks.findings.assumptions import refuted
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.findings.report import Finding, Report, shortened
from mockserver.checks.findings.source_locations import Assumptions, SourceLocations, mark_of
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.secrets import Secrets
from mockserver.openapi.resources import Surface
from mockserver.openapi.structure import find

Cause = list[Disagreement]
APPLY = "If live is right, apply the patch of this finding: the contract then holds for these answers."
_BLAME = {
    Stance.LIVE: "contract",
    Stance.MOCK: "mock",
    Stance.BOTH: "contract",
    Stance.SILENT: "contract",
    Stance.WITHIN: "mock",
}
_BY_STANCE = {
    Stance.MOCK: "The mock leaves its own contract: please report it.",
    Stance.WITHIN: "If live is right, the mock has to learn it; if either may be, accept it by a baseline.",
    Stance.LIVE: "Live leaves the contract.",
    Stance.BOTH: "Both leave the contract.",
    Stance.SILENT: "The contract should say it.",
}
_TRIED = {  # by which promise, and what is seen, assumptions name what refutes them
    DriftPromise.FIELDS: ("response_schema_conformance", "required"),
    DriftPromise.TYPES: ("response_schema_conformance", "type"),
    DriftPromise.FORMS: ("response_schema_conformance", "format"),
}
_ORDER = (Stance.LIVE, Stance.BOTH, Stance.SILENT, Stance.MOCK, Stance.WITHIN)  # of fields that differ together
MOST_WORDS = 4  # fields that a message names


class Judgement:
    """A judgement that writes a report."""

    def __init__(self, report: Report, surface: Surface, secrets: Secrets, name: str) -> None:
        self._report, self._surface, self._secrets = report, surface, secrets
        self._locations, self.patcher = SourceLocations(surface), Patcher(surface, name)
        self.patches: list[Patch] = []

    def conclude(self, differences: Iterable[Disagreement]) -> None:
        """Add a finding for each cause, with its patch."""
        for cause, patch in self._patched(causes(differences)):
            if patch is not None and patch.diff and not patch.why:
                self.patches.append(patch)
            self._report.add(self._finding(cause, patch))

    def _patched(self, found: Iterable[Cause]) -> Iterator[tuple[Cause, Patch | None]]:
        """The causes with their patches, and one for all whose patches edit the same: a declaration may be seen in more
        than one way."""
        groups: dict[object, list[tuple[Cause, Patch | None]]] = {}
        for number, cause in enumerate(found):
            patch = self.patcher.of(cause)
            is_proven = patch is not None and patch.edits and not patch.why
            groups.setdefault(patch.declarations if patch and is_proven else number, []).append((cause, patch))
        for group in groups.values():
            cause = [one for some, _ in group for one in some]
            yield cause, group[0][1] if len(group) == 1 else self.patcher.of(cause)

    def _finding(self, cause: Cause, patch: Patch | None) -> Finding:
        first = min(
            cause, key=lambda one: (_ORDER.index(one.verdict), len(repr(one.pair.ask.body)), one.pair.ask.call.id)
        )
        count = len({id(one.pair) for one in cause})
        call = first.pair.ask.call
        places = tuple(sorted({one.pair.ask.call.id for one in cause}))
        marks = self._marks(first)
        said = f"live {_what(cause)} in {_answers(count)} ({first.verdict.value})"
        return Finding(
            first.promise,
            call.id,
            call.method,
            call.path,
            shortened(self._clean(said)),
            severity=first.severity,
            expected=self._shown("mock", first.mock, first.pair.mock.shown),
            got=self._shown("live", first.live, first.pair.live.shown),
            curl=self._curl(first.pair.live.request),
            where=self._locations.line(*first.place),
            assumption=_refuted(first, marks),
            hint=_hint(first, patch, marks),
            count=count,
            shared=_key(first, cause, patch),
            places=places,
            blame=_BLAME[first.verdict],
            scenario=first.pair.ask.tried,
            patch=patch.diff if patch is not None else "",
        )

    def _curl(self, request: requests.PreparedRequest) -> str:
        """The request to live as a line to paste."""
        method, url = str(request.method), str(request.url)
        return shell_lines.curl(method, url, request.headers, request.body, self._secrets.redact)

    def _marks(self, one: Disagreement) -> Assumptions:
        """The assumptions of the innermost part of the contract around a place that is marked with any."""
        for length in range(len(one.place), 2, -1):
            node = find(self._surface.contract.document, one.place[:length])
            if isinstance(node, dict) and (found := mark_of(node)):
                return found
        return ()

    def _shown(self, side: str, value: Any, answer: str) -> str:
        part = "" if value is None else f"{json.dumps(value, ensure_ascii=False, default=str)[:120]} in "
        return shortened(self._clean(f"{side}: {part}{answer}"))

    def _clean(self, text: str) -> str:
        return self._secrets.redact(text)


def causes(differences: Iterable[Disagreement]) -> list[Cause]:
    """Differences that have one cause: the same differs at the same place of the contract, with the same verdict; and
    fields of one object that differ in the same answers."""
    found: dict[object, Cause] = {}
    for one in differences:
        found.setdefault((one.promise, one.place, one.what, one.verdict), []).append(one)
    merged: dict[object, Cause] = {}
    for number, cause in enumerate(found.values()):
        is_field = cause[0].promise is DriftPromise.FIELDS
        shown = frozenset((id(one.pair), one.path[:-1]) for one in cause)
        merged.setdefault(shown if is_field else number, []).extend(cause)
    return list(merged.values())


def _key(first: Disagreement, cause: Cause, patch: Patch | None) -> str:
    """The key of a cause, which is the same in every run: the declarations that its patch edits, or its place."""
    if patch is not None and patch.declarations:
        places = sorted("/".join(map(str, steps)) for steps in patch.declarations)
        return f"{places} {first.verdict.name}"
    return f"{'/'.join(map(str, first.place))} {sorted({one.what for one in cause})} {first.verdict.name}"


def _what(cause: Cause) -> str:
    """What differs, in words; of many fields the first ones."""
    words = list(dict.fromkeys(one.what for one in cause))
    more = f", and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return f"{', '.join(words[:MOST_WORDS])}{more}"


def _refuted(one: Disagreement, marks: Assumptions) -> str | None:
    """The assumption whose claim is what differs, if both keep the contract; None if none at the place says that."""
    promise, seen = _TRIED.get(one.promise, ("", str(one.pair.mock.status)))
    return refuted(marks, promise, (seen,)) if one.verdict is Stance.WITHIN else None


def _hint(one: Disagreement, patch: Patch | None, marks: Assumptions) -> str:
    """What to do: apply the patch, or why there is none; else who has to change, and what is assumed at the place."""
    if patch is not None and not patch.diff:
        return f"{patch.why[:1].upper()}{patch.why[1:]}." if patch.why else _BY_STANCE[one.verdict]
    if patch is not None:
        return f"The patch isn't proven: {patch.why}." if patch.why else APPLY
    assumed = f" Assumed there: {', '.join(marks)} (docs/assumptions.md)." if marks else ""
    return f"{one.promise.hint or _BY_STANCE[one.verdict]}{assumed}"


def _answers(number: int) -> str:
    return "one answer" if number == 1 else f"{number} answers"
