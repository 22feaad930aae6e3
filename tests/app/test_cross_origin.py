"""mockserver.app.cross_origin: which pages of other origins may read answers."""

from dataclasses import replace

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app, create_connexion_app
from mockserver.app.cross_origin import EXPOSED_HEADERS, ListedPages
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.contracts_of import surface_of

PAGE, OTHER = "http://localhost:5173", "http://localhost:5174"
EVENTS = "/api/DEFAULT/webhook/event"
KEY = {"X-AUTH-TOKEN": "mock-api-key"}
READABLE = {
    *("Location", "Link", "X-Total-Count"),
    *("X-Mock-Fault", "X-Mock-Hint", "X-Mock-Source", "X-Mock-Contract-Violation", "Preference-Applied"),
}


def _client(settings: Settings, contract: Contract) -> TestClient:
    return TestClient(create_app(World.build(settings, contract)))


def _cors(answer: httpx2.Response) -> dict[str, str]:
    headers = answer.headers.items()
    return {name.removeprefix("access-control-"): value for name, value in headers if "access-control" in name}


def test_any_page_reads_without_a_list(client: TestClient) -> None:
    """By default any page may read answers and what the mock says in headers, but browsers send no cookies."""
    answer = client.get(EVENTS, headers={"Origin": OTHER})

    cors = _cors(answer)
    assert (cors["allow-origin"], "allow-credentials" in cors, "vary" in answer.headers) == ("*", False, False)
    assert set(cors["expose-headers"].split(", ")) > READABLE
    assert not _cors(client.get(EVENTS))


@pytest.mark.parametrize("listed", [(), (PAGE,)])
def test_pages_read_the_headers_that_a_contract_declares(listed: tuple[str, ...]) -> None:
    """What an operation tells in a header of its own is readable as well; a name that is none is left out."""
    declared = {name: {"schema": {"type": "integer"}} for name in ("X-Pages", "location", "no, name")}
    paths = {"/a": {"get": {"responses": {"200": {"description": "", "headers": declared}}}}}
    world = World.build(Settings(seed=1, cors_origin=listed), surface_of(paths).contract)
    with TestClient(create_app(world)) as client:
        exposed = _cors(client.get("/a", headers={"Origin": PAGE}))["expose-headers"].split(", ")

    assert exposed == [*EXPOSED_HEADERS, "X-Pages"]


@pytest.mark.parametrize("engine", ["compiled", "connexion"])
def test_listed_pages_read_with_credentials(settings: Settings, contract: Contract, engine: str) -> None:
    """With a list, its pages alone may read, by name and with cookies, and caches learn that it depends on the page."""
    world = World.build(replace(settings, cors_origin=(PAGE,)), contract)
    app = create_app(world) if engine == "compiled" else create_connexion_app(world)
    asks = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-auth-token"}
    with TestClient(app) as client:
        mine, others = (client.get(EVENTS, headers=KEY | {"Origin": origin}) for origin in (PAGE, OTHER))
        preflights = [client.options(EVENTS, headers=asks | {"Origin": origin}) for origin in (PAGE, OTHER)]

    assert (_cors(mine)["allow-origin"], _cors(mine)["allow-credentials"]) == (PAGE, "true")
    assert all(answer.headers["vary"].lower().startswith("origin") for answer in (mine, preflights[0]))
    assert [_cors(answer).get("allow-origin") for answer in (others, preflights[1])] == [None, None]
    assert _cors(preflights[0])["allow-headers"].lower().find("x-auth-token") >= 0
    assert _cors(preflights[0])["allow-origin"] == PAGE


def test_listed_pages_steer_the_mock(settings: Settings, contract: Contract) -> None:
    """A page of a control origin can call the control plane, preflight included; others can't, nor use its name."""
    client = _client(replace(settings, control_origin=(PAGE,)), contract)
    asks = {"Access-Control-Request-Method": "PUT"}

    mine, others = (client.get("/_mock/clock", headers={"Origin": origin}) for origin in (PAGE, OTHER))
    preflights = [client.options("/_mock/clock", headers=asks | {"Origin": origin}) for origin in (PAGE, OTHER)]

    assert [mine.status_code, others.status_code] == [200, 403]
    assert [preflight.status_code for preflight in preflights] == [204, 405]
    assert [_cors(answer).get("allow-origin") for answer in (mine, preflights[0])] == [PAGE, PAGE]
    assert "allow-credentials" not in _cors(mine)
    assert [_cors(answer).get("allow-origin") for answer in (others, preflights[1])] == [None, None]


def test_listed_pages_need_the_token_and_a_private_host(settings: Settings, contract: Contract) -> None:
    """With a control token a listed page has to send it; without one, no name that might be public helps it."""
    listed = replace(settings, control_origin=(PAGE,))
    tokened = _client(replace(listed, control_token="secret"), contract)
    page = {"Origin": PAGE}

    assert tokened.get("/_mock/clock", headers=page).status_code == 401
    assert tokened.get("/_mock/clock", headers=page | {"X-Mock-Control-Token": "secret"}).status_code == 200
    assert _client(listed, contract).get("/_mock/clock", headers=page | {"Host": "evil.com"}).status_code == 403


@pytest.mark.parametrize("credentials", [False, True])
def test_empty_list_is_nobody(*, credentials: bool) -> None:
    """A list without pages lets nobody read: it never means anybody, and there is nothing to tell caches of."""
    policy = ListedPages((), credentials=credentials)
    page, none = (Request("GET", b"/_mock/clock", headers, None) for headers in ({b"origin": b"http://a.test"}, {}))

    assert not policy.allows(page)
    assert not policy.allows(none)
    assert not policy.depends_on_origin
    assert [*policy.headers(page), *policy.headers(none)] == []


def test_control_plane_is_for_no_page_by_default(client: TestClient) -> None:
    """Without --control-origin no page of another origin is told that it may read the control plane."""
    answer = client.get("/_mock/clock", headers={"Origin": PAGE})

    assert (answer.status_code, _cors(answer), "vary" in answer.headers) == (403, {}, False)


def test_control_plane_that_is_off_stays_so(settings: Settings, contract: Contract) -> None:
    """Without a control plane no page gets there, listed or not."""
    client = _client(replace(settings, control=False, control_origin=(PAGE,)), contract)

    answer = client.get("/_mock/clock", headers={"Origin": PAGE})

    assert (answer.status_code, _cors(answer)) == (404, {})
