"""The egress policy of deliveries: they may go to loopback, except the mock itself, and to what `webhook_allow` names.

Addresses are checked when connecting, after the name was resolved, and the connection goes to the checked address. So
the spelling of an address doesn't matter, nor a later change of DNS. A name that no entry could allow isn't looked up:
the query alone would leave the machine.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from mockserver.errors import SettingsError
from mockserver.settings import HIGHEST_PORT

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_ORIGIN = re.compile("(?<![:/])[/?#]")  # the end of an origin
_HOST = r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})"
_BRACKETED = r"^\[(.*)\]$"
_PORT = "[0-9]{1,9}"
_MAPPED_BITS = 96  # in front of an IPv4 address that is written as an IPv6 one
HOW_TO_ALLOW = "To allow it, start the mock with `--webhook-allow {}` (MOCKSERVER_WEBHOOK_ALLOW)."


class DestinationRefused(Exception):
    """The egress policy forbids a destination. The message says why, and how to allow it."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver. Raises OSError if there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Rule(NamedTuple):
    """An entry of the allow-list: a host name, or a network; with a port, for that alone."""

    host: str | None
    network: Network | None
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> "_Rule":
        """The rule of an entry.

        Raises SettingsError, with what to write instead, if it is neither HOST[:PORT] nor CIDR, or is misleading.
        """
        host, port = _split(entry)
        if port is not None and not 1 <= port <= HIGHEST_PORT:
            raise _invalid(entry, f"a port is between 1 and {HIGHEST_PORT}")
        network = _network(entry, re.sub(_BRACKETED, r"\1", host))
        if network is not None:
            return cls(None, network, port)
        if "*" in host:
            raise _invalid(entry, "there are no wildcards; write 0.0.0.0/0,::/0 to allow every address")
        if not re.fullmatch(_HOST, host):
            raise _invalid(entry, "that is no host name")
        if _numeric(host):
            raise _invalid(entry, f"write {_plain(ip_address(_numeric(host)[0]))} for this address")
        return cls(host.lower().rstrip("."), None, port)

    def allows(self, host: str, address: Address, port: int) -> bool:
        """Whether the rule allows this address, or this host with any ordinary address."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return address in self.network
        return self.host == host and not _is_special(address)


class EgressPolicy:
    """The egress policy of one mock, made from its allow-list. Raises SettingsError for an invalid entry.

    `resolver` gives the addresses of a name. It isn't called for `localhost`, nor for a name that no entry could allow.
    """

    def __init__(self, allow: Sequence[str] = (), resolver: Resolver = resolve) -> None:
        self._rules = [_Rule.parse(entry) for entry in allow]
        self._resolver = resolver
        self._own: list[tuple[Address, int]] = []

    def add_own_address(self, host: str, port: int) -> None:
        """Forbid an address that the mock itself listens on."""
        self._own.append((_plain(ip_address(host.partition("%")[0])), port))

    async def addresses(self, host: str, port: int) -> list[str]:
        """The checked addresses of a host, to connect to as they are.

        Raises DestinationRefused if any of them is not allowed, and OSError if there is none.
        """
        name = host.lower().rstrip(".")
        found = _numeric(host) or _loopback(name) or await self._resolved(name, port)
        for address in found:
            self._check(name, _plain(ip_address(address)), port)
        return list(found)

    async def _resolved(self, name: str, port: int) -> Sequence[str]:
        if not any(rule.network or rule.host == name for rule in self._rules):
            raise DestinationRefused(f"{name} is neither localhost nor on the allow-list. {HOW_TO_ALLOW.format(name)}")
        found = await self._resolver(name, port)
        if not found:
            raise OSError(f"{name} has no address")
        return found

    def _check(self, host: str, address: Address, port: int) -> None:
        if any(port == own_port and _is_reached_by(address, own) for own, own_port in self._own):
            raise DestinationRefused(
                f"{_spelled(host, address)}:{port} is the mock itself, to which nothing is delivered."
            )
        if address.is_loopback or any(rule.allows(host, address, port) for rule in self._rules):
            return
        advice = HOW_TO_ALLOW.format(address if _is_special(address) else host)
        raise DestinationRefused(f"{_spelled(host, address)} is neither loopback nor on the allow-list. {advice}")


def _network(entry: str, text: str) -> Network | None:
    """The network of an address or CIDR; None if it is neither. Raises SettingsError if it is misleading."""
    address, slash, bits = text.partition("/")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        if slash:
            raise _invalid(entry, "that is no network") from None
        return None
    if slash and not bits.isdecimal():
        raise _invalid(entry, f"write {network}")
    if network.network_address != ip_address(address):
        every = f"every IPv{network.version} address" if network.prefixlen == 0 else "this network"
        raise _invalid(entry, f"it has host bits set; write {network} to allow {every}, or {address} for this one")
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped and network.prefixlen >= _MAPPED_BITS:
        raise _invalid(entry, f"write these IPv4 addresses as {mapped}/{network.prefixlen - _MAPPED_BITS}")
    return network


def _invalid(entry: str, why: str) -> SettingsError:
    says = "The webhook allow-list takes HOST, HOST:PORT and networks such as 10.0.0.0/8, not"
    return SettingsError(f"{says} {entry!r}: {why}.")


def _numeric(host: str) -> list[str]:
    """The address of a numeric host in any form that the system reads: `127.1`, `0x7f000001`, `2130706433`."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def _loopback(name: str) -> tuple[str, ...]:
    """The addresses of `localhost` and the names below it, which are never looked up (RFC 6761)."""
    return ("127.0.0.1", "::1") if name == "localhost" or name.endswith(".localhost") else ()


@lru_cache(maxsize=4_096)
def host_of(url: str) -> str:
    """The scheme, host and port of a URL, by which one receiver is told from another; without a user name."""
    origin = _ORIGIN.split(url, 1)[0].lower()
    if "@" not in origin:
        return origin
    scheme, _, authority = origin.partition("://")
    return f"{scheme}://{authority.rpartition('@')[2]}"


def _spelled(host: str, address: Address) -> str:
    return host if host == str(address) else f"{host} ({address})"


def _plain(address: Address) -> Address:
    """The IPv4 address of an IPv4-mapped IPv6 one, which reaches the same host; other addresses as they are."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_special(address: Address) -> bool:
    """Whether no name should resolve to an address, as to that of a cloud's metadata service."""
    return address.is_link_local or address.is_unspecified or address.is_multicast or address.is_reserved


def _is_reached_by(address: Address, own: Address) -> bool:
    """Whether a connection to `address` would end where `own` listens."""
    reached = _reached(address)
    return reached == own or (own.is_unspecified and _is_of_this_machine(reached))


def _reached(address: Address) -> Address:
    """The address that a connection really reaches: systems take the unspecified one as loopback."""
    if address.is_unspecified:
        return IPv4Address("127.0.0.1") if isinstance(address, IPv4Address) else IPv6Address("::1")
    return address


def _is_of_this_machine(address: Address) -> bool:
    if address.is_loopback:
        return True
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004 (IPv6)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((str(address), 0))  # only one's own addresses can be bound
        except OSError:
            return False
    return True


def _split(entry: str) -> tuple[str, int | None]:
    """The host and port of an entry; an IPv6 address with a port needs brackets."""
    host, colon, port = entry.rpartition(":")
    if colon and re.fullmatch(_PORT, port) and (":" not in host or host.endswith("]")):
        return host, int(port)
    return entry, None
