"""mockserver.pipeline.request_body: media types, parsers and limits. Hostile bodies are in tests/hostile."""

from copy import deepcopy
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.http.messages import MAX_BODY
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

BASIC = {"Authorization": "Basic dG9tOmplcnJ5"}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"json": {"kind": "dog", "name": "Rex", "friend": {"kind": "cat", "name": "Tom"}}}, 204),
        ({"json": {"kind": "cow", "name": "Eve"}}, 400),
        ({"data": {"name": "Tom", "age": "3"}}, 204),
        ({"data": {"name": "Tom", "age": "young"}}, 400),
        ({"data": {"name": "Tom"}}, 400),
        ({"content": b"x", "headers": BASIC | {"Content-Type": "text/csv"}}, 415),
        ({}, 400),
    ],
)
def test_bodies_of_all_kinds_are_checked(zoo_client: TestClient, request_: dict[str, Any], status: int) -> None:
    """JSON and forms are validated; other types are refused."""
    assert zoo_client.put("/v1/animals/1", **({"headers": BASIC} | request_)).status_code == status


@pytest.mark.parametrize(
    ("media_type", "text", "status"),
    [
        ("application/json", b'{"any": 1}', 204),
        ("application/json", b"{", 400),
        ("application/json", b"", 400),
        ("text/plain", b"", 204),
        ("application/x-www-form-urlencoded", b"", 204),
        ("application/x-www-form-urlencoded", b"a=1", 204),
        ("text/csv", b"", 400),
    ],
)
def test_bodies_without_a_schema_are_read(zoo_client: TestClient, media_type: str, text: bytes, status: int) -> None:
    """A media type without a schema takes anything of its kind; no text at all is a form, but no JSON."""
    assert zoo_client.post("/v1/keys", content=text, headers={"Content-Type": media_type}).status_code == status


@pytest.mark.parametrize("extensions", [{"x-max-body": 10**9}, {"x-max-body": "lots"}, {"x-gradual": True}])
@pytest.mark.parametrize("path", ["/v1/keys", "/api/DEFAULT/member"], ids=["no behaviour", "behaviour"])
def test_no_contract_sets_the_bounds_of_the_mock(
    zoo: Contract, contract: Contract, path: str, extensions: dict[str, Any]
) -> None:
    """What the control plane says in its own contract means nothing in that of somebody else."""
    document = deepcopy((zoo if path == "/v1/keys" else contract).document)
    for declared in document["paths"].values():
        declared.get("post", {}).update(extensions)
    headers = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/x-www-form-urlencoded"}
    with TestClient(create_app(World.build(Settings(), Contract(b"", document)))) as client:
        answers = [client.post(path, content=b"x" * size, headers=headers) for size in (300_000, MAX_BODY + 1)]

    assert answers[0].status_code in (204, 400, 415)
    assert answers[1].status_code == 413
