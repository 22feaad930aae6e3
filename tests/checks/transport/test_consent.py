"""Which hosts a judge may send to."""

import pytest

from mockserver.checks.transport.consent import check_consent, is_for_tests, is_here
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


@pytest.mark.parametrize(
    "host",
    [
        "staging.shop.com",
        "staging-api.shop.com",
        "acme-staging-eu.openloyalty.io",
        "acme-test.openloyalty.io",
        "acme-test-2.openloyalty.io",
        "test2.shop.co.uk",
        "qa01.shop.dev",
        "api.dev.shop.com",
        "pre-prod.shop.com",
        "nonprod.shop.com",
        "shop-test.com",
        "shop-staging.co.uk",
        "local.shop.com",
        "staging.internal",
        "ol.invalid",
        "example.net",
    ],
)
def test_names_of_hosts_for_tests(host: str) -> None:
    """They say so in a word of their own."""
    assert is_for_tests(host)


@pytest.mark.parametrize(
    "host",
    [
        "loyalty.devon-shops.co.uk",
        "www.testarossa.com",
        "api.stagecoachbus.com",
        "devices.bigco.com",
        "qatar-airways.com",
        "www.pre-owned-cars.com",
        "pre-owned.cars.com",
        "loyalty.local-heroes.com",
        "local-heroes.shop.com",
        "shop-local.city.com",
        "test-drive.cars.com",
        "dev-shops.co.uk",
        "test.com",
        "demo.co.uk",
        "qa.com",
        "main-stage.com",
        "latest.shop.com",
        "intranet.shop.com",
        "premium.shop.com",
        "integral.shop.com",
        "democracy.shop.com",
        "loyalty.shop.com",
        "loyalty.internal",
        "shop.dev",
        "dev",
        "10.0.0.1",
    ],
)
def test_names_of_hosts_that_only_begin_alike(host: str) -> None:
    """A part of another word says nothing, nor does the name of a company: such a host has to be named exactly."""
    assert not is_for_tests(host)
    with pytest.raises(SettingsError, match="looks like production"):
        check_consent(host, ["*"])
    check_consent(host, [host])


def test_a_host_may_be_agreed_to_in_its_own_letters() -> None:
    """As it was typed, and as requests write it."""
    check_consent("ol.xn--mller-kva.shop", ["OL.MÜLLER.shop"])
    check_consent("ol.xn--mller-kva.shop", ["ol.xn--mller-kva.shop"])
