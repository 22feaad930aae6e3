"""The control plane of a proxy: that of the mock, without what a proxy alone doesn't have, and with what it found."""

from collections.abc import Mapping

from mockserver.app.control_access import AccessRule
from mockserver.app.page.shell import HEADERS
from mockserver.app.served_documents import NO_CACHE
from mockserver.errors import ApiError, MethodNotAllowed
from mockserver.http.messages import NO_SNIFF, Request, Responder, Response, error_response, json_response
from mockserver.proxy.tally import ViolationTally
from mockserver.proxy.tally_page import page

VIOLATIONS, RESET = b"/_mock/violations", b"/_mock/reset"
WITH_A_MOCK = "Start the proxy with --fallback mock to have a mock beside it."
# What is the mock's alone, by the beginning of the path; reading is allowed where the page does it.
OF_A_MOCK: Mapping[bytes, str] = {
    b"/_mock/clock": "The instance has its own clock, which a proxy can't set.",
    b"/_mock/state": "The records are those of the instance, which a proxy can't put back or add to.",
    b"/_mock/presets": "The records are those of the instance, which a proxy can't put into a state.",
    b"/_mock/events": "The instance sends its own events; a proxy has none to send.",
    b"/_mock/deliveries": "The instance makes its own deliveries; a proxy has none.",
}
READ_BY_THE_PAGE = (b"/_mock/clock", b"/_mock/deliveries")


class NoMockHere(ApiError):
    """The control plane of a proxy is asked for what only a mock has."""

    status = 409

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} {WITH_A_MOCK}", hint=f"{why} {WITH_A_MOCK}")


class ProxyControl:
    """Answers calls to `/_mock` of a proxy."""

    def __init__(self, mock: Responder, access: AccessRule | None, tally: ViolationTally, *, has_mock: bool) -> None:
        """`mock` answers what a mock and a proxy have alike. Without an `access` rule the control plane is off."""
        self._mock, self._access, self._tally, self._has_mock = mock, access, tally, has_mock

    async def answer(self, request: Request) -> Response:
        """The response."""
        try:
            if request.raw_path == VIOLATIONS and self._access is not None:
                self._access.check(request)
                return self._violations(request)
            if not self._has_mock:
                _require_no_mock(request)
        except ApiError as error:
            return error_response(error)
        response = await self._mock(request)
        if request.raw_path == RESET and request.method == "POST" and response.status < 300:  # noqa: PLR2004 (a 2xx)
            self._tally.clear()
        return response

    def _violations(self, request: Request) -> Response:
        """All that was found since the start or the last reset; DELETE forgets it."""
        if request.method == "DELETE":
            self._tally.clear()
            return Response(204, [])
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["DELETE", "GET", "HEAD"])
        if b"text/html" in request.headers.get(b"accept", b""):
            return Response(200, [(b"content-type", b"text/html; charset=utf-8"), *HEADERS], page(self._tally))
        return json_response(200, self._tally.as_json(), [NO_CACHE, NO_SNIFF])


def _require_no_mock(request: Request) -> None:
    for prefix, why in OF_A_MOCK.items():
        path, is_read = request.raw_path, request.method in ("GET", "HEAD") and prefix in READ_BY_THE_PAGE
        if (path == prefix or path.startswith(prefix + b"/")) and not is_read:
            raise NoMockHere(why)
