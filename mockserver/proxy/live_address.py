"""The address of the live instance: what `--to` may be, and what it may not."""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from mockserver.errors import SettingsError
from mockserver.escaping import masked

LookUp = Callable[[str], Iterable[str]]
_Address = IPv4Address | IPv6Address
_PORTS = {"http": 80, "https": 443}


class LiveAddress(NamedTuple):
    """Where the instance is. `base_path` is put before each path; it has no slash at its end."""

    scheme: str
    host: str
    port: int
    base_path: str

    @classmethod
    def of(cls, url: str) -> "LiveAddress":
        """The address that a URL tells. Raises SettingsError if it isn't one, or tells more."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, (parts.hostname or "").encode("idna").decode("ascii")
        except (ValueError, UnicodeError) as error:
            raise _refusal(url) from error
        if parts.scheme not in _PORTS or not host or not url.isascii() or not url.isprintable() or " " in url:
            raise _refusal(url)
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                f"--to {masked(url)} has a user name or a password in it, which would be passed on with each request. "
                "Leave it out: your application sends its own credentials."
            )
        if parts.query or parts.fragment:
            raise SettingsError(f"--to {masked(url)} has a query or a fragment. Leave it out.")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """Host and port as the header Host has them: a default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as a URL, without a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.base_path}"

    def require_another(self, host: str, port: int, look_up: LookUp | None = None) -> None:
        """Check that it isn't the address at which the proxy itself listens. Raises SettingsError if it is.

        A host that isn't found is let pass: it may be found later.
        """
        if port != self.port:
            return
        own = _unmapped(host)
        if any(_leads_to(own, _unmapped(found)) for found in (look_up or _addresses)(self.host)):
            raise SettingsError(
                f"--to {self.url} is the proxy itself. Name the instance that it stands before, or give the proxy "
                "another --port."
            )


def _refusal(url: str) -> SettingsError:
    return SettingsError(
        f"--to takes the http or https URL of the instance, such as https://staging.example.com, not {masked(url)!r}."
    )


def _addresses(host: str) -> Iterable[str]:
    try:
        return [str(found[0]) for *_, found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _unmapped(text: str) -> _Address:
    address = ip_address(text.partition("%")[0])
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _leads_to(own: _Address, address: _Address) -> bool:
    """Whether who connects to an address comes out at our own, with the same port."""
    is_here = address.is_loopback or address.is_unspecified
    return address == own or (is_here and own.is_unspecified) or (address.is_unspecified and own.is_loopback)
