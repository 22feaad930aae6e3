"""Passing deliveries on to an application, signed anew for its address."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2

from mockserver.errors import SettingsError
from mockserver.listening.hook import Reply
from mockserver.signing import REQUEST_ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Target, canonical, sign

BAD_GATEWAY = 502
_OF_THE_CONNECTION = frozenset({"host", "content-length", "connection"})  # each connection has its own
_OF_BODIES = "content-type"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What the application answered, after how many seconds; 502 and an `error` if it didn't."""

    reply: Reply
    seconds: float
    error: str | None = None


class Forwarder:
    """Posts deliveries to a URL, under a secret of its own, and waits at most `timeout` seconds for an answer."""

    def __init__(self, url: str, secret: str, timeout: float) -> None:
        """Raises SettingsError if the URL can't be used."""
        try:
            self._target = Target.of(url)
            self._client = httpx2.Client(trust_env=False, timeout=timeout)
        except (httpx2.InvalidURL, ValueError) as error:
            raise SettingsError(f"--forward-to takes an http or https URL, not {url!r}.") from error
        self._client.headers.clear()  # the application sees the headers of the delivery, no others
        self._timeout = timeout
        self.url = url
        self.secret = secret

    def forward(self, headers: Mapping[str, str], body: bytes, *, authentic: bool) -> Forwarded:
        """Pass a delivery on. One that is not authentic keeps its signature, which is a wrong one here too."""
        passed = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}
        if authentic:
            passed = {name: value for name, value in passed.items() if name.lower() != SIGNATURE_HEADER.lower()}
            passed[SIGNATURE_HEADER] = self._signature(headers, body)
        began = time.monotonic()
        try:
            answer = self._client.post(self.url, headers=passed, content=body)
            reply, error = Reply(answer.status_code, answer.headers.get(_OF_BODIES, ""), answer.content), None
        except httpx2.TimeoutException:
            reply, error = Reply(BAD_GATEWAY), f"no answer within {self._timeout:g} s"
        except httpx2.HTTPError as failure:
            reply, error = Reply(BAD_GATEWAY), str(failure) or type(failure).__name__
        return Forwarded(reply, time.monotonic() - began, error)

    def close(self) -> None:
        """Close the connections to the application."""
        self._client.close()

    def _signature(self, headers: Mapping[str, str], body: bytes) -> str:
        named = {name.lower(): value for name, value in headers.items()}
        timestamp, request_id = int(named[TIMESTAMP_HEADER.lower()]), named[REQUEST_ID_HEADER.lower()]
        return sign(self.secret, canonical("POST", self._target, body, timestamp, request_id))


def check_is_here(url: str) -> None:
    """Raise SettingsError unless the host of a URL is this machine, by each of its addresses."""
    try:
        parts = urlsplit(url)
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise SettingsError(f"--forward-to {url}: the host can't be found: {error}.") from error
    if not all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found):
        raise SettingsError(
            f"--forward-to {url} is not on this machine. If deliveries, with all that is in them, may go there: "
            "--forward-anywhere."
        )
