"""The two engines: the compiled one routes as Connexion does, and stock Connexion calls the very same handlers.

tests/test_scenarios.py plays every scenario of the API on both. tests/contracts holds small documents, each with an
oddity of a published one.
"""

import asyncio
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.types import Receive, Scope, Send

from mockserver.contract import Contract
from mockserver.errors import ApiError, ContractError
from mockserver.grammar import METHODS
from mockserver.loading import Source
from mockserver.operations import OPERATIONS
from mockserver.routing import Router
from mockserver.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.operations.abstract import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification

    from mockserver.connexion_engine import resolve

FILES = sorted((Path(__file__).parent / "contracts").glob("*.yaml"))
DOCUMENTS = {"shipped": Contract.load().document} | {
    path.stem: Source(path.name, path.read_bytes()).content for path in FILES
}
Served = set[tuple[str, str, str]]  # method, path, operationId


class _Ids(Resolver):
    """Resolves every operationId; one that is missing is made of method and path."""

    def __init__(self) -> None:
        super().__init__(lambda operation_id: operation_id)

    def resolve_operation_id(self, operation: AbstractOperation) -> str:
        """As Connexion's, but for those that are missing."""
        return operation.operation_id or f"{operation.method} {operation.path}"


class _Connexion:
    """Connexion's own routing over a document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._found: str | None = None
        self._middleware = RoutingMiddleware(self._note)
        self._middleware.add_api(Specification.load(document), resolver=_Ids())

    async def _note(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self._found = scope["extensions"]["connexion_routing"]["operation_id"]

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


def _near(path: str) -> Iterator[str]:
    """The path with a value in place of each parameter, and others like it."""
    filled = re.sub(r"\{[^}]*\}", "7", path)
    yield from (filled, filled + "/", filled.rstrip("/"), filled + "/7", filled.rpartition("/")[0], filled.upper())
    yield from ("/" + filled, filled.removeprefix("/v1"), filled.replace("7", "7/7"), filled + "x")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_routes_are_those_of_connexion(name: str) -> None:
    """The compiled engine serves each operation under the path, method and name under which Connexion does."""
    document = DOCUMENTS[name]

    routes = Contract(b"", document).routes()

    expected = {(method, _nameless(path), found) for method, path, found in _Connexion(document).served()}
    assert {(route.method, _nameless(route.path), route.operation_id) for route in routes} == expected
    assert len(routes) == len(expected)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_requests_are_routed_as_by_connexion(name: str) -> None:
    """Each path and method, and others like it, lead to the operation to which Connexion leads."""
    document = DOCUMENTS[name]
    connexion, routes, router = _Connexion(document), Contract(b"", document).routes(), Router[str]()
    for route in routes:
        router.add(route.method, route.path, route.operation_id)
    paths = sorted({path for route in routes for path in _near(route.path) if path.startswith("/")})
    requests = [(method.upper(), path) for path in paths for method in METHODS]

    found = {request: _matched(router, *request) for request in requests}

    assert found == {request: connexion.match(*request) for request in requests}
    assert set(found.values()) > {route.operation_id for route in routes}


def _matched(router: Router[str], method: str, path: str) -> str | None:
    try:
        return router.match(method, quote(path).encode())[0]
    except ApiError:
        return None


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


def test_operation_ids_lead_to_our_handlers(world: World) -> None:
    """Connexion resolves each operationId of the contract to the very function that the compiled engine calls."""
    resolver = Resolver(lambda operation_id: resolve(world, operation_id))

    found = {name: resolver.resolve_function_from_operation_id(name) for name in world.contract.operation_ids}

    assert {name: call.args for name, call in found.items()} == {
        name: (world, handler) for name, handler in OPERATIONS.items()
    }
