"""mockserver.pipeline.parameters: parameters of every location and style."""

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

GOOD = [
    "",
    "?kinds=cat&kinds=dog",
    "?ids=1,2,3",
    "?ages=1%7C2",
    "?ages=1|2",
    "?box[high]=3",
    "?by=name&up=true",
    "?where=%7B%22x%22%3A1%7D",
]


@pytest.mark.parametrize("query", GOOD)
def test_parameters_of_all_styles_are_read(zoo_client: TestClient, query: str) -> None:
    """Valid parameters pass in each style."""
    assert zoo_client.get(f"/v1/animals{query}").status_code == 200


BAD = [
    "?kinds=cow",
    "?kinds=cat&kinds=cow",
    "?ids=1,x",
    "?ids=1%2C2",
    "?ages=1|x",
    "?box[high]=x",
    "?up=perhaps",
    "?where=%7B%7D",
    "?where=x",
    "?nonsense=1",
]


@pytest.mark.parametrize("query", BAD)
def test_bad_parameters_get_the_declared_error(zoo_client: TestClient, query: str) -> None:
    """A bad parameter gets the 400 that the contract declares, in its shape."""
    answer = zoo_client.get(f"/v1/animals{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"title", "status"}


@pytest.mark.parametrize("headers", [{"X-Depth": "deep"}, {"Cookie": "theme=pink"}])
def test_bad_headers_and_cookies_are_refused(zoo_client: TestClient, headers: dict[str, str]) -> None:
    """Header and cookie parameters are checked too."""
    assert zoo_client.get("/v1/animals", headers=headers).status_code == 400
    assert zoo_client.get("/v1/animals", headers={"X-Depth": "3", "Cookie": "a=b; theme=dark"}).status_code == 200


def test_path_parameters_are_checked(zoo_client: TestClient) -> None:
    """A path parameter of the wrong type is refused, as ours where the contract declares no such error."""
    answer = zoo_client.get("/v1/animals/tom")

    assert (answer.status_code, answer.headers["x-mock-source"]) == (400, "mock")
    assert answer.json()["errors"][0]["path"] == "animalId"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/matrix/;point=x,1,y,2", 200), ("/v1/matrix/;point=x,1", 400), ("/v1/matrix/;x=1;y=2", 400)],
)
def test_matrix_style(zoo_client: TestClient, path: str, status: int) -> None:
    """A matrix parameter is read as its style says."""
    assert zoo_client.get(path).status_code == status


@pytest.mark.parametrize(("query", "status"), [("?api_key=1&page=1", 200), ("?api_key=1&pages=1", 400)])
def test_a_key_in_the_query_is_no_stranger(zoo_client: TestClient, query: str, status: int) -> None:
    """A credential of the query needn't be declared as a parameter, too; anything else must be."""
    assert zoo_client.get(f"/v1/keys{query}").status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [("n=1&n=true", 200), ("n=1", 200), ("n=true&n=1", 400), ("n=1&n=true&n=1", 400), ("m=1,true,x,y", 200)],
)
def test_first_items_have_their_own_schemas(query: str, status: int) -> None:
    """Each item of a list is read by the schema of its place."""
    with TestClient(create_app(World.build(Settings(seed=1, cache_dir=""), _with_pairs()))) as client:
        assert client.get(f"/a?{query}").status_code == status


def _with_pairs() -> Contract:
    pair = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": {"not": {}}}
    more = {**pair, "items": {"type": "string"}}
    taken = [
        {"name": "n", "in": "query", "schema": pair},
        {"name": "m", "in": "query", "explode": False, "schema": more},
    ]
    operation = {"operationId": "a", "parameters": taken, "responses": {"200": {"description": "ok"}}}
    info = {"title": "t", "version": "1"}
    return Contract(b"", {"openapi": "3.1.0", "info": info, "paths": {"/a": {"get": operation}}})
