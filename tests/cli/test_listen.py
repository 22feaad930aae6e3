"""mockserver listen: what a user sees of it, in a process of its own."""

import json
import re
import signal

import httpx2
import pytest

from mockserver import __version__
from mockserver.settings import Settings
from mockserver.signing import verify
from mockserver.testing import MockServer, Receiver
from tests.support.commands import PATIENCE, ask, next_line, running
from tests.support.subscriptions import EVENT, subscribed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--events", "CustomerRegisterd"], "Did you mean CustomerRegistered?"),
        (["--events", ","], "--events takes the names of events"),
        (["--store", "NORTH"], "has no store 'NORTH'"),
        (["--password", "wrong"], "refuses the login of 'admin'"),
        (["--secret", "mine"], "--secret signs what is passed on: name the application by --forward-to."),
        (["--forward-to", "http://localhost:9/", "--secret", "m\u00edne"], "--secret takes printable ASCII"),
        (["--forward-to", "nowhere"], "--forward-to takes an http or https URL"),
        (["--forward-to", "http://192.0.2.1/"], "--forward-anywhere"),
        (
            ["--forward-to", "http://jo:hidden@192.0.2.1/"],
            "--forward-to http://********@192.0.2.1/ is not on this machine",
        ),
    ],
)
def test_mistakes_are_told(mock: MockServer, arguments: list[str], says: str) -> None:
    """What can't be listened to is one clear line, and nothing is subscribed."""
    result = ask(mock.url, "listen", *arguments)

    assert says in str(result.exception)
    assert result.stdout == ""
    assert subscribed(mock) == 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_session_for_people(mock: MockServer, ending: signal.Signals) -> None:
    """A triggered event is shown with its verdicts and body; Ctrl-C or SIGTERM ends the subscriptions, with 130."""
    with running("listen", "--events", EVENT, "--print", "--server", mock.url) as process:
        assert next_line(process).startswith(f"Listening to {EVENT} of {mock.url} at http://127.0.0.1:")
        assert ask(mock.url, "trigger", EVENT).exit_code == 0
        shown, body = next_line(process), next_line(process)
        process.send_signal(ending)
        _, complaint = process.communicate(timeout=PATIENCE)

    assert shown.split()[1:] == [EVENT, "1-1", "✓", "schema", "✓", "signature"]
    assert body == "          {\n"
    assert (process.returncode, complaint.strip()) == (130, f"Mock {__version__} of Open Loyalty 0.1.0 at {mock.url}")
    assert subscribed(mock) == 0


def test_session_for_scripts(mock: MockServer) -> None:
    """With --json each line is an object; the secret of the first one verifies what the application gets."""
    with Receiver() as application:
        url = f"{application.url}/hooks"
        with running("listen", "--forward-to", url, "--print", "--json", "--server", mock.url) as process:
            started = json.loads(next_line(process))
            ask(mock.url, "trigger", "MemberAchievementProgressWasChanged")
            delivery = json.loads(next_line(process))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        passed = application.wait_for("MemberAchievementProgressWasChanged")

    assert (started["type"], len(started["events"]), started["forwardTo"]) == ("listening", 29, url)
    assert (delivery["deliveryId"], delivery["status"], delivery["body"]) == ("1-1", 204, passed.body.decode())
    assert (delivery["schema"]["valid"], delivery["signature"]["valid"]) == (True, True)
    assert verify(started["secret"], dict(passed.headers), passed.body, url, mock.world.clock.now()) is None


def test_faults_and_answers_are_shown(mock: MockServer) -> None:
    """What is wrong with a delivery stands below it, and what the application said at its end."""
    mock.world.faults.add({"eventName": EVENT, "effect": "wrongSignature", "times": 1})
    with running("listen", "--forward-to", "http://localhost:9/", "--server", mock.url) as process:
        heads = [next_line(process) for _ in range(3)]
        ask(mock.url, "trigger", EVENT, "--no-wait")
        shown, reason = next_line(process), next_line(process)

    assert "whsec_" in heads[2]
    assert "✓ schema  ✗ signature  → 502" in shown
    assert reason.strip() == "the signature does not match"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_what_is_no_delivery_is_shown(mock: MockServer, as_json: list[str]) -> None:
    """What is not passed on is shown as such; the password of the application isn't shown at all."""
    arguments = ["--forward-to", "http://jo:hidden@localhost:9/", "--events", EVENT, "--server", mock.url, *as_json]
    with running("listen", *arguments) as process:
        heads = [next_line(process) for _ in range(1 if as_json else 3)]
        hook = re.findall("http://127.0.0.1:[0-9]+", heads[0])[1]
        httpx2.post(f"{hook}/{EVENT}", content=b"\x9b31m")
        shown = next_line(process)

    assert "********@localhost:9" in heads[-1 if as_json else 1]
    assert "hidden" not in "".join(heads)
    assert ('"status": 401' if as_json else "→ 401 not passed on") in shown


def test_end_of_the_mock_is_told(signing_key: str) -> None:
    """When the mock ends, so does the command: one line, and exit code 2."""
    with MockServer(Settings(signing_key=signing_key)) as mock:
        url = mock.url
        with running("listen", "--server", url) as process:
            next_line(process)
            mock.__exit__(None, None, None)
            _, complaint = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    assert (
        complaint.splitlines(keepends=True)[-1]
        == f"Error: The mock at {url} has ended, and so have the subscriptions.\n"
    )


def test_secret_can_be_ones_own(mock: MockServer) -> None:
    """With --secret the application is signed for with that, and it isn't shown."""
    with Receiver() as application:
        options = ("--forward-to", application.url, "--secret", "whsec_mine", "--json", "--server", mock.url)
        with running("listen", *options) as process:
            started = next_line(process)
            ask(mock.url, "trigger", EVENT)
            assert next_line(process)
        passed = application.wait_for(EVENT)

    assert "secret" not in json.loads(started)
    assert verify("whsec_mine", dict(passed.headers), passed.body, application.url, mock.world.clock.now()) is None
