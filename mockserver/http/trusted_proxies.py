"""Proxies that are trusted to say for whom they ask, by X-Forwarded-For."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from mockserver.settings import proxy_network

FORWARDED = b"x-forwarded-for"


class TrustedProxies:
    """The addresses and networks of proxies. Nobody is trusted but these: what others send counts for nothing."""

    def __init__(self, names: Iterable[str]) -> None:
        """Raises ValueError if one is no address and no network."""
        self._networks = [proxy_network(name) for name in names]

    def client(self, peer: str, forwarded: bytes) -> str:
        """The client whose request came from `peer`, with this X-Forwarded-For (empty if it had none).

        Each proxy adds on the right from whom it got the request. So the list is read from there: whoever a trusted
        proxy names is believed, and if that is a trusted proxy, so is whom it names in turn. What stands to the left of
        the first other one may be invented. A proxy that names no address counts itself.
        """
        nearest = peer
        if self._networks and forwarded:
            for named in reversed(forwarded.decode("latin-1").split(",")):
                address = _address(named.strip()) if self._trusts(nearest) else None
                if address is None:
                    break
                nearest = str(address)
        return nearest

    def _trusts(self, name: str) -> bool:
        address = _address(name)
        return address is not None and any(address in network for network in self._networks)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """The address in what a proxy wrote, maybe with a port, as in 192.0.2.1:4711 and [2001:db8::1]:4711."""
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        address = ip_address(name)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))  # without the interface, which whoever writes it chooses
