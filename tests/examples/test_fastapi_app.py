"""examples/fastapi-app: an application of FastAPI, its tests, and the mock of its document."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.settings import Settings
from mockserver.world import World

pytestmark = pytest.mark.whole_runs

APP = Path(__file__).resolve().parents[2] / "examples" / "fastapi-app"
KEY = {"X-API-Key": "any"}
DOCUMENT = "import json; from workshop.main import app; print(json.dumps(app.openapi()))"


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What a Python says in the folder of the application, which knows nothing of ours."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(APP), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=APP, env=environment, capture_output=True, text=True, check=False, timeout=240)  # noqa: S603


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The document that FastAPI writes for the application."""
    path = tmp_path_factory.mktemp("workshop") / "openapi.json"
    path.write_text(_python("-c", DOCUMENT).stdout)
    return Contract.load(path)


@pytest.fixture(scope="module")
def mock(contract: Contract) -> Any:
    """A mock of it, which answers by examples."""
    with TestClient(create_app(World.build(Settings(seed=1, strict=True, memory=False), contract))) as client:
        yield client


def test_the_application_keeps_its_own_tests() -> None:
    """They talk HTTP to it, and all pass."""
    told = _python("-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert told.returncode == 0, told.stdout + told.stderr


def test_it_has_fifteen_operations_of_openapi_31(contract: Contract) -> None:
    """As FastAPI writes them, without a link, and with two kinds of record that can be made and removed."""
    surface = Surface(contract)

    assert contract.document["openapi"].startswith("3.1")
    assert len(contract.routes()) == 15
    assert [(one.create.id, one.delete.id, one.id_name) for one in surface.resources] == [
        ("add_tool", "remove_tool", "id"),
        ("add_member", "remove_member", "id"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "sent", "loc"),
    [
        ("GET", "/tools?limit=0", {}, ["query", "limit"]),
        ("GET", "/tools/spade", {}, ["path", "tool_id"]),
        ("POST", "/tools", {"json": {"category": "wood"}}, ["body", "name"]),
        ("POST", "/members", {"json": {"name": "Robin", "email": "none"}}, ["body", "email"]),
    ],
)
def test_the_mock_refuses_as_fastapi_does(
    mock: TestClient, method: str, path: str, sent: dict[str, Any], loc: list[str]
) -> None:
    """Invalid input is a declared 422, whose body names the place; were it not valid, a strict mock would say 500."""
    answer = mock.request(method, path, headers=KEY, **sent)

    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["detail"]] == [loc]


def test_the_mock_refuses_whoever_has_no_key(mock: TestClient) -> None:
    """A declared 401 says what is missing."""
    answer = mock.get("/tools")

    assert (answer.status_code, answer.json()) == (401, {"detail": "Send a key in header X-API-Key."})


def test_the_mock_answers_what_is_declared(mock: TestClient, contract: Contract) -> None:
    """Each operation has a success that fits its schema: the mock is strict, so anything else would be a 500."""
    for route in contract.routes():
        path = route.path.replace("{tool_id}", "3f0e7c1a-5b1d-4c58-9f3e-0a4b8c2d6e10").replace("{loan_id}", "1")
        declared = contract.operation(route.declared_path, route.method.lower())
        body = _BODIES.get(declared.operation_id)
        headers = KEY | ({"Content-Type": "application/json"} if body else {})
        answer = mock.request(
            route.method,
            path.replace("{member_id}", "1"),
            headers=headers,
            content=orjson.dumps(body) if body else None,
        )

        assert str(answer.status_code) in declared.responses, (route, answer.text)
        assert answer.is_success


_TOOL = {"name": "Spade", "category": "garden"}
_BODIES: dict[str, Any] = {
    "add_tool": _TOOL,
    "replace_tool": _TOOL,
    "change_tool": {"note": "Blunt."},
    "lend": {"member_id": 1},
    "add_member": {"name": "Robin", "email": "robin@example.com"},
}
