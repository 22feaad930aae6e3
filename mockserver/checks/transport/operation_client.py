"""Requests by operation, through the guarded transport."""

from collections.abc import Mapping
from typing import Any

import requests

from mockserver.checks.transport.guarded_transport import GuardedTransport
from mockserver.checks.transport.operation_request import operation_request, session_through
from mockserver.openapi.resources import Call


class OperationClient:
    """A client that sends requests by operation, through a guarded transport."""

    def __init__(self, transport: GuardedTransport) -> None:
        self._transport = transport
        self._session = session_through(transport)

    def send(
        self, call: Call, arguments: Mapping[str, str], method: str | None = None, **options: Any
    ) -> requests.Response:
        """A request to an operation: `json`, `params` and `headers` as requests has them."""
        return self.exchange(operation_request(self._transport.url, call, arguments, method, **options))

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
