"""What a courier says of the answers that it gets, and of those that never come."""

import pytest

from mockserver.checks.receiver.courier import Courier, Reply
from mockserver.checks.receiver.hook_request import HookRequest
from mockserver.checks.transport.bounded_transport import BoundedTransport
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.routes import NetworkRoute
from mockserver.testing import CloseEarly, Hang, Receiver, Respond


def _sent(receiver: Receiver, body: bytes = b"{}", timeout: float = 5.0) -> Reply:
    recording = Recording()
    courier = Courier(BoundedTransport(recording, timeout), RateLimiter())
    return courier.send(HookRequest(f"{receiver.url}/hook", body, {"X-Odd": "\u00e9"}, event="SomeEvent"))


def test_answers_are_told_with_status_headers_and_text() -> None:
    """A request arrives with its bytes and headers, and no redirect is followed."""
    with Receiver(Respond(302, b"elsewhere", headers={"Location": "/other"})) as receiver:
        reply = _sent(receiver, b"\xff")

    (captured,) = receiver.captured
    assert (reply.status, reply.text, reply.accepts, reply.refuses) == (302, "elsewhere", False, False)
    assert (captured.body, captured.headers["X-Odd"]) == (b"\xff", "\u00e9")


@pytest.mark.parametrize(
    ("reaction", "timeout", "error", "late"),
    [(Hang(), 0.2, "no answer within 0.2 s", True), (CloseEarly(), 10.0, "the connection was lost", False)],
    ids=["hang", "drop"],
)
def test_lost_answers_are_no_errors(reaction: Hang | CloseEarly, timeout: float, error: str, late: bool) -> None:  # noqa: FBT001 (an expectation)
    """Whatever the receiver does, there is a reply that says it."""
    with Receiver(reaction) as receiver:
        reply = _sent(receiver, timeout=timeout)

    assert (reply.status, reply.error, reply.is_late) == (0, error, late)


def test_throttled_requests_are_sent_again_when_asked() -> None:
    """A 429 that says when to come back is kept to, by the clock of the run."""
    waits = list[float]()
    time = MonotonicTime(lambda: sum(waits), waits.append)
    with Receiver(Respond(429, headers={"Retry-After": "3"}), 204) as receiver:
        courier = Courier(BoundedTransport(Recording(), 5), RateLimiter(time=time))
        reply = courier.send(HookRequest(f"{receiver.url}/hook", b"{}"))

    assert (reply.status, waits) == (204, [3.0])


def test_many_are_sent_at_once() -> None:
    """Each has its reply, and none is sent again."""
    with Receiver() as receiver:
        courier = Courier(BoundedTransport(Recording(), 5), RateLimiter())
        replies = courier.at_once([HookRequest(f"{receiver.url}/hook", b"{}")] * 20)

    assert [reply.status for reply in replies] == [204] * 20
    assert len(receiver.captured) == 20


def test_duplicates_go_together_whatever_the_rate() -> None:
    """They have one turn; what comes next waits as long as the rate has it for all of them."""
    waits = list[float]()
    time = MonotonicTime(lambda: sum(waits), waits.append)
    with Receiver() as receiver:
        courier = Courier(BoundedTransport(Recording(), 5), RateLimiter(10, time=time))
        replies = courier.together(HookRequest(f"{receiver.url}/hook", b"{}"), 10)
        before = list(waits)
        courier.send(HookRequest(f"{receiver.url}/hook", b"{}"))

    assert ([reply.status for reply in replies], before, waits) == ([204] * 10, [], [1.0])


def test_hanging_up_leaves_the_request() -> None:
    """The receiver has got it, nobody reads the answer, and the recording says so."""
    recording = Recording()
    with Receiver() as receiver:
        Courier(BoundedTransport(recording, 5), RateLimiter()).hang_up(HookRequest(f"{receiver.url}/hook?a=b", b"{}"))

        assert receiver.wait_for_all(1, match={})[0].query == "a=b"
    (exchange,) = recording
    assert (exchange.status, "hung up before the answer" in exchange.error) == (0, True)


def test_a_proxy_that_does_not_lead_there_is_told() -> None:
    """With the option that names it."""
    route = NetworkRoute({"http": "http://127.0.0.1:9"})
    courier = Courier(BoundedTransport(Recording(), 5, route), RateLimiter())

    reply = courier.send(HookRequest("http://hooks.test.invalid/hook", b"{}"))

    assert (reply.status, reply.error) == (0, "the proxy doesn't lead there: check --proxy, or HTTPS_PROXY")
