"""Authentication: passwords, JWTs, refresh tokens and API keys.

JWTs are RS256 with the claims of vendor-facts §2.2: iat, exp, roles, username, id, lastLoginAt.
A JWT is valid until it expires; revoking ends refresh tokens only.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.clock import EARLIEST, LATEST, SECRET_DIGITS, Clock, Ids, timestamp
from mockserver.errors import AuthenticationRequired, BadCredentials, ExpiredToken, InvalidToken, named
from mockserver.naming import Role
from mockserver.settings import LONGEST_TTL, Settings
from mockserver.signing import same
from mockserver.storage.model import RefreshToken, User
from mockserver.storage.state import State

if TYPE_CHECKING:
    from mockserver.world.keys import SigningKey

ROLES: dict[Role, list[str]] = {"admin": ["ROLE_USER", "ROLE_ADMIN"], "member": ["ROLE_USER", "ROLE_PARTICIPANT"]}
ROLE_NAMES = {"ROLE_ADMIN", "ROLE_PARTICIPANT"}  # one of which decides the role
REFRESH_TOKEN_DIGITS = SECRET_DIGITS  # 64 random bytes, the library's default (vendor-facts §2.3)
CACHED_TOKENS = 2_000
_A: dict[Role, str] = {"admin": "an admin", "member": "a member"}


def _is_moment(value: object) -> bool:
    """Whether a claim is a moment in whole seconds that a JWT of a mock can have: no float, as one may be NaN."""
    return type(value) is int and EARLIEST <= value <= LATEST + LONGEST_TTL


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


# A check of each required claim, as anybody may hold the signing key. Further claims are allowed.
CLAIMS: Mapping[str, Callable[[Any], bool]] = {
    "iat": _is_moment,
    "exp": _is_moment,
    "roles": lambda value: isinstance(value, list) and all(map(_is_text, value)) and not ROLE_NAMES.isdisjoint(value),
    "username": lambda value: isinstance(value, str),
    "id": _is_text,
    "lastLoginAt": lambda value: value is None or _is_text(value),
}


class Principal(NamedTuple):
    """An authenticated caller."""

    user_id: str
    role: Role


class Tokens(NamedTuple):
    """Tokens that a login or a refresh returns."""

    token: str
    refresh_token: str


class Auth:
    """Issues and verifies credentials, by the world's clock and state."""

    def __init__(
        self, settings: Settings, clock: Clock, ids: Ids, state: State, shared_key: bytes | None = None
    ) -> None:
        """`shared_key` signs JWTs (PEM) where the settings name no key."""
        self._shared_key = shared_key
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._state = state
        self._verified: dict[str, tuple[Principal, int, int]] = {}
        if settings.signing_key:
            _ = self.key  # an unusable key is an error at the start

    @cached_property
    def key(self) -> "SigningKey":
        """Key that signs and verifies JWTs. Raises SettingsError if the given one can't be used."""
        from mockserver.world.keys import SigningKey

        return SigningKey(self._settings.signing_key, self._shared_key)

    async def log_in(self, role: Role, store_code: str | None, username: str, password: str, client: str) -> Tokens:
        """Exchange a user name and password for tokens. Raises BadCredentials or TooManyRequests."""
        await self._count(client)
        user = await self._state.user_by_login(role, store_code, username)
        expected = user.password if user else ""
        if not same(expected, password) or user is None:
            raise BadCredentials(hint=_no_such_user(role, store_code))
        tokens = await self._tokens(user)
        await self._state.record_login(user.user_id, self._clock.now())
        return tokens

    async def refresh(self, role: Role, store_code: str | None, refresh_token: str, client: str) -> Tokens:
        """Exchange a refresh token for new tokens; it is used up. Raises BadCredentials or TooManyRequests."""
        await self._count(client)
        now, stored = self._clock.now(), await self._state.refresh_token(refresh_token)
        user = await self._state.take_refresh_token(refresh_token, role, store_code, now)
        if user is None:
            raise BadCredentials(hint=_why_refused(stored, role, store_code, now))
        return await self._tokens(user)

    async def revoke(self, principal: Principal) -> None:
        """End all refresh tokens of the caller."""
        await self._state.revoke_refresh_tokens(principal.user_id)

    def verify_bearer(self, token: str) -> Principal:
        """The caller named by a JWT. Raises InvalidToken or ExpiredToken.

        Verified tokens are cached, as checking a signature is most of a request's time; the expiry is checked each
        time, by the world's clock.
        """
        known = self._verified.get(token)
        if known is None:
            known = self._remember(token, self.key.verify(token))
        principal, begins_at, expires_at = known
        now = self._clock.now()
        if now >= expires_at:
            raise ExpiredToken(hint=_too_late("token", expires_at, now))
        if now < begins_at:
            raise InvalidToken(hint=f"The token isn't valid before {_time(begins_at)}; it is {_time(now)} on the mock.")
        return principal

    async def verify_api_key(self, api_key: str) -> Principal:
        """The admin to whom a permanent API key belongs. Raises AuthenticationRequired (assumption A07)."""
        user = await self._state.user_by_api_key(api_key)
        if user is None:
            raise AuthenticationRequired(hint="No user of this mock has the API key that was sent (--api-key).")
        return Principal(user.user_id, user.role)

    async def _count(self, client: str) -> None:
        if self._settings.login_rate_limit:
            await self._state.count_login(client, self._clock.now(), self._settings.login_rate_limit)

    async def _tokens(self, user: User) -> Tokens:
        now = self._clock.now()
        refresh_token = RefreshToken(
            token=self._refresh_token(),
            user_id=user.user_id,
            role=user.role,
            store_code=user.store_code,
            expires_at=now + self._settings.refresh_ttl,
        )
        stored = await self._state.add_refresh_token(refresh_token, now, self._refresh_token)
        return Tokens(self.key.sign(self._claims(user, int(now))), stored.token)

    def _refresh_token(self) -> str:
        return self._ids.secret(REFRESH_TOKEN_DIGITS)

    def _claims(self, user: User, now: int) -> dict[str, Any]:
        return {
            "iat": now,
            "exp": now + self._settings.token_ttl,
            "roles": ROLES[user.role],
            "username": user.username,
            "id": user.user_id,
            "lastLoginAt": None if user.last_login_at is None else timestamp(user.last_login_at),
        }

    def _remember(self, token: str, claims: Mapping[str, Any]) -> tuple[Principal, int, int]:
        """The caller named by a verified token, with the moments from and until which it is valid; cached. Raises
        InvalidToken for claims that no mock writes, and if it was issued later than this mock's clock has ever been."""
        begins_at = claims.get("nbf", 0)
        is_sound = all(name in claims and fits(claims[name]) for name, fits in CLAIMS.items()) and _is_moment(begins_at)
        if not is_sound:
            raise InvalidToken(hint=f"The token's claims aren't those of a mock's ({', '.join(CLAIMS)}). Log in again.")
        if claims["iat"] > self._clock.latest():
            raise InvalidToken(
                hint=f"The token was issued at {_time(claims['iat'])}; it is {_time(self._clock.now())} on the mock."
            )
        role: Role = "admin" if "ROLE_ADMIN" in claims["roles"] else "member"
        known = (Principal(claims["id"], role), begins_at, claims["exp"])
        if len(self._verified) >= CACHED_TOKENS:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = known
        return known


# ---------------------------------------------------------------- hints: why a credential was refused
def _no_such_user(role: Role, store_code: str | None) -> str:
    """One hint for a wrong user name and for a wrong password: which of them it is, is nobody's business."""
    who = "admin" if role == "admin" else f"member of store {named(store_code or '')}"
    return f"No {who} has this user name and password (--{role}-username, --{role}-password)."


def _why_refused(stored: RefreshToken | None, role: Role, store_code: str | None, now: float) -> str:
    if stored is None:
        return "Unknown refresh token: each is used up by one refresh, and revoking or a reset ends them. Log in again."
    if stored.role != role:
        at = "/api/token/refresh" if stored.role == "admin" else "/api/{storeCode}/token/refresh"
        return f"The refresh token is of {_A[stored.role]}: POST {at} takes it."
    if stored.store_code != store_code:
        return f"The refresh token is of store {named(stored.store_code or '')}."
    return _too_late("refresh token", stored.expires_at, now)


def _too_late(what: str, expired_at: float, now: float) -> str:
    return f"The {what} expired at {_time(expired_at)}; it is {_time(now)} on the mock. Log in again."


def _time(moment: float) -> str:
    return timestamp(min(moment, LATEST))
