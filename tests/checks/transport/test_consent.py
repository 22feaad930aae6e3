"""Which hosts a judge may send to."""

import pytest

from mockserver.checks.transport.consent import check_consent, is_here
from mockserver.errors import SettingsError


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_needs_no_consent(host: str) -> None:
    """Its names and addresses are known without asking anybody."""
    assert is_here(host)
    check_consent(host, ())


@pytest.mark.parametrize("host", ["10.0.0.1", "0.0.0.0", "localhost.example.com", "2130706433"])
def test_others_are_not_this_machine(host: str) -> None:
    """However much their names look like it."""
    assert not is_here(host)
    with pytest.raises(SettingsError, match="--yes-host"):
        check_consent(host, ())


def test_hosts_of_tests_can_be_agreed_to_by_a_pattern() -> None:
    """A name that says so is enough; one that doesn't has to be named exactly."""
    check_consent("hooks.staging.example.org", ["*.staging.example.org"])
    check_consent("hooks.loyalty.shop", ["Hooks.Loyalty.Shop"])
    with pytest.raises(SettingsError, match="looks like production"):
        check_consent("hooks.loyalty.shop", ["*.loyalty.shop"])
