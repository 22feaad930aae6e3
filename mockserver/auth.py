"""Who is calling: passwords, JWTs, refresh tokens and API keys. The only user of pyjwt.

JWTs are RS256 with the claims of the vendor's libraries (facts §2.2): iat, exp, roles, username, id, lastLoginAt.
A JWT is good until it expires; revoking ends refresh tokens only.
"""

import hmac
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from mockserver.clock import Clock, Ids, timestamp
from mockserver.errors import AuthenticationRequired, BadCredentials, ExpiredToken, InvalidToken, SettingsError
from mockserver.model import RefreshToken, Role, User
from mockserver.settings import Settings
from mockserver.state import State

ROLES: dict[Role, list[str]] = {"admin": ["ROLE_USER", "ROLE_ADMIN"], "member": ["ROLE_USER", "ROLE_PARTICIPANT"]}
REFRESH_TOKEN_DIGITS = 128  # 64 random bytes, the library's default (facts §2.3)
CACHED_TOKENS = 2_000
SMALLEST_KEY = 2048  # bits (RFC 7518, section 3.3)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller."""

    user_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login or a refresh hands out."""

    token: str
    refresh_token: str


class SigningKey:
    """The RSA key that signs JWTs: read from a PEM file, or made when it is first needed."""

    def __init__(self, path: str | None = None) -> None:
        self._algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
        self._given = _read_private_key(path) if path else None

    @cached_property
    def _private(self) -> rsa.RSAPrivateKey:
        return self._given or rsa.generate_private_key(public_exponent=65537, key_size=SMALLEST_KEY)

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        """The key that verifies."""
        return self._private.public_key()

    @cached_property
    def key_id(self) -> str:
        """Names the key: a digest of its public half, so that servers sharing the key agree."""
        der = self.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        digest = hashes.Hash(hashes.SHA256())
        digest.update(der)
        return digest.finalize().hex()[:16]

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        key = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        return {"keys": [key | {"kid": self.key_id, "alg": "RS256", "use": "sig", "key_ops": ["verify"]}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT. The vendor's begin with `alg`, then `typ`; pyjwt's own encoder would put `kid` between them."""
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        segments = [base64url_encode(_compact(part)) for part in (header, claims)]
        message = b".".join(segments)
        signature = base64url_encode(self._algorithm.sign(message, self._private))
        return (message + b"." + signature).decode()

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a JWT that this key signed. Raises InvalidToken; looks at no times."""
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            decoded = jwt.decode_complete(token, self.public, algorithms=["RS256"], options=options)
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise InvalidToken from error
        if decoded["header"].get("kid") != self.key_id:
            raise InvalidToken
        claims: dict[str, Any] = decoded["payload"]
        return claims


class Auth:
    """Hands out credentials and checks them, by the world's clock and state."""

    def __init__(self, settings: Settings, clock: Clock, ids: Ids, state: State) -> None:
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._state = state
        self.key = SigningKey(settings.signing_key)
        self._verified: dict[str, tuple[Principal, float]] = {}

    async def log_in(self, role: Role, store_code: str | None, username: str, password: str, client: str) -> Tokens:
        """Exchange a user name and password for tokens. Raises BadCredentials or TooManyRequests."""
        await self._count(client)
        user = await self._state.user_by_login(role, store_code, username)
        expected = user.password if user else ""
        if not _same(expected, password) or user is None:
            raise BadCredentials
        tokens = await self._tokens(user)
        await self._state.record_login(user.user_id, self._clock.now())
        return tokens

    async def refresh(self, role: Role, store_code: str | None, refresh_token: str, client: str) -> Tokens:
        """Exchange a refresh token for new tokens; it is used up. Raises BadCredentials or TooManyRequests."""
        await self._count(client)
        user = await self._state.take_refresh_token(refresh_token, role, store_code, self._clock.now())
        if user is None:
            raise BadCredentials
        return await self._tokens(user)

    async def revoke(self, principal: Principal) -> None:
        """End all refresh tokens of the caller."""
        await self._state.revoke_refresh_tokens(principal.user_id)

    async def verify_bearer(self, token: str) -> Principal:
        """The caller whom a JWT names. Raises InvalidToken or ExpiredToken.

        Verified tokens are remembered, as checking a signature is most of a request's time; the expiry is looked at
        each time, by the world's clock.
        """
        known = self._verified.get(token)
        if known is None:
            known = self._remember(token, self.key.verify(token))
        principal, expires_at = known
        if self._clock.now() >= expires_at:
            raise ExpiredToken
        return principal

    async def verify_api_key(self, api_key: str) -> Principal:
        """The admin whom a permanent key belongs to. Raises AuthenticationRequired (assumption A07)."""
        user = await self._state.user_by_api_key(api_key)
        if user is None:
            raise AuthenticationRequired
        return Principal(user.user_id, user.role)

    async def _count(self, client: str) -> None:
        if self._settings.login_rate_limit:
            await self._state.count_login(client, self._clock.now(), self._settings.login_rate_limit)

    async def _tokens(self, user: User) -> Tokens:
        now = self._clock.now()
        refresh_token = RefreshToken(
            token=self._ids.hex(REFRESH_TOKEN_DIGITS),
            user_id=user.user_id,
            role=user.role,
            store_code=user.store_code,
            expires_at=now + self._settings.refresh_ttl,
        )
        await self._state.add_refresh_token(refresh_token, now)
        return Tokens(self.key.sign(self._claims(user, int(now))), refresh_token.token)

    def _claims(self, user: User, now: int) -> dict[str, Any]:
        return {
            "iat": now,
            "exp": now + self._settings.token_ttl,
            "roles": ROLES[user.role],
            "username": user.username,
            "id": user.user_id,
            "lastLoginAt": None if user.last_login_at is None else timestamp(user.last_login_at),
        }

    def _remember(self, token: str, claims: dict[str, Any]) -> tuple[Principal, float]:
        try:
            role: Role = "admin" if "ROLE_ADMIN" in claims["roles"] else "member"
            known = (Principal(str(claims["id"]), role), float(claims["exp"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InvalidToken from error
        if len(self._verified) >= CACHED_TOKENS:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = known
        return known


def _same(expected: str, given: str) -> bool:
    """Compare in constant time; a Python string may hold what UTF-8 can't, hence `surrogatepass`."""
    return hmac.compare_digest(expected.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _read_private_key(path: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"The signing key {path} can't be used: {error}. It must be an unencrypted RSA private key in PEM form."
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"The signing key {path} is no RSA key; RS256 needs one.")
    if key.key_size < SMALLEST_KEY:
        raise SettingsError(f"The signing key {path} is an RSA key of {key.key_size} bits; RS256 needs {SMALLEST_KEY}.")
    return key
