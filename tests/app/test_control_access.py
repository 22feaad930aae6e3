"""mockserver.app.control_access: requests that may use the control plane, and read a private contract."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from mockserver.app import create_app
from mockserver.app.control_access import ControlAccess
from mockserver.client.running_mock import Remote
from mockserver.errors import ApiError, ControlTokenRequired, ForeignHost, ForeignOrigin, SentByAMock
from mockserver.http.asgi_messages import request_of
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world import World
from tests.support.commands import PATIENCE
from tests.support.subscriptions import EVENT, NOWHERE, subscribe, subscribed

Asked = Callable[..., TestClient]


def _request(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    return request_of({"method": "GET", "raw_path": b"/", "query_string": b"", "headers": pairs}, receive)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8181",
        "[::1]:8181",
        "localhost",
        "localhost:8181",
        "mock:8181",
        "192.168.1.5",
        "app.localhost",
        "host.docker.internal:8181",
        "mock.default.svc.cluster.local",
        "localhost.",
        "",
    ],
)
def test_private_names_are_let_through(host: str) -> None:
    """Addresses, and names that no public name server knows, may call."""
    ControlAccess(None).check(_request(host=host))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.com:8181", "localhost.evil.com", "127.0.0.1.nip.io", "a b", "x/y"]
)
def test_public_names_are_refused(host: str) -> None:
    """A name that somebody may have made to resolve to this machine is refused."""
    with pytest.raises(ForeignHost):
        ControlAccess(None).check(_request(host=host))


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9000", "https://localhost:8181", ""]
)
def test_other_origins_are_refused(origin: str) -> None:
    """A page of another origin is refused, one on another port of this machine included."""
    with pytest.raises(ForeignOrigin):
        ControlAccess(None).check(_request(host="127.0.0.1:8181", origin=origin))


def test_own_origin_is_let_through() -> None:
    """The mock's own documentation may call."""
    ControlAccess(None).check(_request(host="127.0.0.1:8181", origin="http://127.0.0.1:8181"))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "none, cross-site"])
def test_frames_of_other_pages_are_refused(site: str) -> None:
    """What a page of another origin loads as a frame or an image is refused: that has no `Origin`."""
    with pytest.raises(ForeignOrigin):
        ControlAccess(None).check(_request(host="evil.localhost:8181", sec_fetch_site=site))


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_own_page_and_address_bar_are_let_through(site: str) -> None:
    """What the mock's own page loads may come, and what somebody types in."""
    ControlAccess(None).check(_request(host="127.0.0.1:8181", sec_fetch_site=site))


def test_page_of_a_listed_origin_may_come_from_another_site() -> None:
    """Browsers say of a page that the operator names that it is of another site: it may call nevertheless."""
    page = _request(host="127.0.0.1:8181", sec_fetch_site="cross-site", origin="https://app.example")

    ControlAccess(None, ["https://app.example"]).check(page)
    with pytest.raises(ForeignOrigin):
        ControlAccess(None, ["https://other.example"]).check(page)


@pytest.mark.parametrize("token", [None, "", "wrong", "Secret", "secret "])
def test_token_is_asked_for(token: str | None) -> None:
    """With a token, calls without it, or with another one, are refused."""
    headers = {} if token is None else {"x_mock_control_token": token}

    with pytest.raises(ControlTokenRequired):
        ControlAccess("secret").check(_request(host="127.0.0.1", **headers))


def test_who_has_the_token_may_come_from_anywhere() -> None:
    """The token alone decides, where there is one: no page can guess it."""
    ControlAccess("secret").check(
        _request(host="mock.example.com", origin="http://a.example", x_mock_control_token="secret")
    )


@pytest.mark.parametrize("token", [None, "secret"])
def test_deliveries_are_refused(token: str | None) -> None:
    """What a mock delivers steers no mock, whatever else it says; with a good token neither."""
    with pytest.raises(SentByAMock):
        ControlAccess(token).check(_request(host="127.0.0.1", x_mock_delivery="1-1", x_mock_control_token="secret"))


@pytest.mark.parametrize("path", ["/_mock/reset", "/_mock/clock/advance", "/_mock/events", "/_mock/../_mock/reset"])
def test_mock_cant_be_steered_through_another(mock: MockServer, signing_key: str, path: str) -> None:
    """Who subscribes the control plane of a mock at another one gets nothing done there."""
    with MockServer(Settings(signing_key=signing_key)) as other:
        subscribe(other, NOWHERE)
        subscribe(mock, f"{other.url}{path}")
        with Remote(mock.url) as remote:
            (done,) = remote.finished(remote.trigger(EVENT, "DEFAULT", None, 1)["items"], {}, PATIENCE)

        assert done["attempts"][0]["response"]["status"] in (403, 404)
        assert subscribed(other) == 1


def _client(settings: Settings, contract: Contract) -> TestClient:
    return TestClient(create_app(World.build(settings, contract)))


@pytest.mark.parametrize(
    ("headers", "error"),
    [({"Origin": "http://evil.example"}, ForeignOrigin()), ({"Host": "evil.example"}, ForeignHost())],
    ids=["origin", "host"],
)
def test_refusals_change_nothing(client: TestClient, headers: dict[str, str], error: ApiError) -> None:
    """A refused call is answered as the contract declares, and has had no effect."""
    client.get("/api/DEFAULT/webhook/event")

    answer = client.delete("/_mock/requests", headers=headers)

    assert (answer.status_code, answer.json()) == (error.status, error.body())
    assert client.get("/_mock/requests").json()["total"] == 1


def test_every_operation_is_behind_the_gate(settings: Settings, contract: Contract) -> None:
    """With a token, no operation answers without it; with it, they do."""
    client = _client(replace(settings, control_token="secret"), contract)
    paths = Contract.of_control().document["paths"]

    statuses = {
        client.request(method, path).status_code
        for path, item in paths.items()
        for method in item
        if method != "parameters"
    }

    assert statuses == {401}
    assert client.get("/_mock/clock", headers={"X-Mock-Control-Token": "secret"}).status_code == 200


def test_there_is_one_token(settings: Settings, contract: Contract) -> None:
    """Of two tokens in a request none counts: a 400, whether the good one is the first or the last."""
    client = _client(replace(settings, control_token="secret"), contract)

    for tokens in (("secret", "wrong"), ("wrong", "secret"), ("secret", "secret")):
        headers = [("X-Mock-Control-Token", token) for token in tokens]
        assert client.get("/_mock/clock", headers=headers).status_code == 400


def test_nothing_is_shared_with_other_origins(client: TestClient) -> None:
    """No response under /_mock has CORS headers, and there is no preflight; health and keys are everybody's."""
    page = {"Origin": "http://testserver"}
    preflight = page | {"Access-Control-Request-Method": "POST"}

    answers = [client.get("/_mock/clock", headers=page), client.options("/_mock/reset", headers=preflight)]

    assert [answer.status_code for answer in answers] == [200, 405]
    assert not any("access-control-allow-origin" in answer.headers for answer in answers)
    assert client.get("/_mock/jwks.json", headers=page).headers["access-control-allow-origin"] == "*"


def test_it_can_be_switched_off(settings: Settings, contract: Contract) -> None:
    """Without control there is nothing under /_mock but health and keys, and the documentation shows the API alone."""
    client = _client(replace(settings, control=False), contract)

    assert [client.post("/_mock/reset").status_code, client.get("/_mock/openapi.yaml").status_code] == [404, 404]
    assert [client.get(f"/_mock/{page}").status_code for page in ("health", "jwks.json")] == [200, 200]
    assert [listed["url"] for listed in client.get("/docs/configuration.json").json()["documents"]] == ["/openapi.json"]


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml", "/docs", "/docs/configuration.json"])
@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("evil.com", "127.0.0.1", 403),
        ("evil.com:8181", "localhost", 403),
        ("127.0.0.1.nip.io", "::1", 403),
        ("mock.example.com", "0.0.0.0", 200),
        ("localhost:8181", "127.0.0.1", 200),
        ("192.168.1.5", "127.0.0.1", 200),
    ],
)
def test_no_page_reads_a_private_contract_by_rebinding(path: str, host: str, address: str, status: int) -> None:
    """A name that somebody may have made to resolve to this machine doesn't get the contract of somebody else, unless
    the mock was told to listen where others reach it."""
    document = {"openapi": "3.0.3", "info": {"title": "Secret", "version": "1"}, "paths": {}}
    with TestClient(create_app(World.build(Settings(host=address), Contract(b"", document)))) as client:
        answer = client.get(path, headers={"Host": host})

    assert (answer.status_code, "Secret" in answer.text) == (status, status == 200 and path.endswith("json"))


def test_everybody_may_read_what_is_shipped(contract: Contract) -> None:
    """The contract that comes with the mock is public: any name will do."""
    with TestClient(create_app(World.build(Settings(), contract))) as client:
        assert client.get("/openapi.json", headers={"Host": "evil.com"}).status_code == 200
