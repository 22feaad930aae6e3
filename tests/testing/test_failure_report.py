"""mockserver.testing.failure_report: what a failed test shows of the mocks and receivers that it used."""

import http.client

import httpx2

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver
from mockserver.testing.failure_report import MOST, sections
from tests.support.subscriptions import EVENT, subscribe


def test_mock_tells_requests_and_deliveries(mock: MockServer) -> None:
    """A mock has a section for its last requests, and one for its last deliveries; each says how many there were."""
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        for _ in range(MOST):
            httpx2.get(f"{mock.url}/api/NOWHERE/member?api_key=sesame")
        mock.trigger(EVENT)
        mock.deliveries.wait(timeout=30, status="delivered")
        requests, deliveries = sections([mock])

    assert requests[0] == f"requests to the mock at {mock.url} (the last 10 of 11)"
    assert set(requests[1].splitlines()) == {
        "GET /api/NOWHERE/member?api_key=******** → 405 · hint: This path has POST."
    }
    assert deliveries[0] == f"deliveries of the mock at {mock.url} (1)"
    assert deliveries[1].endswith("→ delivered (1 attempt, last answer 204)")


def test_nothing_is_told_as_such(mock: MockServer) -> None:
    """A mock that was asked nothing says so: that is what the test wants to know."""
    assert [text for _, text in sections([mock])] == ["none", "none"]


def test_receiver_tells_what_arrived() -> None:
    """A receiver has a section for its requests, without what may be secret in their URLs."""
    with Receiver() as receiver:
        connection = http.client.HTTPConnection("localhost", receiver.port, timeout=5)
        connection.request("POST", "/hook?token=sesame", '{"eventName": "CustomerRegistered"}')
        connection.getresponse()
        connection.close()

    assert sections([receiver]) == [("requests to the receiver (1)", "POST /hook?token=******** CustomerRegistered")]


def test_mock_that_can_not_tell_says_why(signing_key: str) -> None:
    """A mock without a control plane, and one that has ended, leave a sentence in place of the list."""
    with MockServer(Settings(signing_key=signing_key, control=False)) as closed:
        ((_, because),) = sections([closed])
    with MockServer(Settings(signing_key=signing_key)) as ended:
        pass

    assert because.startswith("This mock can't be steered: it was made with control=False.")
    assert "No mock answers at" in sections([ended])[0][1]
