"""mockserver.world.auth: who gets in, with which credential, and for how long."""

import asyncio
import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mockserver.clock import Clock, Ids, timestamp
from mockserver.errors import (
    ApiError,
    AuthenticationRequired,
    BadCredentials,
    ExpiredToken,
    InvalidToken,
    NotFound,
    TooManyRequests,
)
from mockserver.naming import Role
from mockserver.settings import Settings
from mockserver.storage.memory import MemoryState
from mockserver.storage.model import User
from mockserver.world.auth import CACHED_TOKENS, Auth, Principal
from mockserver.world.keys import SigningKey

pytestmark = pytest.mark.anyio

NOW = 1_768_473_000
ADMIN = User("admin-id", "admin", None, "admin", "password", "mock-api-key")
MEMBER = User("member-id", "member", "DEFAULT", "member", "password")
ODD = User("odd-id", "member", "DEFAULT", "odd", "pass\ud800word")
CLAIMS = {
    "iat": NOW,
    "exp": NOW + 86_400,
    "roles": ["ROLE_USER", "ROLE_ADMIN"],
    "username": "admin",
    "id": "admin-id",
    "lastLoginAt": None,
}
PEM = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)


async def make(settings: Settings, clock: Clock) -> Auth:
    """An Auth with a state of its own, in which there are an admin and two members of the store DEFAULT."""
    state = MemoryState(settings.stores)
    for user in (ADMIN, MEMBER, ODD):
        await state.add_user(user)
    return Auth(settings, clock, Ids(1), state)


@pytest.fixture
async def auth(settings: Settings, clock: Clock) -> Auth:
    """An Auth for most tests; its clock stands still."""
    return await make(settings, clock)


@pytest.fixture(scope="module")
def verifier(signing_key: str) -> Auth:
    """An Auth for all forgeries, as reading its key takes a while; it knows nobody."""
    settings = Settings(signing_key=signing_key)
    return Auth(settings, Clock(frozen_at=NOW), Ids(1), MemoryState(settings.stores))


@pytest.fixture
def pem(signing_key: str) -> bytes:
    """The mock's private key, for what a mock wouldn't sign itself."""
    return Path(signing_key).read_bytes()


@pytest.fixture(scope="module")
def private_key(signing_key: str) -> rsa.RSAPrivateKey:
    """The mock's private key, read once, as that takes a while."""
    key = serialization.load_pem_private_key(Path(signing_key).read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, unverified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def encoded(part: bytes | dict[str, Any]) -> str:
    """A segment of a JWT."""
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def headed(header: bytes) -> str:
    """What looks like a JWT, with this header."""
    return f"{encoded(header)}.e30.AAAA"


# ---------------------------------------------------------------- logging in
@pytest.mark.parametrize(
    ("user", "roles"),
    [(ADMIN, ["ROLE_USER", "ROLE_ADMIN"]), (MEMBER, ["ROLE_USER", "ROLE_PARTICIPANT"])],
    ids=["admin", "member"],
)
async def test_jwt_has_the_vendors_claims(auth: Auth, user: User, roles: list[str]) -> None:
    """A JWT has the vendor's claims and no other, is valid from now on, and for as long as set."""
    tokens = await auth.log_in(user.role, user.store_code, user.username, "password", "client")

    assert claims_of(tokens.token) == CLAIMS | {"roles": roles, "username": user.username, "id": user.user_id}


async def test_jwt_names_users_of_any_script(auth: Auth) -> None:
    """A user name of any script stands in a JWT as it is."""
    claims = CLAIMS | {"username": "Łucja 😀"}

    assert claims_of(auth.key.sign(claims)) == claims


async def test_last_login_is_null_first_then_set(auth: Auth, clock: Clock) -> None:
    """The first JWT says that there was no login before, each later one when the last was, a refresh included."""
    first = await auth.log_in("admin", None, "admin", "password", "client")
    clock.advance(60)
    second = await auth.log_in("admin", None, "admin", "password", "client")
    clock.advance(60)
    third = await auth.refresh("admin", None, second.refresh_token, "client")

    seen = [claims_of(tokens.token)["lastLoginAt"] for tokens in (first, second, third)]
    assert seen == [None, timestamp(NOW), timestamp(NOW + 60)]


async def test_token_begins_like_the_vendors(auth: Auth) -> None:
    """A JWT begins with the characters of the vendor's sample, and names its key."""
    tokens = await auth.log_in("admin", None, "admin", "password", "client")

    assert tokens.token.startswith("eyJhbGciOiJSUzI1NiIsInR5cCI6")
    assert jwt.get_unverified_header(tokens.token) == {"alg": "RS256", "typ": "JWT", "kid": auth.key.key_id}


async def test_refresh_token_is_as_long_as_the_vendors(auth: Auth) -> None:
    """A refresh token is 128 lower-case hexadecimal digits."""
    tokens = await auth.log_in("admin", None, "admin", "password", "client")

    assert len(tokens.refresh_token) == 128
    assert set(tokens.refresh_token) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("role", "store_code", "username", "password"),
    [
        ("admin", None, "admin", "Password"),
        ("admin", None, "admin", ""),
        ("admin", None, "nobody", "password"),
        ("admin", None, "nobody", ""),
        ("admin", None, "member", "password"),
        ("member", "DEFAULT", "admin", "password"),
        ("member", "OTHER", "member", "password"),
        ("admin", None, "admin", "pass\ud800word"),
        ("admin", None, "\udcff", "password"),
        ("member", "DEFAULT", "odd", "pass?word"),
        ("admin", None, "admin", "password" * 100_000),
    ],
)
async def test_wrong_login_is_refused(
    auth: Auth, role: Role, store_code: str | None, username: str, password: str
) -> None:
    """A wrong user name, password, role or store is refused in the same way, whatever characters it is made of."""
    with pytest.raises(BadCredentials):
        await auth.log_in(role, store_code, username, password, "client")


async def test_password_of_odd_characters_lets_in(auth: Auth) -> None:
    """A password that UTF-8 can't express is compared like any other."""
    tokens = await auth.log_in("member", "DEFAULT", "odd", "pass\ud800word", "client")

    assert auth.verify_bearer(tokens.token) == Principal("odd-id", "member")


async def test_login_in_an_unknown_store_is_not_found(auth: Auth) -> None:
    """Where there is no store there is nobody to log in."""
    with pytest.raises(NotFound):
        await auth.log_in("member", "NOWHERE", "member", "password", "client")


# ---------------------------------------------------------------- bearer tokens
async def test_jwt_names_its_owner(auth: Auth) -> None:
    """A JWT identifies whom it was handed out to, the first time and from then on."""
    admin = await auth.log_in("admin", None, "admin", "password", "client")
    member = await auth.log_in("member", "DEFAULT", "member", "password", "client")

    named = [auth.verify_bearer(tokens.token) for tokens in (admin, member, admin, member)]

    assert named == [Principal("admin-id", "admin"), Principal("member-id", "member")] * 2


Forge = Callable[[SigningKey, bytes], str]


def signed(claims: object, key: bytes | rsa.RSAPrivateKey, kid: str | None, algorithm: str = "RS256") -> str:
    """What another library signs with the mock's own key."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, key, algorithm, headers={"kid": kid} if kid else None)


def without(name: str) -> dict[str, Any]:
    """The claims but one."""
    return {key: value for key, value in CLAIMS.items() if key != name}


def hmac_signed(key: SigningKey, _: bytes) -> str:
    """The classic confusion of algorithms: an HMAC whose secret is the public key."""
    secret = key.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    message = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': key.key_id})}.{encoded(CLAIMS)}"
    return f"{message}.{encoded(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def strangers_with_our_kid(key: SigningKey, _: bytes) -> str:
    """A JWT of another key that pretends to be ours."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return signed(CLAIMS, other.private_bytes(*PEM, serialization.NoEncryption()), key.key_id)


def tampered(key: SigningKey, _: bytes) -> str:
    """A good JWT in which somebody made himself another."""
    header, _payload, signature = key.sign(CLAIMS).split(".")
    return f"{header}.{encoded(CLAIMS | {'id': 'another'})}.{signature}"


FORGERIES: dict[str, Forge] = {
    "alg none": lambda key, _: f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': key.key_id})}.{encoded(CLAIMS)}.",
    "alg none, our signature": lambda key, _: (
        f"{encoded({'alg': 'none', 'kid': key.key_id})}.{encoded(CLAIMS)}.{key.sign(CLAIMS).split('.')[2]}"
    ),
    "HS256 with the public key": hmac_signed,
    "RS512": lambda key, pem: signed(CLAIMS, pem, key.key_id, "RS512"),
    "PS256": lambda key, pem: signed(CLAIMS, pem, key.key_id, "PS256"),
    "foreign kid": lambda _, pem: signed(CLAIMS, pem, "0123456789abcdef"),
    "no kid": lambda _, pem: signed(CLAIMS, pem, None),
    "another mock's": lambda _, __: SigningKey().sign(CLAIMS),
    "another key with our kid": strangers_with_our_kid,
    "tampered": tampered,
    "cut by one": lambda key, _: key.sign(CLAIMS)[:-1],
    "no signature": lambda key, _: key.sign(CLAIMS).rpartition(".")[0] + ".",
    "two segments": lambda key, _: key.sign(CLAIMS).rpartition(".")[0],
    "four segments": lambda key, _: key.sign(CLAIMS) + ".AAAA",
    "empty": lambda _, __: "",
    "dots": lambda _, __: "..",
    "words": lambda _, __: "not a token",
    "megabyte": lambda _, __: "A" * 2**20,
    "megabyte of segments": lambda _, __: "A." * 2**19,
    "megabyte of header": lambda _, __: headed(b"[" + b" " * 2**20),
    "deep header": lambda _, __: headed(b"[" * 100_000),
    "deep closed header": lambda _, __: headed(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "header is a list": lambda _, __: headed(b"[]"),
    "header is no UTF-8": lambda _, __: headed(b"\xff"),
    "long number in the header": lambda _, __: headed(b'{"alg":' + b"9" * 10_000 + b"}"),
    "accents": lambda _, __: "é.é.é",
    "surrogates": lambda _, __: "\ud800.\ud800.\ud800",
    "NUL": lambda _, __: "\0",
    "payload is a list": lambda key, pem: signed([], pem, key.key_id),
    "payload is no JSON": lambda key, pem: signed(b"\xff", pem, key.key_id),
    "payload is deep": lambda key, pem: signed(b"[" * 100_000, pem, key.key_id),
    "no exp": lambda key, _: key.sign(without("exp")),
    "no id": lambda key, _: key.sign(without("id")),
    "no roles": lambda key, _: key.sign(without("roles")),
    "digits without end": lambda key, pem: signed(b'{"exp":' + b"9" * 10_000 + b"}", pem, key.key_id),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_forged_token_is_invalid(verifier: Auth, pem: bytes, forge: Forge) -> None:
    """Whatever this mock hasn't signed in this form is invalid: no crash, and no caller."""
    token = forge(verifier.key, pem)

    for _ in range(2):
        with pytest.raises(InvalidToken):
            verifier.verify_bearer(token)


ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0.5,
    NOW + 0.5,
    math.nan,
    math.inf,
    1e308,
    10**20,
    10**400,
    "",
    "inf",
    "ROLE_ADMIN",
    [],
    [1],
    {},
]
FITTING: dict[str, list[Any]] = {
    "username": ["", "inf", "ROLE_ADMIN"],
    "id": ["inf", "ROLE_ADMIN"],
    "lastLoginAt": [None, "inf", "ROLE_ADMIN"],
}
OF_ROLES: list[Any] = [
    ["ROLE_USER"],
    ["ROLE_ADMIN", 1],
    [["ROLE_ADMIN"]],
    {"ROLE_ADMIN": 1},
    "ROLE_USER ROLE_ADMIN",
    ["role_admin"],
]
WRONG = [(name, value) for name in (*CLAIMS, "nbf") for value in ODD_VALUES if value not in FITTING.get(name, ())]


@pytest.mark.parametrize(("name", "value"), [*WRONG, *(("roles", value) for value in OF_ROLES)])
async def test_claim_of_another_kind_is_invalid(
    verifier: Auth, private_key: rsa.RSAPrivateKey, name: str, value: object
) -> None:
    """A claim of a wrong type or size makes a JWT invalid, though the right key has signed it."""
    with pytest.raises(InvalidToken):
        verifier.verify_bearer(signed(CLAIMS | {name: value}, private_key, verifier.key.key_id))


@pytest.mark.parametrize("name", CLAIMS)
async def test_missing_claim_is_invalid(verifier: Auth, name: str) -> None:
    """A JWT without one of the vendor's claims is invalid, though the right key has signed it."""
    with pytest.raises(InvalidToken):
        verifier.verify_bearer(verifier.key.sign(without(name)))


async def test_further_claims_do_no_harm(verifier: Auth) -> None:
    """What another program with the same key adds is passed over: who knows it, and from when on it is good."""
    token = verifier.key.sign(CLAIMS | {"jti": "1", "iss": "me", "nbf": NOW, "more": [1.5]})

    assert verifier.verify_bearer(token) == Principal("admin-id", "admin")


async def test_token_is_not_good_before_its_time(auth: Auth, clock: Clock) -> None:
    """A JWT that begins later is invalid until then, and again when the clock is turned back."""
    token = auth.key.sign(CLAIMS | {"nbf": NOW + 10})
    for moved, is_good in ((0, False), (10, True), (-1, False), (1, True)):
        clock.advance(moved)
        if is_good:
            assert auth.verify_bearer(token) == Principal("admin-id", "admin")
        else:
            with pytest.raises(InvalidToken):
                auth.verify_bearer(token)


async def test_token_of_the_future_is_invalid(auth: Auth, clock: Clock) -> None:
    """A JWT that was issued later than the mock's clock has ever been isn't this mock's."""
    token = auth.key.sign(CLAIMS | {"iat": NOW + 1})

    with pytest.raises(InvalidToken):
        auth.verify_bearer(token)
    clock.advance(1)
    assert auth.verify_bearer(token) == Principal("admin-id", "admin")


async def test_turning_the_clock_back_logs_nobody_out(auth: Auth, clock: Clock) -> None:
    """Tokens that this mock has issued stay good when its clock is turned back, also those that nobody has shown."""
    clock.advance(5_000)
    token = (await auth.log_in("admin", None, "admin", "password", "client")).token

    clock.set(NOW - 5_000, frozen=True)

    assert auth.verify_bearer(token) == Principal("admin-id", "admin")


async def test_token_of_another_library_is_valid(verifier: Auth, pem: bytes) -> None:
    """What another library signs with the mock's key and its name is good: the forgeries fail for their flaw alone."""
    token = signed(CLAIMS, pem, verifier.key.key_id)

    assert verifier.verify_bearer(token) == Principal("admin-id", "admin")


async def test_token_expires_by_the_mocks_clock(auth: Auth, clock: Clock) -> None:
    """A JWT is good until the moment of its expiry, which isn't part of it, though it was seen and good before."""
    token = (await auth.log_in("admin", None, "admin", "password", "client")).token

    clock.advance(86_399)
    assert auth.verify_bearer(token) == Principal("admin-id", "admin")
    clock.advance(1)
    with pytest.raises(ExpiredToken):
        auth.verify_bearer(token)
    clock.advance(-1)
    assert auth.verify_bearer(token) == Principal("admin-id", "admin")


async def test_token_is_expired_at_first_sight(auth: Auth, clock: Clock) -> None:
    """A JWT that is too old is told from an invalid one, the first time and later."""
    token = auth.key.sign(CLAIMS | {"exp": NOW - 1, "iat": NOW - 100})

    for _ in range(2):
        with pytest.raises(ExpiredToken):
            auth.verify_bearer(token)
    clock.advance(-2)
    assert auth.verify_bearer(token) == Principal("admin-id", "admin")


async def test_forged_token_is_never_called_expired(auth: Auth) -> None:
    """An old JWT of another mock is invalid: only a good signature makes a date worth looking at."""
    with pytest.raises(InvalidToken):
        auth.verify_bearer(SigningKey().sign(CLAIMS | {"exp": NOW - 1}))


@pytest.fixture
def quick_settings(tmp_path: Path) -> Settings:
    """A key of one's own, at a size that signs thousands of JWTs in a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "key.pem"
    path.write_bytes(key.private_bytes(*PEM, serialization.NoEncryption()))
    return Settings(signing_key=str(path))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_cache_of_verified_tokens_is_bounded(quick_settings: Settings, clock: Clock) -> None:
    """However many JWTs are shown, so many are remembered and no more; the forgotten are as good as the others."""
    auth = await make(quick_settings, clock)
    tokens = [auth.key.sign(CLAIMS | {"id": str(n)}) for n in range(CACHED_TOKENS + 1)]

    named = [auth.verify_bearer(token).user_id for token in [*tokens, *tokens[:2], *tokens[-2:]]]

    numbers = [*range(CACHED_TOKENS + 1), 0, 1, CACHED_TOKENS - 1, CACHED_TOKENS]
    assert named == [str(n) for n in numbers]
    assert len(auth._verified) == CACHED_TOKENS  # noqa: SLF001 (how much is remembered can't be seen from outside)


# ---------------------------------------------------------------- refresh tokens
@pytest.mark.parametrize("user", [ADMIN, MEMBER], ids=["admin", "member"])
async def test_refresh_token_is_exchanged_once(auth: Auth, user: User) -> None:
    """A refresh token gives new tokens of the same owner, and is used up."""
    tokens = await auth.log_in(user.role, user.store_code, user.username, "password", "client")

    new = await auth.refresh(user.role, user.store_code, tokens.refresh_token, "client")

    assert auth.verify_bearer(new.token) == Principal(user.user_id, user.role)
    assert new.refresh_token != tokens.refresh_token
    with pytest.raises(BadCredentials):
        await auth.refresh(user.role, user.store_code, tokens.refresh_token, "client")
    assert await auth.refresh(user.role, user.store_code, new.refresh_token, "client")


@pytest.mark.parametrize(
    ("user", "role", "store_code"),
    [
        (ADMIN, "member", "DEFAULT"),
        (ADMIN, "member", None),
        (MEMBER, "admin", None),
        (MEMBER, "admin", "DEFAULT"),
        (MEMBER, "member", "OTHER"),
    ],
)
async def test_refresh_tokens_are_never_interchangeable(
    auth: Auth, user: User, role: Role, store_code: str | None
) -> None:
    """A refresh token serves neither another role nor another store, and showing it there doesn't use it up."""
    tokens = await auth.log_in(user.role, user.store_code, user.username, "password", "client")

    with pytest.raises(BadCredentials):
        await auth.refresh(role, store_code, tokens.refresh_token, "client")

    assert await auth.refresh(user.role, user.store_code, tokens.refresh_token, "client")


async def test_refresh_token_expires_by_the_mocks_clock(auth: Auth, clock: Clock) -> None:
    """A refresh token is good for as long as set."""
    first, second = [await auth.log_in("admin", None, "admin", "password", "client") for _ in range(2)]

    clock.advance(2_592_000 - 1)
    assert await auth.refresh("admin", None, first.refresh_token, "client")
    clock.advance(1)
    with pytest.raises(BadCredentials):
        await auth.refresh("admin", None, second.refresh_token, "client")


@pytest.mark.parametrize("token", ["", "unknown", "\ud800", "0" * 128])
async def test_unknown_refresh_token_is_refused(auth: Auth, token: str) -> None:
    """What was never handed out can't be exchanged."""
    with pytest.raises(BadCredentials):
        await auth.refresh("admin", None, token, "client")


async def test_jwt_is_no_refresh_token(auth: Auth) -> None:
    """A JWT can't be exchanged for another, nor a refresh token be shown in place of a JWT."""
    tokens = await auth.log_in("admin", None, "admin", "password", "client")

    with pytest.raises(BadCredentials):
        await auth.refresh("admin", None, tokens.token, "client")
    with pytest.raises(InvalidToken):
        auth.verify_bearer(tokens.refresh_token)


async def test_revoking_ends_refresh_tokens_only(auth: Auth) -> None:
    """Logging out ends all refresh tokens of the caller and nobody else's; the JWT stays good until it expires."""
    first, second = [await auth.log_in("admin", None, "admin", "password", "client") for _ in range(2)]
    member = await auth.log_in("member", "DEFAULT", "member", "password", "client")

    await auth.revoke(auth.verify_bearer(first.token))

    for tokens in (first, second):
        with pytest.raises(BadCredentials):
            await auth.refresh("admin", None, tokens.refresh_token, "client")
    assert auth.verify_bearer(first.token) == Principal("admin-id", "admin")
    assert await auth.refresh("member", "DEFAULT", member.refresh_token, "client")


async def test_refresh_token_is_exchanged_once_at_the_same_time(auth: Auth) -> None:
    """Of twenty requests with one refresh token that come at once, exactly one gets new tokens."""
    tokens = await auth.log_in("admin", None, "admin", "password", "client")

    requests = (auth.refresh("admin", None, tokens.refresh_token, "client") for _ in range(20))
    results = await asyncio.gather(*requests, return_exceptions=True)

    assert sum(isinstance(result, BadCredentials) for result in results) == 19


# ---------------------------------------------------------------- rate limit and API keys
async def test_failed_logins_count(settings: Settings, clock: Clock) -> None:
    """Failures count against the limit: once it is reached, the right password doesn't help either."""
    auth = await make(replace(settings, login_rate_limit=3), clock)
    for _ in range(3):
        with pytest.raises(BadCredentials):
            await auth.log_in("admin", None, "admin", "wrong", "client")

    with pytest.raises(TooManyRequests) as refused:
        await auth.log_in("admin", None, "admin", "password", "client")

    assert refused.value.retry_after == 60
    clock.advance(60)
    assert await auth.log_in("admin", None, "admin", "password", "client")


async def test_logins_and_refreshes_count_together(settings: Settings, clock: Clock) -> None:
    """Logins and refreshes, good and bad, share one limit; a refused refresh doesn't use its token up."""
    auth = await make(replace(settings, login_rate_limit=2), clock)
    tokens = await auth.log_in("admin", None, "admin", "password", "client")
    with pytest.raises(BadCredentials):
        await auth.refresh("admin", None, "unknown", "client")

    with pytest.raises(TooManyRequests):
        await auth.refresh("admin", None, tokens.refresh_token, "client")

    assert await auth.refresh("admin", None, tokens.refresh_token, "another client")


async def test_no_limit_is_no_limit(auth: Auth) -> None:
    """Where the limit is off, any number of logins is tried."""
    for _ in range(100):
        with pytest.raises(BadCredentials):
            await auth.log_in("admin", None, "admin", "wrong", "client")

    assert await auth.log_in("admin", None, "admin", "password", "client")


async def test_api_key_names_its_owner(auth: Auth) -> None:
    """The permanent key identifies the admin, at any time."""
    assert await auth.verify_api_key("mock-api-key") == Principal("admin-id", "admin")


@pytest.mark.parametrize("api_key", ["", "Mock-Api-Key", "mock-api-key ", "None", "\xff"])
async def test_wrong_api_key_is_no_credential(auth: Auth, api_key: str) -> None:
    """A key that belongs to nobody is as good as none."""
    with pytest.raises(AuthenticationRequired):
        await auth.verify_api_key(api_key)


# ---------------------------------------------------------------- the signing key
async def test_mocks_that_share_a_key_accept_each_others_tokens(settings: Settings, clock: Clock) -> None:
    """Two mocks with the same PEM file accept each other's JWTs."""
    one, other = await make(settings, clock), await make(settings, clock)

    tokens = await one.log_in("admin", None, "admin", "password", "client")

    assert other.verify_bearer(tokens.token) == Principal("admin-id", "admin")


async def test_mocks_without_a_key_make_their_own(settings: Settings, clock: Clock) -> None:
    """Without a PEM file each mock makes a key, and refuses the JWTs of the others."""
    one, other = [await make(replace(settings, signing_key=None), clock) for _ in range(2)]

    tokens = await one.log_in("admin", None, "admin", "password", "client")

    assert one.verify_bearer(tokens.token) == Principal("admin-id", "admin")
    with pytest.raises(InvalidToken):
        other.verify_bearer(tokens.token)


async def test_jwks_verifies_tokens(auth: Auth) -> None:
    """A client that knows the key set alone can verify a JWT, and finds the key by its name."""
    token = auth.key.sign(CLAIMS)

    keys = jwt.PyJWKSet.from_dict(auth.key.jwks())

    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, options={"verify_exp": False, "verify_iat": False}) == CLAIMS
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(SigningKey().sign(CLAIMS), key, options={"verify_exp": False, "verify_iat": False})


# ---------------------------------------------------------------- hints
async def _hint(refused: Any) -> str:
    """What the error of a call says to people."""
    with pytest.raises(ApiError) as error:
        await refused
    return error.value.hint


async def test_refresh_tokens_are_refused_with_a_reason(auth: Auth, clock: Clock) -> None:
    """A refresh token that is used up, of another role or store, or too old, says which."""
    await auth.log_in("admin", None, "admin", "password", "")
    admin = await auth.log_in("admin", None, "admin", "password", "")
    member = await auth.log_in("member", "DEFAULT", "member", "password", "")

    assert "of an admin: POST /api/token/refresh" in await _hint(
        auth.refresh("member", "DEFAULT", admin.refresh_token, "")
    )
    assert "of a member: POST" in await _hint(auth.refresh("admin", None, member.refresh_token, ""))
    assert "of store DEFAULT" in await _hint(auth.refresh("member", "OTHER", member.refresh_token, ""))
    clock.advance(2_592_001)
    assert "expired at 2026-02-14T10:30:00+00:00; it is" in await _hint(
        auth.refresh("admin", None, admin.refresh_token, "")
    )
    assert "Unknown refresh token" in await _hint(auth.refresh("admin", None, admin.refresh_token, ""))


async def test_hint_keeps_user_names_apart_from_passwords(auth: Auth) -> None:
    """Whether user name or password is wrong isn't told."""
    wrong = [("admin", "x"), ("nobody", "password")]

    assert len({await _hint(auth.log_in("admin", None, *pair, "")) for pair in wrong}) == 1


async def test_bearers_are_refused_with_a_reason(auth: Auth, clock: Clock, settings: Settings) -> None:
    """A JWT that is too old says when it ended, and one of another mock that it is of another mock."""
    token = (await auth.log_in("admin", None, "admin", "password", "")).token
    foreign = (
        await (await make(replace(settings, signing_key=None), clock)).log_in("admin", None, "admin", "password", "")
    ).token
    clock.advance(86_400)

    for refused, says in ((token, "expired at 2026-01-16T10:30:00"), (foreign, "Another mock signed"), ("x", "no JWT")):
        with pytest.raises(ApiError) as error:
            auth.verify_bearer(refused)
        assert says in error.value.hint
