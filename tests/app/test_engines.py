"""The two engines: the compiled one routes as Connexion does, and stock Connexion calls the very same handlers.

tests/test_scenarios.py plays every scenario of the API on both. tests/contracts holds small documents, each with an
oddity of a published one.
"""

import asyncio
import re
import warnings
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from starlette.types import Receive, Scope, Send

from mockserver.errors import ApiError, ContractError
from mockserver.openapi.contract import Contract, Route
from mockserver.openapi.loading import Source
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import METHODS
from mockserver.operations import OPERATIONS
from mockserver.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from connexion.exceptions import ResolverError
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.operations.abstract import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification

    from mockserver.app.connexion_engine import resolve

FILES = sorted((Path(__file__).parent.parent / "contracts").glob("*.yaml"))
DOCUMENTS = {"shipped": Contract.load().document} | {
    path.stem: Source(path.name, path.read_bytes()).content for path in FILES
}
Served = set[tuple[str, str, str]]  # method, path, operationId
Target = TypeVar("Target")
NUMBERS = {"integer": r"[+-]?[0-9]+", "number": r"[+-]?[0-9]*(\.[0-9]*)?"}  # by Connexion
Found = tuple[str, frozenset[tuple[str, str]]] | None  # operationId, and the path parameters


class _Ids(Resolver):
    """Resolves every operationId; one that is missing is an empty text."""

    def __init__(self) -> None:
        super().__init__(lambda operation_id: operation_id)

    def resolve_operation_id(self, operation: AbstractOperation) -> str:
        """As Connexion's, but for those that are missing."""
        return operation.operation_id or ""


class _Connexion:
    """Connexion's own routing over a document."""

    def __init__(self, document: dict[str, Any], resolver: Resolver | None = None) -> None:
        self._found: Found = None
        self._middleware = RoutingMiddleware(self._note)
        self._middleware.add_api(Specification.load(document), resolver=resolver or _Ids())

    async def _note(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        found = scope["extensions"]["connexion_routing"]["operation_id"]
        self._found = None if found is None else (found, _values(scope["path_params"]))

    def served(self) -> Served:
        """What its routing table holds; HEAD, which each GET answers, is left out."""
        (mount,) = self._middleware.router.routes
        return {
            (method, mount.path + route.path, route.endpoint.operation_id)  # type: ignore[attr-defined]  # a Mount
            for route in mount.app.routes  # type: ignore[attr-defined]
            for method in route.methods - ({"HEAD"} if "GET" in route.methods else set())
        }

    def match(self, method: str, path: str) -> str | None:
        """The operation that answers, if any does."""
        found = self.routed(method, path)
        return found and found[0]

    def routed(self, method: str, path: str) -> Found:
        """The same, with the path parameters."""
        self._found = None
        scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b"", "root_path": ""}
        asyncio.run(self._middleware({**scope, "server": ("test", 80), "scheme": "http"}, _nothing, _ignored))
        return self._found


async def _nothing() -> dict[str, Any]:
    return {"type": "http.disconnect"}


async def _ignored(_message: Any) -> None:
    """What routing itself answers is no operation's."""


def _nameless(path: str) -> str:
    """A template without the names of its parameters, which Connexion may change."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _values(parameters: Mapping[str, object]) -> frozenset[tuple[str, str]]:
    """Path parameters as texts, by the names that Connexion gives them."""
    return frozenset(
        (name.replace("-", "_"), f"{value:g}" if isinstance(value, float) else str(value))
        for name, value in parameters.items()
    )


def _near(path: str) -> Iterator[str]:
    """The path with values in place of its parameters, and others like it."""
    yield from (re.sub(r"\{[^}]*\}", value, path) for value in ("abc", "1.5", "a.b.c", "é ü"))
    filled = re.sub(r"\{[^}]*\}", "7", path)
    yield from (filled, filled + "/", filled.rstrip("/"), filled + "/7", filled.rpartition("/")[0], filled.upper())
    yield from ("/" + filled, filled.removeprefix("/v1"), filled.replace("7", "7/7"), filled + "x")


def _named_routes(document: dict[str, Any]) -> list[Route]:
    """The routes of the compiled engine, with the operationIds that are declared: it makes up those that are missing,
    and those that are there twice."""
    routes, paths = Contract(b"", document).routes(), document["paths"]
    found = [paths[route.declared_path][route.method.lower()].get("operationId", "") for route in routes]
    return [route._replace(operation_id=declared) for route, declared in zip(routes, found, strict=True)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_routes_are_those_of_connexion(name: str) -> None:
    """The compiled engine serves each operation under the path, method and name under which Connexion does."""
    document = DOCUMENTS[name]

    routes = _named_routes(document)

    expected = {(method, _nameless(path), found) for method, path, found in _Connexion(document).served()}
    assert {(route.method, _nameless(route.path), route.operation_id) for route in routes} == expected
    assert len(routes) == len(expected)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_requests_are_routed_as_by_connexion(name: str) -> None:
    """Each path and method, and others like it, lead to the operation to which Connexion leads, with the same path
    parameters; but for the two differences that `_is_named` knows, and those do differ."""
    document = DOCUMENTS[name]
    connexion, routes, router = _Connexion(document), _named_routes(document), Router[Route]()
    for route in routes:
        router.add(route.method, route.path, route)
    paths = {path for route in routes for path in _near(route.path) if path.startswith("/")}
    requests = list(product([method.upper() for method in METHODS], sorted(paths)))

    found = {request: _routed(router, *request) for request in requests}

    for request, ours in found.items():
        is_named = ours is not None and _is_named(document, *ours)
        assert (connexion.routed(*request) != _shown(ours)) == is_named, request
    assert {ours[0] for ours in found.values() if ours} == set(routes)


def _routed(router: Router[Target], method: str, path: str) -> tuple[Target, Mapping[str, str]] | None:
    try:
        return router.match(method, quote(path).encode())
    except ApiError:
        return None


def _matched(router: Router[str], method: str, path: str) -> str | None:
    found = _routed(router, method, path)
    return found and found[0]


def _shown(ours: tuple[Route, Mapping[str, str]] | None) -> Found:
    return ours and (ours[0].operation_id, _values(ours[1]))


def _is_named(document: dict[str, Any], route: Route, values: Mapping[str, str]) -> bool:
    """Whether Connexion treats a request otherwise, as docs/connexion.md names it: it routes nothing but numbers to a
    parameter that is one, and of two parameters in a segment it makes the first as long as can be, not as short."""
    declared = Contract(b"", document).operation(route.declared_path, route.method.lower()).parameters_in("path")
    types = {parameter.name: parameter.schema.get("type") for parameter in declared}
    fits = [re.fullmatch(NUMBERS.get(str(types[name]), ".*"), value) for name, value in values.items()]
    literals = re.findall(r"\}([^{/]+)\{", route.path)
    return not all(fits) or any(value.count(literal) for value in values.values() for literal in literals)


HIDING = {
    "/pets/{pet}": {"get": {"operationId": "getPet", "responses": {"default": {"description": ""}}}},
    "/pets/mine": {
        "get": {"operationId": "myPets", "responses": {"default": {"description": ""}}},
        "head": {"operationId": "anyPets", "responses": {"default": {"description": ""}}},
    },
}


@pytest.mark.parametrize(("method", "ours"), [("GET", "myPets"), ("HEAD", "anyPets")])
def test_first_that_matches_hides_others_from_connexion(method: str, ours: str) -> None:
    """The named difference in routing: Connexion takes the first operation that matches, the compiled engine the one
    that fits best, as OpenAPI has it."""
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": HIDING}
    router = Router[str]()
    for route in Contract(b"", document).routes():
        router.add(route.method, route.path, route.operation_id)

    assert _matched(router, method, "/pets/mine") == ours
    assert _Connexion(document).match(method, "/pets/mine") == "getPet"


@pytest.mark.parametrize(("server", "path"), [("", "/caf%C3%A9"), ("/caf%C3%A9", ""), ("", "/caf%C3%A9/{id}")])
def test_connexion_never_reaches_what_is_encoded(server: str, path: str) -> None:
    """The named difference in encoding: Connexion decodes requests and not what they are compared to; for the compiled
    engine, `/caf%C3%A9` in a document is what it is in a request."""
    paths = {f"{path}/mine": HIDING["/pets/mine"]}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
    }
    router = Router[str]()
    for route in Contract(b"", document).routes():
        router.add(route.method, route.path, route.operation_id)
    request = f"/café{'/7' if path.endswith('}') else ''}/mine"

    assert _matched(router, "GET", request) == "myPets"
    assert _Connexion(document).match("GET", request) is None


@pytest.mark.parametrize(("url", "theirs"), [("/{{a}}", "/{a}"), ("/{a!r}", "/'x'"), ("/{a:>3}", "/  x")])
def test_addresses_are_format_strings_for_connexion(url: str, theirs: str) -> None:
    """The named difference in addresses: Connexion makes of them what Python's formatting does, which can fill the
    memory; the compiled engine refuses what OpenAPI gives no meaning."""
    paths = {"/pets": HIDING["/pets/mine"]}
    servers = [{"url": url, "variables": {"a": {"default": "x"}}}]
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": servers, "paths": paths}

    assert {path for _, path, _ in _Connexion(document).served()} == {f"{theirs}/pets"}
    with pytest.raises(ContractError, match="can't be filled in"):
        Contract(b"", document).routes()


def _document(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    paths = {path: {"get": operation | {"responses": {"default": {"description": ""}}}}}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}


def test_connexion_takes_paths_for_a_parameter() -> None:
    """A named difference in routing: for Connexion a text of `format: path` may have slashes in it, which OpenAPI
    doesn't know."""
    parameter = {"name": "file", "in": "path", "required": True, "schema": {"type": "string", "format": "path"}}
    document = _document("/files/{file}", {"operationId": "getFile", "parameters": [parameter]})
    router = Router[str]()
    router.add("GET", "/files/{file}", "getFile")

    assert _matched(router, "GET", "/files/a/b") is None
    assert _Connexion(document).routed("GET", "/files/a/b") == ("getFile", frozenset({("file", "a/b")}))


@pytest.mark.parametrize("operation", [{}, {"operationId": ""}])
def test_connexion_needs_operation_ids(operation: dict[str, Any]) -> None:
    """The named difference in names: stock Connexion doesn't start with an operation that has none."""
    with pytest.raises(ResolverError):
        _Connexion(_document("/pets", operation), Resolver())


def test_operation_ids_lead_to_our_handlers(world: World) -> None:
    """Connexion resolves each operationId of the contract to the very function that the compiled engine calls."""
    resolver = Resolver(lambda operation_id: resolve(world, operation_id))

    found = {name: resolver.resolve_function_from_operation_id(name) for name in world.contract.operation_ids}

    assert {name: call.args for name, call in found.items()} == {
        name: (world, handler) for name, handler in OPERATIONS.items()
    }
