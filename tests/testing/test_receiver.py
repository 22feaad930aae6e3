"""mockserver.testing.receiver: what arrives, how it is answered, and what a failed expectation says.

`reactions` and `certificates` are tested here too; `mock` in tests/http/test_server.py.
"""

import http.client
import json
import ssl
from collections.abc import Iterator
from time import monotonic  # noqa: TID251 (how long an end takes)

import pytest

from mockserver.testing import CloseEarly, Receiver, Respond, redirect


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers 204."""
    with Receiver() as receiver:
        yield receiver


def _post(receiver: Receiver, payload: object = None, path: str = "/hook") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("localhost", receiver.port, timeout=5)
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    connection.request("POST", path, body, {"X-Webhook-Signature": "abc"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def _event(name: str = "CustomerRegistered", **customer: object) -> dict[str, object]:
    return {"eventName": name, "storeCode": "DEFAULT", "data": {"customerData": customer, "items": [{"sku": "S1"}]}}


def test_requests_are_captured(receiver: Receiver) -> None:
    """A request is captured as it arrived, and answered with 204."""
    assert _post(receiver, _event(email="jo@example.com"), "/hook?a=b").status == 204

    (captured,) = receiver.captured
    assert (captured.method, captured.path, captured.query) == ("POST", "/hook", "a=b")
    assert captured.headers["x-webhook-signature"] == "abc"
    assert (captured.event_name, captured.signature) == ("CustomerRegistered", "abc")
    assert captured.data["customerData"] == {"email": "jo@example.com"}
    receiver.clear()
    assert receiver.captured == []


def test_answers_follow_each_other(receiver: Receiver) -> None:
    """Reactions are taken in turn, the last one for good; a path can have its own, whatever the query."""
    receiver.answer_with(Respond(500), Respond(200, b"fine", {"X-Mine": "yes"}))
    receiver.answer_with(redirect("http://elsewhere.test"), path="/moved")

    answers = [_post(receiver) for _ in range(3)]
    moved = _post(receiver, path="/moved?a=1")
    assert [answer.status for answer in answers] == [500, 200, 200]
    assert answers[1].headers["X-Mine"] == "yes"
    assert (moved.status, moved.headers["Location"]) == (302, "http://elsewhere.test")


def test_numbers_are_statuses(receiver: Receiver) -> None:
    """A number is the reaction that answers with it; what is no reaction is refused, in words."""
    receiver.answer_with(503, 204)

    assert [_post(receiver, _event()).status for _ in range(2)] == [503, 204]
    with pytest.raises(TypeError, match=r"^'503' is no reaction\. A reaction is a status"):
        receiver.answer_with("503")  # type: ignore[arg-type] # as users without a type checker do


def test_connection_can_be_closed(receiver: Receiver) -> None:
    """A receiver can leave without an answer."""
    receiver.answer_with(CloseEarly())

    with pytest.raises(http.client.RemoteDisconnected):
        _post(receiver)


def test_tls_receiver_is_trusted_by_its_file() -> None:
    """A TLS receiver speaks HTTPS, which a client believes that knows its CA file."""
    with Receiver(tls=True) as receiver:
        context = ssl.create_default_context(cafile=receiver.ca_file)
        connection = http.client.HTTPSConnection("localhost", receiver.port, context=context, timeout=5)
        connection.request("POST", "/", "{}")

        assert receiver.url.startswith("https://")
        assert connection.getresponse().status == 204
        connection.close()


def test_receiver_ends_at_once() -> None:
    """A receiver ends when it is told to: nothing polls. The fastest of some counts, as machines that test are busy."""
    taken = []
    for _ in range(5):
        with Receiver():
            begun = monotonic()
        taken.append(monotonic() - begun)

    assert min(taken) < 0.02


def test_receiver_needs_to_be_entered() -> None:
    """A receiver that wasn't entered has no address, and says what to do."""
    with pytest.raises(RuntimeError, match="enter it by `with`"):
        _ = Receiver().url


# ---------------------------------------------------------------- expectations
def test_waiting_finds_what_matches(receiver: Receiver) -> None:
    """The first delivery that matches is found: by event, by values, by parts of objects, and within lists."""
    _post(receiver, _event("CustomerUpdated"))
    _post(receiver, _event(email="a@example.com"))
    _post(receiver, _event(email="b@example.com"))

    assert receiver.wait_for().event_name == "CustomerUpdated"
    assert receiver.wait_for("CustomerRegistered").data["customerData"]["email"] == "a@example.com"
    found = receiver.wait_for("CustomerRegistered", data={"customerData": {"email": "b@example.com"}})
    assert found is receiver.wait_for(data__customerData__email="b@example.com", data__items__0__sku="S1")
    assert len(receiver.wait_for_all(2, "CustomerRegistered", storeCode="DEFAULT")) == 2


def test_part_of_the_payload_is_matched(receiver: Receiver) -> None:
    """A mapping is a part of the payload: it may have any name, those of arguments and with underscores included."""
    _post(receiver, {"eventName": "A", "event": "x", "timeout": 1, "match": [], "data": {"a__b": 1}})

    found = receiver.wait_for("A", {"event": "x", "timeout": 1, "match": [], "data": {"a__b": 1}}, eventName="A")
    assert found is receiver.captured[0]
    with pytest.raises(AssertionError, match=r"with timeout == 2 within 0\.01 s\.(.|\n)+: timeout is 1"):
        receiver.wait_for(match={"timeout": 2}, timeout=0.01)


@pytest.mark.parametrize("body", [b"\x00 no JSON", [1], {"eventName": "A"}])
def test_data_of_no_delivery_is_told(receiver: Receiver, body: object) -> None:
    """What has no data says so, and what it is instead."""
    _post(receiver, body)

    with pytest.raises(ValueError, match=r"^POST /hook has no `data`: its body is b"):
        _ = receiver.captured[0].data


def test_nothing_has_arrived(receiver: Receiver) -> None:
    """An expectation about nothing says that nothing is there."""
    with pytest.raises(AssertionError) as failed:
        receiver.wait_for("CustomerRegistered", timeout=0.01)

    assert str(failed.value) == (
        "No delivery with eventName == 'CustomerRegistered' within 0.01 s. Nothing has arrived at all."
    )


def test_near_misses_are_shown(receiver: Receiver) -> None:
    """A failed expectation shows what arrived instead and how it differs, the closest first."""
    _post(receiver, b"\x00 no JSON")
    _post(receiver, {"eventName": "CustomerUpdated", "data": {}})
    _post(receiver, _event(email="jo@example.com"))

    with pytest.raises(AssertionError) as failed:
        receiver.wait_for("CustomerRegistered", timeout=0.01, data__customerData={"email": "sam@example.com"})

    head, *misses = str(failed.value).splitlines()
    assert head.endswith(
        "data.customerData == {'email': 'sam@example.com'} within 0.01 s. 3 arrived, the closest first:"
    )
    assert misses == [
        "  1. POST /hook: the body is not JSON: b'\\x00 no JSON'",
        "  3. POST /hook CustomerRegistered: data.customerData.email is 'jo@example.com'",
        "  2. POST /hook CustomerUpdated: eventName is 'CustomerUpdated'; data.customerData is not there",
    ]


def test_too_few_are_shown(receiver: Receiver) -> None:
    """Waiting for more than there are says how many match; long values and long lists are cut."""
    for number in range(12):
        _post(receiver, _event("x" * 300 if number else "CustomerRegistered"))

    with pytest.raises(AssertionError) as failed:
        receiver.wait_for_all(2, "CustomerRegistered", timeout=0.01)

    lines = str(failed.value).splitlines()
    assert lines[0].startswith("Not 2 deliveries with eventName == 'CustomerRegistered'")
    assert lines[1] == "  1. POST /hook CustomerRegistered: matches"
    assert lines[2].endswith("…")
    assert lines[-1] == "  … and 2 more"


def test_hostile_requests_are_told_safely(receiver: Receiver) -> None:
    """What arrived can neither break an expectation, nor steer a terminal, nor show the secrets of a URL."""
    _post(receiver, b"[" * 200_000)
    _post(receiver, {"eventName": "\x1b[31mX\u202e", "data": {"a": {"b": 1}}}, path="/hook?token=sesame")
    _post(receiver, {"eventName": {"toString": 1}})

    with pytest.raises(AssertionError) as failed:
        receiver.wait_for("CustomerRegistered", timeout=0.01)

    told = str(failed.value)
    assert "sesame" not in told
    assert all(line.isprintable() for line in told.splitlines())
    assert [one.payload is None for one in receiver.captured] == [True, False, False]
