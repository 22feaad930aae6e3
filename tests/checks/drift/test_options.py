"""Both sides of a drift check are asked as the same kinds of accounts."""

from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials

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
