"""mockserver deliveries and mockserver resend: what was sent, what is sent, and once more."""

import json
import signal

import httpx2
import pytest

from mockserver.testing import MockServer, Receiver, Respond
from tests.support.commands import PATIENCE, ask, next_line, running
from tests.support.subscriptions import EVENT, NOWHERE, subscribe


# ---------------------------------------------------------------- deliveries
def test_latest_are_listed(mock: MockServer) -> None:
    """The last deliveries are lines under a heading, the latest at the end."""
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        ask(mock.url, "trigger", EVENT, "--count", "3")
    result = ask(mock.url, "deliveries", "--last", "2")

    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert lines[0] == ["TIME", "EVENT", "STATUS", "TRIES", "HTTP", "ID", "URL"]
    assert [line[2:] for line in lines[1:]] == [
        [EVENT, "delivered", "1", "204", f"{n}-1", receiver.url] for n in (2, 3)
    ]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--event", "CustomerUpdated"], ["2-1"]),
        (["--store", "OTHER"], ["3-1"]),
        (["--status", "failed"], ["1-1", "3-1"]),
        (["--url", f"{NOWHERE}/other", "--event", EVENT], ["3-1"]),
        (["--message", "nobody"], []),
        (["--subscription", "nobody"], []),
    ],
)
def test_list_is_filtered(mock: MockServer, filters: list[str], found: list[str]) -> None:
    """Each filter of the control plane is an option, and all of them must hold."""
    with Receiver() as receiver:
        subscribe(mock, NOWHERE)
        subscribe(mock, receiver.url, "CustomerUpdated")
        subscribe(mock, f"{NOWHERE}/other", EVENT, "OTHER")
        ask(mock.url, "trigger", EVENT)
        ask(mock.url, "trigger", "CustomerUpdated")
        ask(mock.url, "trigger", EVENT, "--store", "OTHER")

        result = ask(mock.url, "deliveries", *filters, "--json")

    assert [one["deliveryId"] for one in json.loads(result.stdout)["items"]] == found


def test_empty_list_says_how_to_fill_it(mock: MockServer) -> None:
    """Where nothing was delivered yet, the output says what to do."""
    assert "mockserver trigger" in ask(mock.url, "deliveries").output


def test_one_is_shown_in_full(mock: MockServer) -> None:
    """By its id a delivery is shown with request, answer and signed lines; nothing in it can steer the terminal."""
    with Receiver(Respond(500, b"\x1b[31mno")) as receiver:
        subscribe(mock, receiver.url)
        ask(mock.url, "trigger", EVENT)
    output = ask(mock.url, "deliveries", "1-1").stdout

    assert output.startswith(f"{EVENT}  failed\n")
    assert "Attempt 1" in output
    assert "Attempt 2" in output
    assert f"    Host: localhost:{receiver.port}\n" in output
    assert '    {"messageId":"' in output
    assert "  answer 500\n" in output
    assert "    \\x1b[31mno\n" in output
    assert "  signed lines\n    POST\n    9:localhost\n    1:/\n" in output


def test_one_without_an_answer_is_shown(mock: MockServer) -> None:
    """Where no answer came, the reason stands in its place."""
    subscribe(mock, NOWHERE)
    ask(mock.url, "trigger", EVENT)

    assert "  no answer: " in ask(mock.url, "deliveries", "1-1").stdout
    assert json.loads(ask(mock.url, "deliveries", "1-1", "--json").output)["deliveryId"] == "1-1"


@pytest.mark.parametrize("arguments", [["1-1", "--follow"], ["1-1", "--event", EVENT], ["--status", "lost"]])
def test_nonsense_is_refused(mock: MockServer, arguments: list[str]) -> None:
    """An id doesn't go with filters, and a state has to be one."""
    assert ask(mock.url, "deliveries", *arguments).exit_code == 2


def test_following_shows_every_change(mock: MockServer) -> None:
    """--follow shows the last ones and goes on, also past a reset; Ctrl-C ends it without a word, with 130."""
    with Receiver() as receiver, running("deliveries", "--follow", "--json", "--server", mock.url) as process:
        for _ in range(2):
            subscribe(mock, receiver.url)
            ask(mock.url, "trigger", EVENT)
            states = [json.loads(next_line(process))]
            while states[-1]["status"] != "delivered":
                states.append(json.loads(next_line(process)))
            assert {state["deliveryId"] for state in states} == {"1-1"}
            httpx2.post(f"{mock.url}/_mock/reset")
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate(timeout=PATIENCE)

    assert (rest, complaint.strip()) == ("", "")
    assert process.returncode == 130


# ---------------------------------------------------------------- resend
def test_delivery_is_sent_again(mock: MockServer) -> None:
    """The same message arrives once more, and the new state is shown."""
    with Receiver(Respond(500), Respond(500), Respond()) as receiver:
        subscribe(mock, receiver.url)
        ask(mock.url, "trigger", EVENT)

        result = ask(mock.url, "resend", "1-1")

        first, *_, last = receiver.wait_for_all(3, EVENT)
    assert result.exit_code == 0, result.output
    assert result.stdout.split()[3:7] == ["delivered", "3", "204", "1-1"]
    assert first.payload["messageId"] == last.payload["messageId"]


def test_delivery_that_fails_again_is_a_finding(mock: MockServer) -> None:
    """The exit code is 1, and the reason is shown, also as JSON."""
    subscribe(mock, NOWHERE)
    ask(mock.url, "trigger", EVENT)

    result = ask(mock.url, "resend", "1-1", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["reason"]
    assert ask(mock.url, "resend", "1-1", "--no-wait").exit_code == 0


def test_unknown_delivery_is_told(mock: MockServer) -> None:
    """An id that the mock doesn't know is an error that says where to find one."""
    for command in (["resend", "7-7"], ["deliveries", "7-7"]):
        assert "`mockserver deliveries` lists what it remembers" in str(ask(mock.url, *command).exception)
