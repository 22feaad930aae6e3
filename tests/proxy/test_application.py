"""mockserver.proxy.application: requests that pass through a proxy, and what it finds."""

import httpx2

from mockserver.testing import MockServer
from tests.support.proxies import proxy_to


def test_a_request_passes_and_is_judged() -> None:
    """What the instance answers comes through as it is, and is in the journal and the tally."""
    with MockServer() as live, proxy_to(live.url) as proxy, httpx2.Client(base_url=proxy.url, timeout=None) as client:
        login = client.post("/api/admin/login_check", json={"username": "admin", "password": "password"})
        kept = client.get("/_mock/requests").json()["items"]
        told = client.get("/_mock/violations").json()

    assert (login.status_code, login.headers["x-mock-source"]) == (200, "behaviour")
    assert [(one["operationId"], one["status"]) for one in kept] == [("adminLoginCheck", 200)]
    assert (told["judged"], told["violations"]) == (1, 0)
