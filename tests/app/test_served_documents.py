"""mockserver.app.served_documents: the contract as it is, but for the address of this mock."""

from pathlib import Path

import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.app.builtin_routes import routes
from mockserver.app.served_documents import MOST_HOSTS, json_of
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.foreign import answering, serving

CONTRACT_FILE = Path(__file__).parent.parent.parent / "openapi.yaml"


def test_contract_is_served_byte_for_byte(client: TestClient) -> None:
    """`/openapi.yaml` is the file, comments included, where the mock's address isn't known."""
    answer = client.get("/openapi.yaml", headers={"Host": ""})

    assert answer.headers["content-type"] == "application/yaml; charset=utf-8"
    assert answer.content == CONTRACT_FILE.read_bytes()


def test_contract_is_served_as_json(client: TestClient, contract: Contract) -> None:
    """`/openapi.json` says the same, and names this mock as its first server."""
    answer = client.get("/openapi.json", headers={"Host": "127.0.0.1:8181"})

    here, *others = answer.json()["servers"]
    assert answer.headers["content-type"] == "application/json"
    assert here == {"url": "http://127.0.0.1:8181", "description": "This mock."}
    assert others == contract.document["servers"][1:]
    assert answer.json()["paths"] == contract.document["paths"]


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json", "/docs/contract.json", "/_mock/openapi.yaml"])
def test_address_is_told_everywhere(client: TestClient, path: str) -> None:
    """Who asks at another port finds it in every line that calls the mock, and nowhere the default one."""
    text = client.get(path, headers={"Host": "localhost:9000"}).text

    assert "curl http://localhost:9000/" in text or "curl -X POST http://localhost:9000/" in text
    assert ":8181" not in text


def test_default_address_is_that_of_the_settings() -> None:
    """The address that documents tell is the one at which a mock listens by default."""
    default = f"http://{Settings.default('host')}:{Settings.default('port')}"

    assert orjson.loads(json_of({"x": f"{default}/"}, "http://other"))["x"] == "http://other/"


def test_foreign_documents_stay_as_they_are(tmp_path: Path) -> None:
    """The address of a contract that isn't ours is its own."""
    with serving(tmp_path, {"/x": {"get": answering()}}, "http://localhost:8181/v1") as client:
        assert client.get("/openapi.json").json()["servers"] == [{"url": "http://localhost:8181/v1"}]


@pytest.mark.parametrize("host", ["", "a b", 'x"y', "x/y", "user@host", "a" * 300])
def test_odd_host_is_not_repeated(client: TestClient, contract: Contract, host: str) -> None:
    """A Host that is none isn't made a server."""
    answer = client.get("/openapi.json", headers={"Host": host})

    assert answer.json()["servers"] == contract.document["servers"]


@pytest.mark.anyio
async def test_json_is_written_once(world: World) -> None:
    """Who reads the contract shares its bytes with the others, by whatever name they ask, however many there are."""
    served = routes(world)["/openapi.json"]
    hosts = [b"host%d" % number for number in range(3 * MOST_HOSTS)]

    bodies = [(await served(Request("GET", b"/", {b"host": host}, None))).body for host in (*hosts, *hosts)]

    assert len({id(body) for body in bodies}) == MOST_HOSTS + 1
    assert orjson.loads(bodies[0])["servers"][0]["url"] == "http://host0"
    assert orjson.loads(bodies[-1])["servers"][0]["url"] == "/"
