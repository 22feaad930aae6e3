"""The document of the page, its scripts and styles, and the login of a mock that has a control token."""

import hmac
from functools import partial
from urllib.parse import parse_qs

from mockserver.app.builtin_routes import STATIC, file
from mockserver.app.control_access import ControlAccess, is_in_session, is_of_own_page
from mockserver.app.served_documents import NO_CACHE
from mockserver.errors import ApiError, ControlTokenRequired, ForeignOrigin, SentByAMock
from mockserver.http.messages import NO_SNIFF, Header, Request, Responder, Response, error_response
from mockserver.settings import Settings
from mockserver.world.page_sessions import PageSessions
from mockserver.world.reserved_headers import SESSION

LONGEST_FORM = 8 * 1024  # bytes
# Nothing is inline, nothing is evaluated, and no text can become markup: `require-trusted-types-for`.
POLICY: Header = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        b"require-trusted-types-for 'script'; trusted-types 'none'"
    ),
)
HEADERS: list[Header] = [
    NO_CACHE,
    POLICY,
    (b"referrer-policy", b"same-origin"),  # without any, browsers hide the origin of the form, too
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


def assets() -> dict[str, Responder]:
    """The responders of scripts, styles and the icon, by name."""
    names = [path.name for path in (STATIC / "ui").iterdir() if path.suffix != ".html"]
    headers = [NO_CACHE, (b"cross-origin-resource-policy", b"same-origin")]
    return {name: partial(file, f"ui/{name}", headers) for name in names}


class Shell:
    """The document, for those who may use the control plane; the others get a form that asks for the token."""

    def __init__(self, settings: Settings, sessions: PageSessions, access: ControlAccess) -> None:
        self._token = None if settings.control_token is None else settings.control_token.encode()
        self._sessions, self._access = sessions, access

    async def show(self, request: Request) -> Response:
        """The page; the form, if the token is missing."""
        try:
            self._access.check(request)
        except ControlTokenRequired:
            return await file("ui/login.html", HEADERS, request)
        except ApiError as error:
            return error_response(error)
        return await file("ui/page.html", HEADERS, request)

    async def log_in_or_out(self, request: Request) -> Response:
        """Take the form: back to the page with the cookie, or without it; the form again for a wrong token."""
        try:
            if b"x-mock-delivery" in request.headers:
                raise SentByAMock
            if not is_of_own_page(request):
                raise ForeignOrigin
            form = parse_qs((await request.read(LONGEST_FORM)).decode("latin-1"), max_num_fields=8)
        except ApiError as error:
            return error_response(error)
        except ValueError:
            form = {}
        if "leave" in form:
            if is_in_session(self._sessions, request):  # else whoever reaches the mock could end those of others
                self._sessions.end()
            return self._back(request, b"; Max-Age=0")
        given = form.get("token", [""])[0].encode("latin-1")
        if self._token is not None and not hmac.compare_digest(self._token, given):
            return await file("ui/refused.html", HEADERS, request)
        return self._back(request, self._sessions.cookie)

    def _back(self, request: Request, cookie: bytes) -> Response:
        secure = b"; Secure" if request.source and request.source.scheme == "https" else b""
        # Without a path it is for all below the folder of this page, wherever the mock is mounted.
        value = SESSION.encode() + b"=" + cookie + b"; HttpOnly; SameSite=Strict" + secure
        return Response(303, [(b"location", b"ui"), (b"set-cookie", value), NO_CACHE, NO_SNIFF])
