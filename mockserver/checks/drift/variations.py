"""Variations of a good request: other callers, other places, other bodies, other parameters, each in one way."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from mockserver.checks.drift.ask import MEMBER, NOBODY, Ask, Path
from mockserver.checks.drift.exchanges import Exchanges
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import Call, Surface
from mockserver.openapi.structure import find

LONG = 300  # characters, more than a text may have
EXTRA = "mockserverCheckExtra"
_JSON = {"Content-Type": "application/json"}
_METHODS = ("PATCH", "DELETE", "PUT", "POST")


class Variations:
    """The variations of requests to one contract."""

    def __init__(self, surface: Surface, exchanges: Exchanges) -> None:
        self._surface, self._contract, self._exchanges = surface, surface.contract, exchanges

    def of(self, base: Ask) -> Iterator[Ask]:
        """All variations of a request; where it names a record, those that lack its argument need one."""
        yield from self._callers(base)
        yield from self._places(base)
        yield from self._queries(base)
        yield from self._raw_bodies(base)
        if isinstance(base.body, dict):
            yield from self._bodies(base)
        yield from self._methods(base)

    # ---------------------------------------------------------------- who, and where
    def _callers(self, base: Ask) -> Iterator[Ask]:
        if base.call.public:
            return
        yield replace(base, tried="without a credential", who=NOBODY)
        forged = {"Authorization": "Bearer mockserver.check.forged"}
        yield replace(base, tried="with a forged token", who=NOBODY, headers=forged)
        scheme = {"Authorization": "Basic bW9ja3NlcnZlcjpjaGVjaw=="}
        yield replace(base, tried="with another scheme", who=NOBODY, headers=scheme)
        key = {"X-AUTH-TOKEN": "mockserver-check-unknown"}
        yield replace(base, tried="with an unknown key", who=NOBODY, headers=key)
        yield replace(base, tried="as a member", who=MEMBER)

    def _places(self, base: Ask) -> Iterator[Ask]:
        for name in base.arguments:
            elsewhere = {**base.arguments, name: self._exchanges.made_up("unknown")}
            yield replace(base, tried=f"with an unknown {name}", arguments=elsewhere)
        if base.call.record is not None:
            nobody = {**base.arguments, base.call.record: self._exchanges.unknown_id()}
            yield replace(base, tried="on a record that isn't there", arguments=nobody)
            no_id = {**base.arguments, base.call.record: self._exchanges.made_up("no-id")}
            yield replace(base, tried="with what is no id", arguments=no_id)

    def _methods(self, base: Ask) -> Iterator[Ask]:
        """One method that the path doesn't have: once for each path, at the operation that declares what comes then."""
        there = [one for one in self._surface.calls.values() if one.path == base.call.path]
        declaring = next((one for one in there if "405" in one.operation.responses), there[0])
        known = {one.method for one in there}
        for method in [one for one in _METHODS if one not in known][: base.call.id == declaring.id]:
            yield replace(base, tried=f"with {method}", method=method, body=None)

    # ---------------------------------------------------------------- queries
    def _queries(self, base: Ask) -> Iterator[Ask]:
        for parameter in base.call.operation.parameters_in("query"):
            for name, value in self._values(parameter):
                tried = f"with {name}={value[:20]}"
                yield replace(base, tried=tried, query={**base.query, name: value})
        if not base.call.changes:
            yield replace(base, tried="with an unknown parameter", query={**base.query, EXTRA: "1"})

    def _values(self, parameter: Parameter) -> Iterator[tuple[str, str]]:
        """Values of a parameter, good and bad, with the name that each has in a query."""
        schema, names = parameter.schema, [parameter.name]
        usual = ["", "mockserver-check", "true"]
        if schema.get("type") in ("integer", "number"):  # a filter of texts finds it in the mark of one side, by chance
            usual.append("0")
        if parameter.style == "deepObject":
            known = list(self._contract.resolved(schema).get("properties", {}))
            names = [f"{parameter.name}[{one}]" for one in (*known[:2], EXTRA)]
        shown = [schema[key] for key in ("default", "example") if key in schema] + list(schema.get("enum", ()))[:2]
        bounds = [schema[key] + step for key, step in (("minimum", -1), ("maximum", 1)) if key in schema]
        for name in names:
            for value in [*shown, *bounds, *usual]:
                yield name, str(value).lower() if isinstance(value, bool) else str(value)

    # ---------------------------------------------------------------- bodies
    def _raw_bodies(self, base: Ask) -> Iterator[Ask]:
        if not base.call.operation.media_types:
            return
        for tried, raw, headers in (
            ("with no body", b"", _JSON),
            ("with null", b"null", _JSON),
            ("with a list", b"[]", _JSON),
            ("with a text", b'"mockserver-check"', _JSON),
            ("with half a body", b'{"mockserver":', _JSON),
            ("with a form", b"mockserver=check", {"Content-Type": "application/x-www-form-urlencoded"}),
            ("with plain text", b"{}", {"Content-Type": "text/plain"}),
            ("without a media type", b"{}", {}),
        ):
            yield replace(base, tried=tried, body=None, raw=raw, headers=headers)

    def _bodies(self, base: Ask) -> Iterator[Ask]:
        """Each property left out, and with other kinds of value. What would make a record that stays is left out."""
        stays = base.call.creates is not None and not self._surface.deletable(base.call)
        for tried, body in [("with an empty object", {}), *_changed(base.body)]:
            if not (stays and self._is_valid(base.call, body)):
                yield replace(base, tried=tried, body=body)

    def _is_valid(self, call: Call, body: Any) -> bool:
        pointers: Mapping[str, str | None] = call.operation.media_types
        return any(not self._contract.validator(one).violations(body) for one in pointers.values() if one)


def _changed(body: Any) -> Iterator[tuple[str, Any]]:
    for path in _paths(body):
        name, value = _name(path), find(body, path)
        yield f"without {name}", _without(body, path)
        for word, other in _others(value):
            yield f"with {word} at {name}", _with(body, path, other)
    for path in [(), *_paths(body)]:
        holder = find(body, path) if path else body
        if isinstance(holder, dict):
            yield f"with more at {_name(path)}", _with(body, (*path, EXTRA), "1")


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    """Values of other kinds than one."""
    if value is not None:
        yield "null", None
    if isinstance(value, str):
        yield from (("a number", 17), ("an empty text", ""), ("a blank", " "), ("a long text", "a" * LONG))
    elif isinstance(value, bool):
        yield from (("a text", "yes"), ("a number", 1), ("the opposite", not value))
    elif isinstance(value, int | float):
        yield from (("a text", "17"), ("a number below", -1), ("a large number", 2**31), ("decimals", 0.1234567))
    elif isinstance(value, list):
        yield from (("an object", {}), ("an empty list", []), ("a text", "a"), ("a list of numbers", [1]))
    elif isinstance(value, dict):
        yield from (("a list", []), ("an empty object", {}), ("a text", "a"))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths to all properties, and to the first entry of each list."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name)
            yield from _paths(item, (*path, name))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _with(body: Any, path: Path, value: Any) -> Any:
    changed = deepcopy(body)
    holder = find(changed, path[:-1]) if path[:-1] else changed
    holder[path[-1]] = value
    return changed


def _without(body: Any, path: Path) -> Any:
    changed = deepcopy(body)
    holder = find(changed, path[:-1]) if path[:-1] else changed
    del holder[path[-1]]
    return changed


def _name(path: Path) -> str:
    return ".".join(map(str, path)) or "the body"
