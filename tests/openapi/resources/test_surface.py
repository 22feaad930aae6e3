"""What the judge reads from a contract's structure."""

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface


@pytest.fixture(scope="module")
def surface() -> Surface:
    """Our own contract."""
    return Surface(Contract.load())


def test_creators_and_what_they_answer(surface: Surface) -> None:
    """An operation creates if its response supplies ids to others, or if a secured POST returns an id."""
    creators = {call.id: call.creates for call in surface.calls.values() if call.creates}

    assert creators == {
        "_webhookSubscriptionPost": "webhookSubscriptionId",
        "_memberPost": "customerId",
        "_transactionPost": "transactionId",
    }


def test_what_a_path_names_has_its_creators(surface: Surface) -> None:
    """A path parameter names what is created where it stands, or where a link comes from; a store is none."""
    path = surface.calls["webhookSubscriptionRotateHmacKey"].path

    assert surface.creators(path, "webhookSubscription") == {"_webhookSubscriptionPost"}
    assert surface.creators(path, "storeCode") == frozenset()


def test_only_subscriptions_can_be_deleted(surface: Surface) -> None:
    """A resource needs an operation that deletes; the others of its path belong to it."""
    (resource,) = surface.resources

    assert (resource.create.id, resource.delete.id) == ("_webhookSubscriptionPost", "webhookSubscriptionDelete")
    assert [call.id for call in resource.others] == ["webhookSubscriptionRotateHmacKey"]
    assert (resource.parameter, resource.id_name) == ("webhookSubscription", "webhookSubscriptionId")


def test_logins_lead_to_what_renews_them(surface: Surface) -> None:
    """Logins are found by their links, those without path parameters first."""
    found = [(login.id, refresh.id) for login in surface.logins if (refresh := surface.refresh_of(login))]

    assert found == [("adminLoginCheck", "tokenRefresh"), ("memberLoginCheck", "tokenRefreshMember")]


def test_a_walk_has_what_leads_to_its_links(surface: Surface) -> None:
    """A link that hands on a value of the request needs the operation that created it, but no other on the record."""
    links = [link for link in surface.links if link.name == "rotateIssued"]

    assert surface.walked(links) == {
        "_webhookSubscriptionPost",
        "_webhookSubscriptionPut",
        "webhookSubscriptionRotateHmacKey",
    }


@pytest.mark.parametrize(
    ("source", "name", "maker"),
    [("listFaults", "deleteFault", "addFault"), ("listDeliveries", "redeliver", "triggerEvent")],
)
def test_a_walk_has_what_makes_what_a_list_shows(source: str, name: str, maker: str) -> None:
    """No link leads to a list, but another operation returns ids for the same path."""
    control = Surface(Contract.of_control())
    links = [link for link in control.links if (link.source, link.name) == (source, name)]

    assert control.walked(links) == {source, name, maker}


def test_a_get_without_an_answer_changes_something(surface: Surface) -> None:
    """Revoking is a GET without a response body, and changes more than a record."""
    wide = [call.id for call in surface.calls.values() if call.account_wide]

    assert wide == ["userGetTokenRevoke"]
    assert surface.calls["userGetTokenRevoke"].changes
    assert not surface.calls["webhookEventGetList"].changes
