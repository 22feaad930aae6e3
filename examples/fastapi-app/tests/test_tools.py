"""Tools: added, found, changed and removed."""

from uuid import uuid4

import httpx
import pytest


def test_health_needs_no_key(url: str) -> None:
    """Whoever asks learns that the service is up."""
    assert httpx.get(f"{url}/health").json() == {"status": "ok"}


def test_a_tool_is_added(api: httpx.Client) -> None:
    """A new tool has an id, is in, and has the defaults of what wasn't sent."""
    answer = api.post("/tools", json={"name": "Spade", "category": "garden"})
    made = answer.json()
    api.delete(f"/tools/{made['id']}")

    assert answer.status_code == 201
    assert made == {**made, "name": "Spade", "category": "garden", "deposit": 0, "note": None, "available": True}


def test_a_tool_is_read(api: httpx.Client, tool: dict) -> None:
    """Reading shows what adding has shown."""
    assert api.get(f"/tools/{tool['id']}").json() == tool


def test_a_tool_is_replaced(api: httpx.Client, tool: dict) -> None:
    """Replacing keeps nothing but the id."""
    answer = api.put(f"/tools/{tool['id']}", json={"name": "File", "category": "metal"})

    assert answer.status_code == 200
    assert answer.json() == {**tool, "name": "File", "category": "metal", "deposit": 0}


def test_a_tool_is_changed(api: httpx.Client, tool: dict) -> None:
    """Changing keeps what isn't sent."""
    answer = api.patch(f"/tools/{tool['id']}", json={"note": "Blunt."})

    assert answer.json() == {**tool, "note": "Blunt."}


def test_a_note_is_taken_away(api: httpx.Client, tool: dict) -> None:
    """`null` isn't the same as nothing."""
    api.patch(f"/tools/{tool['id']}", json={"note": "Blunt."})

    assert api.patch(f"/tools/{tool['id']}", json={"note": None}).json()["note"] is None


def test_a_tool_is_removed(api: httpx.Client, tool: dict) -> None:
    """What is removed is gone."""
    answer = api.delete(f"/tools/{tool['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(f"/tools/{tool['id']}").status_code == 404


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GET", None),
        ("PUT", {"name": "File", "category": "metal"}),
        ("PATCH", {"note": "Blunt."}),
        ("DELETE", None),
    ],
)
def test_an_unknown_tool_is_a_404(api: httpx.Client, method: str, body: dict | None) -> None:
    """Nothing can be done with a tool that isn't there."""
    answer = api.request(method, f"/tools/{uuid4()}", json=body)

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("No tool")


def test_tools_are_found_by_category_and_name(api: httpx.Client, tool: dict) -> None:
    """Filters narrow the list, and each counts."""
    found = api.get("/tools", params={"category": "wood", "q": tool["name"].upper(), "available": True}).json()

    assert [one["id"] for one in found["items"]] == [tool["id"]]
    assert api.get("/tools", params={"category": "paint", "q": tool["name"]}).json() == {"items": [], "total": 0}


def test_a_list_has_pages(api: httpx.Client) -> None:
    """A page has as many rows as were asked for, and `total` counts all."""
    made = [api.post("/tools", json={"name": f"Paged {n}", "category": "paint"}).json() for n in range(3)]
    pages = [api.get("/tools", params={"q": "Paged", "limit": 2, "offset": offset}).json() for offset in (0, 2)]
    for one in made:
        api.delete(f"/tools/{one['id']}")

    assert [len(page["items"]) for page in pages] == [2, 1]
    assert {page["total"] for page in pages} == {3}


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"category": "wood"}, ["body", "name"], "missing"),
        ({"name": "", "category": "wood"}, ["body", "name"], "string_too_short"),
        ({"name": "Saw", "category": "music"}, ["body", "category"], "enum"),
        ({"name": "Saw", "category": "wood", "deposit": -1}, ["body", "deposit"], "greater_than_equal"),
        ({"name": "Saw", "category": "wood", "colour": "red"}, ["body", "colour"], "extra_forbidden"),
    ],
)
def test_a_wrong_body_is_a_422(api: httpx.Client, body: dict, loc: list, kind: str) -> None:
    """A refusal tells the place and the kind of each problem."""
    answer = api.post("/tools", json=body)

    assert answer.status_code == 422
    assert [(one["loc"], one["type"]) for one in answer.json()["detail"]] == [(loc, kind)]


@pytest.mark.parametrize(
    ("query", "loc"),
    [
        ({"limit": 0}, ["query", "limit"]),
        ({"category": "x"}, ["query", "category"]),
        ({"offset": "a"}, ["query", "offset"]),
    ],
)
def test_a_wrong_query_is_a_422(api: httpx.Client, query: dict, loc: list) -> None:
    """So does a refusal of a query."""
    answer = api.get("/tools", params=query)

    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["detail"]] == [loc]


def test_an_id_that_is_none_is_a_422(api: httpx.Client) -> None:
    """And one of a path."""
    answer = api.get("/tools/spade")

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "tool_id"]


@pytest.mark.parametrize("key", [None, "wrong"])
def test_nobody_without_the_key(url: str, key: str | None) -> None:
    """A missing key and a wrong one are a 401."""
    answer = httpx.get(f"{url}/tools", headers={} if key is None else {"X-API-Key": key})

    assert answer.status_code == 401
    assert answer.json().keys() == {"detail"}


def test_another_method_is_told_which_there_are(api: httpx.Client, tool: dict) -> None:
    """`Allow` has the methods of the path, whichever route they are of."""
    answers = [api.patch("/tools"), api.post(f"/tools/{tool['id']}")]

    assert [answer.status_code for answer in answers] == [405, 405]
    assert [answer.headers["Allow"] for answer in answers] == ["GET, POST", "DELETE, GET, PATCH, PUT"]
