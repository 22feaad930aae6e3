"""mockserver.cli.exposure: what a mock that other machines can reach warns of."""

import pytest

from mockserver.cli.exposure import warning
from mockserver.cli.serve import Served, announcement
from mockserver.settings import Settings

BEYOND = ("0.0.0.0", "::", "192.168.1.5", "2001:db8::1", "fe80::1%eth0", "::ffff:10.0.0.1")
HERE = ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")
CLOSED = {"api_key": "own", "admin_password": "own", "member_password": "own", "control_token": "own"}


@pytest.mark.parametrize("address", BEYOND)
def test_defaults_are_named_with_what_to_set(address: str) -> None:
    """Beyond loopback, each default that everybody knows stands in the warning with its option and variable."""
    assert warning(Settings(), address).splitlines() == [
        f"Warning: other machines can reach this mock at {address}, and it is open to",
        "  the default API key:                 set --api-key or MOCKSERVER_API_KEY",
        "  the default password of the admin:   set --admin-password or MOCKSERVER_ADMIN_PASSWORD",
        "  the default password of the member:  set --member-password or MOCKSERVER_MEMBER_PASSWORD",
        "  anybody who calls /_mock:            set --control-token or MOCKSERVER_CONTROL_TOKEN, or take --no-control",
    ]


@pytest.mark.parametrize("address", HERE)
def test_loopback_needs_no_warning(address: str) -> None:
    """What only this machine reaches starts without a warning."""
    assert warning(Settings(), address) == ""


@pytest.mark.parametrize("closed", [CLOSED, CLOSED | {"control_token": None, "control": False}])
def test_closed_mock_needs_no_warning(closed: dict[str, object]) -> None:
    """With a key, passwords and a token of one's own, or without a control plane, there is nothing to warn of."""
    assert warning(Settings(**closed), "0.0.0.0") == ""  # type: ignore[arg-type] # a mixture of kinds


@pytest.mark.parametrize("name", CLOSED)
def test_only_what_is_open_is_named(name: str) -> None:
    """The warning names exactly what was left as it is."""
    left_open: dict[str, str] = {other: value for other, value in CLOSED.items() if other != name}

    (_, line) = warning(Settings(**left_open), "::").splitlines()  # type: ignore[arg-type] # texts all

    assert f" set --{name.replace('_', '-')} or " in line


def test_other_contracts_have_no_users() -> None:
    """Of a contract that isn't ours, which takes any credential, only the control plane is named."""
    first, second, third, *_ = announcement(
        Settings(), "http://[::]:8181", 1, Served("Petstore", "/v2", 3)
    ).splitlines()

    assert first.startswith("Warning: other machines can reach this mock at ::,")
    assert "/_mock" in second
    assert third.startswith("Mock ")


@pytest.mark.parametrize(("host", "warnings"), [("0.0.0.0", 1), ("[fe80::1%eth0]", 1), ("127.0.0.1", 0), ("[::1]", 0)])
def test_start_shows_the_warning_before_all_else(host: str, warnings: int) -> None:
    """What `serve` shows begins with the warning, if the address that it listens at calls for one."""
    shown = announcement(Settings(), f"http://{host}:8181", 1)

    assert shown.startswith("Warning: " if warnings else "Open Loyalty mock ")
    assert shown.count("Warning") == warnings


def test_a_proxy_is_open_to_whoever_reaches_it() -> None:
    """Of a proxy it is told that others reach the instance through it, whatever closes its control plane."""
    first, second = warning(
        Settings(control_token="own"), "::", has_users=False, openings=[("a:", "b")], what="proxy"
    ).splitlines()

    assert first == "Warning: other machines can reach this proxy at ::, and it is open to"
    assert second == "  a:  b"
