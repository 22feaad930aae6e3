"""What `check receiver` may be asked to do."""

from typing import Any

import pytest

from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.errors import SettingsError

URL, SECRET = "http://127.0.0.1:3000/hook", "whsec_1"
GOOD: dict[str, Any] = {"url": URL, "secret": SECRET}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": ""}, "Which receiver"),
        ({"url": "ftp://example.com"}, "--url must be like"),
        ({"url": "http://joe@example.com/"}, "--url must be like"),
        ({"url": "http://example.com/#top"}, "--url must be like"),
        ({"url": "http://[::1"}, "--url must be like"),
        ({"signed_url": "hook"}, "--signed-url must be like"),
        ({"effects": "effects"}, "--effects must be like"),
        ({"state": "state"}, "--state must be like"),
        ({"state": URL, "state_command": "true"}, "Give --state or --state-command"),
        ({"secret": ""}, "MOCKSERVER_WEBHOOK_SECRET"),
        ({"old_secrets": (SECRET,)}, "MOCKSERVER_OLD_WEBHOOK_SECRETS"),
        ({"effects": URL, "effects_command": "true"}, "not both"),
        ({"break_command": "true"}, "give both"),
        ({"only": ("nothing",)}, "--only knows accepts_events, .* not 'nothing'"),
        ({"ca_file": "a.pem", "insecure": True}, "give one of them"),
        ({"ca_file": "nowhere.pem"}, "no file of certificates"),
        ({"proxy": "proxy:3128"}, "--proxy must be like"),
        ({"basic": SECRET}, "--basic must be like"),
        ({"header": (SECRET,)}, "--header must be like"),
        ({"header": ("X-Webhook-Timestamp: 1",)}, "belongs to the webhook"),
        ({"header": (f"Authorization: {SECRET}",), "basic": "a:b"}, "--basic makes one"),
        ({"rate": "fast"}, "10/s or 90/m"),
        ({"fail_on": "never"}, "fail-on"),
    ],
)
def test_what_can_not_be_used_says_what_may_be(given: dict[str, Any], message: str) -> None:
    """Each refusal names the option, and no secret."""
    with pytest.raises(SettingsError, match=message) as refused:
        ReceiverOptions(**GOOD | given)

    assert SECRET not in str(refused.value)


def test_this_machine_gets_all_at_once_and_others_are_spared() -> None:
    """Elsewhere ten requests a second, no burst and no huge body, unless they are asked for."""
    here, there = ReceiverOptions(**GOOD), ReceiverOptions(url="https://hooks.test/hook", secret=SECRET)

    assert (here.requests_a_second, here.is_hostile) == (None, True)
    assert (there.requests_a_second, there.is_hostile) == (10.0, False)
    assert ReceiverOptions(**GOOD, rate="90/m", hostile=False).requests_a_second == 1.5


def test_reports_name_the_options_that_findings_depend_on_and_no_secret() -> None:
    """Whoever reads a report can run it again."""
    options = ReceiverOptions(**GOOD, only=("stale",), signed_url="https://example.com/hook")

    assert options.as_reported["only"] == ["stale"]
    assert options.as_reported["signed_url"] == "https://example.com/hook"
    assert options.signed == ("example.com", "/hook")
    assert SECRET not in f"{options.as_reported}{options!r}"


def test_a_gate_is_opened_at_the_receivers_own_server_alone() -> None:
    """A probe of effects on another one gets no header that opens the gate, and nothing shows its value."""
    options = ReceiverOptions(**GOOD, header=("Authorization: Bearer sesame", "X-A: sesame"))
    named = {"Authorization": "$OL_HEADER_1", "X-A": "$OL_HEADER_2"}

    ways = [options.in_front_of(url) for url in (URL, "http://127.0.0.1:3000/effects", "http://127.0.0.1:3001/hook")]

    assert ways == [named, named, {}]
    assert "sesame" not in f"{options!r}{options.as_reported}{options.credentials!r}"


def test_no_proxy_leads_to_this_machine_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is for other hosts."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    here, there = "https://127.0.0.1/hook", "https://hooks.test.invalid/hook"
    ways = [
        ReceiverOptions(url, SECRET, proxy=proxy).route.proxies.get("https")
        for url, proxy in ((here, None), (there, None), (here, "http://named.invalid"))
    ]

    assert ways == [None, "http://proxy.invalid:3128", "http://named.invalid"]


def test_a_check_is_tried_again_by_a_command() -> None:
    """It has what the check depends on; secrets and proxies, which may have a password, come from the environment."""
    given = {
        "effects": "http://127.0.0.1:3000/effects?a b",
        "proxy": "http://me:sesame@127.0.0.1:3128",
        "insecure": True,
    }
    options = ReceiverOptions(**(GOOD | given), yes_host=("a", "b"), basic="me:sesame")

    line = options.again("every_shape", 7)

    assert line == (
        f"mockserver check receiver --url {URL} --yes-host a --yes-host b --effects "
        """'http://127.0.0.1:3000/effects?a b' --insecure --proxy ''"$OL_PROXY" --seed 7 --only every_shape"""
    )
    assert "--seed" not in options.again("stale", 7)
