"""What `mockserver spec resources` tells: which resources a contract has, and which operations keep their examples."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources import (
    ListForm,
    RecognisedResource,
    RoleOperation,
    recognise,
    told_resources,
)

_NOWHERE = "no path of a resource"
_NO_COLLECTION = "nothing creates or lists there; name its collection (x-mock-resource: {collection: /path})"
_ALONE = "x-mock-resource: false"


class ByExamples(NamedTuple):
    """An operation that keeps its examples, as `GET /pets`, and why."""

    operation: str
    why: str


class ResourceReport(NamedTuple):
    """The resources of a contract, the unsure ones included; the operations that answer by examples; how many
    operations there are."""

    resources: tuple[RecognisedResource, ...]
    left: tuple[ByExamples, ...]
    operations: int

    @property
    def remembered(self) -> tuple[RecognisedResource, ...]:
        """The resources that a mock remembers."""
        return tuple(one for one in self.resources if one.is_remembered)

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON."""
        remembered = len(self.remembered)
        summary = {
            "remembered": remembered,
            "unsure": len(self.resources) - remembered,
            "operations": self.operations,
            "byExamples": len(self.left),
        }
        return {
            "resources": [_row(one) for one in self.resources],
            "left": [one._asdict() for one in self.left],
            "summary": summary,
        }

    def lines(self) -> Iterator[str]:
        """All of it as text: what is remembered, what is unsure, and what else is left alone."""
        for one in self.remembered:
            yield from _told(one)
            yield ""
        unsure = [one for one in self.resources if not one.is_remembered]
        if unsure:
            yield "unsure, so examples:"
            yield from (f"  {one.item}: {'; '.join(one.reasons)}" for one in unsure)
            yield ""
        if self.left:
            width = max(len(one.operation) for one in self.left)
            yield "operations by examples:"
            yield from (f"  {one.operation:{width}}  {one.why}" for one in self.left)
            yield ""
        yield self._summary()

    def _summary(self) -> str:
        count, kept = len(self.remembered), self.operations - len(self.left)
        resources = f"{count} resource{'' if count == 1 else 's'} remembered"
        return f"{resources}, {len(self.resources) - count} unsure; {kept} of {self.operations} operations remember"


def resources_of(contract: Contract) -> ResourceReport:
    """The report on a contract. Raises ContractError."""
    found = recognise(contract)
    operations = [f"{route.method.upper()} {route.declared_path}" for route in contract.routes()]
    treated = {role.label for one in found if one.is_remembered for role in one.treating}
    reasons = {name: why for one in found for name, why in _reasons(one).items()}
    reasons |= {f"{method.upper()} {path}": _ALONE for path, method in told_resources(contract).alone}
    left = tuple(ByExamples(name, reasons.get(name) or _nowhere(name)) for name in operations if name not in treated)
    return ResourceReport(found, left, len(operations))


def _nowhere(name: str) -> str:
    """Why an operation is one of no resource: what its path is about may be one that stands elsewhere."""
    return _NO_COLLECTION if name.rstrip("/").endswith("}") else _NOWHERE


def _reasons(one: RecognisedResource) -> Mapping[str, str]:
    """Why operations of a resource keep their examples."""
    if one.is_remembered:
        return one.left
    return {role.label: f"{one.name} is unsure" for role in one.treating} | dict(one.left)


def _told(one: RecognisedResource) -> Iterator[str]:
    around = one.parent or one.holder
    parent = f", in {around}" if around else ""
    yield f"{one.name} ({one.confidence.name.lower()}{parent}): {'; '.join(one.reasons)}"
    width = max(len(role.label) for role in one.treating)
    for role in one.treating:
        details = "; ".join(_details(role))
        yield f"  {role.role:8} {role.label:{width}}  {details}".rstrip()


def _details(role: RoleOperation) -> Iterator[str]:
    if role.takes and role.takes.at:
        yield f"takes it in {_dotted(role.takes.at)}"
    if role.shows and role.shows.at:
        yield f"shows it in {_dotted(role.shows.at)}"
    if role.around:
        yield "sets " * (role.lists is None) + ", ".join(_dotted(place) for place in role.around.values()) + " by path"
    if role.key_at:
        yield f"names it in the body by {_dotted(role.key_at)}"
    if role.creates:
        yield "creates it, too"
    if role.lists:
        yield from _of_list(role.lists, role.operation)
        if ignored := role.ignored:
            yield f"ignores {', '.join(ignored)}"


def _of_list(form: ListForm, operation: Operation) -> Iterator[str]:
    if form.items:
        yield f"in {_dotted(form.items)}"
    if form.key:
        yield f"by {_dotted(form.key)}"
    if form.totals:
        yield f"tells {', '.join(form.totals)}"
    if form.paging:
        yield f"pages by {', '.join(filter(None, (form.paging.start, form.paging.size)))}"
    if filters := [*form.filters, *form.bounds]:
        defaults = {one.name: one.schema.get("default") for one in operation.parameters_in("query")}
        yield f"filters by {', '.join(_with_default(name, defaults.get(name)) for name in filters)}"
    if form.sorting:
        yield f"sorts by {', '.join(filter(None, form.sorting))}"
    if form.search:
        yield f"searches by {form.search}"


def _with_default(name: str, default: Any) -> str:
    """A filter, with what it is if nobody asks."""
    several = default if isinstance(default, list) else [default]
    return name if default is None else f"{name} ({', '.join(map(str, several))}, if nobody asks)"


def _dotted(place: tuple[str, ...]) -> str:
    return ".".join(place)


def _row(one: RecognisedResource) -> dict[str, Any]:
    return {
        "name": one.name,
        "confidence": one.confidence.name.lower(),
        "isRemembered": one.is_remembered,
        "reasons": list(one.reasons),
        "collection": one.collection,
        "item": one.item,
        "parameter": one.parameter,
        "key": _pointer(one.id_at),
        "parent": one.parent or one.holder,
        "operations": [_operation(role) for role in one.treating],
        "left": dict(one.left),
    }


def _operation(role: RoleOperation) -> dict[str, Any]:
    row: dict[str, Any] = {"role": role.role, "operation": role.label, "status": role.status}
    places = {"takes": role.takes and role.takes.at, "shows": role.shows and role.shows.at, "keyInBody": role.key_at}
    row |= {name: _pointer(place) for name, place in places.items() if place is not None}
    if role.creates:
        row["creates"] = True
    if role.around:
        row["fieldsByPath"] = {name: _pointer(place) for name, place in role.around.items()}
    if role.lists:
        form = role.lists
        row["list"] = {
            "items": _pointer(form.items),
            "totals": {name: _pointer(place) for name, place in form.totals.items()},
            "paging": form.paging and form.paging._asdict(),
            "filters": {name: _pointer(place) for name, place in form.filters.items()},
            "comparisons": {name: {"field": _pointer(place), "by": how} for name, (place, how) in form.bounds.items()},
            "sorting": form.sorting and form.sorting._asdict(),
            "search": form.search,
            "ignored": list(role.ignored),
        }
        row["list"] |= {"key": _pointer(form.key)} if form.key else {}
    return row


def _pointer(place: tuple[str, ...]) -> str:
    """A place as a JSON pointer."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in place)
