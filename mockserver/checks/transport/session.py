"""Sessions: tokens by the contract's own operations, renewed before they expire, and kept secret.

Requests are made with placeholders such as `$OL_TOKEN`; the guarded transport puts the real values in when a request
leaves. So no report, log or recording ever holds one.
"""

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import requests

from mockserver.checks.transport.intermediaries import in_front
from mockserver.checks.transport.jwt_claims import claims, usable
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock
from mockserver.errors import MockserverError
from mockserver.escaping import visible
from mockserver.openapi.resources import Call, Surface, properties
from mockserver.openapi.structure import is_json_type

TOKEN, MEMBER_TOKEN, REFRESH_TOKEN = "$OL_TOKEN", "$OL_MEMBER_TOKEN", "$OL_REFRESH_TOKEN"
API_KEY, SECRET = "$OL_API_KEY", "$OL_SECRET"
USERNAME, PASSWORD = "$OL_USERNAME", "$OL_PASSWORD"
MEMBER_USERNAME, MEMBER_PASSWORD = "$OL_MEMBER_USERNAME", "$OL_MEMBER_PASSWORD"
EXPIRED_TOKEN = "$OL_EXPIRED_TOKEN"  # noqa: S105 (no password)
HEADER, BASIC = "$OL_HEADER_", "$OL_BASIC"  # the first header is $OL_HEADER_1
PLACEHOLDERS = (
    TOKEN, MEMBER_TOKEN, REFRESH_TOKEN, API_KEY, SECRET, USERNAME, PASSWORD, MEMBER_USERNAME, MEMBER_PASSWORD,
    EXPIRED_TOKEN, BASIC,
)  # fmt: skip
NAMES = (USERNAME, MEMBER_USERNAME)
LONGEST_TYPE = 80  # characters of a media type that are shown
LONGEST_MARGIN = 30.0  # seconds before the end of a token at which it is renewed
Send = Callable[[Call, Mapping[str, str], Any], requests.Response]


class NoLogin(MockserverError):
    """The error that there is no token, so the instance can't be judged.

    `response` is that of a login that is no refusal, and in JSON, but has no token in it.
    """

    def __init__(self, message: str, call: Call | None = None, response: requests.Response | None = None) -> None:
        super().__init__(message)
        self.call, self.response = call, response


@dataclass(frozen=True)
class Credentials:
    """The credentials of a run. Every value is a secret. `headers` and `basic`, a name and a password with a colon
    between, are for what stands in front of the instance. It `is_open` if anybody may do
    everything, as far as is known."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    member_username: str | None = field(default=None, repr=False)
    member_password: str | None = field(default=None, repr=False)
    expired_token: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    basic: str | None = field(default=None, repr=False)
    is_open: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether there is somebody who may do everything, as far as is known: an admin, the owner of an API key, or
        anybody."""
        return self.can_log_in or self.api_key is not None or self.is_open

    @property
    def can_log_in(self) -> bool:
        """Whether there are a name and a password."""
        return self.username is not None and self.password is not None

    @property
    def tokens_pass(self) -> bool:
        """Whether a request with a token passes what stands in front. It does so if nobody wants Basic authentication
        in its place, or if an admin's token did: without that a run ends at once."""
        return self.basic is None or self.can_log_in

    @property
    def has_member(self) -> bool:
        """Whether there is a member to log in as."""
        return self.member_username is not None and self.member_password is not None

    @property
    def given(self) -> list[str]:
        """The names of those that were given."""
        return [one.name for one in fields(self) if getattr(self, one.name)]

    def placeholders(self) -> dict[str, str]:
        """The credentials by their placeholders."""
        values = {
            USERNAME: self.username,
            PASSWORD: self.password,
            API_KEY: self.api_key,
            MEMBER_USERNAME: self.member_username,
            MEMBER_PASSWORD: self.member_password,
            EXPIRED_TOKEN: self.expired_token,
            BASIC: self.basic,
        }
        given = {name: value for name, value in values.items() if value is not None}
        return given | {f"{HEADER}{number}": value for number, (_, value) in enumerate(self.headers, start=1)}

    def headers_in_front(self, *, authorized: bool) -> dict[str, str]:
        """The headers for what stands in front, with placeholders. There is one Authorization: a request that is
        `authorized` by a token can't carry Basic authentication, too."""
        headers = {name: f"{HEADER}{number}" for number, (name, _) in enumerate(self.headers, start=1)}
        return headers if authorized or self.basic is None else {**headers, "Authorization": f"Basic {BASIC}"}

    def real_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers for what stands in front as they are, for somebody else who has to send them."""
        basic = (("Authorization", f"Basic {b64encode(self.basic.encode()).decode()}"),) if self.basic else ()
        return (*self.headers, *basic)

    def pairs(self) -> list[tuple[str, str]]:
        """Names with their passwords."""
        pairs = ((self.username, self.password), (self.member_username, self.member_password))
        return [(name, secret) for name, secret in pairs if name is not None and secret is not None]

    def parts(self) -> list[tuple[str, str]]:
        """Placeholders with what is secret by itself, too: the password of Basic authentication."""
        return [(BASIC, self.basic.partition(":")[2])] if self.basic else []


@dataclass(frozen=True)
class Identities:
    """The identities of a run: sessions by the placeholder of their token, and the headers of the run itself."""

    sessions: Mapping[str, "Session"]
    headers: Mapping[str, str]


@dataclass
class _Tokens:
    """The tokens of a login. `good_until` is on the monotonic clock."""

    access: str
    refresh: str | None
    good_until: float


class LoginPlace(NamedTuple):
    """The place of a login: its path parameters, and the option that names them."""

    arguments: Mapping[str, str]
    option: str = "--store"


class Session:
    """The tokens of one user. Nothing is requested before it is needed. `place` is where the login is."""

    def __init__(  # noqa: PLR0913 (who logs in, and where)
        self,
        surface: Surface,
        login: Call,
        names: tuple[str, str],
        send: Send,
        now: Callable[[], float] = time.monotonic,  # noqa: TID251 (real servers, real seconds)
        *,
        place: LoginPlace | None = None,
    ) -> None:
        self.login, self._refresh, self._names = login, surface.refresh_of(login), names
        self._send, self._now, self._surface = send, now, surface
        self._tokens: _Tokens | None = None
        self._place = place or LoginPlace({})
        self._lock = threading.RLock()
        self.oldest: str | None = None  # the first token, which may have expired
        self.ahead = 0.0  # seconds by which the clock of the instance's tokens is ahead of ours

    @property
    def arguments(self) -> Mapping[str, str]:
        """The path parameters of the login."""
        return self._place.arguments

    def token(self) -> str:
        """A token that is good for a while. Raises NoLogin."""
        with self._lock:  # one thread logs in, the others wait for its token
            if self._tokens is None:
                self._tokens = self._logged_in()
                self.oldest = self._tokens.access
            elif self._now() >= self._tokens.good_until:
                self._tokens = self._renewed(self._tokens)
            return self._tokens.access

    def renew(self, refused: str) -> str:
        """Another token in place of one that was refused. Raises NoLogin."""
        with self._lock:
            if self._tokens is not None and self._tokens.access == refused:
                self._tokens = self._renewed(self._tokens)
            return self.token()

    def log_in_again(self) -> requests.Response:
        """The response to one more login of the same user; the tokens in use stay."""
        return self._send(self.login, self.arguments, self.login_body())

    def login_body(self) -> dict[str, str]:
        """The body of the login, with placeholders in it."""
        name, secret = login_properties(self._surface, self.login)
        return {name: self._names[0], secret: self._names[1]}

    def _logged_in(self) -> _Tokens:
        response = self._send(self.login, self.arguments, self.login_body())
        tokens = self._read(response)
        if tokens is None:
            is_json = succeeded(response) and is_json_type(response.headers.get("Content-Type", ""))
            raise NoLogin(_why(self.login, response, self._place), self.login, response if is_json else None)
        return tokens

    def _renewed(self, old: _Tokens) -> _Tokens:
        """Tokens by the refresh token if it works, else by another login."""
        if old.refresh is not None and self._refresh is not None:
            tokens = self._read(self._send(self._refresh, self.arguments, self.refresh_body(old.refresh)))
            if tokens is not None:
                return tokens
        return self._logged_in()

    def refresh_body(self, refresh_token: str) -> dict[str, str]:
        """The body that renews, as the link from the login has it."""
        link = next(link for link in self._surface.links if link.source == self.login.id)
        return {str(name): refresh_token for name in link.body}

    def _read(self, response: requests.Response) -> _Tokens | None:
        access, refresh = issued(self._surface, self.login, response)
        if access is None:
            return None
        if (issued_at := claims(access).issued) is not None:
            self.ahead = issued_at - Clock().now()
        return _Tokens(access, refresh, self._now() + _lifetime(access))


def login_properties(surface: Surface, login: Call) -> tuple[str, str]:
    """The properties of a login's body that hold the name and the password."""
    pointer = next(iter(login.operation.media_types.values()))
    names = list(properties(surface.contract, surface.contract.at(pointer)))
    secret = next((name for name in names if "pass" in name.lower()), names[-1])
    return next(name for name in names if name != secret), secret


def token_properties(surface: Surface, login: Call) -> tuple[str, str | None]:
    """The properties of a login's response that hold the token, and what renews it."""
    link = next((link for link in surface.links if link.source == login.id and isinstance(link.body, dict)), None)
    value = next(iter(link.body.values()), "") if link else ""
    renewing = str(value).rpartition("/")[2] or None
    names = [name for name in surface.properties(login.operation, "2") if name != renewing]
    return next((name for name in names if "token" in name.lower()), names[0] if names else "token"), renewing


def issued(surface: Surface, login: Call, response: requests.Response) -> tuple[str | None, str | None]:
    """The token and the refresh token in a response; None for what isn't there, or can't be sent."""
    try:
        content = response.json() if succeeded(response) else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return None, None
    access, renewing = (content.get(name) if name else None for name in token_properties(surface, login))
    return usable(access), usable(renewing)


def _lifetime(token: str) -> float:
    """Seconds after which to renew a token. By its own two times, so that no clock has to agree with another."""
    lifetime = claims(token).lifetime
    if lifetime is None:
        return float("inf")
    return max(lifetime, 0.0) - min(LONGEST_MARGIN, max(lifetime, 0.0) / 3)


def carries_credential(values: Iterable[str]) -> bool:
    """Whether one of these values of headers is a credential of the instance, not of what stands in front of it."""
    return any("$OL_" in value and HEADER not in value and BASIC not in value for value in values)


def _why(login: Call, response: requests.Response, place: LoginPlace) -> str:
    kind = visible(response.headers.get("Content-Type", "no content type").partition(";")[0][:LONGEST_TYPE])
    where = f"{login.method} {login.path}"
    if front := in_front(response, login):
        page = f" with {kind}, not JSON" if succeeded(response) else ""
        return f"{where} answered {response.status_code}{page}: {front}."
    if response.status_code == requests.codes.not_found and place.arguments and is_json_type(kind):
        store = " and ".join(visible(value) for value in place.arguments.values())
        advice = f"Check {place.option}; if it is right, check the URL, which is the part before {login.path}"
        return f"{where} answered 404: store {store} isn't known there. {advice}."
    return _advice(login, where, response.status_code, kind)


def _advice(login: Call, where: str, status: int, kind: str) -> str:
    match status:
        case 400 | 401 | 403:
            is_usual = str(status) in login.operation.responses
            gate = "" if is_usual else ", and whether a gate in front wants a --header"
            return f"{where} answered {status}: check user name and password{gate}."
        case 404:
            return f"{where} answered 404: check the URL; it is the part before {login.path}."
        case 429:
            return f"{where} answered 429: too many logins. Wait a minute, or use an API key."
        case status if status >= 500:  # noqa: PLR2004 (a server's error)
            return f"{where} answered {status}: the instance is not well."
        case status if "json" not in kind:
            return f"{where} answered {status} with {kind}, not JSON: is this the API, or a login page in front of it?"
        case status:
            return f"{where} answered {status} without a token that can be used: is this Open Loyalty?"
