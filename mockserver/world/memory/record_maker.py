"""Record maker: a record from what was sent, completed by what the server adds."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mockserver.clock import Clock, timestamp
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import RecognisedResource, RecordForm, schemas
from mockserver.storage.model import Json
from mockserver.world.memory.record_views import generated

_MADE = re.compile(r"(created|inserted|added|registered)(_?(at|on|date|time|timestamp))?$|date_?created", re.IGNORECASE)
_CHANGED = re.compile(
    r"(updated|modified|changed)(_?(at|on|date|time|timestamp))?$|date_?(updated|modified)", re.IGNORECASE
)


class RecordMaker:
    """Makes and changes the records of one resource."""

    def __init__(self, contract: Contract, examples: Examples, clock: Clock, resource: RecognisedResource) -> None:
        self._contract, self._examples, self._clock, self._resource = contract, examples, clock, resource
        self._fields = schemas.fields(contract, resource.schema)
        self._required = schemas.required(contract, resource.schema)
        self._read_only = frozenset(name for name, at in self._fields.items() if _says(contract, at, "readOnly"))

    @cached_property
    def _known(self) -> frozenset[str] | None:
        """The fields that records may have, by any schema that shows them; None for all."""
        forms = [one.shows.schema for one in self._resource.operations.values() if one.shows]
        forms += [one.lists.item for one in self._resource.operations.values() if one.lists]
        pointers = dict.fromkeys([self._resource.schema, *forms])
        if any(schemas.allows_others(self._contract, one) for one in pointers):
            return None
        return frozenset(name for one in pointers for name in schemas.fields(self._contract, one))

    def made(self, key: str, sent: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """A new record of what was sent. `own` are the fields that it has in any case, as its id."""
        made = generated(self._examples, self._resource.schema, key)
        record = {**self._by_default(takes), **self._kept(sent), **own}
        added = {
            name: made[name]
            for name in made
            if name not in record and (name in self._required or self._is_servers(name, takes))
        }
        return self._stamped({**record, **added, **own}, {**sent, **own}, takes, is_new=True)

    def replaced(self, key: str, old: Json, sent: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """The record that a whole new one takes the place of: what only the server sets stays."""
        stays = {name: value for name, value in old.items() if self._is_servers(name, takes)}
        record = {**stays, **self._by_default(takes), **self._kept(sent), **own}
        record |= {name: old[name] for name in self._required if name in old and name not in record}
        missing = self._required - record.keys()
        made = generated(self._examples, self._resource.schema, key) if missing else {}
        record |= {name: made[name] for name in missing if name in made}
        return self._stamped(record, sent, takes, is_new=False)

    def changed(self, old: Json, new: Json, takes: RecordForm | None, own: Json) -> dict[str, Any]:
        """The record that a patch has made of an old one: what only the server sets stays."""
        stays = {name: value for name, value in old.items() if name in self._read_only}
        kept = self._kept(new)
        return self._stamped({**kept, **stays, **own}, {}, takes, is_new=False)

    def _kept(self, sent: Json) -> dict[str, Any]:
        """What of a body the record keeps: the fields that it has by the contract, and that clients may set."""
        known, read_only = self._known, self._read_only
        return {
            name: value for name, value in sent.items() if name not in read_only and (known is None or name in known)
        }

    def _by_default(self, takes: RecordForm | None) -> dict[str, Any]:
        declared = schemas.fields(self._contract, takes.schema) if takes else {}
        found = {name: schemas.followed(self._contract, at)[0] for name, at in declared.items()}
        return self._kept({name: schema["default"] for name, schema in found.items() if "default" in schema})

    def _is_servers(self, name: str, takes: RecordForm | None) -> bool:
        """Whether only the server sets a field: clients can't send it."""
        if name in self._read_only:
            return True
        return takes is not None and name not in schemas.fields(self._contract, takes.schema)

    def _stamped(self, record: dict[str, Any], sent: Json, takes: RecordForm | None, *, is_new: bool) -> dict[str, Any]:
        """The record with the moments of its creation and its last change, where it has fields for them."""
        now = timestamp(self._clock.now())
        for name, at in self._fields.items():
            wanted = _CHANGED.search(name) or (is_new and _MADE.search(name))
            is_moment = wanted and _says(self._contract, at, "format") == "date-time"
            if is_moment and name not in sent and self._is_servers(name, takes):
                record[name] = now
        return record


def _says(contract: Contract, pointer: str, keyword: str) -> Any:
    """What a schema says by a keyword, or one of its parts does."""
    return next((part[keyword] for part, _ in schemas.parts(contract, pointer) if keyword in part), None)


def merged(old: Any, patch: Any) -> Any:
    """A value after a merge patch (RFC 7396): null removes, an object merges, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(old) if isinstance(old, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
