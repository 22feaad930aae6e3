"""Options are checked before anything is sent."""

import re
from typing import Any

import pytest

from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError

ADMIN = Credentials("admin", "password")


def _options(url: str = "http://127.0.0.1:8181", credentials: Credentials = ADMIN, **given: Any) -> SenderOptions:
    return SenderOptions(Options(url, credentials), **given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"catcher_listen": "8000"}, "--catcher-listen must be like 0.0.0.0:8000"),
        ({"catcher_listen": "127.0.0.1:65536"}, "--catcher-listen must be like"),
        ({"catcher_url": "hooks.example.com"}, "--catcher-url must be like https://hooks.example.com"),
        ({"catcher_url": "https://me:secret@hooks.example.com"}, "--catcher-url must be like"),
        ({"catcher_url": f"https://{'a' * 120}.example.com"}, "more than 120 characters"),
        ({"trigger_command": "trigger 'it"}, "--trigger-command can't be read"),
        ({"credentials": Credentials(member_username="a", member_password="b")}, "Subscribing takes an admin"),
    ],
)
def test_what_cannot_be_used_is_told(given: dict[str, Any], said: str) -> None:
    """Each says what to give instead, and shows no password."""
    with pytest.raises(SettingsError, match=re.escape(said)) as raised:
        _options(**given)
    assert "secret" not in str(raised.value)


def test_another_machine_needs_an_address_to_send_to() -> None:
    """Loopback is reached from this machine alone."""
    far = "https://ol.staging.example.com"
    with pytest.raises(SettingsError, match="Give --catcher-url"):
        _options(far).check_reachable()
    _options(far, catcher_url="https://hooks.example.com").check_reachable()
    _options(far, catcher_listen="0.0.0.0:8000").check_reachable()
    _options().check_reachable()


def test_a_repeat_is_promised_by_who_says_when() -> None:
    """Without --wait-repeats the contract promises no time."""
    assert not _options().patience.promised
    assert _options(wait_repeats=300.0).patience == (patience := _options(wait_repeats=300.0).patience)
    assert (patience.repeats, patience.promised) == (300.0, True)


def test_silence_is_longer_elsewhere() -> None:
    """A host may take its time; a run that is told how long waits so long."""
    assert _options().quiet < _options("https://ol.staging.example.com").quiet
    assert _options(wait_quiet=1.5).quiet == 1.5


def test_a_command_is_words() -> None:
    """No shell reads it."""
    assert _options(trigger_command="mockserver trigger '{event}' --no-wait").command == (
        *("mockserver", "trigger", "{event}", "--no-wait"),
    )
    assert _options(catcher_listen="[::1]:80").listen == ("::1", 80)


def test_an_event_is_judged_again_by_a_command() -> None:
    """It has what the judgement depends on; who logs in comes from the environment."""
    line = _options(trigger_command="mockserver trigger {event}", catcher_listen="0.0.0.0:8000").again(
        "CustomerUpdated"
    )
    assert line == (
        "mockserver check sender --url http://127.0.0.1:8181 --trigger-command 'mockserver trigger {event}' "
        "--catcher-listen 0.0.0.0:8000 --event CustomerUpdated"
    )
