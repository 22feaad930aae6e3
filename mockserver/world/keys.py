"""RSA key that signs JWTs. It needs pyjwt, which is slow to import: auth.py imports it with the first token."""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from mockserver.errors import InvalidToken, SettingsError

SMALLEST_KEY = 2048  # bits (RFC 7518, section 3.3)
NO_JWT = "The token is no JWT that is signed by RS256. Log in for one."
FOREIGN = "Another mock signed the token, or this one before it was started anew (--signing-key keeps the key). Log in."


class SigningKey:
    """The RSA key that signs JWTs: read from a PEM file, the `shared` one, or made when it is first needed.

    Of a given one the first signature waits for the proof that its factors are prime, which takes longer than all else
    of a start; to verify takes its public half alone.
    """

    def __init__(self, path: str | None = None, shared: bytes | None = None) -> None:
        self._algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
        self._pem = _read_pem(path) if path else shared
        self._given = _given_key(path, self._pem) if self._pem is not None else None

    @cached_property
    def _private(self) -> rsa.RSAPrivateKey:
        return _new() if self._pem is None else _proven(self._pem)

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        """Public half, which verifies."""
        return (self._given or self._private).public_key()

    @cached_property
    def key_id(self) -> str:
        """Key id (`kid`): a digest of the public half, the same in all servers that share the key."""
        der = self.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        digest = hashes.Hash(hashes.SHA256())
        digest.update(der)
        return digest.finalize().hex()[:16]

    @cached_property
    def _header(self) -> bytes:
        return base64url_encode(orjson.dumps({"alg": "RS256", "typ": "JWT", "kid": self.key_id}))

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        key = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        return {"keys": [key | {"kid": self.key_id, "alg": "RS256", "use": "sig", "key_ops": ["verify"]}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A signed JWT with these claims. Its header begins with `alg` and `typ`, as the vendor's does; pyjwt's own
        encoder would put `kid` between them."""
        message = self._header + b"." + base64url_encode(orjson.dumps(claims))
        signature = base64url_encode(self._algorithm.sign(message, self._private))
        return (message + b"." + signature).decode()

    def verify(self, token: str) -> dict[str, Any]:
        """Claims of a JWT that this key signed. Raises InvalidToken. Times such as `exp` aren't checked."""
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            decoded = jwt.decode_complete(token, self.public, algorithms=["RS256"], options=options)
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise InvalidToken(hint=FOREIGN if isinstance(error, jwt.InvalidSignatureError) else NO_JWT) from error
        if decoded["header"].get("kid") != self.key_id:
            raise InvalidToken(hint=FOREIGN)
        claims: dict[str, Any] = decoded["payload"]
        return claims


def new_private_key() -> bytes:
    """A new private key as PEM, for several mocks to share."""
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return _new().private_bytes(pem, form, serialization.NoEncryption())


def _new() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=SMALLEST_KEY)


def _read_pem(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from error


def _given_key(path: str | None, pem: bytes) -> rsa.RSAPrivateKey:
    """The key in a file, or without one that of the database, which may not sign yet. Raises SettingsError."""
    try:
        key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(path, error) from error
    named = f"The signing key {path}" if path else "The signing key in the database of --storage"
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"{named} is no RSA key; RS256 needs one.")
    if key.key_size < SMALLEST_KEY:
        raise SettingsError(f"{named} is an RSA key of {key.key_size} bits; RS256 needs {SMALLEST_KEY}.")
    if not _is_consistent(key.private_numbers()):
        raise _unusable(path, "its parts don't belong together")
    return key


def _is_consistent(key: rsa.RSAPrivateNumbers) -> bool:
    """Whether the numbers of a key belong together (RFC 8017, section 3.2), but for the proof that two are prime."""
    p, q, d, e = key.p, key.q, key.d, key.public_numbers.e
    return (
        min(p, q) > 1
        and p * q == key.public_numbers.n
        and all(d * e % (prime - 1) == 1 for prime in (p, q))
        and (key.dmp1, key.dmq1, key.iqmp * q % p) == (d % (p - 1), d % (q - 1), 1)
    )


def _unusable(path: str | None, reason: object) -> SettingsError:
    named = path or "in the database of --storage"
    return SettingsError(
        f"The signing key {named} can't be used: {reason}. It must be an unencrypted RSA private key in PEM form."
    )


@lru_cache(maxsize=1)
def _proven(pem: bytes) -> rsa.RSAPrivateKey:
    """The RSA key in a PEM, which may sign. It is cached for all mocks of a process, as the check of its primes takes
    50 ms. Raises ValueError if they are none."""
    return cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(pem, password=None))
