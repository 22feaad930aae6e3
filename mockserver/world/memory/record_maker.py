"""Record maker: a record from what was sent, completed by what the server adds."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.clock import Clock, timestamp
from mockserver.openapi.contract import Contract, Validator
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import Place, RecognisedResource, RecordForm, schemas
from mockserver.storage.model import Json
from mockserver.world.memory.record_views import generated

_MADE = re.compile(
    r"(created|inserted|added|registered|joined)(_?(at|on|date|time|timestamp))?$|date_?created", re.IGNORECASE
)
_CHANGED = re.compile(
    r"(updated|modified|changed)(_?(at|on|date|time|timestamp))?$|date_?(updated|modified)", re.IGNORECASE
)
_LATER = re.compile(r"(deleted|archived|closed|cancell?ed|completed|finished|paid|shipped|returned)", re.IGNORECASE)
_YES = re.compile(r"active|available|enabled|open|visible|valid", re.IGNORECASE)  # flags that are set on what is new
_SECONDS = re.compile(r"(at|on|date|time|timestamp|created|updated|modified)$", re.IGNORECASE)  # of whole numbers
_NONE = object()


class _Sendable(NamedTuple):
    """The fields that a body may set, and the defaults of those that it leaves out."""

    fields: frozenset[str]
    defaults: Mapping[str, Any]


class RecordMaker:
    """Makes and changes the records of one resource. What it knows of them is read when it is needed."""

    def __init__(self, contract: Contract, examples: Examples, clock: Clock, resource: RecognisedResource) -> None:
        self._contract, self._examples, self._clock, self._resource = contract, examples, clock, resource
        self._sent: dict[str, _Sendable] = {}  # by the schemas of bodies

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields that each record has."""
        return schemas.required(self._contract, self._resource.schema)

    @cached_property
    def _fields(self) -> Mapping[str, str]:
        return schemas.fields(self._contract, self._resource.schema)

    @cached_property
    def _read_only(self) -> frozenset[str]:
        told = frozenset(name for name, at in self._fields.items() if _says(self._contract, at, "readOnly"))
        return told - {place[0] for one in self._resource.treating for place in one.around.values()}  # paths set them

    @cached_property
    def _made(self) -> Mapping[str, str]:
        return {name: form for name in self._fields if _MADE.search(name) and (form := self._moment(name))}

    @cached_property
    def _changed(self) -> Mapping[str, str]:
        return {name: form for name in self._fields if _CHANGED.search(name) and (form := self._moment(name))}

    @cached_property
    def _nullable(self) -> list[str]:
        nullable = [name for name, at in self._fields.items() if schemas.is_nullable(self._contract, at)]
        return [name for name in nullable if self._fits(name, None)]

    def made(self, key: str, sent: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """A new record of what was sent. `own` are the fields that it has in any case, as its id."""
        defaults = self._sendable(takes).defaults if takes else {}
        record: dict[str, Any] = merged({**defaults, **self._kept(sent)}, own)
        self._stamp(record, self._made, takes)
        self._stamp(record, self._changed, takes)
        missing = [name for name in self._fields if name not in record and self._belongs(name, takes)]
        self._fill(record, key, missing)
        return self._whole(record)

    def replaced(self, key: str, old: Json, sent: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """The record that a whole new one takes the place of: what only the server sets stays."""
        stays = {name: value for name, value in old.items() if self._is_servers(name, takes)}
        defaults = self._sendable(takes).defaults if takes else {}
        record: dict[str, Any] = merged({**stays, **defaults, **self._kept(sent)}, own)
        self._stamp(record, self._changed, takes, anew=True)
        record |= {name: old[name] for name in self.required if name in old and name not in record}
        self._fill(record, key, [name for name in self.required if name not in record])
        return self._whole(record)

    def changed(self, old: Json, new: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """The record that a patch has made of an old one: what only the server sets stays."""
        stays = {name: value for name, value in old.items() if name in self._read_only}
        record: dict[str, Any] = merged({**self._kept(new), **stays}, own)
        self._stamp(record, self._changed, takes, anew=True)
        return self._whole(record)

    def _whole(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with null for what nobody has set, where that is allowed, and without null where no answer can
        show it."""
        for name in self._nullable:
            record.setdefault(name, None)
        return {name: value for name, value in record.items() if value is not None or self._fits(name, None)}

    @cached_property
    def _schemas(self) -> tuple[str, ...]:
        """The schemas by which answers show records."""
        forms = [one.shows.schema for one in self._resource.operations.values() if one.shows]
        forms += [one.lists.item for one in self._resource.operations.values() if one.lists]
        return tuple(dict.fromkeys([self._resource.schema, *forms]))

    @cached_property
    def _shown_fields(self) -> Mapping[str, list[Validator]]:
        """What validates the values of each field, in each answer that shows it."""
        found: dict[str, dict[str, None]] = {}
        for one in self._schemas:
            for name, at in schemas.fields(self._contract, one).items():
                found.setdefault(name, {})[at] = None
        return {name: [self._contract.validator(at) for at in places] for name, places in found.items()}

    def _fits(self, name: str, value: Any) -> bool:
        """Whether every answer can show this value of a field."""
        return all(one.is_valid(value) for one in self._shown_fields.get(name, ()))

    @cached_property
    def known(self) -> frozenset[str] | None:
        """The fields that records may have, by any schema that shows them; None for all."""
        if any(schemas.allows_others(self._contract, one) for one in self._schemas):
            return None
        return frozenset(name for one in self._schemas for name in schemas.fields(self._contract, one))

    def _kept(self, sent: Json) -> dict[str, Any]:
        """What of a body the record keeps: the fields that it has by the contract, and that clients may set."""
        known, read_only = self.known, self._read_only
        return {
            name: value for name, value in sent.items() if name not in read_only and (known is None or name in known)
        }

    def may_send(self, place: Place, takes: RecordForm) -> bool:
        """Whether clients may set the field at a place by such a body."""
        if len(place) == 1:
            return place[0] in self._sendable(takes).fields
        field = schemas.field_at(self._contract, takes.schema, place)
        return field is not None and not schemas.followed(self._contract, field)[0].get("readOnly")

    def _sendable(self, takes: RecordForm) -> "_Sendable":
        """What clients may set by such a body."""
        if takes.schema not in self._sent:
            declared = schemas.fields(self._contract, takes.schema)
            found = {name: schemas.followed(self._contract, at)[0] for name, at in declared.items()}
            free = frozenset(name for name, schema in found.items() if not schema.get("readOnly"))
            given = {name: schema["default"] for name, schema in found.items() if "default" in schema}
            defaults = {name: value for name, value in given.items() if self._is_default(name, declared[name], value)}
            self._sent[takes.schema] = _Sendable(free - self._read_only, self._kept(defaults))
        return self._sent[takes.schema]

    def _is_default(self, name: str, pointer: str, value: Any) -> bool:
        """Whether the default of a field in a body is one: its own schema takes it, and answers can show it."""
        return self._contract.validator(pointer, sent=True).is_valid(value) and self._fits(name, value)

    def _belongs(self, name: str, takes: RecordForm | None) -> bool:
        """Whether a new record has a field that nobody sent: it has to, or the server sets it at once."""
        return name in self.required or self._is_servers(name, takes)

    def _is_servers(self, name: str, takes: RecordForm | None) -> bool:
        """Whether only the server sets a field: clients can't send it."""
        if name in self._read_only:
            return True
        return takes is not None and name not in self._sendable(takes).fields

    def _fill(self, record: dict[str, Any], key: str, names: list[str]) -> None:
        """Add fields: what a new record usually has, else generated values, the same for the same key."""
        for name in names:
            usual = self._usual(name)
            if usual is not _NONE:
                record[name] = usual
        left = [name for name in names if name not in record and (name in self.required or not _LATER.search(name))]
        made = generated(self._examples, key, self._resource.schema) if left else {}
        record |= {name: made[name] for name in left if name in made}

    def _usual(self, name: str) -> Any:
        """The value of a field that nobody has set: its default, null, the first of its choices, an empty list, or a
        flag as something new has it."""
        at = self._fields.get(name)
        if at is None:
            return _NONE
        default = _says(self._contract, at, "default")
        if default is not None and self._fits(name, default):
            return default
        if name in self._nullable:
            return None
        if schemas.kinds(self._contract, at) == {"array"} and self._contract.validator(at).is_valid([]):
            return []
        if schemas.kinds(self._contract, at) == {"boolean"}:
            return _YES.search(name) is not None
        choices = (one for one in _says(self._contract, at, "enum") or () if one is not None)
        return next((one for one in choices if self._fits(name, one)), _NONE)

    def _stamp(
        self, record: dict[str, Any], moments: Mapping[str, str], takes: RecordForm | None, *, anew: bool = False
    ) -> None:
        """Write the moment into the fields that are for it, if only the server sets them."""
        now = self._clock.now()
        for name, form in moments.items():
            if (anew or name not in record) and self._is_servers(name, takes):
                record[name] = _written(now, form)

    def _moment(self, name: str) -> str:
        """The form in which a field holds a moment; empty if it can't."""
        at = self._fields[name]
        form = _says(self._contract, at, "format")
        if form in ("date-time", "date"):
            return str(form)
        counts = schemas.kinds(self._contract, at) == {"integer"} and _SECONDS.search(name)
        return "seconds" if counts else ""


def _written(now: float, form: str) -> str | int:
    """A moment in this form."""
    if form == "seconds":
        return int(now)
    return timestamp(now)[:10] if form == "date" else timestamp(now)


def _says(contract: Contract, pointer: str, keyword: str) -> Any:
    """What a schema says by a keyword, or one of its parts does."""
    return next((part[keyword] for part, _ in schemas.parts(contract, pointer) if keyword in part), None)


def merged(old: Any, patch: Any) -> Any:
    """A value after a merge patch (RFC 7396): null removes, an object merges, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result: dict[str, Any] = dict(old) if isinstance(old, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
