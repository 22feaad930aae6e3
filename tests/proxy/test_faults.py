"""Faults in a proxy: only the answer for which one strikes is another."""

import httpx2

from mockserver.http.messages import MAX_BODY
from tests.support.proxies import always, proxied

LARGE, TEXT = b"a" * (2 * MAX_BODY), (b"content-type", b"text/plain")


def _large_answers(client: httpx2.Client, **fault: object) -> list[httpx2.Response]:
    """Two large answers while there is a fault."""
    client.post("/_mock/faults", json=fault).raise_for_status()
    return [client.get("/api/pets"), client.post("/api/pets", content=LARGE)]


def test_a_fault_for_another_request_changes_nothing() -> None:
    """What no fault strikes passes as it comes, however large it is, and though a fault has read the request."""
    asks = {"method": "POST", "body": {"name": "Rex"}}
    with proxied(always(200, LARGE, TEXT)) as client:
        found = _large_answers(client, match=asks, answer={"effect": "malformedJson"})

    assert [(one.status_code, one.content == LARGE) for one in found] == [(200, True)] * 2


def test_a_fault_that_cant_change_an_answer_says_so() -> None:
    """Where a fault strikes an answer that isn't held, the 502 tells what to do."""
    with proxied(always(200, LARGE, TEXT)) as client:
        listed, added = _large_answers(client, operationId="listPets", effect="malformedJson")

    assert (listed.status_code, added.status_code) == (502, 200)
    assert listed.json()["message"].endswith("Give the fault a status, or a longer match.")
