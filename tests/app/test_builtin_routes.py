"""mockserver.app.builtin_routes: the contract as it is, its documentation, health, and the public keys."""

import gzip
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import jwt
import pytest
from starlette.testclient import TestClient

from mockserver.app.builtin_routes import STATIC, page_configuration
from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from tests.support.foreign import answering, serving

PAGES = ("/docs", "/docs/assumptions", "/docs/vendor-facts")
ASSETS = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "guide.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "scalar.LICENSE.txt": "text/plain; charset=utf-8",
    "scalar.js": "text/javascript; charset=utf-8",
    "session.js": "text/javascript; charset=utf-8",
}


def _asset(name: str) -> bytes:
    return resources.files("mockserver.app").joinpath("static", "assets", name).read_bytes()


def test_start_page_leads_to_the_documentation(client: TestClient) -> None:
    """`/` sends browsers to the documentation."""
    answer = client.get("/", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["location"] == "/docs"


def test_contract_is_served_as_openapi_31(client: TestClient, contract: Contract) -> None:
    """`/_mock/openapi-3.1.json` is the contract with its events as webhooks, and names this mock as a server."""
    shown = client.get("/_mock/openapi-3.1.json", headers={"Host": "127.0.0.1:8181"}).json()

    assert shown["openapi"] == "3.1.1"
    assert [*shown["webhooks"]] == contract.event_names
    assert shown["servers"][0]["url"] == "http://127.0.0.1:8181"


@pytest.mark.parametrize("path", PAGES)
def test_documentation_is_a_page(client: TestClient, path: str) -> None:
    """`/docs` and the guides are HTML that browsers check for changes each time."""
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", PAGES)
def test_documentation_takes_nothing_from_outside(client: TestClient, path: str) -> None:
    """A page's policy allows scripts and connections of the mock itself only, and no inline script."""
    policy = dict(rule.strip().split(" ", 1) for rule in client.get(path).headers["content-security-policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", PAGES)
def test_documentation_obeys_its_policy(client: TestClient, path: str) -> None:
    """All that a page loads is served by the mock, and nothing in it is inline."""
    page = client.get(path).text

    loaded = re.findall(r'(?:src="|<link [^>]*href=")([^"]+)"', page)
    assert {client.get(path).status_code for path in loaded} == {200}
    assert not any("//" in path for path in loaded)
    assert re.findall(r"<script>|<style|\son\w+=|\sstyle=", page) == []


def test_page_knows_what_everybody_knows(contract: Contract) -> None:
    """The credentials that a mock has by default are filled in for the reader."""
    known = page_configuration(contract, Settings())

    assert known["admin"] == {"username": "admin", "password": "password"}
    assert known["apiKey"] == "mock-api-key"
    assert known["isOurs"] is True


@pytest.mark.parametrize("changed", [Settings(admin_password="Secret-1"), Settings(admin_username="Secret-1")])
def test_page_tells_no_secret_login(contract: Contract, changed: Settings) -> None:
    """A login of one's own isn't on the page, which anybody may read."""
    known = page_configuration(contract, changed)

    assert known["admin"] is None
    assert "Secret-1" not in str(known)


def test_page_tells_no_secret_key(contract: Contract) -> None:
    """An API key of one's own isn't on the page either."""
    assert page_configuration(contract, Settings(api_key="Secret-1"))["apiKey"] is None


def test_guides_are_compressed_for_those_who_take_it(client: TestClient) -> None:
    """With gzip a guide is a good deal smaller."""
    with client.stream("GET", "/docs/assumptions", headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())

    assert len(sent) < len(gzip.decompress(sent)) / 2


def test_guides_belong_to_our_contract(tmp_path: Path) -> None:
    """Another contract has no assumptions of ours, and may have an operation where they would be."""
    with serving(tmp_path, {"/docs/assumptions": {"get": answering()}}) as client:
        assert client.get("/docs/assumptions").json() == "foreign"
        assert client.get("/docs/vendor-facts").status_code == 404
        assert client.get("/docs/configuration.json").json()["isOurs"] is False


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


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json"])
def test_other_origins_may_read_the_contract(client: TestClient, path: str) -> None:
    """A documentation viewer elsewhere can show the contract."""
    answer = client.get(path, headers={"Origin": "https://editor.example.com"})

    assert answer.headers["access-control-allow-origin"] == "*"


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


# ---------------------------------------------------------------- beside the operations of other contracts
IN_DOCS = ["/docs", "/docs/configuration.json", "/docs/contract.json", "/docs/assets/docs.js"]
OWN = ["/_mock/health", "/_mock/jwks.json", "/_mock/docs"]


@pytest.mark.parametrize(
    ("path", "method", "server"),
    [
        *((path, method, None) for path in OWN for method in ("get", "head")),
        *((path, "post", None) for path in ("/_mock", "/_mock/", "/_mock/reset", "/_mock/{x}", "/_mock/{a}/{b}")),
        *((path, "get", None) for path in ("/%5fmock/x", "/%5Fmock/{x}", "/_mock/x.y", "/_mock/docs/x")),
        ("/health", "get", "https://a.test/_mock"),
        ("/health", "get", "/_mock/"),
        ("/x", "delete", "_mock"),
    ],
)
def test_no_contract_takes_the_place_of_the_mock(tmp_path: Path, path: str, method: str, server: str | None) -> None:
    """An operation where the mock's own pages are, or below /_mock, is refused with its line, and a way out."""
    with pytest.raises(
        ContractError, match=r"openapi\.json:1: the path .* is the mock's own\. Take it out, or give the API"
    ):
        serving(tmp_path, {path: {method: answering()}}, server)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("path", [*IN_DOCS, "/%64ocs", "/docs/%61ssets/docs.js"])
def test_an_operation_at_docs_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str, method: str
) -> None:
    """The contract's operation wins over the documentation page, which moves below /_mock; the log says where to."""
    with serving(tmp_path, {path: {method: answering()}}) as client:
        served = client.request(method, path)
        moved = [client.get(page.replace("/docs", "/_mock/docs", 1)) for page in IN_DOCS]
        start = client.get("/", follow_redirects=False)
        lost = client.get("/nowhere")

    assert served.headers["x-mock-source"] == "example"
    assert {page.status_code for page in moved} == {200}
    assert moved[0].headers["content-type"].startswith("text/html")
    assert start.headers["location"] == "/_mock/docs"
    assert "GET /_mock/docs lists them" in lost.headers["x-mock-hint"]
    assert "/docs is the contract's: the documentation of this mock is at /_mock/docs." in caplog.messages


def test_moved_documentation_is_as_private_as_it_was(tmp_path: Path) -> None:
    """A contract that isn't everybody's isn't shown by a public name, wherever the page is."""
    with serving(tmp_path, {"/docs": {"get": answering()}}) as client:
        answer = client.get("/_mock/docs/contract.json", headers={"Host": "public.example.com"})

    assert answer.status_code == 403


def test_the_page_loads_what_is_beside_it() -> None:
    """The documentation page names what it loads by relative addresses, as it may move."""
    page = (STATIC / "docs.html").read_text()

    assert re.findall(r'(?:href|src)="(/[^"]*)"', page) == ["/openapi.yaml", "/openapi.json"]


def test_documentation_is_found_below_mock_anyway(client: TestClient) -> None:
    """Where the documentation has its usual path, /_mock/docs leads there."""
    assert client.get("/_mock/docs", follow_redirects=False).headers["location"] == "/docs"


TEMPLATES = [
    "/{x}",
    "/{x}/{y}",
    "/{x}/{y}/{z}",
    "/docs/{x}",
    "/docs/assets/{x}",
    "/{x}ocs",
    "/d{x}",
    "/{x}.json",
    "/openapi.{x}",
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_own_pages_win_over_templates(tmp_path: Path, template: str, method: str) -> None:
    """A template that could match one of the mock's own pages doesn't, whatever the method."""
    with serving(tmp_path, {template: {method: answering()}}) as client:
        pages = [*IN_DOCS, *OWN, "/openapi.json", "/openapi.yaml"]
        answers = [client.request(method, page) for page in pages]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("x-mock-source" in answer.headers for answer in answers)


def test_the_start_page_may_be_declared(tmp_path: Path) -> None:
    """Many APIs have an operation at `/`: there the mock only leads to the documentation otherwise."""
    with serving(tmp_path, {"/": {"get": answering()}, "/{x}": {"get": answering()}}) as client:
        assert client.get("/", follow_redirects=False).json() == "foreign"
        assert client.get("/docs").headers["content-type"].startswith("text/html")


def test_paths_that_no_request_has_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A path with a query or fragment in it is told of at the start, in one line for all."""
    paths = {path: {"get": answering(), "put": answering()} for path in ("/a?b=1", "/#c", "/d%3F")}
    serving(tmp_path, paths)

    (told,) = [message for message in caplog.messages if "query or fragment" in message]
    assert told.endswith(": /a?b=1, /#c")


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_a_contract_that_declares_itself_is_served(tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str) -> None:
    """What a contract says of the place where it is to be read holds anyway, and the log tells by what."""
    with serving(tmp_path, {path: {"get": answering(), "post": answering()}}) as client:
        assert '"openapi"' in client.get(path).text
        assert client.post(path).json() == "foreign"
    assert f"{path} is answered by the contract that is served, and not as it declares." in caplog.messages
