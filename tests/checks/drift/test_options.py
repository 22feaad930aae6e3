"""Both sides of a drift check are asked as the same kinds of accounts."""

import pytest

from mockserver.checks.drift.options import DriftOptions, LiveOptions, usual_credentials
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError

MOCK, LIVE = "http://127.0.0.1:8181", "http://127.0.0.1:8182"


def test_mock_has_no_account_that_live_lacks() -> None:
    """A member whom only the mock knows would log in there alone, which is no difference of the two."""
    live = Options(LIVE, Credentials("admin", "secret"))

    options = DriftOptions.of(live, MOCK, usual_credentials())

    assert options.mock.credentials == Credentials("admin", "password")


def test_mock_has_its_own_accounts_where_live_has_some() -> None:
    """Names and passwords are those of each side."""
    live = Options(LIVE, Credentials("a", "b", "c", "d", "e"))

    assert DriftOptions.of(live, MOCK, usual_credentials()).mock.credentials == usual_credentials()


def test_options_are_called_what_the_command_line_calls_them() -> None:
    """An address or a store that is wrong is told with the option that was meant."""
    live = LiveOptions(LIVE, usual_credentials())

    with pytest.raises(SettingsError, match=r"^Which instance.* --live"):
        LiveOptions("", usual_credentials())
    with pytest.raises(SettingsError, match=r"^--mock must be like"):
        DriftOptions.of(live, "ftp://127.0.0.1", usual_credentials())
    options = DriftOptions.of(live, MOCK, usual_credentials(), "OTHER")
    assert (options.live.store_option, options.mock.store_option) == ("--store", "--mock-store")
