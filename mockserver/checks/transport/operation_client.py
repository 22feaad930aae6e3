"""Requests by operation, through the guarded transport, and the headers of those who make them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from mockserver.checks.transport.rate_limiting import RateLimiter
from mockserver.checks.transport.session import MEMBER_TOKEN, TOKEN, Credentials
from mockserver.openapi.resources import Call


class Transport(HTTPAdapter):
    """The transport to one target, as a client needs it. `doubled` are creations that may have made two."""

    url: str
    limits: RateLimiter
    doubled: list[str]

    def stop(self, reason: str) -> None:
        """Send nothing any more, and end what is on the way."""
        raise NotImplementedError


class OperationClient:
    """A client that sends requests by operation, through a guarded transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._session = requests.Session()
        self._session.trust_env = False  # no password of ~/.netrc; the transport knows the proxies
        self._session.mount("http://", transport)
        self._session.mount("https://", transport)

    def send(
        self, call: Call, arguments: Mapping[str, str], method: str | None = None, **options: Any
    ) -> requests.Response:
        """A request to an operation: `json`, `params` and `headers` as requests has them."""
        steps = {name: quote(value, safe="", errors="replace") for name, value in arguments.items()}
        url = self._transport.url + call.url(**steps)
        query = {
            name: str(value).encode("utf-8", "replace") for name, value in (options.pop("params", None) or {}).items()
        }
        return self.exchange(requests.Request(method or call.method, url, params=query, **options))

    def exchange(self, request: requests.Request) -> requests.Response:
        """The response to a request, whatever it is."""
        return self._session.send(self._session.prepare_request(request), allow_redirects=False)

    @property
    def doubled(self) -> int:
        """The number of records that there may be twice, as a gateway lost the answer to a first attempt."""
        return len(self._transport.doubled)

    def pause(self, seconds: float) -> None:
        """Delay the next request."""
        self._transport.limits.pause(seconds)

    def stop(self, reason: str) -> None:
        """Send nothing any more, and end what is on the way."""
        self._transport.stop(reason)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def as_admin(credentials: Credentials) -> dict[str, str]:
    """The header of the run's own identity: the admin, else the API key, else the member."""
    if credentials.can_log_in:
        return {"Authorization": f"Bearer {TOKEN}"}
    return {"X-AUTH-TOKEN": "$OL_API_KEY"} if credentials.is_admin else as_member()


def as_member() -> dict[str, str]:
    """The header of the member."""
    return {"Authorization": f"Bearer {MEMBER_TOKEN}"}
