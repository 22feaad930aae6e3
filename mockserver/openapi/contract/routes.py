"""The routes of a document's operations, by Connexion's rules (tests/app/test_engines.py)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mockserver.errors import ContractError
from mockserver.openapi.structure import METHODS, pointer_to

LONGEST_ADDRESS = 2_000  # characters: it is part of the path of every operation
LONGEST_SHOWN = 200  # characters
UNFILLED = "can't be filled in: each {name} in it needs a variable with a default."
_VARIABLE = re.compile(r"\{([^{}]*)\}")


class Route(NamedTuple):
    """The method and path of an operation. `path` includes the base path; `declared_path` is its key under `paths`."""

    method: str
    path: str
    declared_path: str
    operation_id: str


def routes(document: Mapping[str, Any]) -> Iterator[Route]:
    """The routes of all operations of a document, under the base path of its first server.

    An operation whose id is missing or used before gets its method and path as id, so that ids are unique. Raises
    ContractError for an operation that can't be routed.
    """
    base, seen = base_path(document), set[str]()
    for path, item in document["paths"].items():
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            raise ContractError(f"The path {path} must begin with a slash. Add it.", pointer_to("paths", path))
        for method in METHODS:
            if method in item:
                otherwise = f"{method} {path}"
                declared = _operation_id(item[method], otherwise, path, method)
                operation_id = next(name for name in _names(declared, otherwise) if name not in seen)
                seen.add(operation_id)
                yield Route(method.upper(), base + path, path, operation_id)


def _operation_id(declared: Mapping[str, Any], otherwise: str, path: str, method: str) -> str:
    found = declared.get("operationId", otherwise)
    if not isinstance(found, str):
        raise ContractError(f"The operationId {found!r} must be a text.", pointer_to("paths", path, method))
    return found


def _names(declared: str, otherwise: str) -> Iterator[str]:
    """The possible ids of an operation, the preferred one first."""
    yield from (declared, otherwise)
    yield from (f"{otherwise} ({number})" for number in count(2))


def base_path(document: Mapping[str, Any]) -> str:
    """The path of the first server, with the defaults of its variables. A URL relative to the document, such as `v1`,
    begins at the root. Servers of a path or an operation don't count."""
    servers = document.get("servers")
    if not servers:
        return ""
    url = servers[0].get("url", "")
    filled = _filled(url, servers[0].get("variables", {}))
    is_relative = url and "://" not in url and url[0] not in "/{"
    try:
        return urlsplit(f"/{filled.removeprefix('./')}" if is_relative else filled).path.rstrip("/")
    except ValueError as error:
        raise _refusal(url, f"can't be read: {error}. Correct it.") from None


def _filled(url: str, variables: Mapping[str, Any]) -> str:
    """An address with the defaults of its variables, of LONGEST_ADDRESS characters at most.

    Only `{name}` stands for a variable. Connexion has Python's `str.format` do it, for which `{name:>9}`, `{name.part}`
    and `{{` mean something, too: here they are refused, as they mean nothing to OpenAPI.
    """
    parts = _VARIABLE.split(url)
    try:
        parts[1::2] = [_default(variables[name]) for name in parts[1::2]]
    except (KeyError, TypeError, ValueError):
        raise _refusal(url, UNFILLED) from None
    if sum(map(len, parts)) > LONGEST_ADDRESS:
        raise _refusal(url, f"is longer than {LONGEST_ADDRESS} characters with its variables filled in. Shorten it.")
    filled = "".join(parts)
    if "{" in filled or "}" in filled:
        raise _refusal(url, UNFILLED)
    return filled


def _default(variable: Mapping[str, Any]) -> str:
    """The default of a variable. Raises KeyError, TypeError or ValueError if there is none, or no text or number."""
    found = variable["default"]
    if not isinstance(found, str | int | float):
        raise TypeError
    return str(found)


def _refusal(url: str, reason: str) -> ContractError:
    shown = url if len(url) <= LONGEST_SHOWN else f"{url[:LONGEST_SHOWN]}…"
    return ContractError(f"The address {shown} {reason}", pointer_to("servers", "0"))


def operation_named(name: str, operation_ids: Sequence[str]) -> str | None:
    """The operationId that a name means: itself, or without its leading underscores, as generated clients call it, or
    with one that it doesn't have. None if there is none, or if two are called so."""
    if name in operation_ids:
        return name
    plain = name.lstrip("_")
    found = [known for known in operation_ids if known.lstrip("_") == plain]
    return found[0] if plain and len(found) == 1 else None
