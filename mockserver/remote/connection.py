"""A connection to a mock by HTTP: calls to its API and its control plane, and a clear error if one fails."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx2

from mockserver.errors import NotRunning, Refused, RemoteError, SettingsError
from mockserver.escaping import masked
from mockserver.http.tls import client_context
from mockserver.nesting import shallow_json
from mockserver.remote.response_shapes import fits

Json = dict[str, Any]
TIMEOUT = 10.0  # seconds for a response, besides the time that a call asks the mock to wait
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # as OpenSSL says it
OTHER_NAME = " mismatch, certificate is not valid for "  # as Python says it
LONGEST_RESPONSE = 2**26  # bytes: a page of all deliveries that are remembered has some 17 million, escapes aside
DEEPEST = 100  # levels of a response; a mock accepts 64
_SUCCESSES = range(200, 300)
_REFUSALS = range(400, 500)
_TOKEN_WANTED = 401
_NOT_OURS = (404, 405, 501)  # a server that responds so to a call of the control plane may have none
_HINT = "X-Mock-Hint"


class MockConnection:
    """A client of the mock at a URL, from `with` to the end of its block. Threads may share it.

    Every call raises NotRunning if nothing answers, Refused if the mock refuses the call, and RemoteError if the
    control plane is switched off or wants another token, or if the server is no mock.
    """

    def __init__(
        self,
        server: str,
        control_token: str | None = None,
        ca_file: str | None = None,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """`tls` takes the place of `ca_file` where it is given. `timeout`, in seconds, is that of connecting, and of a
        response that asks the mock for no wait.

        Raises SettingsError if `server` is no URL, or if `ca_file` has no certificates.
        """
        token = {"X-Mock-Control-Token": control_token} if control_token else {}
        verify = tls or client_context(ca_file) or True
        self._timeout = timeout
        try:
            self._client = httpx2.Client(
                base_url=server,
                headers={"Accept-Encoding": "identity", **token},
                verify=verify,
                trust_env=False,
                timeout=timeout,
                # None is kept: a mock ends those that idle, and one that ends as it is used again would fail a call.
                limits=httpx2.Limits(max_keepalive_connections=0),
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise SettingsError(f"The server {masked(server)!r} is not a URL, or the token no header.") from error
        if self._client.base_url.scheme not in ("http", "https") or not self._client.base_url.host:
            raise SettingsError(f"The server has to be a URL such as http://127.0.0.1:8181, not {masked(server)!r}.")

    @property
    def url(self) -> str:
        """The base URL for display, without a trailing slash; secrets in it are masked."""
        return masked(str(self._client.base_url)).rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def control(self, method: str, path: str, shape: Any, *, patience: float = 0.0, **request: Any) -> Any:
        """The response of the control plane to a call, in this shape; `patience` are the seconds that the mock itself
        may wait."""
        try:
            return self.ask(method, f"/_mock{path}", shape, timeout=self._timeout + patience, **request)
        except Refused as refused:
            if refused.status == _TOKEN_WANTED:
                says = f"The mock at {self.url} asks for its control token: give the right one by --control-token or"
                raise RemoteError(f"{says} MOCKSERVER_CONTROL_TOKEN.") from refused
            if refused.status in _NOT_OURS and not self._succeeds("/_mock/openapi.json"):
                raise self._no_control() from refused
            raise

    def _no_control(self) -> RemoteError:
        if not self._succeeds("/_mock/health"):
            return self.no_mock()
        return RemoteError(
            f"The mock at {self.url} has no control plane: it was started with --no-control, or is an older version."
        )

    def no_mock(self) -> RemoteError:
        """The error for a server whose response makes no sense."""
        return RemoteError(f"What answers at {self.url} is no mock. Name the mock by --server or MOCKSERVER_URL.")

    def _succeeds(self, path: str) -> bool:
        try:
            self.call("GET", path)
        except RemoteError:
            return False
        return True

    # ---------------------------------------------------------------- any call
    def ask(self, method: str, path: str, shape: Any, **request: Any) -> Any:
        """The response of `call`, in a shape. Another one raises RemoteError: the server is no mock."""
        response = self.call(method, path, **request)
        if not fits(response, shape):
            raise self.no_mock()
        return response

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the response to a call, or None if it has no body.

        `request` may have `json`, `params`, `headers` and `timeout`, as httpx2 takes them.
        """
        status, hint, body = self._exchange(method, path, **request)
        succeeds = status in _SUCCESSES
        if succeeds and not body:
            return None
        content = shallow_json(body, DEEPEST)
        if succeeds and content is not None:
            return content
        raise self._failure(status, hint, content)

    def _exchange(self, method: str, path: str, **request: Any) -> tuple[int, str, bytes]:
        """Status, hint and body of a response. The body isn't decompressed, and read up to LONGEST_RESPONSE."""
        try:
            with self._client.stream(method, path, **request) as response:
                return response.status_code, response.headers.get(_HINT, ""), self._body(response)
        except httpx2.TimeoutException as error:
            raise NotRunning(f"The mock at {self.url} doesn't answer.") from error
        except httpx2.HTTPError as error:
            if OTHER_NAME in str(error):
                says = f"The certificate at {self.url} is for another name. Use a name that it has"
                raise NotRunning(f"{says} in --server or MOCKSERVER_URL. ({error})") from error
            if UNTRUSTED in str(error):
                says = f"The certificate of {self.url} is not trusted. Name it, or who signed it, by --ca-file or"
                raise NotRunning(f"{says} MOCKSERVER_CA_FILE. ({error})") from error
            says = f"No mock answers at {self.url}: {error or type(error).__name__}. Start one by `mockserver serve`,"
            raise NotRunning(f"{says} or name another by --server or MOCKSERVER_URL.") from error

    def _body(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > LONGEST_RESPONSE:
                raise self.no_mock()
        return bytes(body)

    def _failure(self, status: int, hint: str, content: Any) -> RemoteError:
        """The error for a response that isn't a success."""
        if not isinstance(content, dict) and status not in _REFUSALS and status not in _NOT_OURS:
            return self.no_mock()
        body = content if isinstance(content, dict) else {}
        listed = body.get("errors")
        errors = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
        told = "; ".join(f"{error.get('path')}: {error.get('message')}" for error in errors)
        reason = " ".join(filter(None, [told or str(body.get("message") or "no reason given"), hint]))
        return Refused(f"The mock at {self.url} answers {status}: {reason}", status, errors)
