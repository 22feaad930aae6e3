"""The URL of an instance as it is on the wire: what names it in a run is what its requests begin with."""

from typing import NamedTuple
from urllib.parse import urlsplit

import requests

MOST_WRITINGS = 4  # of a URL, each of the last one: escapes may hide steps such as `..`
_PORTS = {"http": 80, "https": 443}


class UrlOrigin(NamedTuple):
    """Whom a URL leads to, however it is written."""

    scheme: str
    host: str
    port: int | None


def as_sent(url: str) -> str:
    """A URL as requests writes it, without a slash at its end: host and scheme in lower case, a name of other letters
    in ASCII, `..` followed, and what need not be escaped as it is. Raises ValueError for what is no URL."""
    for _ in range(MOST_WRITINGS):
        written = str(requests.Request("GET", url).prepare().url).rstrip("/")
        if written == url:
            break
        url = written
    return url


def address_of(text: str) -> str:
    """The URL of an instance in a text, as it is sent: of HTTP, without a query. Raises ValueError for all else."""
    url = as_sent(text)
    parts = urlsplit(url)
    if not text.isprintable() or parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("no address of an instance")
    return url


def host_as_sent(host: str) -> str:
    """A host, or a pattern of hosts, as the URL of a request has it."""
    return ".".join(map(_label_as_sent, host.split(".")))


def _label_as_sent(label: str) -> str:
    try:
        return label.lower() if label.isascii() else str(urlsplit(as_sent(f"http://{label}")).hostname)
    except ValueError:
        return label.lower()


def origin_of(url: str) -> UrlOrigin:
    """The origin of a URL. Raises ValueError for what is no URL."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return UrlOrigin(scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme))


class BaseUrl:
    """The base of all requests to an instance. Raises ValueError for what is no URL."""

    def __init__(self, url: str) -> None:
        self.url = as_sent(url)
        self._origin, self._path = origin_of(self.url), urlsplit(self.url).path

    def leads_to(self, url: str) -> bool:
        """Whether a URL has the same scheme, host and port."""
        try:
            return origin_of(url) == self._origin
        except ValueError:
            return False

    def path_below(self, url: str) -> str | None:
        """The path of a request's URL behind the base; None if it doesn't lead there."""
        path = urlsplit(url).path
        below = path.removeprefix(self._path)
        is_below = path.startswith(self._path) and below[:1] in ("", "/")
        return below if is_below and self.leads_to(url) else None
