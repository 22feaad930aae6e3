"""mockserver.app.routing_errors: what is said of a path that nothing answers."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.foreign import answering, serving

HINT = "x-mock-hint"


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/nothing", "No operation has this path; GET /docs lists them."),
        (
            "GET",
            "/api/DEFAULT/webhook/event/",
            "No operation has this path; without the slash at its end it may be one.",
        ),
        ("PATCH", "/api/DEFAULT/webhook/subscription", "This path has GET, HEAD, POST."),
        ("GET", "/_mock/nothing", "The control plane has no such path; GET /_mock/openapi.yaml lists"),
        ("POST", "/_mock/config", "This path has GET, HEAD."),
    ],
)
def test_unknown_paths_are_explained(client: TestClient, method: str, path: str, hint: str) -> None:
    """A 404 of the router says that no operation is there, and where they are listed; a 405 which methods there are."""
    assert client.request(method, path).headers[HINT].startswith(hint)


def test_base_path_is_named(tmp_path: Path) -> None:
    """Who forgets the base path of a contract learns of it."""
    with serving(tmp_path, {"/pet": {"get": answering()}}, "https://example.com/v2") as client:
        assert "all begin with /v2;" in client.get("/pet").headers[HINT]
        assert "all begin with /v2;" in client.get("/v22/pet").headers[HINT]
        assert client.get("/v2/nothing").headers[HINT].startswith("No operation has this path; GET /docs")


def test_switched_off_control_plane_is_named(settings: Settings, contract: Contract) -> None:
    """Where there is no control plane, a call to it is told so."""
    settings = Settings(signing_key=settings.signing_key, control=False)
    with TestClient(create_app(World.build(settings, contract))) as client:
        assert client.post("/_mock/reset").headers[HINT] == "The control plane is switched off (--no-control)."
