"""The forwarding of deliveries to an application, signed again for its URL."""

import socket
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic  # noqa: TID251 (how long a real application took, and its deadline)
from urllib.parse import urlsplit

import httpcore2
import httpx2

from mockserver import standard_webhooks
from mockserver.deadlines import FAILURES, Network
from mockserver.errors import SettingsError
from mockserver.escaping import masked
from mockserver.http.hook_server import HookResponse
from mockserver.signing import (
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignedUrl,
    canonical,
    sign,
)
from mockserver.webhooks import custom_headers

BAD_GATEWAY = 502
LONGEST_RESPONSE = 64 * 1024  # bytes that are read of a response
_SIGNATURE = SIGNATURE_HEADER.lower()


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The response of the application, after so many seconds; 502 and an `error` if there was none."""

    response: HookResponse
    seconds: float
    error: str | None = None


class Forwarder:
    """A forwarder of deliveries to one URL, with a secret of its own. `timeout` is in seconds, for a whole response.

    `url` is for display: user name and password are masked.
    """

    def __init__(self, url: str, secret: str, timeout: float) -> None:
        """Raises SettingsError if the URL can't be used."""
        try:
            self._signed_url = SignedUrl.of(url)
            self._url = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError) as error:
            raise SettingsError(f"--forward-to takes an http or https URL, not {masked(url)!r}.") from error
        self._credentials = _credentials(self._url)
        self._trusted = httpx2.create_ssl_context(trust_env=False) if self._url.scheme == "https" else None
        self._timeout = timeout
        self.url = masked(url)
        self.secret = secret

    def forward(self, headers: Mapping[str, str], body: bytes, *, authentic: bool, method: str = "POST") -> Forwarded:
        """Forward a delivery. One that is not authentic keeps its signature, which is as wrong for the application, as
        does one that isn't signed at all."""
        passed = {name: value for name, value in headers.items() if is_passed_on(name)}
        if authentic:
            changed = self._signature(method, headers, body)
            passed = {name: changed.get(name.lower(), value) for name, value in passed.items()}
        began = monotonic()
        try:
            response, error = self._sent(method, passed, body, began + self._timeout), None
        except (TimeoutError, httpcore2.TimeoutException):
            response, error = HookResponse(BAD_GATEWAY), f"no answer within {self._timeout:g} s"
        except FAILURES as failure:
            response, error = HookResponse(BAD_GATEWAY), str(failure) or type(failure).__name__
        return Forwarded(response, monotonic() - began, error)

    def _sent(self, method: str, headers: Mapping[str, str], body: bytes, until: float) -> HookResponse:
        """The response as it came: not decompressed, and read up to LONGEST_RESPONSE."""
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        request = httpx2.Request(method, self._url, headers=[*fields, *self._credentials], content=body)
        url = httpcore2.URL(
            scheme=self._url.raw_scheme, host=self._url.raw_host, port=self._url.port, target=self._url.raw_path
        )
        network = Network(self._timeout, until, monotonic)
        with (
            httpcore2.ConnectionPool(self._trusted, network_backend=network) as pool,
            pool.stream(method, url, headers=request.headers.raw, content=body) as response,
        ):
            read = b""
            for piece in response.iter_stream():
                read += piece
                if len(read) >= LONGEST_RESPONSE:
                    break
            kind = httpx2.Headers(response.headers).get("content-type", "")
            return HookResponse(response.status, kind, read[:LONGEST_RESPONSE])

    def _signature(self, method: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The header of the signature for the application, by its name in lower case; none if it isn't signed."""
        named = {name.lower(): value for name, value in headers.items()}
        if standard_webhooks.SIGNATURE_HEADER in named:
            message_id, timestamp, _ = (named[name] for name in standard_webhooks.HEADERS)
            signed = standard_webhooks.content(message_id, timestamp, body)
            key = standard_webhooks.key_of(self.secret)
            return {standard_webhooks.SIGNATURE_HEADER: standard_webhooks.sign(key, signed)}
        if _SIGNATURE not in named:
            return {}
        timestamp, request_id = named[TIMESTAMP_HEADER.lower()], named[REQUEST_ID_HEADER.lower()]
        signature = sign(self.secret, canonical(method, self._signed_url, body, timestamp, request_id))
        return {_SIGNATURE: signature}


def _credentials(url: httpx2.URL) -> list[tuple[bytes, bytes]]:
    """The Authorization header for user name and password of a URL, if it has any."""
    if not (url.username or url.password):
        return []
    return [(b"Authorization", b"Basic " + b64encode(f"{url.username}:{url.password}".encode()))]


def is_passed_on(name: str) -> bool:
    """Whether a header of this name is forwarded: no reserved one except the delivery id, and no Authorization."""
    is_delivery_id = name.lower() == custom_headers.DELIVERY_ID.lower()
    return name.lower() != "authorization" and (is_delivery_id or custom_headers.objection(name) is None)


def check_is_local(url: str) -> None:
    """Raise SettingsError unless the host of a URL is this machine, by each of its addresses."""
    try:
        parts = urlsplit(url)
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise SettingsError(f"--forward-to {masked(url)}: the host can't be found: {error}.") from error
    if not all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found):
        raise SettingsError(
            f"--forward-to {masked(url)} is not on this machine. If deliveries, with all that is in them, may go "
            "there: --forward-anywhere."
        )
