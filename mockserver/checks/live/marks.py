"""Marks: what makes a record recognisable as one of this run's.

Addresses lead to a host under `.invalid`, which no resolver knows (RFC 2606), names begin with the id of the run.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from mockserver.checks.transport.ledger import RESERVED
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface, properties

SHOWN_NAME = "mockserver-check"
IDENTIFIERS = ("phone", "number")  # the ends of names whose values nobody else may have
LONGEST_TEXT = 255  # characters of a string (vendor-facts §1.5)
_MOMENTS = frozenset({"date", "date-time", "time"})
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class _Mark(NamedTuple):
    """How a property is marked: its kind is url, email or name. What is shorter or longer than the contract allows is
    wrong, and stays so."""

    kind: str
    shortest: int
    longest: int


class Marks:
    """The marks that make a record recognisable as one of this run's."""

    def __init__(self, run: str, surface: Surface) -> None:
        self.run = run
        self.host, self.prefix = self.of_run(run)
        self._surface = surface
        self._kinds: dict[str, dict[str, _Mark]] = {}
        self.catchers: set[str] = set()  # addresses elsewhere that the run itself listens at; their path has the mark
        named, end = rf"(?:[^/?#\\@\s]*@)?(?:[a-z0-9_-]+[.])*{re.escape(self.host)}(?::[0-9]*)?", r"(?=[/?#]|\Z)"
        self._led = re.compile(rf"(?:[a-z][a-z0-9+.-]*:)?//{named}(?: [^/?#@]*)?{end}")  # with a blank it is no address

    @staticmethod
    def of_run(run: str) -> tuple[str, str]:
        """The host and the prefix of names that mark the records of a run."""
        return f"{run}.{RESERVED}", f"{SHOWN_NAME}-{run}-"

    def body(self, call: Call, body: Any) -> Any:
        """The body with its addresses and names marked; what is no text stays as it is."""
        return self._marked(self._of(call), body)

    def is_on(self, value: Any) -> bool:
        """Whether a body or a row is marked by this run, in whatever case it shows the mark."""
        return any(self.host in text or self.prefix in text for text in map(str.lower, texts(value)))

    def wrong(self, call: Call, body: Any) -> str:
        """The first text in a body that should be marked and isn't; empty if there is none."""
        kinds = self._of(call)
        named = ((kinds[name], text) for name, text in named_texts(body) if name in kinds)
        return next((text for mark, text in named if len(text) >= mark.shortest and not self._has(mark, text)), "")

    def _has(self, mark: "_Mark", text: str) -> bool:
        """Whether a text carries its mark: an address where it leads to, and not only somewhere in it."""
        if mark.kind == "url" and text not in self.catchers:
            lower = text.lower()
            return bool(self._led.match(lower)) or lower.startswith(self.prefix)
        if mark.kind == "email" and "@" in text:
            return f".{text.lower().rpartition('@')[2]}".endswith(f".{self.host}")
        return self.is_on(text)

    def is_address(self, call: Call, name: str) -> bool:
        """Whether a property holds a web address, whatever text stands there."""
        return name in self._of(call) and self._of(call)[name].kind == "url"

    def identifier(self, value: Any) -> str:
        """A made-up value in place of an id that isn't one."""
        text = value if isinstance(value, str) else str(value)
        return text if text.startswith(self.prefix) else self.prefix + text

    def in_other_case(self, text: str) -> str:
        """The text with its case swapped, but for the mark, and for the scheme of an address."""
        fixed = re.compile(f"({re.escape(self.host)}|{re.escape(self.prefix)}|^[a-z]+://)")
        return "".join(part if fixed.fullmatch(part) else part.swapcase() for part in fixed.split(text))

    def searchable(self, call: Call) -> set[str]:
        """The properties that carry the mark."""
        return set(self._of(call))

    def searches(self, call: Call) -> dict[str, str]:
        """What a list may be searched for, by the property that carries it; those that no record lacks come first. The
        mark of a name may be that of an address, too: the run is in both."""
        required = self._required(call)
        texts_of = {name: self.run if mark.kind == "name" else self.host for name, mark in self._of(call).items()}
        return dict(sorted(texts_of.items(), key=lambda entry: (entry[0] not in required, entry[0])))

    def longest(self, call: Call, name: str) -> int:
        """The length that a property that carries the mark may have."""
        return self._of(call)[name].longest

    def _of(self, call: Call) -> dict[str, "_Mark"]:
        """The properties of the request's body to mark."""
        if call.id not in self._kinds:
            found = self._properties(call)
            kinds = self._referring(call, found) | {
                name: kind for name, entry in found.items() if (kind := self._kind(name, entry))
            }
            if call.creates and not self._surface.deletable(call):
                kinds |= {
                    name: "name" for name in _plain(found) if name.lower().endswith(IDENTIFIERS) and not is_phone(name)
                }
            required = self._required(call)
            if call.creates and not kinds.keys() & required:  # what is optional may be left out, and the mark with it
                room = [name for name in _plain(found) if _longest(found[name]) > len(self.prefix)]
                kinds |= dict.fromkeys([name for name in room if not kinds or name in required][:1], "name")
            marks = {name: _Mark(kind, *_lengths(found.get(name, {}))) for name, kind in kinds.items()}
            self._kinds[call.id] = {} if call.issues else marks
        return self._kinds[call.id]

    def _kind(self, name: str, schema: Mapping[str, Any]) -> str:
        """The kind of mark that a property takes: by its format, or, as many have none, by its name; empty if none."""
        kind = _kind(schema)
        if kind or not _is_text(schema) or not name.lower().endswith("email"):
            return kind
        with suppress(re.error):
            return "email" if re.search(str(schema.get("pattern", "")), f"a@{self.host}") else ""
        return ""

    def _required(self, call: Call) -> set[str]:
        """The properties that a body has to have, at its top or in what is alone there."""
        schemas = [self._surface.contract.at(pointer) for pointer in call.operation.media_types.values()]
        return {name for schema in schemas for name in _required(self._surface.contract, schema, inner=True)}

    def _properties(self, call: Call) -> dict[str, Mapping[str, Any]]:
        schemas = [self._surface.contract.at(pointer) for pointer in call.operation.media_types.values()]
        return dict(entry for schema in schemas for entry in _all_properties(self._surface.contract, schema, set()))

    def _referring(self, call: Call, found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """The properties that could name somebody else's record: texts, but for choices and moments, that the body
        shares with the one that creates such a record."""
        referred = (one for one in self._surface.calls.values() if one.creates in found and one.id != call.id)
        shared = {name: entry for one in referred for name, entry in self._properties(one).items() if name in found}
        return {
            name: self._kind(name, entry) or "name"
            for name, entry in shared.items()
            if _is_free_text(entry) and _is_free_text(found[name])
        }

    def _marked(self, kinds: Mapping[str, "_Mark"], value: Any) -> Any:
        if isinstance(value, list):
            return [self._marked(kinds, item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self._text(kinds[name], item)
            if name in kinds and isinstance(item, str)
            else self._marked(kinds, item)
            for name, item in value.items()
        }

    def _text(self, mark: "_Mark", text: str) -> str:
        if self._has(mark, text) or len(text) < mark.shortest:
            return text
        if mark.kind == "name":
            return (self.prefix + text)[: mark.longest] if len(text) <= mark.longest else self.prefix + text
        if mark.kind == "email":
            name, at, _ = text.rpartition("@")
            return f"{name}@{self.host}" if at else f"{self.host} {text}"
        return self._address(text, mark.longest)

    def _address(self, text: str, longest: int) -> str:
        """The same address at our host. One that is too long stays too long, and a text that is no address stays
        none."""
        matched = _AUTHORITY.match(text)
        base = f"https://{self.host}"
        if not matched:
            return f"{base} {text.replace('@', ' ')}"  # what is before an @ is no host
        marked = base + text[matched.end() :]
        return marked[: max(LONGEST_TEXT, longest)] if len(text) <= longest else lengthened(marked, len(text))


def lengthened(text: str, length: int) -> str:
    """A text of at least a length. An address leads to the same host as before: its path gets longer, or the name of
    an email."""
    if _AUTHORITY.fullmatch(text) and len(text) < length:
        text += "/"
    if not _EMAIL.fullmatch(text):
        return text.ljust(length, "a")
    name, _, host = text.partition("@")
    return f"{name.ljust(length - len(host) - 1, 'a')}@{host}"


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def named_texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text with the property that holds it."""
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str):
                yield name, item
            else:
                yield from named_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from named_texts(item)


def _all_properties(
    contract: Contract, schema: Mapping[str, Any], seen: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The properties of a schema at all depths, the required ones first; recursion is cut."""
    schema = contract.resolved(schema)
    key = repr(schema)
    if key in seen:
        return
    seen.add(key)
    found = properties(contract, schema)
    for name in sorted(found, key=lambda name: name not in schema.get("required", ())):
        yield name, found[name]
        yield from _all_properties(contract, found[name], seen)
    if "items" in schema:
        yield from _all_properties(contract, schema["items"], seen)


def _required(contract: Contract, schema: Mapping[str, Any], *, inner: bool) -> set[str]:
    schema = contract.resolved(schema)
    names = {
        name for part in (schema, *map(contract.resolved, schema.get("allOf", ()))) for name in part.get("required", ())
    }
    wrapped = properties(contract, schema)
    if not inner or len(wrapped) != 1:
        return names
    return names | _required(contract, next(iter(wrapped.values())), inner=False)


def _lengths(schema: Mapping[str, Any]) -> tuple[int, int]:
    """The lengths that a text may have."""
    return int(schema.get("minLength", 0)), _longest(schema)


def _longest(schema: Mapping[str, Any]) -> int:
    return int(schema.get("maxLength", LONGEST_TEXT))


def _kind(schema: Mapping[str, Any]) -> str:
    if schema.get("format") in ("uri", "url") or str(schema.get("pattern", "")).startswith("^https?://"):
        return "url"
    return "email" if schema.get("format") == "email" else ""


def is_phone(name: str) -> bool:
    """Whether a property holds a phone number, by its name."""
    return name.lower().endswith("phone")


def _is_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and schema.get("format") != "uuid"


def _is_free_text(schema: Mapping[str, Any]) -> bool:
    is_chosen = bool(schema.keys() & {"enum", "const"})
    return _is_text(schema) and not is_chosen and schema.get("format") not in _MOMENTS


def _plain(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Names of properties that take any text."""
    for name, schema in found.items():
        if schema.get("type") == "string" and not schema.keys() & {"enum", "pattern", "format"}:
            yield name
