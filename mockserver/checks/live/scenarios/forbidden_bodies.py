"""Bodies that the contract forbids: a good one with a single change each, which is named in words."""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from mockserver.checks.live.marks import lengthened
from mockserver.checks.live.scenarios.alternatives import form_of, known_properties, needed_properties
from mockserver.checks.live.scenarios.answer_shapes import Path, dotted
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import properties

Spoiled = tuple[str, Any]
Odd = tuple[str, Any, str]  # with what is said of the property by the schema that the body is of
NO_MOMENTS = ("1700000000", "2026-01-15 10:30", "2026-01-15T10:30:00")  # seconds, no `T`, no offset
UNKNOWN = "mockserverCheck"
TOO_FINE = 0.0001234  # what a number may not have more where its decimals are counted
NO_TIMES = {"date-time": NO_MOMENTS, "date": ("1700000000", "15.01.2026", "2026-02-30")}


def spoiled(
    contract: Contract, pointer: str | None, bodies: list[Any], odd: str, others: list[Any]
) -> Iterator[Spoiled]:
    """The fullest of the bodies without each of its properties, with an odd text or else a number in each that the
    schema knows, with one that is a character too long, with what is no time where it wants one, with null where an
    object or a list is required and an object where a text is, with a property that nobody knows, and with what bodies
    of other operations have in the same place; of all these what the schema at the pointer refuses. Of a list the first
    item is left without its properties, too. Of the bodies of another alternative the fullest, too: with that which the
    schema says otherwise of them."""
    validator, tried = contract.validator(pointer, sent=True), set[str]()
    for form, body in _fullest(contract, contract.at(pointer), bodies):
        seen = set[str]()
        for words, changed, said in _all_odd(contract, contract.at(pointer), body, odd, [] if tried else others):
            if words not in seen and f"{words}{said}" not in tried and not validator.is_valid(changed):
                seen.add(words)
                yield f"{words}{form}", changed
        tried |= {f"{words}{said}" for words, _, said in _all_odd(contract, contract.at(pointer), body, odd, [])}


def _fullest(contract: Contract, schema: Mapping[str, Any], bodies: list[Any]) -> Iterator[tuple[str, Any]]:
    """The fullest body of each form, the fullest of all first; with words for what the form of another one is."""
    known = list[dict[str, str]]()
    for body in sorted(bodies, key=lambda one: len(str(one)), reverse=True):
        if (form := form_of(contract, schema, body)) not in known:
            is_first, other = not known, [name for place, name in form.items() if (place, name) not in _items(known)]
            known.append(form)
            if is_first or other:
                yield "" if is_first else f", as {', '.join(other)}", body


def _items(forms: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {item for form in forms for item in form.items()}


def _all_odd(contract: Contract, schema: Mapping[str, Any], body: Any, odd: str, others: list[Any]) -> Iterator[Odd]:
    for other in others:
        yield from ((words, changed, "") for words, changed in _longer(body, other))
    yield from ((words, changed, "") for words, changed in _shorter(body))
    yield from _odd(contract, schema, body, odd)


def values_of_other_kinds(contract: Contract, pointer: str | None, bodies: list[Any]) -> Iterator[Spoiled]:
    """The bodies with each truth and number in them as a text, as some languages take one for the other, with numbers
    that are too fine, and with a line break in the texts of lists, which may end up in headers; once for each place,
    whichever item of a list it is in."""
    validator, seen = contract.validator(pointer, sent=True), set()
    for body in bodies:
        for words, path, value in _of_other_kinds(body):
            if words not in seen and not validator.is_valid(changed := with_value(body, path, value)):
                seen.add(words)
                yield words, changed


def _of_other_kinds(body: Any) -> Iterator[tuple[str, Path, Any]]:
    for path, value in leaves(body):
        place = dotted(tuple(0 if isinstance(step, int) else step for step in path))
        if isinstance(value, bool | int | float):
            yield f"with {place} as a text", path, str(value).lower()
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"with a too fine {place}", path, round(value + TOO_FINE, 7)
        if isinstance(value, str) and any(isinstance(step, int) for step in path):
            yield f"with a line break in {place}", path, f"{value[:1]}\n{value[1:]}"


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The values in a body that hold no others, each with its place."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, step))
    else:
        yield path, value


def with_value(body: Any, path: Path, value: Any) -> Any:
    """A body like another one, but for the value at a place."""
    if not path:
        return value
    step, *deeper = path
    changed = copy(body)
    changed[step] = with_value(body[step], tuple(deeper), value)
    return changed


def _shorter(body: Any, where: str = "") -> Iterator[Spoiled]:
    if isinstance(body, dict):
        for name, value in body.items():
            yield f"without {where}{name}", {key: one for key, one in body.items() if key != name}
            yield from ((words, {**body, name: inner}) for words, inner in _shorter(value, f"{where}{name}."))
    elif isinstance(body, list) and body:
        inner_place = f"{where.removesuffix('.')}[0]."
        yield from ((words, [inner, *body[1:]]) for words, inner in _shorter(body[0], inner_place))


def _odd(contract: Contract, schema: Mapping[str, Any], body: Any, odd: str, where: str = "") -> Iterator[Odd]:
    if not isinstance(body, dict):
        return
    needed, known = needed_properties(contract, schema, body), known_properties(contract, schema, body)
    for name, declared in {**properties(contract, schema), **known}.items():
        said = str(declared) if name in known else "of another alternative"
        for words, value in _odd_values(declared, body.get(name), odd, is_needed=name in needed):
            yield words.format(f"{where}{name}"), {**body, name: value}, said
        deeper = _odd(contract, declared, body.get(name), odd, f"{where}{name}.")
        yield from ((words, {**body, name: inner}, more) for words, inner, more in deeper)
    unknown = f"with a property that nobody knows{where and ' in '}{where.removesuffix('.')}"
    yield unknown, {**body, UNKNOWN: odd}, ""


def _odd_values(declared: Mapping[str, Any], value: Any, odd: str, *, is_needed: bool) -> Iterator[Spoiled]:
    """Values that may be wrong in place of a good one, in words with a hole for the place."""
    yield from (("with an odd {}", other) for other in (odd, 0.5))
    most = declared.get("maxLength")
    if isinstance(most, int) and isinstance(value, str):
        yield "with a too long {}", lengthened(value, most + 1)
    for text in NO_TIMES.get(str(declared.get("format")), ()):
        yield f"with {{}} as {text}", text
    if is_needed and isinstance(value, dict | list):
        yield "with null in place of {}", None
    if is_needed and isinstance(value, str):
        yield "with an object in place of {}", {}


def _longer(body: Any, other: Any, where: str = "") -> Iterator[Spoiled]:
    if isinstance(body, dict) and isinstance(other, dict):
        for name, value in other.items():
            if name not in body:
                yield f"with {where}{name}", {**body, name: value}
            else:
                deeper = _longer(body[name], value, f"{where}{name}.")
                yield from ((words, {**body, name: inner}) for words, inner in deeper)
