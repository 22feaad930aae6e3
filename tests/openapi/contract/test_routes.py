"""Routes: where the operations of a document are served. tests/app/test_engines.py holds them to Connexion's."""

from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract, Route

HEAD = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}}
PETS = {"/pets": {"get": {"operationId": "list"}}}


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        (None, ""),
        ([], ""),
        ([{"url": "https://example.com"}], ""),
        ([{"url": "https://example.com/v1"}], "/v1"),
        ([{"url": "/v{n}/", "variables": {"n": {"default": "2"}}}], "/v2"),
        ([{"url": "{base}/x", "variables": {"base": {"default": "/v3"}}}, {"url": "/v4"}], "/v3/x"),
        ([{"url": "v1"}], "/v1"),
        ([{"url": "./v1"}], "/v1"),
        ([{"description": "no address"}], ""),
    ],
)
def test_operations_stand_under_the_base_path(servers: list[object] | None, base: str) -> None:
    """Paths are served under the path of the first server; the declared path stays as it is."""
    routes = Contract(b"", HEAD | {"servers": servers, "paths": PETS}).routes()

    assert routes == [Route("GET", f"{base}/pets", "/pets", "list")]


def test_names_that_are_missing_or_taken() -> None:
    """An operation without an operationId is named by method and path; extensions are no paths."""
    paths = {"/a": {"get": {}, "post": {"operationId": "a"}}, "/b": {"get": {"operationId": "a"}}, "x-c": {"get": {}}}

    routes = Contract(b"", HEAD | {"paths": paths}).routes()

    assert [route.operation_id for route in routes] == ["get /a", "a", "get /b"]


@pytest.mark.parametrize(
    "taken", [["get /b"], ["get /b", "get /b"], ["get /b", "get /b (2)"], ["get /b (2)", "get /b"]]
)
def test_no_two_operations_share_a_name(taken: list[str]) -> None:
    """A generated id is not that of another operation."""
    declared = {f"/a{number}": {"get": {"operationId": name}} for number, name in enumerate(taken)}

    routes = Contract(
        b"", HEAD | {"paths": {**declared, "/b": {"get": {}}, "/c": {"get": {"operationId": "c"}}}}
    ).routes()

    assert len({route.operation_id for route in routes}) == len(routes)


@pytest.mark.parametrize(
    ("changed", "reason", "pointer"),
    [
        ({"paths": {"pets": {}}}, "The path pets must begin with a slash. Add it.", "/paths/pets"),
        ({"paths": {"/p": {"get": {"operationId": 5}}}}, "The operationId 5 must be a text.", "/paths/~1p/get"),
        ({"servers": [{"url": "/{v}"}]}, "The address /{v} can't be filled in: each {name} in it needs", "/servers/0"),
        ({"servers": [{"url": "/{v"}]}, "The address /{v can't be filled in: each {name} in it needs", "/servers/0"),
        ({"servers": [{"url": "http://[abc/x"}]}, "The address http://[abc/x can't be read: ", "/servers/0"),
    ],
)
def test_what_cannot_be_routed(changed: dict[str, Any], reason: str, pointer: str) -> None:
    """A document that can't be routed is refused with what to do, and where."""
    with pytest.raises(ContractError) as refused:
        Contract(b"", HEAD | {"paths": PETS} | changed).routes()

    assert str(refused.value).startswith(reason)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    "url", ["/{a:>9}", "/{a.__class__}", "/{a.b}", "/{a[0]}", "/{a!r}", "/{}", "/{0}", "/{{a}}", "/a}"]
)
def test_only_names_stand_for_variables(url: str) -> None:
    """Format specifications of Python in an address are refused."""
    servers = [{"url": url, "variables": {"a": {"default": "x"}}}]

    with pytest.raises(ContractError, match="can't be filled in"):
        Contract(b"", HEAD | {"paths": PETS, "servers": servers}).routes()


@pytest.mark.parametrize("default", [None, ["x"], {}, "{a}", pytest.param(16**5_000, id="huge")])
def test_default_that_is_no_part_of_an_address(default: object) -> None:
    """A default has to be a text, or a number, that holds no variables itself."""
    servers = [{"url": "/{a}", "variables": {"a": {"default": default}}}]

    with pytest.raises(ContractError, match="can't be filled in"):
        Contract(b"", HEAD | {"paths": PETS, "servers": servers}).routes()


def test_address_that_grows_is_refused() -> None:
    """A small document can't produce a long address by repeating a default."""
    servers = [{"url": "/{a}" * 1_000, "variables": {"a": {"default": "x" * 1_000_000}}}]

    with pytest.raises(ContractError, match="longer than 2000 characters"):
        Contract(b"", HEAD | {"paths": PETS, "servers": servers}).routes()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("_webhookPost", "_webhookPost"),
        ("webhookPost", "_webhookPost"),
        ("list", "list"),
        ("_list", "list"),
        ("both", "both"),
        ("_both", "_both"),
        ("__both", None),
        ("nothing", None),
        ("", None),
        ("_", None),
    ],
)
def test_operations_are_found_without_their_underscore(name: str, found: str | None) -> None:
    """Generated clients drop the underscore that an operationId begins with: it is found under both names, but never
    another one of that name."""
    ids = ("_webhookPost", "list", "both", "_both")
    paths = {f"/{number}": {"get": {"operationId": declared}} for number, declared in enumerate(ids)}

    assert Contract(b"", HEAD | {"paths": paths}).operation_named(name) == found
