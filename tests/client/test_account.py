"""mockserver.client.account: credentials and stores that a mock refuses. The rest is in test_listener.py."""

import pytest

from mockserver.client.account import Account, AdminCredentials
from mockserver.client.running_mock import Remote
from mockserver.errors import RemoteError
from mockserver.testing import MockServer

ADMIN = AdminCredentials("admin", "password")


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        (AdminCredentials("admin", "wrong"), "refuses the login of 'admin'"),
        (AdminCredentials("admin", "password", "wrong"), "refuses the API key"),
    ],
)
def test_wrong_credentials_are_told(mock: MockServer, credentials: AdminCredentials, says: str) -> None:
    """What the mock refuses is named, with the options for it."""
    with Remote(mock.url) as remote, pytest.raises(RemoteError, match=says) as told:
        Account(remote, credentials, "DEFAULT").event_names()

    assert "--api-key" in str(told.value)


def test_unknown_store_is_told(mock: MockServer) -> None:
    """A store that the mock doesn't have is named; an API key is as good as a login."""
    with Remote(mock.url) as remote:
        with pytest.raises(RemoteError, match="has no store 'NORTH'"):
            Account(remote, ADMIN, "NORTH").event_names()

        assert len(Account(remote, AdminCredentials("", "", "mock-api-key"), "OTHER").event_names()) == 29
