"""mockserver trigger: events by hand, and what becomes of their deliveries."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.trigger import changed
from mockserver.errors import SettingsError
from mockserver.testing import MockServer, Receiver, Respond
from tests.support.commands import ask
from tests.support.event_contracts import ORDERS, SECRET, written
from tests.support.repository import ROOT
from tests.support.subscriptions import EVENT, NOWHERE, subscribe


def test_delivered_event_is_shown(mock: MockServer) -> None:
    """Each delivery is a line with its final state, and the exit code is 0 if all were delivered."""
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        subscribe(mock, f"{receiver.url}/2")
        result = ask(mock.url, "trigger", EVENT)

    assert result.exit_code == 0, result.output
    lines = [line.split()[2:] for line in result.stdout.splitlines()]
    assert lines == [
        [EVENT, "delivered", "1", "204", "1-1", receiver.url],
        [EVENT, "delivered", "1", "204", "1-2", f"{receiver.url}/2"],
    ]


def test_failure_is_a_finding(mock: MockServer) -> None:
    """A delivery that failed after its repeat is shown with the reason, and the exit code is 1."""
    with Receiver(Respond(503)) as receiver:
        subscribe(mock, receiver.url)
        result = ask(mock.url, "trigger", EVENT)

    assert result.exit_code == 1
    assert result.stdout.split()[3:6] == ["failed", "2", "503"]
    assert result.stdout.splitlines()[1].strip() == "The receiver answered 503."


def test_blocked_target_is_a_finding(mock: MockServer) -> None:
    """A delivery that may not leave the machine is shown with how to allow it."""
    subscribe(mock, "http://192.0.2.1/hook")

    result = ask(mock.url, "trigger", EVENT)

    assert result.exit_code == 1
    assert "--webhook-allow 192.0.2.1" in result.stdout


def test_nobody_is_told(mock: MockServer) -> None:
    """Where nobody has subscribed, that is said, with how to subscribe."""
    subscribe(mock, NOWHERE)

    result = ask(mock.url, "trigger", EVENT, "--store", "OTHER")

    assert result.exit_code == 0
    assert "nobody has subscribed" in result.stdout
    assert f"mockserver listen --store OTHER --events {EVENT}" in result.stdout


def test_waiting_can_be_left_out(mock: MockServer) -> None:
    """With --no-wait the deliveries are shown as they are, which is no finding."""
    subscribe(mock, NOWHERE)

    result = ask(mock.url, "trigger", EVENT, "--no-wait", "--count", "3", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["total"] == 3


def test_nobody_is_told_where_it_is_shown(mock: MockServer) -> None:
    """The guide that is named for subscribing shows how."""
    (guide,) = re.findall(r"as (docs/\S+\.md) shows", ask(mock.url, "trigger", EVENT).stdout)

    assert "/webhook/subscription" in (ROOT / guide).read_text("utf-8")


def test_waiting_ends(mock: MockServer) -> None:
    """What isn't finished in time is a finding, and the message says how to go on."""
    subscribe(mock, NOWHERE)

    result = ask(mock.url, "trigger", EVENT, "--timeout", "0")

    assert result.exit_code == 1
    assert "mockserver deliveries --follow" in result.stderr


@pytest.mark.parametrize("path", ["customerData.email", "data.customerData.email"])
def test_values_are_set(mock: MockServer, tmp_path: Path, path: str) -> None:
    """--set puts a value into the payload, --data merges an object into it; --set comes last."""
    (tmp_path / "data.json").write_text('{"customerData": {"email": "x@example.com", "firstName": "Jo"}}')
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        result = ask(
            mock.url, "trigger", EVENT, "--data", str(tmp_path / "data.json"), "--set", f"{path}=jo@example.com"
        )

        assert result.exit_code == 0, result.output
        assert receiver.wait_for(EVENT, data__customerData__firstName="Jo", data__customerData__email="jo@example.com")


def test_data_comes_from_standard_input(mock: MockServer) -> None:
    """`--data -` reads the object from a pipe."""
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        ask(mock.url, "trigger", EVENT, "--data", "-", stdin='{"customerData": {"firstName": "Pia"}}')

        assert receiver.wait_for(EVENT, data__customerData__firstName="Pia")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["CustomerRegisterd"], "There is no event 'CustomerRegisterd'. Did you mean CustomerRegistered?"),
        (["customerupdated"], "Did you mean CustomerUpdated?"),
        (["Achievement"], "Did you mean MemberAchievementProgressWasChanged or Achievement"),
        (["Nothing"], "There is no event 'Nothing'. There are: CustomerRegistered, "),
        ([EVENT, "--store", "NORTH"], "There is no store 'NORTH'; the mock has DEFAULT, OTHER."),
        ([EVENT, "--set", "customerData.email"], "--set takes PATH=VALUE"),
        ([EVENT, "--set", "customerData..email=1"], "--set takes PATH=VALUE"),
        ([EVENT, "--set", "customerData.email=true"], "data.customerData.email: This value should be of type string."),
        ([EVENT, "--data", "-"], "--data takes a JSON object; this is no JSON"),
    ],
)
def test_mistakes_are_told(mock: MockServer, asked: list[str], says: str) -> None:
    """What can't be asked for is one clear line, with the names that were meant."""
    result = ask(mock.url, "trigger", *asked)

    assert result.exit_code != 0
    assert says in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("data", "settings", "expected"),
    [
        (None, (), None),
        (None, ("a.b=1", "a.c=x=y"), {"a": {"b": 1, "c": "x=y"}}),
        (None, ("a=", 'b="1"', "c=null", "d=[1]"), {"a": "", "b": "1", "c": None, "d": [1]}),
        (None, ("items.0.name=x", "items.1.name=y"), {"items": [{"name": "x"}, {"name": "y"}]}),
        ({"items": [{"a": 1}, 2]}, ("items.0.b=3",), {"items": [{"a": 1, "b": 3}, 2]}),
        ({"labels": {"0": 1}}, ("labels.0=2",), {"labels": {"0": 2}}),
    ],
)
def test_paths_lead_through_objects_and_lists(data: Any, settings: tuple[str, ...], expected: Any) -> None:
    """A path makes what isn't there yet, and leaves alone what is beside it; JSON values count as such."""
    assert changed(data, settings) == expected


@pytest.mark.parametrize("settings", [("items.1=x",), ("a=1", "a.b=2"), ("items.0=1", "items.name=2")])
def test_paths_that_lead_nowhere_are_told(settings: tuple[str, ...]) -> None:
    """A path past the end of a list, through a plain value, or by name through a list is refused."""
    with pytest.raises(SettingsError, match="leads nowhere"):
        changed(None, settings)


# ---------------------------------------------------------------- one receiver alone, and other contracts
def test_one_url_alone_gets_it(mock: MockServer) -> None:
    """With --to an event goes to this URL and to no subscription; afterwards nobody is left there."""
    with Receiver() as receiver:
        subscribe(mock, f"{receiver.url}/subscribed")
        result = ask(mock.url, "trigger", EVENT, "--to", f"{receiver.url}/alone", "--secret", "whsec_mine")

    assert result.exit_code == 0, result.output
    assert [one.path for one in receiver.captured] == ["/alone"]
    assert [one["url"] for one in mock.receivers.list()["items"]] == [f"{receiver.url}/subscribed"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("CustomerRegisterd", "--to", "http://127.0.0.1:9/"), "Did you mean CustomerRegistered?"),
        ((EVENT, "--to", "nowhere"), "This must be an absolute http or https URL."),
        ((EVENT, "--to", "http://127.0.0.1:9/", "--no-wait"), "leave out --no-wait"),
    ],
)
def test_a_wrong_receiver_is_told(mock: MockServer, arguments: tuple[str, ...], says: str) -> None:
    """What can't be sent is one clear line, and nobody is left there."""
    result = ask(mock.url, "trigger", *arguments)

    assert says in str(result.exception)
    assert mock.receivers.list()["items"] == []


def test_events_of_another_contract_are_fired(tmp_path: Path) -> None:
    """A webhook of anybody's goes to a URL, with values of one's own at its paths; where nobody is there, that is said
    with what to do."""
    with MockServer(spec=written(tmp_path, ORDERS)) as other, Receiver() as receiver:
        values = ("--set", "data.orderId=o-7")
        result = ask(other.url, "trigger", "order.shipped", "--to", receiver.url, "--secret", SECRET, *values)
        nobody = ask(other.url, "trigger", "note")

    assert result.exit_code == 0, result.output
    assert receiver.captured[0].payload["data"] == {"orderId": "o-7"}
    assert "mockserver trigger note --to URL" in nobody.stdout
