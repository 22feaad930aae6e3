"""mockserver.app.builtin_routes: the contract as it is, its documentation, health, and the public keys."""

import gzip
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import jwt
import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.app.builtin_routes import MOST_HOSTS, routes
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.world import World

CONTRACT_FILE = Path(__file__).parent.parent.parent / "openapi.yaml"
ASSETS = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "scalar.LICENSE.txt": "text/plain; charset=utf-8",
    "scalar.js": "text/javascript; charset=utf-8",
}


def _asset(name: str) -> bytes:
    return resources.files("mockserver.app").joinpath("static", "assets", name).read_bytes()


def test_start_page_leads_to_the_documentation(client: TestClient) -> None:
    """`/` sends browsers to the documentation."""
    answer = client.get("/", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["location"] == "/docs"


def test_documentation_is_a_page(client: TestClient) -> None:
    """`/docs` is HTML that browsers check for changes each time."""
    answer = client.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith("<!doctype html>")


def test_documentation_takes_nothing_from_outside(client: TestClient) -> None:
    """The page's policy allows scripts and connections of the mock itself only, and no inline script."""
    policy = dict(
        rule.strip().split(" ", 1) for rule in client.get("/docs").headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_documentation_obeys_its_policy(client: TestClient) -> None:
    """All that the page loads is served by the mock, and nothing in it is inline."""
    page = client.get("/docs").text

    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {client.get(path).status_code for path in loaded} == {200}
    assert all(path.startswith("/") for path in loaded)
    assert re.findall(r"<script>|<style|\son\w+=|\sstyle=", page) == []


@pytest.mark.parametrize(("name", "media_type"), ASSETS.items())
def test_asset_is_served_as_it_is(client: TestClient, name: str, media_type: str) -> None:
    """Each file of the viewer is served under its media type, unchanged."""
    answer = client.get(f"/docs/assets/{name}", headers={"Accept-Encoding": "identity"})

    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-length"] == str(len(_asset(name)))
    assert "content-encoding" not in answer.headers
    assert answer.content == _asset(name)


def test_every_asset_is_tried() -> None:
    """No file of the viewer escapes the test above."""
    folder = resources.files("mockserver.app") / "static" / "assets"

    assert {asset.name for asset in folder.iterdir()} == set(ASSETS)


def test_asset_is_compressed_for_those_who_take_it(client: TestClient) -> None:
    """With gzip the viewer's script is a good deal smaller, and the same."""
    with client.stream("GET", "/docs/assets/scalar.js", headers={"Accept-Encoding": "br, gzip"}) as answer:
        sent = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(sent))
    assert gzip.decompress(sent) == _asset("scalar.js")
    assert len(sent) < len(_asset("scalar.js")) / 2


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_asset_is_plain_for_those_who_do_not_take_gzip(client: TestClient, accepted: str) -> None:
    """A client that doesn't take gzip, or says that it doesn't, isn't sent any."""
    answer = client.get("/docs/assets/docs.js", headers={"Accept-Encoding": accepted})

    assert "content-encoding" not in answer.headers
    assert answer.content == _asset("docs.js")


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_caches_are_told_that_assets_come_in_two_forms(client: TestClient, accepted: str) -> None:
    """A cache between can't hand the compressed form to somebody who asked for the plain one, nor the other way."""
    answer = client.get("/docs/assets/docs.js", headers={"Accept-Encoding": accepted})

    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("path", ["/docs/assets/", "/docs/assets/other.js", "/docs/assets/..%2F..%2Fauth.py", "/docs/"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    """Only the files of the viewer are served; paths don't lead out of its folder."""
    assert client.get(path).status_code == 404


def test_contract_is_served_byte_for_byte(client: TestClient) -> None:
    """`/openapi.yaml` is the file, comments included."""
    answer = client.get("/openapi.yaml")

    assert answer.headers["content-type"] == "application/yaml; charset=utf-8"
    assert answer.content == CONTRACT_FILE.read_bytes()


def test_contract_is_served_as_json(client: TestClient, contract: Contract) -> None:
    """`/openapi.json` says the same, and names this mock as its first server."""
    answer = client.get("/openapi.json", headers={"Host": "localhost:9000"})

    here, *others = answer.json()["servers"]
    assert answer.headers["content-type"] == "application/json"
    assert here["url"] == "http://localhost:9000"
    assert answer.json() | {"servers": others} == contract.document


@pytest.mark.parametrize("host", ["", "a b", 'x"y', "x/y", "user@host", "a" * 300])
def test_odd_host_is_not_repeated(client: TestClient, contract: Contract, host: str) -> None:
    """A Host that is none isn't made a server."""
    answer = client.get("/openapi.json", headers={"Host": host})

    assert answer.json()["servers"] == contract.document["servers"]


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json"])
def test_other_origins_may_read_the_contract(client: TestClient, path: str) -> None:
    """A documentation viewer elsewhere can show the contract."""
    answer = client.get(path, headers={"Origin": "https://editor.example.com"})

    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.anyio
async def test_json_is_written_once(world: World) -> None:
    """Who reads the contract shares its bytes with the others, by whatever name they ask, however many there are."""
    served = routes(world)["/openapi.json"]
    hosts = [b"host%d" % number for number in range(3 * MOST_HOSTS)]

    bodies = [(await served(Request("GET", b"/", {b"host": host}, None))).body for host in (*hosts, *hosts)]

    assert len({id(body) for body in bodies}) == MOST_HOSTS + 1
    assert orjson.loads(bodies[0])["servers"][0]["url"] == "http://host0"
    assert orjson.loads(bodies[-1])["servers"][0]["url"] == "/"


@pytest.mark.parametrize(
    "path",
    ["/docs", "/docs/assets/docs.js", "/docs/assets/icon.svg", "/openapi.yaml", "/openapi.json", "/_mock/jwks.json"],
)
def test_types_of_pages_are_not_guessed(client: TestClient, path: str) -> None:
    """Every page is of the type that it says."""
    assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_headers_do_not_pile_up(client: TestClient) -> None:
    """A page that is answered many times has the same headers each time."""
    answers = [client.get("/openapi.yaml", headers={"Origin": "https://app.example.com"}) for _ in range(3)]

    assert answers[0].headers.raw == answers[2].headers.raw


def test_health_is_plain(client: TestClient) -> None:
    """A mock that answers is well."""
    assert client.get("/_mock/health").json() == {"status": "ok"}


def test_public_keys_verify_tokens(client: TestClient, log_in: Callable[[str], dict[str, str]]) -> None:
    """Whoever holds a JWT can check it with the published key that it names."""
    token = log_in("/api/admin/login_check")["token"]
    published = client.get("/_mock/jwks.json").json()

    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]

    claims = jwt.decode(token, key.key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims["username"] == "admin"


def test_private_key_is_not_published(client: TestClient) -> None:
    """The published key has no private part."""
    (key,) = client.get("/_mock/jwks.json").json()["keys"]

    assert key.keys() == {"kty", "n", "e", "kid", "alg", "use", "key_ops"}
