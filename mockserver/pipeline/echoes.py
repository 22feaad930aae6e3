"""Echoes: what of a request stands in the object that answers it, as far as both schemas know it."""

from collections.abc import Mapping
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.record_names import ID_PROPERTIES
from mockserver.openapi.resources import plain, schemas
from mockserver.openapi.routing import path_parameters
from mockserver.world.memory.path_values import meant
from mockserver.world.memory.record_maker import merged

Json = Mapping[str, Any]


class Echo:
    """The fields of an object, by the schema at a pointer, that may say what a body, by the one at `taken`, or a path
    has said."""

    def __init__(self, contract: Contract, shown: str, taken: str | None) -> None:
        self._contract = contract
        declared = schemas.fields(contract, shown)
        hidden = {name for name, at in declared.items() if _is_hidden(contract, at)}
        self._shown = {name: at for name, at in declared.items() if name not in hidden}
        sent = schemas.fields(contract, taken) if taken else {}
        self._required = schemas.required(contract, shown)
        self._common = {name: at for name, at in self._shown.items() if name in sent and not _is_fixed(contract, at)}
        smaller = min(len(self._shown), len(sent))
        self.is_alike = 2 * len(self._common) >= smaller > 0

    def of_body(self, answer: Json, sent: Any, *, merges: bool = False) -> dict[str, Any]:
        """The answer with what was sent: fields whose values the schema doesn't take stay as they are. If it `merges`,
        null removes, and objects go into each other."""
        told = dict(answer)
        for name, at in self._common.items() if isinstance(sent, Mapping) else ():
            if name not in sent:
                continue
            value = merged(answer.get(name), sent[name]) if merges else sent[name]
            if self._contract.validator(at).is_valid(value):
                told[name] = value
            elif merges and value is None and name not in self._required:
                told.pop(name, None)
        return told

    def of_path(self, answer: Json, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The answer with what the path says in fields that are called like its parameters."""
        known = {plain(name): name for name in self._shown}
        told = dict(answer)
        for parameter, text in parameters.items():
            name = known.get(plain(parameter))
            value = None if name is None else self._meant(self._shown[name], text)
            if name is not None and value is not None:
                told[name] = value
        return told

    def says(self, parameter: str) -> bool:
        """Whether a field is called like this path parameter."""
        return plain(parameter) in map(plain, self._shown)

    def _meant(self, at: str, text: str) -> Any:
        return meant(text, self._contract.validator(at).is_valid)


def telling_parameters(path: str) -> list[str]:
    """The parameters of a path whose names say what they name: `id` of `/pets/{id}/owner` isn't that of the owner."""
    names = path_parameters(path)
    is_last = path.rstrip("/").endswith("}")
    return [name for name in names if name not in ID_PROPERTIES or (is_last and name == names[-1])]


def _is_hidden(contract: Contract, pointer: str) -> bool:
    """Whether only clients write a field."""
    return any(part.get("writeOnly") for part, _ in schemas.parts(contract, pointer))


def _is_fixed(contract: Contract, pointer: str) -> bool:
    """Whether only the server writes a field."""
    return any(part.get("readOnly") for part, _ in schemas.parts(contract, pointer))
