"""mockserver.proxy.fallback: what the mock answers in place of an instance that doesn't have it yet."""

import httpx2
import pytest

from mockserver.errors import SettingsError
from mockserver.http.messages import JSON_TYPE, Request, Response
from mockserver.openapi.contract import Contract
from mockserver.proxy.fallback import Fallback
from mockserver.settings import Settings
from tests.support.proxies import PETS, REX, Respond, always, client_of, instance, proxied, proxy_to

BY_MOCK = "x-mock-fallback"
TOYS, PET = ("GET", "/api/pets/1/toys"), "/api/pets/1"
CALLS = [TOYS, ("GET", PET), TOYS, ("DELETE", PET), TOYS]
HTML = (b"content-type", b"text/html")


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (always(501, b"{}"), "live answered 501"),
        (always(405, b"{}"), "live answered 405"),
        (always(404, b"<html>", HTML), "live answered 404"),
        (always(404, b'{"message": "No such record"}'), "live answered 404"),
        (always(404, b'{"code": 404, "message": "No route found for \\"GET /api/pets/1\\""}'), "live answered 404"),
    ],
)
def test_the_mock_answers_what_the_instance_lacks(respond: Respond, why: str) -> None:
    """501, 405, and a 404 that isn't the declared one: the mock answers, and says so."""
    with proxied(respond, fallback=True) as client:
        found = client.get("/api/pets/1")
        told = client.get("/_mock/violations").json()

    assert (found.status_code, found.headers[BY_MOCK], found.headers["x-mock-source"]) == (200, why, "resource")
    assert (found.json()["name"], told["fallbacks"], told["violations"]) == ("Rex", {"getPet": 1}, 0)


@pytest.mark.parametrize(
    ("respond", "status"),
    [(always(404, b'{"code": 404}'), 404), (always(500, b"{}"), 500), (always(200, b"{}"), 200), (always(403), 403)],
)
def test_the_instance_has_the_last_word_otherwise(respond: Respond, status: int) -> None:
    """The 404 that the contract declares is that of a record, and other errors are those of the instance."""
    with proxied(respond, fallback=True) as client:
        found = client.get("/api/pets/1")

    assert (found.status_code, BY_MOCK in found.headers) == (status, False)


def test_a_list_of_what_is_there_cant_be_missing() -> None:
    """A 404 for a list of something that the instance has is that of a path which it lacks; once that is deleted, it
    may be that of the record."""

    async def respond(request: Request) -> Response:
        if request.raw_path.endswith(b"toys"):
            return Response(404, [JSON_TYPE], b'{"code": 404}')
        return Response(
            204 if request.method == "DELETE" else 200, [JSON_TYPE], b"" if request.method == "DELETE" else REX
        )

    with proxied(respond, fallback=True) as client:
        found = [client.request(*call) for call in CALLS]

    assert [BY_MOCK in one.headers for one in found] == [False, False, True, False, False]


def test_paths_that_the_contract_lacks_stay_with_the_instance() -> None:
    """The mock can't answer what it doesn't know."""
    with proxied(always(404, b"<html>", HTML), fallback=True) as client:
        assert client.get("/elsewhere").status_code == 404


def test_without_a_fallback_the_mock_never_answers() -> None:
    """Nobody gets an answer of the mock who hasn't asked for it."""
    with proxied(always(501, b"{}")) as client:
        assert client.get("/api/pets/1").status_code == 501


def test_named_operations_never_reach_the_instance() -> None:
    """What --fallback-for names is answered by the mock at once, body included."""
    asked: list[str] = []

    async def respond(request: Request) -> Response:
        asked.append(request.method)
        return Response(200, [JSON_TYPE], b"[]")

    with proxied(respond, fallback_for=["addPet"]) as client:
        wrong = client.post("/api/pets", json={"name": 1})
        made = client.post("/api/pets", json={"name": "Rex"})
        client.get("/api/pets")

    assert (wrong.status_code, made.status_code, made.headers[BY_MOCK], asked) == (400, 201, "named", ["GET"])


def test_wrong_requests_to_named_operations_are_counted() -> None:
    """What the mock answers hides nothing: the violation of the request is marked, and in the list."""
    with proxied(always(200), fallback_for=["listPets"]) as client:
        found = client.get("/api/pets?limit=500")
        (group,) = client.get("/_mock/violations").json()["items"]
        (kept,) = client.get("/_mock/requests").json()["items"]

    assert found.headers["x-mock-contract-violation"].startswith("request query.limit: ")
    assert (group["side"], group["operationId"], group["statuses"]) == ("request", "listPets", {"400": 1})
    assert group["example"]["requestId"] == kept["requestId"]


def test_unknown_operations_cant_be_named() -> None:
    """A name that the contract doesn't have is refused at the start, with those that may have been meant."""
    for name, advice in {"addPets": "Did you mean addPet", "xyz": "It has listPets, addPet, "}.items():
        with pytest.raises(SettingsError, match=f"--fallback-for {name}: there is no such operation.* {advice}"):
            Fallback(Contract.load(PETS.spec), [name])


def _asks(method: str) -> dict[str, str]:
    return {"origin": "http://a.test", "access-control-request-method": method}


def _without_cors(asked: list[str]) -> Respond:
    """An instance that refuses pages, and has no pets by number."""

    async def respond(request: Request) -> Response:
        asked.append(request.method)
        return Response(403 if request.method == "OPTIONS" else 501, [JSON_TYPE], b"{}")

    return respond


def test_pages_may_ask_before_they_call_what_is_missing() -> None:
    """A preflight that the instance refuses is answered if it is known to lack the operation; the call itself then
    doesn't reach it."""
    asked: list[str] = []
    with proxied(_without_cors(asked), fallback=True) as client:
        client.get("/api/pets/1")
        agreed = client.options("/api/pets/1", headers=_asks("GET"))
        found = client.get("/api/pets/1", headers={"origin": "http://a.test"})

    assert (agreed.status_code, agreed.headers["access-control-allow-origin"]) == (204, "*")
    assert "access-control-allow-credentials" not in agreed.headers
    assert (found.headers[BY_MOCK], asked) == ("live refuses this origin", ["GET", "OPTIONS"])


@pytest.mark.parametrize(("path", "method"), [("/api/pets/1", "DELETE"), ("/api/pets", "POST"), ("/admin", "DELETE")])
def test_the_refusal_of_a_page_stands(path: str, method: str) -> None:
    """What the instance isn't known to lack it alone decides about: also paths that the contract doesn't have."""
    with proxied(_without_cors([]), fallback_for=["getPet"]) as client:
        found = client.options(path, headers=_asks(method))

    assert (found.status_code, BY_MOCK in found.headers) == (403, False)


def test_pages_may_call_what_is_named() -> None:
    """Nobody asks the instance whether pages may call what the mock answers in any case."""
    asked: list[str] = []
    with proxied(_without_cors(asked), fallback_for=["getPet"]) as client:
        found = client.options("/api/pets/1", headers=_asks("GET"))

    assert (found.status_code, found.headers["access-control-allow-origin"], asked) == (204, "*", [])


def test_no_route_for_a_preflight_is_none_for_the_call() -> None:
    """A path that Symfony doesn't have for OPTIONS, it has for no method."""
    with proxied(always(404, b'{"message": "No route found"}'), fallback=True) as client:
        found = client.options("/api/pets/1", headers=_asks("GET"))

    assert found.status_code == 204


def test_tokens_of_the_instance_count() -> None:
    """Whoever has logged in at the instance is an admin for the mock; without a credential nobody is."""
    with instance(always(501)) as url, proxy_to(url, Settings(), fallback=True) as proxy, client_of(proxy) as client:
        answers = [_events(client, **headers) for headers in ({}, {"authorization": "Bearer of.the.instance"})]
        answers.append(_events(client, **{"x-auth-token": "of-the-instance"}))

    assert [one.status_code for one in answers] == [401, 200, 200]
    assert answers[1].headers["x-mock-source"] == "behaviour"


def _events(client: httpx2.Client, **headers: str) -> httpx2.Response:
    return client.get("/api/DEFAULT/webhook/event", headers=headers)
