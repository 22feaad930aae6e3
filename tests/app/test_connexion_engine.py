"""mockserver.app.connexion_engine and mockserver.app.connexion_errors: stock Connexion with our handlers.

tests/test_scenarios.py plays the API on it; tests/app/test_engines.py holds its routing and the compiled one equal.
"""

import asyncio
import copy
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from mockserver import asgi
from mockserver.app import create_app, create_connexion_app
from mockserver.app.connexion_engine import resolve
from mockserver.errors import ContractError, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.memory import MemoryState
from mockserver.testing import MockServer
from mockserver.world import World
from tests.support.deliveries import emitted
from tests.support.subscriptions import subscribe_in

JSON = {"Content-Type": "application/json"}
LOGIN = {"username": "admin", "password": "password"}
ADMIN = '{"username": "admin", "password": "password"}'
KEY = {"X-AUTH-TOKEN": "mock-api-key"}
LOGIN_CHECK = "/api/admin/login_check"
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
        url + LOGIN_CHECK, content=bytes(1024 * 1024 + 1), headers={"Content-Type": "application/json"}
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


@pytest.mark.parametrize(("options", "status"), [({}, 400), ({"strict_validation": False}, 200)])
def test_options_are_those_of_connexion(world: World, options: dict[str, bool], status: int) -> None:
    """What AsyncApp can be told, it can be told here. `strict_validation`, which refuses parameters that the contract
    doesn't know, is on unless it is told otherwise."""
    with TestClient(create_connexion_app(world, **options)) as client:
        assert client.get(EVENTS + "?more=1", headers=KEY).status_code == status


@pytest.mark.parametrize("option", ["lifespan", "pythonic_params", "resolver", "security_map", "swagger_ui_options"])
def test_what_the_engine_sets_is_no_option(world: World, option: str) -> None:
    """An option that would undo what the engine consists of is refused by its name."""
    with pytest.raises(SettingsError, match=f"The engine connexion sets {option} by itself: leave it out"):
        create_connexion_app(world, **{option: None})


@pytest.mark.parametrize("settings", [Settings(strict=True), Settings(watch=True), Settings(spec="pets.yaml")])
def test_settings_without_effect_are_refused(settings: Settings, contract: Contract) -> None:
    """Whoever makes the application by hand is told, too, what this engine can't do."""
    with pytest.raises(SettingsError, match="can't be combined with --"):
        create_connexion_app(World.build(settings, contract))


def test_operation_without_a_handler_is_told(world: World) -> None:
    """An operationId that nobody has written a handler for is named."""
    with pytest.raises(ContractError, match=r"The operationId 'ping' has no handler in mockserver/operations\."):
        resolve(world, "ping")


# ---------------------------------------------------------------- what strangers send
@pytest.fixture
def stranger(world: World) -> Iterator[TestClient]:
    """A client that shows what a server would answer, defects included."""
    with TestClient(create_connexion_app(world), raise_server_exceptions=False) as client:
        yield client


def test_log_has_no_bodies(stranger: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A body at which Connexion fails is a bare 500. The log names kind and place of the failure, not the body."""
    answer = stranger.post(LOGIN_CHECK, content=b'{"password": "secret\xff"}', headers=JSON)

    assert (answer.status_code, answer.json()) == (500, {"code": 500, "message": "Internal Server Error"})
    assert "POST /api/admin/login_check failed: UnicodeDecodeError in " in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("fields", "message"), [(250, "Validation failed"), (251, "A query may have 250 fields")])
def test_query_has_a_limit(stranger: TestClient, fields: int, message: str) -> None:
    """A query of many names, which Starlette reads in time that grows with their square, is refused unread."""
    query = "&".join(f"a{number}" for number in range(fields))

    answer = stranger.post(f"{LOGIN_CHECK}?{query}", json=LOGIN)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    "charset", ["charset=punycode", ' Charset = "none"', "charset*=utf-8''punycode", "charset*0=puny;charset*1=code"]
)
def test_odd_charset_is_refused(stranger: TestClient, charset: str) -> None:
    """A codec whose time grows with the square of a body, or that nobody knows, is refused before anything is decoded;
    in a form, too, which Connexion reads for every operation."""
    login = stranger.post(LOGIN_CHECK, content=ADMIN, headers={"Content-Type": f"application/json;{charset}"})
    form = stranger.get(EVENTS, headers=KEY | {"Content-Type": f"multipart/form-data;boundary=x;{charset}"})

    assert (login.status_code, form.status_code) == (415, 415)


@pytest.mark.parametrize("charset", ["UTF-8", ' "utf-8"', "utf-16", "us-ascii", "iso-8859-1"])
def test_usual_charset_is_taken(stranger: TestClient, charset: str) -> None:
    """A body says in which of the usual charsets it is."""
    content, told = ADMIN.encode(charset.strip(' "')), {"Content-Type": f"application/json;charset={charset}"}

    answer = stranger.post(LOGIN_CHECK, content=content, headers=told)

    assert answer.status_code == 200


ITEM = '"sku": "s", "category": "c", "quantity": 1'
SALE = '{"transaction": {"header": {"documentNumber": "1", "purchasedAt": "2026-01-15"}, "items": [{%s, %s}]}}'
DEEP = f'{{"username": "admin", "password": "password", "more": {"[" * 65 + "]" * 65}}}'


@pytest.mark.parametrize("value", ["1" + 30 * "0", "NaN", "1e400", r'1, "maker": "\ud800"'])
def test_world_holds_nothing_but_json(stranger: TestClient, value: str) -> None:
    """What Python reads as JSON and nobody can write down is refused, and a snapshot can be taken after it."""
    body = SALE % (ITEM, f'"name": "n", "grossValue": {value}')

    answer = stranger.post("/api/DEFAULT/transaction", content=body, headers=KEY | JSON)

    assert (answer.status_code, answer.json()["errors"]) == (400, [])
    assert stranger.get("/_mock/state").status_code == 200


def test_nesting_has_its_limit(stranger: TestClient) -> None:
    """A body that is nested deeper than the compiled engine takes is refused here, too."""
    assert stranger.post(LOGIN_CHECK, content=DEEP, headers=JSON).status_code == 400


def test_snapshot_may_be_large(url: str) -> None:
    """A snapshot of more than a body may have, as our server takes it on the other engine, can be put back."""
    snapshot = httpx2.get(url + "/_mock/state").content

    answer = httpx2.put(url + "/_mock/state", content=snapshot + bytes(b" " * 1024 * 1024), headers=JSON)

    assert answer.status_code == 204


def test_head_of_a_page_has_its_length(url: str) -> None:
    """HEAD tells how long a page is."""
    head, get = httpx2.head(url + "/docs"), httpx2.get(url + "/docs")

    assert head.headers["content-length"] == get.headers["content-length"]


def test_body_in_chunks_is_a_body(url: str) -> None:
    """A body that doesn't say how long it is, is read nevertheless."""
    pieces = iter([b'{"username": "admin", ', b'"password": "password"}'])

    answer = httpx2.post(url + LOGIN_CHECK, content=pieces, headers=JSON)

    assert answer.status_code == 200


def test_login_limit_is_of_a_client(world: World) -> None:
    """Logins are counted by the address that they come from."""
    app = create_connexion_app(_limited(world))
    first, second = (TestClient(app, client=(address, 1)) for address in ("192.0.2.1", "192.0.2.2"))

    answers = [client.post(LOGIN_CHECK, json=LOGIN).status_code for client in (first, first, second)]

    assert answers == [200, 429, 200]


def test_trusted_proxy_tells_who_logs_in(world: World) -> None:
    """A proxy that is trusted tells from whom a login comes, as the right end of its list; others aren't believed."""
    app = create_connexion_app(_limited(world, "192.0.2.1"))
    proxy, other = (TestClient(app, client=(address, 1)) for address in ("192.0.2.1", "192.0.2.2"))

    def log_in(through: TestClient, *said: str) -> int:
        return through.post(LOGIN_CHECK, json=LOGIN, headers=[("X-Forwarded-For", one) for one in said]).status_code

    assert [log_in(proxy, "198.51.100.1"), log_in(proxy, "1.1.1.1", "198.51.100.1"), log_in(proxy)] == [200, 429, 200]
    assert [log_in(other, "1.1.1.2"), log_in(other, "1.1.1.3")] == [200, 429]


def _limited(world: World, *trusted: str) -> World:
    settings = Settings(login_rate_limit=1, signing_key=world.settings.signing_key, trust_proxy=trusted)
    return World.build(settings, world.contract, world.clock)


# ---------------------------------------------------------------- under other servers
def test_without_a_lifespan_it_has_its_users(world: World) -> None:
    """A server that runs no lifespan, or a framework that it is mounted in, gets an API that lets its users in; and the
    mock's own pages, below where it is mounted."""
    client = TestClient(Starlette(routes=[Mount("/below", app=create_connexion_app(world))]))

    for path in (EVENTS, "/_mock/health", "/docs", "/openapi.yaml"):
        assert client.get("/below" + path, headers=KEY).status_code == 200


def test_client_may_have_no_address(world: World) -> None:
    """A server on a socket file tells no address of its clients; they are answered."""
    client = TestClient(create_connexion_app(world), client=None)  # type: ignore[arg-type] # as ASGI has it

    assert client.get(EVENTS, headers=KEY).status_code == 200


def test_limits_hold_under_other_servers(world: World) -> None:
    """A credential that is sent twice, and a body that is too large, are refused whoever reads them."""
    client = TestClient(create_connexion_app(world))

    twice = client.get(EVENTS, headers=[*KEY.items(), *KEY.items()])
    large = client.post(LOGIN_CHECK, content=iter([bytes(1024 * 1024), b"1"]), headers=JSON)

    assert (twice.status_code, large.status_code) == (400, 413)


def test_nothing_is_delivered_to_itself(world: World) -> None:
    """The port of its server is learned from requests: nothing is delivered there."""
    with TestClient(create_connexion_app(world), base_url="http://127.0.0.1:8081") as client:
        body = {"webhookSubscription": {"eventName": "CustomerUpdated", "url": "http://127.0.0.1:8081/_mock/reset"}}
        client.post(SUBSCRIPTIONS, headers=KEY, json=body)
        client.post("/_mock/events", json={"eventName": "CustomerUpdated", "storeCode": "DEFAULT"})
        (delivery,) = client.get("/_mock/deliveries?atLeast=1&status=blocked&wait=5").json()["items"]

    assert delivery["status"] == "blocked"


@pytest.mark.anyio
async def test_failing_start_is_told_in_a_sentence(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The server gets a sentence, and the log the reason."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    app = create_connexion_app(world._replace(state=_Broken(("DEFAULT",))))
    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)

    assert sent == [{"type": "lifespan.startup.failed", "message": "The mock can't start; its log says why."}]
    assert "nothing can be stored" in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize("create", [create_app, create_connexion_app])
async def test_deliveries_end_with_the_lifespan(world: World, create: Callable[[World], ASGIApp]) -> None:
    """When its server ends, nothing is left running, though a delivery has just begun."""
    before, messages = asyncio.all_tasks(), ["lifespan.startup", "lifespan.shutdown"]

    async def receive() -> Message:
        if len(messages) == 1:
            await emitted(world)
        return {"type": messages.pop(0)}

    async def send(message: Message) -> None:
        assert message["type"].endswith(".complete")

    await subscribe_in(world, "http://127.0.0.1:9/")
    await create(world)({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    await asyncio.sleep(0)  # what was cancelled ends

    assert asyncio.all_tasks() == before


class _Broken(MemoryState):
    async def add_all(self, *_: Any) -> None:
        """Fails."""
        raise OSError("nothing can be stored")


# ---------------------------------------------------------------- what only the compiled engine does
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_it_lacks_is_refused(url: str, method: str) -> None:
    """Faults of operations and the list of requests are the compiled engine's: /_mock says so."""
    fault = {"operationId": "webhookEventGetList", "status": 503}
    path, json = {"GET": ("/_mock/requests", None), "POST": ("/_mock/faults", fault)}[method]

    answer = httpx2.request(method, url + path, json=json)

    assert answer.status_code == 409
    assert answer.json()["message"].startswith("The engine connexion serves this API")


def test_deliveries_can_have_faults(url: str) -> None:
    """Faults of deliveries are the world's, and strike on this engine, too."""
    answer = httpx2.post(url + "/_mock/faults", json={"eventName": "CustomerUpdated", "effect": "duplicate"})

    assert answer.status_code == 201


def test_default_engine_never_imports_connexion() -> None:
    """To serve by the compiled engine takes nothing of Connexion, though the other engine is a function beside it."""
    code = (
        "import sys; from mockserver.app.application import create_app, create_connexion_app; "
        "from mockserver.openapi.contract import Contract; from mockserver.settings import Settings; "
        "from mockserver.world.world import World; "
        "create_app(World.build(Settings(), Contract.load())); print('connexion' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout == "False\n"
