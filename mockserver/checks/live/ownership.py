"""Ownership: the records of this run, and the ids that a request may name.

A changing request may name only ids of the run's own records, or ids that the run made up.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import requests

from mockserver.checks.live.marks import Marks, is_phone, named_texts
from mockserver.checks.live.proof import OwnRecord, Proof
from mockserver.checks.transport.ownership_guard import Ask, Pause
from mockserver.checks.transport.record_ids import RecordKey, unused_id
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Ids, moment
from mockserver.openapi.resources import SAFE, Call, Surface

PHONE = "+48"  # how a made-up number begins, with nine digits after it
_DIGITS = re.compile(r"\d{4}")


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


class Ownership:
    """The records of this run, and the requests that are allowed for that reason. Threads may share it."""

    def __init__(self, surface: Surface, marks: Marks, policy: Policy, ids: Ids) -> None:
        self.marks, self.policy, self.proof = marks, policy, Proof(surface, marks)
        self.records: dict[RecordKey, OwnRecord] = {}
        self.foreign: frozenset[RecordKey] = frozenset()
        self.readable: dict[str, str] = {}  # a record of somebody's for each operation that creates, for runs that read
        self.taken_ids: list[tuple[Call, str]] = []
        self.made_up: set[str] = set()
        self.undeletable: dict[str, str] = {}  # the record that stays, by the operation that created it
        self.surface, self._ids = surface, ids
        self._lock = threading.Lock()
        self._creators: dict[tuple[str, str], frozenset[str]] = {}

    # ---------------------------------------------------------------- what happened
    def was_there(self, create: Call, records: frozenset[str]) -> None:
        """Take note of records that are older than the run, of the kind that an operation creates."""
        self.foreign |= {RecordKey(create.id, record) for record in records}
        if records:
            self.readable.setdefault(create.id, min(records))

    def created(self, call: Call, arguments: Mapping[str, str], record: str, at: str = "", body: Any = None) -> bool:
        """Take note of a new record, of what was sent for it, and when; False if the server hands out one that was
        there before. It isn't proven by that."""
        with self._lock:
            key = RecordKey(call.id, record)
            if key in self.foreign or key in self.records:
                self.taken_ids.append((call, record))
                return False
            self.records[key] = self.proof.claim(call, arguments, moment(at) if at else None, body)
            return True

    def adopt(self, call: Call, arguments: Mapping[str, str], record: str) -> None:
        """Take note that a record is ours, as its mark has proven."""
        with self._lock:
            self.records.setdefault(RecordKey(call.id, record), OwnRecord(call, dict(arguments))).proven = True

    def unproven(self, call: Call | None, arguments: Mapping[str, str], body: Any) -> list[RecordKey]:
        """The records that a request names, and that only the instance calls ours."""
        in_path = (key for name, value in arguments.items() for key in self._keys(call, name, value))
        in_body = (key for name, text in named_texts(body) for key in self._keys_in_body(name, text))
        return [key for key in (*in_path, *in_body) if not self.records[key].proven]

    def prove(self, key: RecordKey, ask: Ask, pause: Pause) -> str:
        """See whose a record is, by asking; the reason why it may be somebody else's, empty if it is ours. Who hands
        out somebody else's makes no more."""
        own, record = self.records[key], key.id
        doubt = own.doubt or self.proof.seek(record, own, ask, pause)
        if doubt is None:
            own.proven = True
            return ""
        if doubt.evidence:
            own.doubt = doubt
            if not doubt.is_new:
                self.undeletable.setdefault(own.call.id, record)
        return f"{record} isn't proven to be ours: {doubt.reason}"

    def may_be_foreign(self, key: RecordKey) -> bool:
        """Whether the id of a new record is known to be that of another one of its kind, too."""
        own = self.records.get(key)
        if own is None or any(key == (call.id, record) for call, record in self.taken_ids):
            return True
        return own.doubt is not None and not own.doubt.is_new

    def shown(self, call: Call, arguments: Mapping[str, str], response: requests.Response) -> None:
        """Take note of what reading a record, or a list, shows: it may prove records, and saves a look at them."""
        with self._lock:
            waiting = {key: own for key, own in self.records.items() if not own.proven and own.doubt is None}
        if waiting and succeeded(response):
            self.proof.take_from(call, arguments, response, waiting)

    def has(self, call: Call, arguments: Mapping[str, str], record: str) -> bool:
        """Whether a record of this run is the one that a call created with these arguments: an id may be there again in
        another store."""
        known = self.records.get(RecordKey(call.id, record))
        return known is not None and known.arguments.items() >= arguments.items()

    def deleted(self, call: Call, record: str) -> None:
        """Take note that the record that an operation names is gone."""
        for key in self._keys(call, str(call.record), record):
            self.records[key].alive = False

    def is_alive(self, call: Call, record: str) -> bool:
        """Whether the record that an operation names, or has created, is one of ours that nobody has deleted."""
        new = [key for key in (RecordKey(call.id, record),) if key in self.records]
        return any(self.records[key].alive for key in new or self._keys(call, str(call.record), record))

    def is_marked(self, body: Any) -> bool:
        """Whether what a body creates could be recognised as ours."""
        return self.marks.is_on(body)

    # ---------------------------------------------------------------- what may be sent
    def refusal(
        self, call: Call | None, arguments: Mapping[str, str], method: str, body: Any, beside: Call | None = None
    ) -> str:
        """The reason why a request may not be sent; empty if it may. `beside` is an operation of the same path where
        the method is none that the contract has."""
        if call is None:
            return self._refusal_of_unknown(beside, arguments, method)
        if reason := self.policy.left_out(self.surface, call) or self._why_held_back(call):
            return reason
        if not call.changes or call.issues:
            return ""
        for name, value in arguments.items():
            allowed = self.may_name(call, value) if name == call.record else self.may_enter(name, value)
            if not allowed:
                return f"{name} names what isn't ours"
        if wrong := self.marks.wrong(call, body):
            return f"the body has an address or name without our mark: {wrong[:40]!r}"
        foreign = [
            text for name, text in named_texts(body) if name in self._id_names and not self._may_stand(name, text)
        ]
        return "the body names what isn't ours" if foreign else ""

    def _why_held_back(self, call: Call) -> str:
        return "what it creates couldn't be deleted again" if call.id in self.undeletable else ""

    def _refusal_of_unknown(self, beside: Call | None, arguments: Mapping[str, str], method: str) -> str:
        if method in SAFE:
            return ""
        if beside is None or not self.policy.hostile or self.policy.read_only:  # what it would change nobody knows
            return "no such operation in the contract"
        ours = all(
            self._is_nobodys(value) or bool(self._keys(beside, name, value)) or self.may_enter(name, value)
            for name, value in arguments.items()
        )
        return "" if ours else "it names what isn't ours"

    def may_name(self, call: Call, value: str) -> bool:
        """Whether an operation may name a record by an id: that of one of ours of its kind, or a made-up one."""
        return self._is_nobodys(value) or bool(self._keys(call, str(call.record), value))

    def _may_stand(self, name: str, value: str) -> bool:
        """Whether an id may stand in a body, by the name of its property."""
        return self._is_nobodys(value) or bool(self._keys_in_body(name, value))

    def _is_nobodys(self, value: str) -> bool:
        return value in self.made_up or value.startswith(self.marks.prefix)

    def _keys(self, call: Call | None, name: str, value: str) -> list[RecordKey]:
        """The records of ours that a path parameter of an operation names."""
        if call is None:
            return []
        found = self._creators.get((call.path, name))
        if found is None:
            found = self._creators[call.path, name] = self.surface.creators(call.path, name)
        return [key for creator in found if (key := RecordKey(creator, value)) in self.records]

    def _keys_in_body(self, name: str, value: str) -> list[RecordKey]:
        """The records of ours that a property of a body names."""
        creators = (call.id for call in self.surface.calls.values() if call.creates == name)
        return [key for creator in creators if (key := RecordKey(creator, value)) in self.records]

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
            if is_phone(name) and isinstance(item, str) and _DIGITS.search(item) and not self.marks.is_on(item)
            else self._with_own_phones(item)
            for name, item in value.items()
        }

    def phone(self, text: str) -> str:
        """A phone number of this run: for the same text the same."""
        return PHONE + str(int(sha256(f"{self.marks.prefix}{text}".encode(errors="replace")).hexdigest(), 16))[-9:]

    def unknown_id(self, call: Call | None = None) -> str:
        """An id that nobody has, of the form that the path of an operation wants: random bits of this run, 122 of them
        where they find a place. Ids that are numbers are counted from below, so it is one of the last."""
        with self._lock:
            made_up = self._ids.uuid()
            if call is not None and call.record is not None:
                made_up = unused_id(self.surface, call, made_up, self.marks.identifier("unknown"))
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
        if self._may_stand(name, value):
            return value
        return self.unknown_id() if re.fullmatch(r"[0-9a-fA-F-]{36}", value) else self.marks.identifier(value)
