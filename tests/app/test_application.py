"""mockserver.app.application: from a request to a response, defects included."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app, create_engine
from mockserver.clock import Clock
from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.memory import MemoryState
from mockserver.world import World
from tests.support.foreign import answering, serving, zoo_contract

Json = dict[str, object]
API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
LOGIN = "/api/admin/login_check"
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"

PETS = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {$ref: '#/components/responses/Pet'}}
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}
components:
  responses:
    Pet: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  schemas:
    Pet: {type: object, required: [id], properties: {id: {type: string, readOnly: true}, name: {type: string}}}
"""


class BrokenState(MemoryState):
    """A state with a defect."""

    async def has_store(self, store_code: str) -> bool:
        """Fails."""
        raise RuntimeError(f"the reason is {store_code}")


@pytest.fixture
def broken(world: World) -> TestClient:
    """A client of a mock that has a defect; its users are in place."""
    asyncio.run(world.seed())
    return TestClient(create_app(world._replace(state=BrokenState(("DEFAULT",)))))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the mock logs from info upwards; to be asked for before the mock is made."""
    caplog.set_level(logging.INFO, "mockserver")
    return caplog


def _lines(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.name == "mockserver"]


def test_events_are_listed(admin: TestClient) -> None:
    """An admin reads the event names."""
    answer = admin.get(EVENTS)

    assert answer.status_code == 200
    assert "CustomerRegistered" in answer.json()["items"]


# ---------------------------------------------------------------- defects
def test_defect_is_a_bare_500(broken: TestClient) -> None:
    """An exception that nobody expected becomes a 500 which tells nothing about it."""
    answer = broken.get(EVENTS, headers=API_KEY)

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"code": 500, "message": "Internal Server Error"}


def test_defect_is_logged_with_its_traceback(log: pytest.LogCaptureFixture, broken: TestClient) -> None:
    """Whoever runs the mock finds the defect in the log: where, and why."""
    broken.get(EVENTS + "?secret=1", headers=API_KEY)

    record, breach = [record for record in log.records if record.levelno == logging.ERROR]
    assert breach.getMessage().startswith(f"contract violation: GET {EVENTS} answered 500")
    assert record.getMessage() == f"GET {EVENTS} failed: a defect of the mock"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the reason is DEFAULT"


def test_mock_survives_a_defect(broken: TestClient) -> None:
    """After a defect the next request is answered."""
    broken.get(EVENTS, headers=API_KEY)

    assert broken.get("/_mock/health").status_code == 200


def test_pages_may_read_a_defect(broken: TestClient) -> None:
    """A page of another origin is told of the 500, too."""
    answer = broken.get(EVENTS, headers=API_KEY | {"Origin": "https://app.example.com"})

    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "*"


# ---------------------------------------------------------------- contracts that can't be served
def _contract(operation: Json, path: str = "/things") -> Contract:
    operation = {"responses": {"200": {"description": ""}}} | operation
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Open Loyalty", "version": "1"},
        "paths": {path: {"get": operation}},
    }
    return Contract(b"", document)


def test_operation_without_a_handler_answers_its_contract(settings: Settings) -> None:
    """An operation that the mock doesn't know is answered by what the contract declares."""
    contract = _contract({"operationId": "nobodyHandlesThis"})

    with TestClient(create_app(World.build(settings, contract))) as client:
        answer = client.get("/things")

    assert (answer.status_code, answer.headers["x-mock-source"]) == (200, "example")


def test_handler_that_asks_for_too_much_is_named(settings: Settings) -> None:
    """An operation whose handler needs a path parameter that the contract lacks is refused."""
    contract = _contract({"operationId": "webhookSubscriptionGet"}, path="/subscription/{webhookSubscription}")

    with pytest.raises(ContractError, match="webhookSubscriptionGet asks for store_code, which the"):
        create_app(World.build(settings, contract))


def test_servers_say_where_the_api_is(settings: Settings) -> None:
    """A contract whose server has a path is served below it."""
    contract = _contract({"operationId": "webhookEventGetList", "security": []}, path="/events")
    contract.document["servers"] = [{"url": "/v2"}]

    with TestClient(create_app(World.build(settings, contract))) as client:
        assert client.get("/v2/events").json() == {"items": []}
        assert client.get("/events").status_code == 404


# ---------------------------------------------------------------- the log
@pytest.mark.parametrize(
    ("method", "path", "logged"),
    [
        ("GET", EVENTS, f"GET {EVENTS} 401"),
        ("GET", "/_mock/health", "GET /_mock/health 200"),
        ("POST", "/api/token/revoke", "POST /api/token/revoke 405"),
        ("HEAD", "/nothing?token=secret", "HEAD /nothing 404"),
        ("GET", "/a%0AGET%20/b%201", "GET /a%0AGET%20/b%201 404"),
    ],
)
def test_request_is_one_line(
    log: pytest.LogCaptureFixture, client: TestClient, method: str, path: str, logged: str
) -> None:
    """A request is logged once: method, path as it was sent without the query, status, time, and why if refused."""
    client.request(method, path)

    (line,) = _lines(log)
    assert re.fullmatch(re.escape(logged) + r" \d+\.\d ms( - [A-Z].*\.)?", line)
    assert (" - " in line) == ("health" not in path)


def test_requests_are_silent_at_warning(caplog: pytest.LogCaptureFixture, world: World) -> None:
    """At the level warning a mock says nothing about requests."""
    caplog.set_level(logging.WARNING, "mockserver")
    with TestClient(create_app(world)) as client:
        client.get(EVENTS)

    assert _lines(caplog) == []


def _walk(client: TestClient) -> list[str]:
    """All that the API has secrets for; returns them."""
    tokens = client.post(LOGIN, json={"username": "admin", "password": "admins-password"}).json()
    client.get(EVENTS, headers={"X-AUTH-TOKEN": "permanent-key"})
    bearer = {"Authorization": f"Bearer {tokens['token']}"}
    wanted = {"eventName": "CustomerRegistered", "url": "https://example.com/?key=hook-key", "hmacEnabled": True}
    wanted |= {"headers": [{"headerName": "Authorization", "headerValue": "header-secret"}]}
    made = client.post(SUBSCRIPTIONS, json={"webhookSubscription": wanted}, headers=bearer).json()
    path = f"{SUBSCRIPTIONS}/{made['webhookSubscriptionId']}"
    rotated = client.post(f"{path}/rotate-hmac-key", headers=bearer).json()
    queue = {"url": "https://sqs.example.com/", "queueKey": "queue-key", "queueSecretKey": "queue-secret"}
    client.put(path, json={"webhookSubscription": queue}, headers=bearer)
    client.post(LOGIN, json={"username": "admin", "password": "mistyped-password"})
    client.post(LOGIN, content='{"password": "broken-json-password', headers={"Content-Type": "application/json"})
    client.get(EVENTS, params={"auth_token": "query-key"}, headers={"Authorization": "Bearer false-token"})
    client.get(EVENTS, headers={"X-AUTH-TOKEN": "false-key"})
    refreshed = client.post("/api/token/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    issued = [*tokens.values(), *refreshed.values(), made["hmacSecretKey"], rotated["hmacSecretKey"]]
    sent = ["hook-key", "header-secret", "queue-key", "queue-secret", "mistyped-password", "broken-json-password"]
    known = ["admins-password", "members-password", "permanent-key"]
    return [*known, *issued, *sent, "query-key", "false-token", "false-key", "auth_token"]


def test_secrets_stay_out_of_the_log(caplog: pytest.LogCaptureFixture, settings: Settings, contract: Contract) -> None:
    """No password, token, key or query string is logged, not even at the level debug."""
    caplog.set_level(logging.DEBUG)
    own = replace(
        settings, admin_password="admins-password", member_password="members-password", api_key="permanent-key"
    )
    with TestClient(create_app(World.build(own, contract))) as client:
        secrets = _walk(client)

    records = [record for record in caplog.records if not record.name.startswith("http")]  # the client has its own log
    text = "\n".join(logging.Formatter().format(record) for record in records)
    assert "POST /api/token/refresh 200" in text
    assert [secret for secret in secrets if secret in text] == []


# ---------------------------------------------------------------- several mocks
def test_mocks_never_see_each_other(settings: Settings, contract: Contract, clock: Clock) -> None:
    """Two mocks in one process share neither subscriptions nor users."""
    other = replace(settings, signing_key=None, api_key="other-key")
    with (
        TestClient(create_app(World.build(settings, contract, clock))) as one,
        TestClient(create_app(World.build(other, contract, clock))) as two,
    ):
        wanted = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://example.com/"}}
        assert one.post(SUBSCRIPTIONS, json=wanted, headers=API_KEY).status_code == 200

        assert two.get(SUBSCRIPTIONS, headers={"X-AUTH-TOKEN": "other-key"}).json()["items"] == []
        assert two.get(SUBSCRIPTIONS, headers=API_KEY).status_code == 401


def test_tokens_of_another_mock_are_refused(
    settings: Settings, contract: Contract, log_in: Callable[[str], Json]
) -> None:
    """A JWT and a refresh token of one mock are worth nothing at another that has its own key."""
    tokens = log_in(LOGIN)

    with TestClient(create_app(World.build(replace(settings, signing_key=None), contract))) as other:
        answer = other.get(EVENTS, headers={"Authorization": f"Bearer {tokens['token']}"})
        assert answer.json() == {"code": 401, "message": "Invalid JWT Token"}
        assert other.post("/api/token/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401


def test_served_again_the_world_is_as_it_was(world: World) -> None:
    """A world that is served a second time keeps what it had."""
    wanted = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://example.com/"}}
    with TestClient(create_app(world)) as client:
        client.post(SUBSCRIPTIONS, json=wanted, headers=API_KEY)

    with TestClient(create_app(world)) as client:
        assert client.get(SUBSCRIPTIONS, headers=API_KEY).json()["total"]["all"] == 1
        assert client.get("/api/DEFAULT/analytics/members", headers=API_KEY).json()["total"] == 1


# ---------------------------------------------------------------- other contracts
@pytest.fixture
def zoo_client() -> Iterator[TestClient]:
    """A client of the mock of somebody else's contract."""
    with TestClient(create_app(World.build(Settings(seed=1, strict=True), zoo_contract()))) as client:
        yield client


def test_operations_of_one_name_are_told_apart(zoo_client: TestClient) -> None:
    """Of two operations that declare the same name, the second goes by method and path for faults and requests, too."""
    name = "put /animals/{animalId}"
    fault = zoo_client.post("/_mock/faults", json={"operationId": name, "status": 503})

    statuses = [zoo_client.get("/v1/animals/1").status_code, zoo_client.put("/v1/animals/1").status_code]

    assert (fault.status_code, statuses) == (201, [200, 503])
    found = zoo_client.get("/_mock/requests", params={"operationId": name}).json()["items"]
    assert [exchange["method"] for exchange in found] == ["PUT"]


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("v1", "/v1/a"),
        ("./v1/", "/v1/a"),
        ("/v1", "/v1/a"),
        ("https://example.com", "/a"),
        ("", "/a"),
        ("{base}", "/v2/a"),
    ],
)
def test_server_addresses_of_all_kinds_are_base_paths(server: str, path: str) -> None:
    """An address may be relative to the document, which is at the root of the mock."""
    paths = {"/a": {"get": {"responses": {"204": {"description": ""}}}}}
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": paths}
    servers = [{"url": server, "variables": {"base": {"default": "/v2"}}}]

    with TestClient(create_app(World.build(Settings(), Contract(b"", {**document, "servers": servers})))) as client:
        assert client.get(path).status_code == 204


PAGES = [
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/configuration.json",
    "/openapi%2Ejson",
    "/%6fpenapi.yaml",
    "/%64ocs",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_contract_of_others_is_not_for_other_origins(tmp_path: Path, page: str) -> None:
    """A web page elsewhere can't read a contract that isn't the mock's own, but call the API that it describes."""
    elsewhere = {"Origin": "https://evil.example.com"}
    with serving(tmp_path, {"/a": {"get": answering()}}) as client:
        answers = [client.request(method, page, headers=elsewhere) for method in ("GET", "HEAD")]
        shared = [client.get(path, headers=elsewhere) for path in ("/a", "/_mock/health", "/nothing")]

    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == [None, None]
    assert {answer.headers.get("access-control-allow-origin") for answer in shared} == {"*"}


def test_no_title_makes_a_contract_ours(tmp_path: Path) -> None:
    """A contract that calls itself Open Loyalty isn't the one that the mock ships, and is nobody else's to read."""
    path = tmp_path / "openapi.json"
    path.write_text('{"openapi": "3.0.3", "info": {"title": "Open Loyalty", "version": "1"}, "paths": {}}')
    with TestClient(create_app(World.build(Settings(seed=1), Contract.load(path)))) as client:
        answer = client.get("/openapi.json", headers={"Origin": "https://evil.example.com"})

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ({}, "Application"),
        ({"engine": "connexion"}, "AsgiBridge"),
        ({"save": True, "state": "state.json"}, "SavingApplication"),
        ({"save": True, "state": "state.json", "engine": "connexion"}, "SavingApplication"),
    ],
)
def test_engine_is_that_of_the_settings(
    settings: Settings, contract: Contract, wanted: dict[str, Any], made: str
) -> None:
    """One factory makes what every kind of server serves, whatever the settings ask for."""
    assert type(create_engine(World.build(replace(settings, **wanted), contract))).__name__ == made


def test_engine_of_watched_files_reloads_them(tmp_path: Path) -> None:
    """With --watch the factory makes an application that reloads, wherever that is served."""
    spec = tmp_path / "shop.yaml"
    spec.write_text("openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths: {}\n")
    watching = Settings(spec=str(spec), watch=True)

    engine = create_engine(World.build(watching, Contract.load(watching.spec)))

    assert type(engine).__name__ == "ReloadingApplication"


def _walked(spec: Path, settings: Settings) -> tuple[bool, list[tuple[int, str]]]:
    """Whether a start compiles later, and what it answers."""
    contract = Contract.load(spec, Cache(str(spec.parent / "cache")))
    app = create_app(World.build(replace(settings, spec=str(spec), seed=1), contract))
    with TestClient(app) as client:
        made = client.post("/pets", json={"name": "Tom"})
        answers = [made, *(client.get(path) for path in ("/pets/nobody", f"/pets/{made.json()['id']}", "/pets", "/no"))]
    return app.compiles_later, [(answer.status_code, answer.text) for answer in answers]


def test_a_second_start_compiles_at_the_first_request(tmp_path: Path, settings: Settings) -> None:
    """What an earlier start has compiled with the same settings is compiled when a request needs it, and answers as
    before; with others, or another text, it is compiled at once."""
    spec = tmp_path / "pets.yaml"
    spec.write_text(PETS)

    first, second = (_walked(spec, settings) for _ in range(2))
    stateless, _ = _walked(spec, replace(settings, memory=False))
    spec.write_text(f"{PETS}tags: []\n")

    assert [first[0], second[0], stateless, _walked(spec, settings)[0]] == [False, True, False, False]
    assert second[1] == first[1]


def test_handlers_are_checked_at_every_start(tmp_path: Path, settings: Settings) -> None:
    """Other handlers than those of the start before must fit the contract, too, before the first request."""
    world = World.build(settings, Contract.load(cache=Cache(str(tmp_path))))
    create_app(world)

    with pytest.raises(ContractError, match="asks for no_such_thing"):
        create_app(world, {"webhookEventGetList": lambda _world, no_such_thing: no_such_thing})
