"""What has to be written into a contract so that it holds for what live answers.

Each edit widens the contract, and takes nothing away from it that the mock answers: a key is no longer required, a type
is one of two, a value is one more of an enumeration. So the contract's own examples stay valid.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from mockserver.checks.drift.ask import Answer
from mockserver.checks.drift.conformance import HEADER, MEDIA_TYPE, STATUS, Departure, departures
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.edits import Edit, add, apply, drop, put, rename
from mockserver.checks.drift.inference import SEEN, schema_of
from mockserver.checks.drift.places import ContractPlace, Places
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call
from mockserver.openapi.structure import at, find

MOST_ROUNDS = 24  # edits for one cause
MOST_SAMPLES = 40  # answers of a cause that are admitted one by one
ASSERTIONS = frozenset(
    (
        *("type", "format", "pattern", "enum", "const", "nullable", "minimum", "maximum", "multipleOf", "minLength"),
        *(
            "maxLength",
            "items",
            "minItems",
            "maxItems",
            "uniqueItems",
            "properties",
            "required",
            "additionalProperties",
        ),
        *("oneOf", "allOf", "anyOf", "not", "exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties"),
    )
)


class NotExpressible(Exception):
    """Raised where no contract can say what live does."""


def edits_for(document: Mapping[str, Any], cause: list[Disagreement]) -> list[Edit]:
    """The edits by which a document admits what live answers in a cause. Raises NotExpressible."""
    admission = _Admission(document, cause[:MOST_SAMPLES])
    return admission.edits()


class _Admission:
    """A document that is edited until it admits what a cause shows."""

    def __init__(self, document: Mapping[str, Any], cause: list[Disagreement]) -> None:
        self._document: Any = deepcopy(document)
        self._cause = cause
        self._edits: list[Edit] = []
        self._nullable = "nullable" if str(document.get("openapi", "3.0")).startswith("3.0") else ""

    def edits(self) -> list[Edit]:
        """All edits."""
        for one in self._cause:
            if one.verdict is Stance.SILENT:
                self._do(*self._for_silence(one))
        for _ in range(MOST_ROUNDS):
            found = self._next()
            if found is None:
                return self._edits
            self._do(*self._for(*found))
        raise NotExpressible("there is no end of what would have to be changed")

    def _do(self, *edits: Edit) -> None:
        for edit in edits:
            if edit not in self._edits:
                apply(self._document, edit)
                self._edits.append(edit)

    def _next(self) -> tuple[Disagreement, Departure, Call] | None:
        """The next way in which an answer of live leaves the document."""
        contract = Contract(b"", self._document)
        for one in self._cause:
            if one.verdict not in (Stance.LIVE, Stance.BOTH):
                continue
            call = _call(contract, one)
            for departure in departures(contract, call, one.pair.live):
                if one.shows(departure):
                    return one, departure, call
        return None

    @property
    def _places(self) -> Places:
        return Places(Contract(b"", self._document))

    # ---------------------------------------------------------------- what the contract doesn't know
    def _for_silence(self, one: Disagreement) -> Iterator[Edit]:
        """A field, or a header, that the contract says nothing of. A field that only the mock shows isn't live's."""
        call, live = one.pair.ask.call, one.pair.live
        places = self._places
        if one.promise is DriftPromise.HEADERS:
            response = places.response(call, live.status)
            if response is not None and live.headers.get(str(one.path[0]).lower()) is not None:
                header = {"description": SEEN, "schema": {"type": "string"}}
                yield from _into(response, "headers", str(one.path[0]), header)
            return
        place = places.value(places.content(call, live.status, live.media_type), one.path[:-1])
        yield from self._property(place, one)

    def _property(self, place: ContractPlace | None, one: Disagreement) -> Iterator[Edit]:
        holder = _holder(self._places, place, "properties") if place else None
        name = str(one.path[-1])
        if place is None or (holder is None and place.node.get("type", "object") != "object"):
            raise NotExpressible("the contract describes no object there")
        schema = {"description": SEEN, **schema_of(self._seen(one), nullable=self._nullable)}
        if holder is None:
            yield put(place.steps, "properties", {name: schema})
        elif name not in holder.node["properties"]:
            yield put((*holder.steps, "properties"), name, schema)

    def _seen(self, one: Disagreement) -> list[Any]:
        """What all answers of the cause have there."""
        return [other.live for other in self._cause if other.path[-1:] == one.path[-1:]]

    # ---------------------------------------------------------------- what it forbids
    def _for(self, one: Disagreement, departure: Departure, call: Call) -> Iterator[Edit]:
        live, places = one.pair.live, self._places
        if departure.part == STATUS:
            yield put(places.responses(call), str(live.status), self._response(one))
        elif departure.part == MEDIA_TYPE:
            response = places.response(call, live.status)
            if response is None or not live.media_type:
                raise NotExpressible("an answer without a media type can't be described")
            yield from _into(response, "content", live.media_type, self._media(one, response))
        elif departure.part == HEADER:
            yield from self._header(departure, call, live)
        else:
            start = places.content(call, live.status, live.media_type)
            if start is None or departure.keyword == "json":
                raise NotExpressible("what live sends is no JSON, although it says so")
            yield from self._body(start, departure, live)

    def _response(self, one: Disagreement) -> dict[str, Any]:
        """A response like the one that live gives; the schema of the mock's answer stays, if it fits."""
        live, described = one.pair.live, {"description": SEEN}
        if not live.text or not live.media_type:
            return described
        return {**described, "content": {live.media_type: self._media(one, None)}}

    def _media(self, one: Disagreement, response: ContractPlace | None) -> dict[str, Any]:
        live, mock = one.pair.live, one.pair.mock
        call, places = one.pair.ask.call, self._places
        known: list[ContractPlace | None] = (
            [places.content(call, mock.status, mock.media_type)] if mock.is_json and live.is_json else []
        )
        if response and live.is_json:
            names = response.node.get("content", {})
            known += [places.at((*response.steps, "content", name, "schema")) for name in names]
        contract = Contract(b"", self._document)
        for place in (one for one in known if one is not None):
            pointer = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in place.steps)
            if not contract.validator(pointer).violations(live.content):
                return {"schema": deepcopy(at(self._document, place.named))}
        if not live.is_json:
            return {"schema": {"type": "string"}}
        return {"schema": schema_of([live.content], nullable=self._nullable)}

    def _header(self, departure: Departure, call: Call, live: Answer) -> Iterator[Edit]:
        places = self._places
        response, name = places.response(call, live.status), str(departure.path[0])
        if response is None:
            raise NotExpressible("the response isn't declared")
        header = places.at((*response.steps, "headers", name))
        if departure.keyword == "required":
            yield put(header.steps, "required", value=False)
        else:
            yield put(header.steps, "schema", {"type": "string"})
            if "example" in header.node and not isinstance(header.node["example"], str):
                yield put(header.steps, "example", str(header.node["example"]))

    # ---------------------------------------------------------------- bodies
    def _body(self, start: ContractPlace, departure: Departure, live: Answer) -> Iterator[Edit]:
        places, path = self._places, departure.path
        keyword = departure.keyword
        if keyword == "required":
            holders = list(_requiring(places, places.value(start, path[:-1]), str(path[-1])))
            if not holders:
                raise NotExpressible("the place where the key is required can't be found")
            for one in holders:
                yield drop((*one.steps, "required"), str(path[-1]))
            return
        value = find(live.content, path) if path else live.content
        if keyword == "additionalProperties":
            place = places.value(start, path[:-1])
            holder = _holder(places, place, "properties") if place else None
            if holder is None:
                raise NotExpressible("the closed object can't be found")
            schema = {"description": SEEN, **schema_of([value], nullable=self._nullable)}
            yield put((*holder.steps, "properties"), str(path[-1]), schema)
            return
        place = places.value(start, path)
        if place is None:
            raise NotExpressible("the contract doesn't describe the value")
        yield from self._widened(place, keyword, value)

    def _widened(self, place: ContractPlace, keyword: str, value: Any) -> Iterator[Edit]:
        """A schema that one more value fits."""
        node = place.node
        if keyword == "enum" and not isinstance(value, dict | list) and "enum" in node:
            yield add((*place.steps, "enum"), value)
        elif value is None and self._nullable and "type" in node:
            yield put(place.steps, "nullable", value=True)
            if "enum" in node and None not in node["enum"]:
                yield add((*place.steps, "enum"), None)
        elif keyword == "type" or keyword not in node or keyword in ("oneOf", "anyOf", "allOf"):
            yield from self._or(place, schema_of([value], nullable=self._nullable), value)
        else:
            yield drop(place.steps, keyword)

    def _or(self, place: ContractPlace, schema: dict[str, Any], value: Any) -> Iterator[Edit]:
        """A schema, or another one in its place."""
        node, named = place.node, find(self._document, place.named)
        if alternatives := node.keys() & {"anyOf", "oneOf"} if node.keys() & ASSERTIONS <= {"anyOf", "oneOf"} else ():
            yield from self._alternative(place, min(alternatives), schema, value)
            return
        if isinstance(named, dict) and "$ref" in named and node.get("type") in ("object", "array", None):
            yield put(place.named[:-1], str(place.named[-1]), {"anyOf": [dict(named), schema]})
            return
        own = {key: deepcopy(node[key]) for key in node if key in ASSERTIONS}
        yield put(place.steps, "anyOf", [own, schema])
        for key in own:
            yield drop(place.steps, key)

    def _alternative(self, place: ContractPlace, keyword: str, schema: dict[str, Any], value: Any) -> Iterator[Edit]:
        """One more value of the alternative that has such, or one more alternative. More than one may hold then."""
        listed = (one for one in self._places.parts(place) if one.node.get("type") == schema.get("type"))
        values = next((one for one in listed if "enum" in one.node), None)
        if values is not None and not isinstance(value, dict | list):
            yield add((*values.steps, "enum"), value)
            return
        if keyword == "oneOf":
            yield rename(place.steps, "oneOf", "anyOf")
        yield add((*place.steps, "anyOf"), schema)


def _call(contract: Contract, one: Disagreement) -> Call:
    """The operation of a difference as another document has it."""
    call = one.pair.ask.call
    declared = contract.document["paths"][call.path][call.method.lower()]
    operation = contract.operation(call.path, call.method.lower())
    return Call(operation, declared, call.record, call.creates, call.issues, call.account_wide)


def _into(response: ContractPlace, section: str, name: str, value: Any) -> Iterator[Edit]:
    """An entry in a section of a response, which may not be there yet."""
    if section not in response.node:
        yield put(response.steps, section, {name: value})
    elif name not in response.node[section]:
        yield put((*response.steps, section), name, value)


def _holder(places: Places, place: ContractPlace, keyword: str) -> ContractPlace | None:
    """The schema, or the first of its parts, that has a keyword."""
    if keyword in place.node:
        return place
    return next((found for one in places.parts(place) if (found := _holder(places, one, keyword))), None)


def _requiring(places: Places, place: ContractPlace | None, name: str) -> Iterator[ContractPlace]:
    """The schema and its parts that require a key."""
    if place is not None:
        if name in place.node.get("required", ()):
            yield place
        for part in places.parts(place):
            yield from _requiring(places, part, name)
