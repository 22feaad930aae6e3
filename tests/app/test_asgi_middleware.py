"""mockserver.app.asgi_middleware: own pages and limits for any application. tests/test_asgi.py has what is for other
servers, tests/app/test_connexion_engine.py all of it around Connexion."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from mockserver.app.asgi_middleware import OwnPagesMiddleware, RequestLimitsMiddleware
from mockserver.world import World
from tests.app.pages import Pages


@pytest.mark.parametrize("below", ["", "/below"])
def test_path_leads_to_own_pages_or_below(below: str) -> None:
    """The path, below where both are mounted, decides which of two applications answers."""
    both = OwnPagesMiddleware(PlainTextResponse("below"), Pages())
    client = TestClient(Starlette(routes=[Mount(below, app=both)]))

    assert [client.get(below + path).text for path in ("/own/1", "/other")] == ["own http", "below"]


def test_deliveries_give_way(world: World) -> None:
    """Each request of the API is told to the deliveries, which let it go first."""
    told: list[int] = []
    office = SimpleNamespace(request_arrived=lambda: told.append(1))
    app = RequestLimitsMiddleware(PlainTextResponse("done"), world._replace(deliveries=cast("Any", office)))

    TestClient(app).get("/")

    assert told == [1]
