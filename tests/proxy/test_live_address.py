"""mockserver.proxy.live_address: what --to may be."""

import pytest

from mockserver.errors import SettingsError
from mockserver.proxy.live_address import LiveAddress


@pytest.mark.parametrize(
    ("url", "shown", "authority", "base_path"),
    [
        ("https://staging.example.com", "https://staging.example.com", "staging.example.com", ""),
        ("http://staging.example.com:80/", "http://staging.example.com", "staging.example.com", ""),
        ("http://[::1]:8080/loyalty/", "http://[::1]:8080/loyalty", "[::1]:8080", "/loyalty"),
        ("https://EXAMPLE.com:8443/a/b", "https://example.com:8443/a/b", "example.com:8443", "/a/b"),
    ],
)
def test_a_url_tells_where_the_instance_is(url: str, shown: str, authority: str, base_path: str) -> None:
    """Default ports and slashes at the end are left out, a base path is kept."""
    address = LiveAddress.of(url)

    assert (address.url, address.authority, address.base_path) == (shown, authority, base_path)


@pytest.mark.parametrize("url", ["", "staging", "ftp://a", "http://", "http://a b", "http://a:x", "http://a\n", "//a"])
def test_what_is_no_url_is_refused(url: str) -> None:
    """What isn't an http or https URL is refused, and told how one looks."""
    with pytest.raises(SettingsError, match="--to takes the http or https URL of the instance"):
        LiveAddress.of(url)


def test_credentials_are_refused_and_not_shown() -> None:
    """A URL with a password is refused without showing that."""
    with pytest.raises(SettingsError, match="Leave it out") as refused:
        LiveAddress.of("https://me:hunter2@staging.example.com")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://a?b=c", "https://a#b"])
def test_queries_and_fragments_are_refused(url: str) -> None:
    """Nothing but an address and a path can stand before all paths."""
    with pytest.raises(SettingsError, match="query or a fragment"):
        LiveAddress.of(url)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("127.0.0.1", "0.0.0.0"),
        ("::", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_loop_is_refused(own: str, found: str) -> None:
    """An address that leads back to the proxy is refused, by whatever name."""
    with pytest.raises(SettingsError, match="is the proxy itself"):
        LiveAddress.of("http://some.name:8182").require_another(own, 8182, lambda _host: [found])


@pytest.mark.parametrize(
    ("own", "port", "found"),
    [("127.0.0.1", 8181, ["127.0.0.1"]), ("127.0.0.1", 8182, ["192.0.2.1"]), ("127.0.0.1", 8182, [])],
)
def test_others_are_let_pass(own: str, port: int, found: list[str]) -> None:
    """Another port, another machine, and a name that isn't found yet are no loop."""
    LiveAddress.of("http://some.name:8182").require_another(own, port, lambda _host: found)
