"""The tests talk HTTP to a base URL: WORKSHOP_URL, or an application that they start themselves."""

import os
import threading
from collections.abc import Iterator
from itertools import count

import httpx
import pytest
import uvicorn
from workshop.main import DEFAULT_KEY, create_app

NUMBERS = count(1)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The base URL of the API."""
    if given := os.environ.get("WORKSHOP_URL"):
        yield given
        return
    server = uvicorn.Server(uvicorn.Config(create_app(), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def api(url: str) -> Iterator[httpx.Client]:
    """A client that has the key."""
    key = os.environ.get("WORKSHOP_API_KEY", DEFAULT_KEY)
    with httpx.Client(base_url=url, headers={"X-API-Key": key}) as client:
        yield client


@pytest.fixture
def tool(api: httpx.Client) -> Iterator[dict]:
    """A tool of this test."""
    made = api.post("/tools", json={"name": f"Plane {next(NUMBERS)}", "category": "wood", "deposit": 1000}).json()
    yield made
    api.delete(f"/tools/{made['id']}")


@pytest.fixture
def member(api: httpx.Client) -> Iterator[dict]:
    """A member of this test."""
    made = api.post("/members", json={"name": "Robin Hale", "email": f"robin{next(NUMBERS)}@example.com"}).json()
    yield made
    api.delete(f"/members/{made['id']}")


@pytest.fixture
def loan(api: httpx.Client, tool: dict, member: dict) -> Iterator[dict]:
    """A loan of the tool to the member."""
    made = api.post(f"/tools/{tool['id']}/loans", json={"member_id": member["id"], "days": 3}).json()
    yield made
    api.post(f"/loans/{made['id']}/return")
