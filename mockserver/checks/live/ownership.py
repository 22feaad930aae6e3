"""Ownership: the records of this run, their marks, and the ids that a request may name.

A record is marked with the id of the run: addresses lead to a host under `.invalid`, which no resolver knows (RFC
2606), names begin with it. A changing request may name only ids of the run's own records, or ids that the run made up.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import requests

from mockserver.checks.live.proof import OwnRecord, Proof
from mockserver.checks.transport.ledger import RESERVED
from mockserver.checks.transport.ownership_guard import Ask, Pause
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Ids, moment
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import SAFE, Call, Surface, properties

SHOWN_NAME = "mockserver-check"
IDENTIFIERS = ("phone", "number")  # the ends of names whose values nobody else may have
PHONE = "+48"  # how a made-up number begins, with nine digits after it
LONGEST_TEXT = 255  # characters of a string (vendor-facts §1.5)
_DIGITS = re.compile(r"\d{4}")
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")


@dataclass(frozen=True)
class Policy:
    """The policy of a run: what it may change. `residue` are kinds of records that can't be deleted, `contexts` the
    allowed values of path parameters, such as the store."""

    read_only: bool = False
    hostile: bool = False
    revoke: bool = False
    residue: frozenset[str] = frozenset()
    contexts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def left_out(self, surface: Surface, call: Call) -> str:
        """The reason why an operation is never called; empty if it is called."""
        if call.account_wide and not self.revoke:
            return "it changes the account, not a record of this run (--allow-revoke)"
        if self.read_only and call.changes and not call.issues:
            return "--read-only"
        if call.creates and not surface.deletable(call) and call.kind not in self.residue:
            return f"what it creates can't be deleted again (--allow-residue {call.kind})"
        return ""


class Marks:
    """The marks that make a record recognisable as one of this run's."""

    def __init__(self, run: str, surface: Surface) -> None:
        self.run = run
        self.host, self.prefix = self.of_run(run)
        self._surface = surface
        self._kinds: dict[str, dict[str, str]] = {}

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
        unmarked = (text for name, text in _named_texts(body) if name in kinds and not self.is_on(text))
        return next(unmarked, "")

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

    def _of(self, call: Call) -> dict[str, str]:
        """The properties of the request's body to mark, each with the kind of its mark: url, email or name."""
        if call.id not in self._kinds:
            found = self._properties(call)
            kinds = self._referring(call, found) | {
                name: kind for name, entry in found.items() if (kind := _kind(entry))
            }
            if call.creates and not self._surface.deletable(call):
                kinds |= {
                    name: "name" for name in _plain(found) if name.lower().endswith(IDENTIFIERS) and not _is_phone(name)
                }
            if not kinds and call.creates:
                kinds = dict.fromkeys(list(_plain(found))[:1], "name")
            self._kinds[call.id] = {} if call.issues else kinds
        return self._kinds[call.id]

    def _properties(self, call: Call) -> dict[str, Mapping[str, Any]]:
        schemas = [self._surface.contract.at(pointer) for pointer in call.operation.media_types.values()]
        return dict(entry for schema in schemas for entry in _all_properties(self._surface.contract, schema, set()))

    def _referring(self, call: Call, found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """The properties that could name somebody else's record: texts that the body shares with the one that creates
        such a record."""
        referred = (one for one in self._surface.calls.values() if one.creates in found and one.id != call.id)
        shared = {name: entry for one in referred for name, entry in self._properties(one).items() if name in found}
        return {
            name: _kind(entry) or "name" for name, entry in shared.items() if _is_text(entry) and _is_text(found[name])
        }

    def _marked(self, kinds: Mapping[str, str], value: Any) -> Any:
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

    def _text(self, kind: str, text: str) -> str:
        if self.is_on(text):
            return text
        if kind == "name":
            return (self.prefix + text)[:LONGEST_TEXT] if len(text) <= LONGEST_TEXT else self.prefix + text
        if kind == "email":
            name, at, _ = text.rpartition("@")
            return f"{name}@{self.host}" if at else f"{self.host} {text}"
        return self._address(text)

    def _address(self, text: str) -> str:
        """The same address at our host. One that is too long stays too long, and a text that is no address stays
        none."""
        matched = _AUTHORITY.match(text)
        base = f"https://{self.host}"
        if not matched:
            return f"{base} {text}"
        marked = base + text[matched.end() :]
        return marked[:LONGEST_TEXT] if len(text) <= LONGEST_TEXT else marked.ljust(len(text), "a")


class Ownership:
    """The records of this run, and the requests that are allowed for that reason. Threads may share it."""

    def __init__(self, surface: Surface, marks: Marks, policy: Policy, ids: Ids) -> None:
        self.marks, self.policy, self.proof = marks, policy, Proof(surface, marks)
        self.records: dict[str, OwnRecord] = {}
        self.foreign: frozenset[str] = frozenset()
        self.readable: str | None = None  # a record of somebody's, for runs that only read
        self.taken_ids: list[tuple[Call, str]] = []
        self.made_up: set[str] = set()
        self.undeletable: dict[str, str] = {}  # the record that stays, by the operation that created it
        self.surface, self._ids = surface, ids
        self._lock = threading.Lock()

    # ---------------------------------------------------------------- what happened
    def was_there(self, records: frozenset[str]) -> None:
        """Take note of records that are older than the run."""
        self.foreign |= records
        self.readable = self.readable or next(iter(sorted(records)), None)

    def created(self, call: Call, arguments: Mapping[str, str], record: str, at: str = "", body: Any = None) -> bool:
        """Take note of a new record, of what was sent for it, and when; False if the server hands out one that was
        there before. It isn't proven by that."""
        with self._lock:
            if record in self.foreign or record in self.records:
                self.taken_ids.append((call, record))
                return False
            self.records[record] = self.proof.claim(call, arguments, moment(at) if at else None, body)
            return True

    def adopt(self, call: Call, arguments: Mapping[str, str], record: str) -> None:
        """Take note that a record is ours, as its mark has proven."""
        self.records.setdefault(record, OwnRecord(call, dict(arguments))).proven = True

    def unproven(self, arguments: Mapping[str, str], body: Any) -> list[str]:
        """The records that a request names, and that only the instance calls ours."""
        named = [*arguments.values(), *(text for name, text in _named_texts(body) if name in self._id_names)]
        return [name for name in named if name in self.records and not self.records[name].proven]

    def prove(self, record: str, ask: Ask, pause: Pause) -> str:
        """See whose a record is, by asking; the reason why it may be somebody else's, empty if it is ours. Who hands
        out somebody else's makes no more."""
        own = self.records[record]
        doubt = own.doubt or self.proof.seek(record, own, ask, pause)
        if doubt is None:
            own.proven = True
            return ""
        if doubt.evidence:
            own.doubt = doubt
            if not doubt.is_new:
                self.undeletable.setdefault(own.call.id, record)
        return f"{record} isn't proven to be ours: {doubt.reason}"

    def may_be_foreign(self, record: str) -> bool:
        """Whether the id of a new record is known to be that of another one, too."""
        own = self.records.get(record)
        if own is None or any(record == one for _, one in self.taken_ids):
            return True
        return own.doubt is not None and not own.doubt.is_new

    def shown(self, call: Call, arguments: Mapping[str, str], response: requests.Response) -> None:
        """Take note of what reading a record, or a list, shows: it may prove records, and saves a look at them."""
        with self._lock:
            waiting = {record: own for record, own in self.records.items() if not own.proven and own.doubt is None}
        if waiting and succeeded(response):
            self.proof.take_from(call, arguments, response, waiting)

    def has(self, call: Call, arguments: Mapping[str, str], record: str) -> bool:
        """Whether a record of this run is the one that a call created with these arguments: an id may be there again in
        another store."""
        known = self.records.get(record)
        return known is not None and known.call.id == call.id and known.arguments.items() >= arguments.items()

    def deleted(self, record: str) -> None:
        """Take note that a record is gone."""
        if record in self.records:
            self.records[record].alive = False

    def is_alive(self, record: str) -> bool:
        """Whether a record is one of ours that nobody has deleted."""
        return record in self.records and self.records[record].alive

    def is_marked(self, body: Any) -> bool:
        """Whether what a body creates could be recognised as ours."""
        return self.marks.is_on(body)

    # ---------------------------------------------------------------- what may be sent
    def refusal(self, call: Call | None, arguments: Mapping[str, str], method: str, body: Any) -> str:
        """The reason why a request may not be sent; empty if it may."""
        if call is None:
            return self._refusal_of_unknown(arguments, method)
        if reason := self.policy.left_out(self.surface, call) or self._why_held_back(call):
            return reason
        if not call.changes or call.issues:
            return ""
        for name, value in arguments.items():
            allowed = self.may_name(value) if name == call.record else self.may_enter(name, value)
            if not allowed:
                return f"{name} names what isn't ours"
        if wrong := self.marks.wrong(call, body):
            return f"the body has an address or name without our mark: {wrong[:40]!r}"
        foreign = [text for name, text in _named_texts(body) if name in self._id_names and not self.may_name(text)]
        return "the body names what isn't ours" if foreign else ""

    def _why_held_back(self, call: Call) -> str:
        return "what it creates couldn't be deleted again" if call.id in self.undeletable else ""

    def _refusal_of_unknown(self, arguments: Mapping[str, str], method: str) -> str:
        if method in SAFE:
            return ""
        if not self.policy.hostile or self.policy.read_only:
            return "no such operation in the contract"
        ours = all(self.may_name(value) or self.may_enter(name, value) for name, value in arguments.items())
        return "" if ours else "it names what isn't ours"

    def may_name(self, value: str) -> bool:
        """Whether an id is that of a record of ours, or made up."""
        return value in self.records or value in self.made_up or value.startswith(self.marks.prefix)

    def may_enter(self, name: str, value: str) -> bool:
        """Whether a path parameter leads to where the run may change something: a store that was named, say."""
        return value in self.policy.contexts.get(name, frozenset()) or value.startswith(self.marks.prefix)

    @property
    def _id_names(self) -> set[str]:
        return {call.creates for call in self.surface.calls.values() if call.creates}

    # ---------------------------------------------------------------- what to send instead
    def body(self, call: Call, body: Any) -> Any:
        """The body, marked, and with ids that are ours or nobody's. What can't be deleted gets phone numbers of this
        run: those of the contract's examples would be taken for ever."""
        if not call.changes or call.issues:
            return body
        safe = self._with_safe_ids(self.marks.body(call, body))
        stays = call.creates and not self.surface.deletable(call)
        return self._with_own_phones(safe) if stays else safe

    def _with_own_phones(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._with_own_phones(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self.phone(item)
            if _is_phone(name) and isinstance(item, str) and _DIGITS.search(item) and not self.marks.is_on(item)
            else self._with_own_phones(item)
            for name, item in value.items()
        }

    def phone(self, text: str) -> str:
        """A phone number of this run: for the same text the same."""
        return PHONE + str(int(sha256(f"{self.marks.prefix}{text}".encode(errors="replace")).hexdigest(), 16))[-9:]

    def unknown_id(self) -> str:
        """An id that nobody has: 122 random bits of this run."""
        with self._lock:
            made_up = self._ids.uuid()
            self.made_up.add(made_up)
        return made_up

    def _with_safe_ids(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._with_safe_ids(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {name: self._safe_id(name, item) for name, item in value.items()}

    def _safe_id(self, name: str, value: Any) -> Any:
        if name not in self._id_names or not isinstance(value, str):
            return self._with_safe_ids(value)
        if self.may_name(value):
            return value
        return self.unknown_id() if re.fullmatch(r"[0-9a-fA-F-]{36}", value) else self.marks.identifier(value)


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def _named_texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text with the property that holds it."""
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str):
                yield name, item
            else:
                yield from _named_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named_texts(item)


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


def _kind(schema: Mapping[str, Any]) -> str:
    if schema.get("format") in ("uri", "url") or str(schema.get("pattern", "")).startswith("^https?://"):
        return "url"
    return "email" if schema.get("format") == "email" else ""


def _is_phone(name: str) -> bool:
    return name.lower().endswith("phone")


def _is_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and schema.get("format") != "uuid"


def _plain(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Names of properties that take any text."""
    for name, schema in found.items():
        if schema.get("type") == "string" and not schema.keys() & {"enum", "pattern", "format"}:
            yield name
