"""Partial records: whether what a PATCH takes is a part of its record, or says what is to be done with it."""

import re
from collections.abc import Container, Iterator

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.recognised import RecordForm
from mockserver.openapi.resources.record_forms import plain

_DEEPEST = 2  # lists within lists
_COMMANDS = frozenset({"op", "changetype", "changeaction", "patchop", "patchtype", "destroy", "delete", "remove"})
_OTHER_DEEDS = re.compile(r"(?i)\b(add|append|create|delete|remove)s?\b")  # than to change what is there


def doubt_of_patch(contract: Contract, operation: Operation, takes: RecordForm, known: Container[str]) -> str | None:
    """Why a PATCH may do something else than to merge its body into the record, whose fields are `known`, as are those
    of its creation; None if nothing says so."""
    for name, sent in schemas.fields(contract, takes.schema).items():
        is_part = bool(schemas.kinds(contract, sent) & {"object", "array"})
        if is_part and name not in known and _OTHER_DEEDS.match(_words(name)):
            return f"it takes {name}, which the record doesn't have"
    command = next(_commands(contract, takes.schema), None)
    if command is not None:
        return f"{command} in its body says what is to be done, so it hardly merges"
    summary = str(contract.document["paths"][operation.path][operation.method].get("summary", ""))
    deed = _OTHER_DEEDS.search(summary)
    return f"its summary says that it {deed[1].lower()}s, too, so it hardly merges" if deed else None


def _words(name: str) -> str:
    """The words of a name: `addTags` and `add_tags` are `add tags`."""
    return re.sub(r"[^A-Za-z0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).strip()


def _commands(contract: Contract, pointer: str, depth: int = 0) -> Iterator[str]:
    """The fields in the lists of a body that tell of each item what is to be done with it."""
    for name, inner in schemas.fields(contract, pointer).items():
        item = schemas.items(contract, inner) if schemas.kinds(contract, inner) == {"array"} else None
        if item is not None:
            yield from (f"{name}.{one}" for one in schemas.fields(contract, item) if plain(one) in _COMMANDS)
            if depth < _DEEPEST:
                yield from _commands(contract, item, depth + 1)
