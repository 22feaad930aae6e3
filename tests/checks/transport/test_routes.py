"""The route to an instance, and what is said of it."""

from mockserver.checks.transport.routes import NetworkRoute, route_to

URL = "https://one.test.invalid"


def test_passwords_of_a_proxy_are_secrets() -> None:
    """As they stand in the address, and as they are; notes mask them."""
    route = route_to(URL, proxy="http://me:p%40ss@proxy.invalid:3128")

    assert set(route.passwords) == {"p%40ss", "p@ss"}
    assert route.notes(URL) == ["requests passed the proxy http://********@proxy.invalid:3128"]
    assert "p%40ss" not in repr(route)


def test_a_run_that_trusts_everybody_says_so() -> None:
    """It is a note of the report; other runs have none."""
    assert "not verified" in route_to(URL, insecure=True).notes(URL)[0]
    assert NetworkRoute().notes(URL) == []
