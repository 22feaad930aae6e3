"""A connection to a mock by HTTP: calls to its API and its control plane, and a clear error if one fails."""

import ssl
from collections.abc import Mapping
from time import monotonic  # noqa: TID251 (how long a real server takes)
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, TypeVar

import httpx2

from mockserver.errors import NotRunning, Refused, RemoteError, SettingsError
from mockserver.escaping import masked, visible
from mockserver.http.tls import client_context
from mockserver.nesting import shallow_json
from mockserver.remote.response_shapes import fits

Answer = TypeVar("Answer")
Trouble = Literal["absent", "no mock", "no name", "untrusted", "token"]
TIMEOUT = 10.0  # seconds for a response, besides the time that a call asks the mock to wait
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # as OpenSSL says it
OTHER_NAME = " mismatch, certificate is not valid for "  # as Python says it
LONGEST_RESPONSE = 2**26  # bytes: a page of all deliveries that are remembered has some 17 million, escapes aside
DEEPEST = 100  # levels of a response; a mock accepts 64
LONGEST_REASON = 2_000  # characters of what a server says about its refusal
_SUCCESSES = range(200, 300)
_REFUSALS = range(400, 500)
_TOKEN_WANTED = 401
_NOT_OURS = (404, 405, 501)  # a server that responds so to a call of the control plane may have none
_HINT = "X-Mock-Hint"


class MockConnection:
    """A client of the mock at a URL, from `with` to the end of its block. Threads may share it.

    Every call raises NotRunning if nothing answers, Refused if the mock refuses the call, and RemoteError if the
    control plane is switched off or wants another token, or if the server is no mock. They tell facts, and then what
    `ADVICE` has for who named the mock.
    """

    ADVICE: ClassVar[Mapping[Trouble, str]] = {}

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

    def control(self, method: str, path: str, kind: type[Answer], *, patience: float = 0.0, **request: Any) -> Answer:
        """The response of the control plane to a call, of this type; `patience` are the seconds that the mock itself
        may wait."""
        try:
            return self.ask(method, f"/_mock{path}", kind, timeout=self._timeout + patience, **request)
        except Refused as refused:
            if refused.status == _TOKEN_WANTED:
                raise RemoteError(
                    self._told("token", f"The mock at {self.url} asks for its control token.")
                ) from refused
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
        return RemoteError(self._told("no mock", f"What answers at {self.url} is no mock."))

    def _told(self, trouble: Trouble, fact: str) -> str:
        return " ".join(filter(None, [fact, self.ADVICE.get(trouble)]))

    def _succeeds(self, path: str) -> bool:
        try:
            self.call("GET", path)
        except RemoteError:
            return False
        return True

    # ---------------------------------------------------------------- any call
    def ask(self, method: str, path: str, kind: type[Answer], **request: Any) -> Answer:
        """The response of `call`, of a type. Another one raises RemoteError: the server is no mock."""
        __tracebackhide__ = True  # as below
        response: Answer = self.call(method, path, **request)
        if not fits(response, kind):
            raise self.no_mock()
        return response

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the response to a call, or None if it has no body.

        `request` may have `json`, `params`, `headers` and `timeout`, as httpx2 takes them.
        """
        __tracebackhide__ = True  # pytest shows the arguments of what it shows: they may have secrets
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
        __tracebackhide__ = True
        until = monotonic() + request.get("timeout", self._timeout)
        try:
            with self._client.stream(method, path, **request) as response:
                return response.status_code, response.headers.get(_HINT, ""), self._body(response, until)
        except httpx2.TimeoutException as error:
            raise NotRunning(f"The mock at {self.url} doesn't answer.") from error
        except httpx2.HTTPError as error:
            if OTHER_NAME in str(error):
                fact = f"The certificate at {self.url} is for another name: {error}."
                raise NotRunning(self._told("no name", fact)) from error
            if UNTRUSTED in str(error):
                raise NotRunning(
                    self._told("untrusted", f"The certificate of {self.url} is not trusted: {error}.")
                ) from error
            fact = f"No mock answers at {self.url}: {error or type(error).__name__}."
            raise NotRunning(self._told("absent", fact)) from error

    def _body(self, response: httpx2.Response, until: float) -> bytes:
        """The body, if it is there in time: the client's time-out is that of one piece."""
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > LONGEST_RESPONSE:
                raise self.no_mock()
            if monotonic() > until:
                raise httpx2.ReadTimeout("the response takes too long")
        return bytes(body)

    def _failure(self, status: int, hint: str, content: Any) -> RemoteError:
        """The error for a response that isn't a success."""
        if not isinstance(content, dict) and status not in _REFUSALS and status not in _NOT_OURS:
            return self.no_mock()
        body = content if isinstance(content, dict) else {}
        listed = body.get("errors")
        errors = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
        told = "; ".join(f"{error.get('path')}: {error.get('message')}" for error in errors)
        known = {body.get("message"), *(error.get("message") for error in errors)}
        more = "" if hint in known else hint  # what the body says already isn't said twice
        reason = " ".join(filter(None, [told or str(body.get("message") or "no reason given"), more]))
        return Refused(f"The mock at {self.url} answers {status}: {visible(reason[:LONGEST_REASON])}", status, errors)
