"""The coverage of a contract by a run: which of the statuses, parameters, fields and enumeration values of each
operation were on the wire, and how often. What is declared and was never seen has the figure 0."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from mockserver.checks.findings.declared_places import DeclaredPlace, DeclaredPlaces, Value, places
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.errors import MethodNotAllowed, NotFound
from mockserver.openapi.contract import Contract, Parameter
from mockserver.openapi.declared_answers import declared_status
from mockserver.openapi.resources import Call, Surface
from mockserver.openapi.structure import is_json_type

Json = dict[str, Any]
OF_EVERY_REQUEST = frozenset({"accept", "authorization", "content-type"})  # headers that OpenAPI has elsewhere
FIRST_ERROR = 400


class Sent(NamedTuple):
    """How often something was sent, and how often in a request that was not refused."""

    sent: int = 0
    accepted: int = 0

    def plus(self, *, accepted: bool) -> "Sent":
        """The figures with one more request."""
        return Sent(self.sent + 1, self.accepted + accepted)

    @property
    def as_json(self) -> Json:
        """The figures for programs."""
        return self._asdict()


@dataclass
class _Answers:
    """The fields and values that the answers with one status have had."""

    place: DeclaredPlace
    fields: Counter[str] = field(default_factory=Counter)
    values: Counter[Value] = field(default_factory=Counter)

    def count(self, content: Any) -> None:
        fields, values = self.place.find(content)
        self.fields.update(fields)
        self.values.update(values)


class OperationCoverage:
    """The coverage of one operation."""

    def __init__(self, call: Call, declared: DeclaredPlaces) -> None:
        self._call, self._schemas = call, declared
        self._bodies = [
            declared.places_at(pointer, sent=True)
            for kind, pointer in call.operation.media_types.items()
            if pointer and is_json_type(kind)
        ]
        self._wire = dict(_on_the_wire(declared.contract, call.operation.parameters))
        self.requests = 0
        self.statuses: dict[str, int] = dict.fromkeys(call.operation.responses, 0)
        self.undeclared: Counter[str] = Counter()
        self.parameters: dict[str, Sent] = {place.name: Sent() for place in self._wire.values()}
        self.fields: dict[str, Sent] = {name: Sent() for body in self._bodies for name in body.fields}
        values = [value for place in (*self._wire.values(), *self._bodies) for value in place.enumerations]
        self.values: dict[Value, Sent] = {value: Sent() for value in values}
        self._answers: dict[str, _Answers] = {}

    def count(self, exchange: RecordedExchange) -> None:
        """Count a request and its answer."""
        self.requests += 1
        accepted = 0 < exchange.status < FIRST_ERROR
        for place, texts in self._sent(exchange):
            self.parameters[place.name] = self.parameters[place.name].plus(accepted=accepted)
            for value in _values(place, texts) & self.values.keys():
                self.values[value] = self.values[value].plus(accepted=accepted)
        content = _json(exchange.body) if self._bodies else None
        found = [body.find(content) for body in self._bodies] if content is not None else []
        for name in {name for fields, _ in found for name in fields}:
            self.fields[name] = self.fields[name].plus(accepted=accepted)
        for value in {value for _, values in found for value in values}:
            self.values[value] = self.values[value].plus(accepted=accepted)
        if exchange.status:
            self._answered(exchange)

    def declares(self, status: int) -> bool:
        """Whether an answer with this status is declared."""
        return self._declared(status) is not None

    def count_status(self, status: int) -> None:
        """Count the status of an answer alone."""
        declared = self._declared(status)
        if declared is None:
            self.undeclared[str(status)] += 1
        else:
            self.statuses[declared] += 1

    def _declared(self, status: int) -> str | None:
        """The key under which a status is declared; None if it isn't."""
        return declared_status(self.statuses, status)

    def _sent(self, exchange: RecordedExchange) -> list[tuple[DeclaredPlace, list[str]]]:
        """The parameters that a request has, each with its values."""
        if not self._wire:
            return []
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for name, text in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True):
            found["query", name].append(text)
        for name, text in exchange.headers:
            found["header", name.lower()].append(text)
        return [(self._wire[key], texts) for key, texts in found.items() if key in self._wire]

    def _answered(self, exchange: RecordedExchange) -> None:
        self.count_status(exchange.status)
        status = self._declared(exchange.status)
        if status is None:
            return
        if status not in self._answers:
            types = self._call.operation.responses[status].media_types.items()
            pointer = next((pointer for kind, pointer in types if pointer and is_json_type(kind)), None)
            self._answers[status] = _Answers(
                self._schemas.places_at(pointer, sent=False) if pointer else DeclaredPlace()
            )
        answers = self._answers[status]
        if answers.place.properties or answers.place.items:
            answers.count(exchange.content)

    def as_json(self) -> Json:
        """The figures of the operation, by what is declared. Fields of answers are those of statuses that were seen."""
        answers = sorted(self._answers.items())
        return {
            "method": self._call.method,
            "path": self._call.path,
            "requests": self.requests,
            "statuses": self.statuses,
            "undeclaredStatuses": dict(sorted(self.undeclared.items())),
            "parameters": {name: sent.as_json for name, sent in self.parameters.items()},
            "requestFields": {name: sent.as_json for name, sent in self.fields.items()},
            "requestValues": _by_place((value, sent.as_json) for value, sent in self.values.items()),
            "responseFields": {
                status: {name: one.fields[name] for name in one.place.fields}
                for status, one in answers
                if one.place.fields
            },
            "responseValues": {
                status: _by_place((value, one.values[value]) for value in one.place.enumerations)
                for status, one in answers
                if one.place.enumerations
            },
        }


class ContractCoverage:
    """The coverage of the operations `calls` of a contract, by exchanges with the instance at `url`."""

    def __init__(self, surface: Surface, calls: Iterable[Call], url: str = "") -> None:
        declared = DeclaredPlaces(surface.contract)
        self._surface, self._prefix = surface, urlsplit(url.rstrip("/")).path
        self.operations = {call.id: OperationCoverage(call, declared) for call in calls}

    def count(self, exchange: RecordedExchange) -> None:
        """Count a request and its answer."""
        if exchange.operation in self.operations:
            self.operations[exchange.operation].count(exchange)
        elif exchange.operation not in self._surface.calls and exchange.status == HTTPStatus.METHOD_NOT_ALLOWED:
            for one in self._with_its_path(exchange):
                if one.declares(exchange.status):
                    one.count_status(exchange.status)

    def _with_its_path(self, exchange: RecordedExchange) -> list[OperationCoverage]:
        """The operations on the path of a request with another method: they declare how that is answered."""
        path = urlsplit(exchange.url).path.removeprefix(self._prefix).encode()
        try:
            self._surface.match(exchange.method, path)
        except MethodNotAllowed as error:
            template = self._surface.match(error.allow[0], path)[0].path
            return [one for name, one in self.operations.items() if self._surface.calls[name].path == template]
        except NotFound:
            pass
        return []

    def as_json(self) -> Json:
        """The figures of all operations, and `totals`: of each kind how many are `declared`, and `seen`."""
        operations = {name: one.as_json() for name, one in self.operations.items()}
        return {"totals": totals(operations), "operations": operations}


def totals(operations: Mapping[str, Json]) -> Json:
    """How much of each kind is declared, and was seen."""
    figures: dict[str, list[Any]] = {"operations": [one["requests"] for one in operations.values()]}
    for kind in ("statuses", "parameters", "requestFields"):
        figures[kind] = [figure for one in operations.values() for figure in one[kind].values()]
    for kind in ("responseFields", "requestValues"):
        figures[kind] = [
            figure for one in operations.values() for some in one[kind].values() for figure in some.values()
        ]
    figures["responseValues"] = [
        figure
        for one in operations.values()
        for at in one["responseValues"].values()
        for some in at.values()
        for figure in some.values()
    ]
    return {kind: {"declared": len(some), "seen": sum(map(_is_seen, some))} for kind, some in figures.items()}


def _is_seen(figure: Any) -> bool:
    return bool(figure["sent"] if isinstance(figure, dict) else figure)


def _by_place(figures: Iterable[tuple[Value, Any]]) -> Json:
    found: Json = {}
    for (place, text), figure in figures:
        found.setdefault(place, {})[text] = figure
    return found


def _values(place: DeclaredPlace, texts: list[str]) -> set[Value]:
    """What the values of a parameter may be: one each, or several with commas between them."""
    parts = {part for text in texts for part in text.split(",")}
    return {(place.name, text) for text in texts} | {(f"{place.name}[]", part) for part in parts}


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _on_the_wire(
    contract: Contract, parameters: Iterable[Parameter]
) -> Iterable[tuple[tuple[str, str], DeclaredPlace]]:
    """The parameters of query and headers: by location and name on the wire, the place of the value. An object that
    comes apart is one parameter for each property."""
    for one in parameters:
        if one.location not in ("query", "header") or one.name.lower() in OF_EVERY_REQUEST:
            continue
        name = f"{one.location} {one.name}"
        place = places(contract, one.schema, sent=True, name=name)
        apart = place.properties if one.location == "query" and (one.style == "deepObject" or one.explode) else {}
        for key, child in apart.items():
            wire = f"{one.name}[{key}]" if one.style == "deepObject" else key
            yield ("query", wire), DeclaredPlace(f"query {wire}", values=child.values)
        if not apart:
            yield (one.location, one.name if one.location == "query" else one.name.lower()), place
