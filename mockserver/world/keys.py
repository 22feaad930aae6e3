"""RSA key that signs JWTs. It needs pyjwt, which is slow to import: auth.py imports it with the first token."""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from mockserver.errors import InvalidToken, SettingsError

SMALLEST_KEY = 2048  # bits (RFC 7518, section 3.3)
NO_JWT = "The token is no JWT that is signed by RS256. Log in for one."
FOREIGN = "Another mock signed the token, or this one before it was started anew (--signing-key keeps the key). Log in."


class SigningKey:
    """The RSA key that signs JWTs: read from a PEM file, the `shared` one, or made when it is first needed."""

    def __init__(self, path: str | None = None, shared: bytes | None = None) -> None:
        self._algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
        self._given = _read_private_key(path) if path else _of_others(shared) if shared else None

    @cached_property
    def _private(self) -> rsa.RSAPrivateKey:
        return self._given or _new()

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        """Public half, which verifies."""
        return self._private.public_key()

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


def _of_others(pem: bytes) -> rsa.RSAPrivateKey:
    key = _parsed(pem)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError("The signing key in the database of --storage is no RSA key.")
    return key


def _read_private_key(path: str) -> rsa.RSAPrivateKey:
    try:
        key = _parsed(Path(path).read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"The signing key {path} can't be used: {error}. It must be an unencrypted RSA private key in PEM form."
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"The signing key {path} is no RSA key; RS256 needs one.")
    if key.key_size < SMALLEST_KEY:
        raise SettingsError(f"The signing key {path} is an RSA key of {key.key_size} bits; RS256 needs {SMALLEST_KEY}.")
    return key


@lru_cache(maxsize=1)
def _parsed(pem: bytes) -> PrivateKeyTypes:
    """The parsed key, cached for all mocks of a process, as the check of its primes takes 50 ms."""
    return serialization.load_pem_private_key(pem, password=None)
