"""mockserver.connexion_engine: stock Connexion with our handlers. tests/test_scenarios.py plays the API on it, and
tests/test_engines.py holds its routing and the compiled one equal."""

import copy
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver import asgi
from mockserver.app import create_connexion_app
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world import World

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"


@pytest.fixture(scope="module")
def url(signing_key: str) -> Iterator[str]:
    """A mock that is served by the engine `connexion`."""
    with MockServer(Settings(signing_key=signing_key, seed=1, engine="connexion")) as mock:
        yield mock.url


def test_setting_chooses_the_engine(url: str) -> None:
    """With the setting, our HTTP server serves the API by Connexion: no mark of ours, and a line break after JSON."""
    answer = httpx2.get(url + EVENTS, headers=KEY)

    assert answer.status_code == 200
    assert answer.content.endswith(b"]}\n")
    assert "x-mock-source" not in answer.headers


def test_body_has_the_limit_of_our_server(url: str) -> None:
    """A body that is too large is a 413, whatever reads it."""
    answer = httpx2.post(
        url + "/api/admin/login_check", content=bytes(1024 * 1024 + 1), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()) == (413, {"code": 413, "message": "Payload Too Large"})


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/config", "/docs", "/openapi.json", "/openapi.yaml"])
def test_own_pages_are_as_always(url: str, path: str) -> None:
    """The control plane, the contract and its documentation are the mock's on this engine, too."""
    assert httpx2.get(url + path).status_code == 200


def test_control_plane_steers_the_same_world(url: str) -> None:
    """What the API did is there for /_mock, and a reset ends it."""
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://127.0.0.1:9/"}}
    httpx2.post(url + SUBSCRIPTIONS, headers=KEY, json=body).raise_for_status()
    snapshot = httpx2.get(url + "/_mock/state").json()

    httpx2.post(url + "/_mock/reset").raise_for_status()

    assert len(snapshot["subscriptions"]) == 1
    assert httpx2.get(url + SUBSCRIPTIONS, headers=KEY).json()["total"]["all"] == 0


def test_repeated_credential_is_refused(url: str) -> None:
    """Two API keys are one too many on this engine, too: our server refuses them."""
    answer = httpx2.get(url + EVENTS, headers=[*KEY.items(), *KEY.items()])

    assert answer.status_code == 400


def test_other_servers_serve_it(signing_key: str) -> None:
    """In the hands of a server that isn't ours, the setting chooses the engine as well."""
    with TestClient(asgi.create_app(Settings(signing_key=signing_key, engine="connexion"))) as client:
        assert client.get(EVENTS, headers=KEY).content.endswith(b"]}\n")


def test_foreign_contract_has_no_handlers(contract: Contract) -> None:
    """A contract that isn't ours can't be served by this engine, which says so at once."""
    other = Contract(b"", contract.document | {"info": {"title": "Pets", "version": "1"}})

    with pytest.raises(ContractError, match="Only the contract of Open Loyalty has handlers"):
        create_connexion_app(World.build(Settings(), other))


def test_contract_stays_as_it_is(world: World) -> None:
    """Connexion changes documents that it serves; ours is left alone."""
    before = copy.deepcopy(world.contract.document)

    with TestClient(create_connexion_app(world)) as client:
        client.get(EVENTS, headers=KEY)

    assert world.contract.document == before


def test_options_are_those_of_connexion(world: World) -> None:
    """What AsyncApp can be told, it can be told here: `strict_validation` refuses what the contract doesn't know."""
    with TestClient(create_connexion_app(world, strict_validation=True)) as client:
        assert client.get(EVENTS + "?more=1", headers=KEY).status_code == 400


def test_default_engine_never_imports_connexion() -> None:
    """To serve by the compiled engine takes nothing of Connexion, though the other engine is a function beside it."""
    code = (
        "import sys; from mockserver.app import create_app, create_connexion_app; "
        "from mockserver.contract import Contract; from mockserver.settings import Settings; "
        "from mockserver.world import World; "
        "create_app(World.build(Settings(), Contract.load())); print('connexion' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout == "False\n"
