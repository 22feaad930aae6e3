"""A transport for judges that make their requests byte by byte: bounded in time and size, it adds nothing, follows
nothing, and keeps no connection, as one that the other side has closed meanwhile would look like its failure."""

from contextlib import closing, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from mockserver.checks.transport import exchange_bounds
from mockserver.checks.transport.placeholders import Placeholders
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.routes import NetworkRoute
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials

MOST_AT_ONCE = 16


class BoundedTransport(HTTPAdapter):
    """The transport of a run. `timeout` is in seconds, for a whole exchange. Every exchange is in `recording`, with
    placeholders in its headers where those of the `credentials` leave. Threads may share one."""

    _is_read = True

    def __init__(
        self,
        recording: Recording,
        timeout: float,
        route: NetworkRoute | None = None,
        time: MonotonicTime | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._sockets = exchange_bounds.OpenSockets()
        self._time, self._credentials = time or MonotonicTime(), credentials or Credentials()
        self._placeholders = Placeholders(self._credentials, {}, Secrets(Credentials()))
        super().__init__(pool_connections=4, pool_maxsize=MOST_AT_ONCE)
        self.recording, self.timeout, self.route = recording, timeout, route or NetworkRoute()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Have a pool of connections, as requests asks."""
        super().init_poolmanager(*args, **kwargs)
        self._bind(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Have connections through a proxy, as requests asks; the same bounds are theirs."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            self._bind(manager)
        return manager

    def _bind(self, manager: Any) -> None:
        exchange_bounds.bind(manager, self._sockets.add, self._time.now, kept=False, is_read=self._is_read)

    def exchange(self, request: requests.PreparedRequest, name: str = "") -> requests.Response:
        """The whole response to a request, which is recorded under a name. Raises what requests raises, TooLarge and
        NoHttp."""
        request.headers["Connection"] = "close"
        real = self._placeholders.in_headers(request)
        with self.recording.exchanging(name, request, real) as seen, exchange_bounds.translated(request):
            response = self.send(real, timeout=self.timeout, stream=True, **self.route.settings)
            exchange_bounds.read(response)
            seen.answered(response)
        return response

    def hang_up(self, request: requests.PreparedRequest, name: str = "") -> None:
        """Send a request the same way, and close the connection before anything is read. It is recorded, too."""
        leaving = _UnreadTransport(self.recording, self.timeout, self.route, self._time, self._credentials)
        with closing(leaving), suppress(requests.RequestException):
            leaving.exchange(request, name)

    def stop(self) -> None:
        """End every wait for a response."""
        self._sockets.shut()


class _UnreadTransport(BoundedTransport):
    """A transport that reads no response."""

    _is_read = False


def prepared(method: str, url: str, headers: dict[str, str], body: bytes | None) -> requests.PreparedRequest:
    """A request with exactly these headers, and a length if it has a body."""
    request = requests.PreparedRequest()
    request.method, request.url, request.body = method, url, body
    request.headers = requests.structures.CaseInsensitiveDict(headers)
    if body is not None:
        request.headers["Content-Length"] = str(len(body))
    return request
