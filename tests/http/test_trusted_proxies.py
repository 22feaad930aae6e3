"""mockserver.http.trusted_proxies: who a client is, if proxies that are trusted say so, and nobody else."""

import pytest

from mockserver.http.trusted_proxies import TrustedProxies

PROXIES = TrustedProxies(["127.0.0.1", "10.1.0.0/16", "fd00::/8"])


@pytest.mark.parametrize("peer", ["192.0.2.9", "10.2.0.1", "::1", "2001:db8::1", "", "127.0.0.1.evil"])
def test_others_are_not_believed(peer: str) -> None:
    """What comes from an address that isn't named counts as from there, whatever it says of itself."""
    assert PROXIES.client(peer, b"198.51.100.7") == peer


def test_nobody_is_believed_by_default() -> None:
    """Without a trusted proxy, loopback isn't believed either."""
    assert TrustedProxies([]).client("127.0.0.1", b"198.51.100.7") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (b"", "127.0.0.1"),
        (b"198.51.100.7", "198.51.100.7"),
        (b"1.1.1.1, 198.51.100.7", "198.51.100.7"),
        (b"10.1.0.9, 127.0.0.1, 198.51.100.7", "198.51.100.7"),
        (b"1.1.1.1, 198.51.100.7, 10.1.2.3, 127.0.0.1", "198.51.100.7"),
        (b"10.1.2.3, 127.0.0.1", "10.1.2.3"),
        (b"198.51.100.7,fd12::1", "198.51.100.7"),
    ],
)
def test_chain_is_read_from_the_right(forwarded: bytes, client: str) -> None:
    """The client is the first from the right that is no trusted proxy: what it sent itself, to the left, is ignored."""
    assert PROXIES.client("127.0.0.1", forwarded) == client


@pytest.mark.parametrize(
    ("named", "client"),
    [
        (b"198.51.100.7:4711", "198.51.100.7"),
        (b"[2001:db8::1]:4711", "2001:db8::1"),
        (b"2001:DB8:0::1", "2001:db8::1"),
        (b"::ffff:198.51.100.7", "198.51.100.7"),
        (b"fe80::1%eth0", "fe80::1"),
        (b"fe80::1%any", "fe80::1"),
    ],
)
def test_one_address_is_one_client(named: bytes, client: str) -> None:
    """However a proxy writes an address, it is the same client: with a port, in capitals, or IPv4 within IPv6."""
    assert PROXIES.client("::ffff:127.0.0.1", named) == client


@pytest.mark.parametrize("name", ["::ffff:127.0.0.1", "::ffff:127.0.0.0/104", "127.0.0.0/8", "::ffff:7f00:1"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_proxy_is_known_by_either_spelling(name: str, peer: str) -> None:
    """IPv4 within IPv6 is IPv4, in the list of proxies as well as where a request comes from."""
    assert TrustedProxies([name]).client(peer, b"198.51.100.7") == "198.51.100.7"


def test_interface_of_a_proxy_counts_for_nothing() -> None:
    """The same proxy is known by its address, by whatever interface it comes."""
    assert TrustedProxies(["fe80::1%eth0"]).client("fe80::1%eth1", b"198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("named", [b"unknown", b"_hidden", b"1.1.1.1, ", b"' OR 1=1", b"1.1.1.1.1", b"\xff", b":::"])
def test_who_names_no_address_counts_itself(named: bytes) -> None:
    """A text that is no address makes nobody a client of its own: the proxy that sent it is counted."""
    assert PROXIES.client("127.0.0.1", named) == "127.0.0.1"
    assert PROXIES.client("127.0.0.1", named + b", 10.1.0.1") == "10.1.0.1"


@pytest.mark.parametrize("name", ["proxy.test", "10.1.2.3/8", "*", "", "127.1"])
def test_name_that_is_no_address_is_an_error(name: str) -> None:
    """Proxies are named by address or network alone."""
    with pytest.raises(ValueError, match=r"."):
        TrustedProxies([name])
