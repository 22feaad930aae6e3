"""What a recording shows of the contract: its coverage, what is beyond it, and the assumptions that hold."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from mockserver.archive_words import is_placeholder
from mockserver.checks.findings.beyond import Beyond, BeyondTheContract, Kind
from mockserver.checks.findings.contract_coverage import ContractCoverage
from mockserver.checks.findings.declared_places import DeclaredPlaces, Undeclared
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.recording import words
from mockserver.checks.recording.addresses import ContractPaths, call_address
from mockserver.checks.recording.assumptions import shown_by_answers
from mockserver.checks.recording.base_urls import CallPlace
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.request_rules import is_accepted
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.openapi.declared_answers import declared_status, declared_type
from mockserver.openapi.resources import Call, Surface
from mockserver.openapi.structure import bare_type, is_json_type


class Sightings:
    """What was seen so far, of these operations."""

    def __init__(self, surface: Surface, calls: Iterable[Call], locations: SourceLocations) -> None:
        self._contract, self._locations = surface.contract, locations
        self._places = DeclaredPlaces(surface.contract)
        self._paths = ContractPaths(call.path for call in surface.calls.values())
        self.coverage = ContractCoverage(surface, calls)
        self.statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.beyond = BeyondTheContract()
        self.confirmed: set[str] = set()

    def see(self, call: Call, entry: Entry, unknown: Iterable[str]) -> None:
        """Take note of a call of an operation; `unknown` are fields of its query that nobody declares
        or forbids. What one of our own checks has sent tells nothing of what an instance knows."""
        self.coverage.count(_exchange(call, entry))
        if entry.status:
            self.statuses[call.id][str(entry.status)] += 1
        if is_accepted(entry.status) and not entry.is_tried:
            for name in unknown:
                self._beyond(Kind.PARAMETER, call, entry, "", words.named(name), self._locations.of_call(call))
            self._sent(call, entry)
        self._answered(call, entry)

    def see_value(self, call: Call, entry: Entry, deviation: Deviation) -> None:
        """Take note of a value that an enumeration doesn't have."""
        if deviation.value:
            status = declared_status(call.operation.responses, entry.status) or ""
            self._beyond(Kind.RESPONSE_VALUE, call, entry, status, deviation.value, deviation.where)

    def see_undeclared(self, place: CallPlace, entry: Entry) -> None:
        """Take note of a call that is answered as by the API, and that no operation is declared for."""
        if place.call is None and not place.allow and is_accepted(entry.status) and entry.is_json:
            path = self._paths.likened(place.path)
            name = f"{words.method(entry.method)} {path}"
            self.beyond.count(Beyond(Kind.OPERATION, name, "", name, self._locations.line("paths"), _told(entry, path)))

    def _sent(self, call: Call, entry: Entry) -> None:
        kind = declared_type(call.operation.media_types, bare_type(entry.header("content-type")))
        pointer = call.operation.media_types.get(kind or "")
        if pointer is None or not is_json_type(kind or "") or not isinstance(entry.parsed_sent.value, dict | list):
            return
        found = self._places.places_at(pointer, sent=True).undeclared(entry.parsed_sent.value)
        for (above, name), values in _by_name(found).items():
            where = self._locations.of_sent(call, kind or "", _steps(above))[0]
            self._beyond(Kind.REQUEST_FIELD, call, entry, "", name, where, *values)

    def _answered(self, call: Call, entry: Entry) -> None:
        status = declared_status(call.operation.responses, entry.status)
        if status is None or not entry.is_json:
            return
        declared = call.operation.responses[status]
        pointer = declared.media_types.get(declared_type(declared.media_types, entry.media_type) or "")
        if pointer is None or entry.parsed.lacks or entry.parsed.wrong:
            return
        place, value = self._places.places_at(pointer, sent=False), entry.parsed.value
        for (above, name), values in _by_name(place.undeclared(value)).items():
            where = self._locations.of_value(call, status, _steps(above))[0]
            self._beyond(Kind.RESPONSE_FIELD, call, entry, status, name, where, *values)
        marks = {*place.marked(value), *self._locations.assumptions_of_response(call, status)} - self.confirmed
        if marks and self._contract.validator(pointer).is_valid(value):
            self.confirmed |= shown_by_answers(marks)

    def _beyond(  # noqa: PLR0913, PLR0917 (all that is told of it)
        self, kind: Kind, call: Call, entry: Entry, status: str, name: str, where: str, *values: Any
    ) -> None:
        self.beyond.count(Beyond(kind, call.id, status, name, where, _told(entry, call.path)), *values)


def _exchange(call: Call, entry: Entry) -> RecordedExchange:
    """The entry as coverage counts it."""
    sent, answer = (body.content.decode("utf-8", "replace") for body in (entry.sent, entry.answer))
    return RecordedExchange(
        entry.number,
        "",
        call.id,
        entry.method,
        entry.url,
        0.0,
        headers=list(entry.headers),
        body=sent,
        status=entry.status,
        answer=answer,
    )


def _told(entry: Entry, path: str) -> str:
    return f"{entry.place}, {call_address(entry, path)}"


def _by_name(found: Iterable[Undeclared]) -> dict[tuple[str, str], list[Any]]:
    """The values of each field, by its place and its name, which is shown as far as it is one; of those that were
    hidden there is the place alone."""
    values: dict[tuple[str, str], list[Any]] = {}
    for place, name, value in found:
        shown = values.setdefault((place, f"{place}.{words.named(name)}".removeprefix(".")), [])
        shown.extend([] if is_placeholder(value) else [value])
    return values


def _steps(name: str) -> list[str | int]:
    """The path to a place: `items[].tier` is in `items`, in any row."""
    steps: list[str | int] = []
    for step in name.split("."):
        steps += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
    return [step for step in steps if step != ""]
