"""A running mock: calls to its API and its control plane, and a clear error if one fails."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic  # noqa: TID251 (a deadline for a mock in another process)
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from mockserver.client import response_shapes
from mockserver.client.response_shapes import fits
from mockserver.clock import moment
from mockserver.errors import NotRunning, Refused, RemoteError, SettingsError
from mockserver.escaping import masked
from mockserver.http.tls import client_context
from mockserver.nesting import is_deeper

Json = dict[str, Any]
TIMEOUT = 10.0  # seconds for a response, besides the time that a call asks the mock to wait
PAGE = 1_000  # deliveries: as many as a page may hold
LONGEST_POLL = 30.0  # seconds that one call waits; who waits longer, asks again
FINISHED = frozenset({"delivered", "failed", "blocked"})
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # as OpenSSL says it
OTHER_NAME = " mismatch, certificate is not valid for "  # as Python says it
LONGEST_RESPONSE = 2**26  # bytes: a page of all deliveries that are remembered has some 17 million, escapes aside
DEEPEST = 100  # levels of a response; a mock accepts 64
_SUCCESSES = range(200, 300)
_REFUSALS = range(400, 500)
_TOKEN_WANTED = 401
_NOT_OURS = (404, 405, 501)  # a server that responds so to a call of the control plane may have none


@dataclass(frozen=True, slots=True)
class Changes:
    """The deliveries that changed after a revision, and the new revision.

    `emptied` says whether the mock was reset in between: then ids were given anew.
    """

    deliveries: Sequence[Json]
    revision: int
    emptied: bool


class Remote:
    """A client of the mock at a URL, from `with` to the end of its block. Threads may share it.

    Every call raises NotRunning if nothing answers, Refused if the mock refuses the call, and RemoteError if the
    control plane is switched off or wants another token, or if the server is no mock.
    """

    def __init__(
        self, server: str, control_token: str | None = None, ca_file: str | None = None, timeout: float = TIMEOUT
    ) -> None:
        """`timeout`, in seconds, is that of connecting, and of a response that asks the mock for no wait. Raises
        SettingsError if `server` is no URL, or if `ca_file` has no certificates."""
        token = {"X-Mock-Control-Token": control_token} if control_token else {}
        verify = client_context(ca_file) or True
        try:
            self._client = httpx2.Client(
                base_url=server,
                headers={"Accept-Encoding": "identity", **token},
                verify=verify,
                trust_env=False,
                timeout=timeout,
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
        self._client.close()

    # ---------------------------------------------------------------- the control plane
    def config(self) -> Json:
        """Version, contract, seed and settings of the mock."""
        return self._control("GET", "/config", response_shapes.CONFIG)

    def now(self) -> float:
        """The mock's time, in Unix seconds."""
        told = self._control("GET", "/clock", response_shapes.CLOCK)["now"]
        try:
            return moment(told)
        except (ValueError, OverflowError) as error:
            raise self._no_mock() from error

    def trigger(self, event_name: str, store_code: str, data: Json | None, count: int) -> Json:
        """Trigger an event `count` times; returns its deliveries as `items`, and their `total`."""
        body = {"eventName": event_name, "storeCode": store_code, "count": count}
        return self._control(
            "POST", "/events", response_shapes.CAUSED, json=body if data is None else body | {"data": data}
        )

    def delivery(self, delivery_id: str, shape: Any = response_shapes.DELIVERY) -> Json:
        """One delivery, which has to fit the shape. Raises RemoteError if there is none."""
        return self._delivery("GET", delivery_id, shape=shape)

    def redeliver(self, delivery_id: str) -> Json:
        """Deliver a finished delivery again; returns it. Raises RemoteError if there is none."""
        return self._delivery("POST", delivery_id, "/redeliver")

    def latest(self, filters: Mapping[str, Any], count: int) -> Json:
        """The page of deliveries that pass the filters; `items` has the last `count` of them."""
        pages = [self._page(filters, 1, count)]
        last = -(-pages[0]["total"] // count)
        pages += [self._page(filters, number, count) for number in range(max(2, last - 1), last + 1)]
        items = [delivery for page in pages[-2:] for delivery in page["items"]]
        return pages[0] | {"items": items[-count:]}

    def changes(self, filters: Mapping[str, Any], since: int, seconds: float, size: int = PAGE) -> Changes:
        """The changes after a revision among the deliveries that pass the filters, read in pages of `size`.

        It waits for a change, but no longer than so many seconds.
        """
        query = {**filters, "changedSince": since}
        page = first = self._page(query, 1, size, seconds)
        deliveries = list(page["items"])
        while page["items"] and len(deliveries) < page["total"]:
            page = self._page(query, 1 + len(deliveries) // size, size)
            deliveries += page["items"]
        return Changes(deliveries, first["revision"], first["emptied"] > since)

    def finished(self, deliveries: Sequence[Json], filters: Mapping[str, Any], seconds: float) -> list[Json]:
        """The same deliveries, which pass the filters, when all are finished, or after so many seconds."""
        known = {delivery["deliveryId"]: delivery for delivery in deliveries}
        ends, since = monotonic() + seconds, 0
        while (left := ends - monotonic()) > 0 and not all(map(is_finished, known.values())):
            changes = self.changes(filters, since, min(left, LONGEST_POLL))
            known |= {one["deliveryId"]: one for one in changes.deliveries if one["deliveryId"] in known}
            since = changes.revision
        return list(known.values())

    def _page(self, filters: Mapping[str, Any], number: int, size: int, seconds: float = 0) -> Json:
        query = {**filters, "_page": number, "_itemsOnPage": size, "wait": seconds}
        page = self._control("GET", "/deliveries", {}, params=query, timeout=TIMEOUT + seconds)
        if isinstance(page.get("items"), list) and "emptied" not in page:
            raise RemoteError(f"The mock at {self.url} is older than this command: it can't tell what has changed.")
        if not fits(page, response_shapes.PAGE):
            raise self._no_mock()
        return page

    def _delivery(self, method: str, delivery_id: str, action: str = "", shape: Any = response_shapes.DELIVERY) -> Json:
        try:
            return self._control(method, f"/deliveries/{quote(delivery_id, safe='')}{action}", shape)
        except Refused as refused:
            if refused.status != 404:  # noqa: PLR2004 (no such thing)
                raise
            says = (
                f"There is no delivery {delivery_id!r} at {self.url}. `mockserver deliveries` lists what it remembers."
            )
            raise RemoteError(says) from refused

    def _control(self, method: str, path: str, shape: Any, **request: Any) -> Json:
        """The response of the control plane to a call, in this shape."""
        try:
            response: Json = self.ask(method, f"/_mock{path}", shape, **request)
        except Refused as refused:
            if refused.status == _TOKEN_WANTED:
                says = f"The mock at {self.url} asks for its control token: give the right one by --control-token or"
                raise RemoteError(f"{says} MOCKSERVER_CONTROL_TOKEN.") from refused
            if refused.status in _NOT_OURS and not self._succeeds("/_mock/openapi.json"):
                raise self._no_control() from refused
            raise
        return response

    def _no_control(self) -> RemoteError:
        if not self._succeeds("/_mock/health"):
            return self._no_mock()
        return RemoteError(
            f"The mock at {self.url} has no control plane: it was started with --no-control, or is an older version."
        )

    def _no_mock(self) -> RemoteError:
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
            raise self._no_mock()
        return response

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the response to a call, or None if it has no body.

        `request` may have `json`, `params`, `headers` and `timeout`, as httpx2 takes them.
        """
        status, body = self._exchange(method, path, **request)
        succeeds = status in _SUCCESSES
        if succeeds and not body:
            return None
        content = _json(body)
        if succeeds and content is not None:
            return content
        raise self._failure(status, content)

    def _exchange(self, method: str, path: str, **request: Any) -> tuple[int, bytes]:
        """Status and body of a response. The body isn't decompressed, and read up to LONGEST_RESPONSE."""
        try:
            with self._client.stream(method, path, **request) as response:
                return response.status_code, self._body(response)
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
                raise self._no_mock()
        return bytes(body)

    def _failure(self, status: int, content: Any) -> RemoteError:
        """The error for a response that isn't a success."""
        if not isinstance(content, dict) and status not in _REFUSALS and status not in _NOT_OURS:
            return self._no_mock()
        body = content if isinstance(content, dict) else {}
        listed = body.get("errors")
        errors = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
        told = "; ".join(f"{error.get('path')}: {error.get('message')}" for error in errors)
        return Refused(
            f"The mock at {self.url} answers {status}: {told or body.get('message') or 'no reason given'}",
            status,
            errors,
        )


def _json(body: bytes) -> Any:
    """The JSON of a body; None if it is no JSON, or nested deeper than DEEPEST."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(content, DEEPEST) else content


def is_finished(delivery: Json) -> bool:
    """Whether no attempt of a delivery follows."""
    return delivery["status"] in FINISHED
