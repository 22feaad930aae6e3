"""mockserver.proxy.control: the control plane of a proxy."""

from dataclasses import replace

import httpx2
import pytest

from tests.support.proxies import PETS, always, proxied

TOKEN = {"x-mock-control-token": "hunter2"}


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "/_mock/clock/advance", "its own clock"),
        ("PUT", "/_mock/clock", "its own clock"),
        ("GET", "/_mock/state", "those of the instance"),
        ("POST", "/_mock/presets/empty", "those of the instance"),
        ("POST", "/_mock/events", "its own events"),
        ("POST", "/_mock/deliveries/1-1/redeliver", "its own deliveries"),
    ],
)
def test_what_a_proxy_lacks_is_refused_with_words(method: str, path: str, says: str) -> None:
    """What makes sense for a mock alone is a 409 that says why, and how to have a mock beside the proxy."""
    with proxied(always(200)) as client:
        found = client.request(method, path, json={})

    assert found.status_code == 409
    assert says in found.json()["message"]
    assert "--fallback mock" in found.json()["message"]


def test_with_a_mock_beside_it_all_is_there() -> None:
    """With a fallback the mock can be steered as one alone."""
    with proxied(always(200), fallback=True) as client:
        assert client.post("/_mock/clock/advance", json={"seconds": 1}).status_code == 200


@pytest.mark.parametrize("path", ["/_mock/ui", "/_mock/clock", "/_mock/deliveries", "/_mock/config", "/_mock/health"])
def test_the_page_has_what_it_reads(path: str) -> None:
    """What the page asks for is there."""
    with proxied(always(200)) as client:
        assert client.get(path).status_code == 200


def test_verify_counts_what_has_passed() -> None:
    """Tests can ask which calls their application has made to the instance."""
    with proxied(always(200, b"[]")) as client:
        client.get("/api/pets")
        found = client.post("/_mock/requests/verify", json={"match": {"operationId": "listPets"}}).json()

    assert (found["ok"], found["count"]) == (True, 1)


@pytest.mark.parametrize(("method", "path"), [("POST", "/_mock/reset"), ("DELETE", "/_mock/violations")])
def test_what_was_found_can_be_forgotten(method: str, path: str) -> None:
    """A reset, or a deletion of the violations, lets the counting begin anew."""
    with proxied(always(200, b"{}")) as client:
        client.get("/api/pets")
        before = _count(client)
        forgotten = client.request(method, path).status_code

        assert (before, forgotten, _count(client)) == (1, 204, 0)


def test_browsers_get_a_page() -> None:
    """Who asks for HTML gets the violations as a table, in which nothing is markup that others wrote."""
    with proxied(always(200, b'{"<script>": 1}')) as client:
        client.get("/api/pets?%3Cscript%3E=1")
        client.get("/%3Cscript%3E<script>")
        found = client.get("/_mock/violations", headers={"accept": "text/html,*/*"})

    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "<td>listPets</td>" in found.text
    assert "query.&lt;script&gt;" in found.text
    assert "<script>" not in found.text


def test_violations_are_behind_the_control_token() -> None:
    """Who may not use the control plane doesn't learn what was found; other methods are refused."""
    with proxied(always(200), settings=replace(PETS, control_token="hunter2")) as client:
        stranger = client.get("/_mock/violations").status_code
        known = client.get("/_mock/violations", headers=TOKEN).status_code
        other = client.post("/_mock/violations", headers=TOKEN)

    assert (stranger, known, other.status_code) == (401, 200, 405)
    assert "DELETE" in other.headers["allow"]


def test_nobody_can_ask_if_it_is_off() -> None:
    """With --no-control there is no list of violations, either."""
    with proxied(always(200), settings=replace(PETS, control=False)) as client:
        assert client.get("/_mock/violations").status_code == 404


def _count(client: httpx2.Client) -> int:
    count: int = client.get("/_mock/violations").json()["violations"]
    return count
