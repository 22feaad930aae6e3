"""mockserver.walking: Connexion's joints for routing tables, which we rely on."""

import pytest

from mockserver.contract import Contract
from mockserver.routing import Route
from mockserver.walking import walk

DECLARED = {"responses": {"default": {"description": ""}}}


def test_every_operation_is_found() -> None:
    """The walk over our contract finds each of its operations once, under its id."""
    document = Contract.load().routes()
    expected = {
        Route(method.upper(), path, path, operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }

    routes = walk(document)

    assert len(routes) == len(expected) == 15
    assert set(routes) == expected


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ([], ""),
        ([{"url": "https://example.com/v1"}], "/v1"),
        ([{"url": "/v{n}/", "variables": {"n": {"default": "2"}}}], "/v2"),
    ],
    ids=["none", "absolute", "variable"],
)
def test_operations_stand_under_the_base_path(servers: list[object], base: str) -> None:
    """Paths are served under the path of the first server; what is declared keeps its own."""
    paths = {"/pets": {"get": DECLARED | {"operationId": "list"}}}

    routes = walk({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "servers": servers})

    assert routes == [Route("GET", f"{base}/pets", "/pets", "list")]
