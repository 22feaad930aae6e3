"""What the judge reads from a contract's structure."""

import pytest

from mockserver.checks.surface import Surface
from mockserver.contract import Contract


@pytest.fixture(scope="module")
def surface() -> Surface:
    """Our own contract."""
    return Surface(Contract.load())


def test_creators_and_what_they_answer(surface: Surface) -> None:
    """An operation creates if its answer feeds others, or if a secured POST answers with an id."""
    creators = {call.id: call.creates for call in surface.calls.values() if call.creates}

    assert creators == {
        "_webhookSubscriptionPost": "webhookSubscriptionId",
        "_memberPost": "customerId",
        "_transactionPost": "transactionId",
    }


def test_only_subscriptions_can_be_deleted(surface: Surface) -> None:
    """A resource needs an operation that deletes; the others of its path belong to it."""
    (resource,) = surface.resources

    assert (resource.create.id, resource.delete.id) == ("_webhookSubscriptionPost", "webhookSubscriptionDelete")
    assert [call.id for call in resource.others] == ["webhookSubscriptionRotateHmacKey"]
    assert (resource.parameter, resource.id_name) == ("webhookSubscription", "webhookSubscriptionId")


def test_logins_lead_to_what_renews_them(surface: Surface) -> None:
    """Logins are found by their links, those for everybody first."""
    found = [(login.id, refresh.id) for login in surface.logins if (refresh := surface.refresh_of(login))]

    assert found == [("adminLoginCheck", "tokenRefresh"), ("memberLoginCheck", "tokenRefreshMember")]


def test_a_get_without_an_answer_changes_something(surface: Surface) -> None:
    """Revoking is a GET, but there for its effect, and on more than a record."""
    wide = [call.id for call in surface.calls.values() if call.account_wide]

    assert wide == ["userGetTokenRevoke"]
    assert surface.calls["userGetTokenRevoke"].changes
    assert not surface.calls["webhookEventGetList"].changes
