"""mockserver.world.keys: the key that signs JWTs, where it is read and how it is published."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mockserver.errors import SettingsError
from mockserver.world.keys import SigningKey, new_private_key

PEM = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)

P256, PRIME239V3 = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030106")  # names of curves


@pytest.fixture
def pem(signing_key: str) -> bytes:
    """The mock's private key, for what a mock wouldn't sign itself."""
    return Path(signing_key).read_bytes()


def test_jwks_shows_public_members_only(signing_key: str) -> None:
    """The key set holds one key, and of that nothing but what is public."""
    (key,) = SigningKey(signing_key).jwks()["keys"]

    assert set(key) == {"kty", "n", "e", "kid", "alg", "use", "key_ops"}
    assert (key["kty"], key["alg"], key["use"], key["key_ops"]) == ("RSA", "RS256", "sig", ["verify"])


def unknown_curve() -> bytes:
    """A key on a curve that the library doesn't know: one that it knows, under another name."""
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    text = base64.encodebytes(der.replace(P256, PRIME239V3))
    return b"-----BEGIN PRIVATE KEY-----\n" + text + b"-----END PRIVATE KEY-----\n"


BAD_KEYS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "not PEM": lambda: b"secret\n",
    "garbage in PEM": lambda: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "elliptic curve": lambda: ec.generate_private_key(ec.SECP256R1()).private_bytes(*PEM, serialization.NoEncryption()),
    "unknown curve": unknown_curve,
    "encrypted": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        *PEM, serialization.BestAvailableEncryption(b"password")
    ),
    "short": lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024).private_bytes(  # noqa: S505 (meant)
        *PEM, serialization.NoEncryption()
    ),
    "public": lambda: (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    ),
}


@pytest.mark.parametrize("content", BAD_KEYS.values(), ids=BAD_KEYS)
def test_bad_key_file_is_refused_in_one_line(tmp_path: Path, content: Callable[[], bytes]) -> None:
    """A file that holds no unencrypted RSA private key is refused in one line that names it and says what is needed."""
    path = write(tmp_path, content())

    with pytest.raises(SettingsError, match="RSA") as refused:
        SigningKey(path)

    assert path in str(refused.value)
    assert "\n" not in str(refused.value)


def test_key_file_is_looked_at_each_time(tmp_path: Path, pem: bytes, signing_key: str) -> None:
    """A file that was replaced holds another key, though a key that was seen before isn't checked again."""
    before = SigningKey(write(tmp_path, pem))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    after = SigningKey(write(tmp_path, other.private_bytes(*PEM, serialization.NoEncryption())))

    assert before.key_id == SigningKey(signing_key).key_id
    assert after.public == other.public_key()


@pytest.mark.parametrize("name", ["missing.pem", ".", "nul\0.pem"])
def test_unreadable_key_file_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    """A key file that isn't there, or is no file, is refused in one line that names it."""
    with pytest.raises(SettingsError, match="RSA private key in PEM form") as refused:
        SigningKey(f"{tmp_path}/{name}")

    assert f"{tmp_path}/{name}" in str(refused.value)
    assert "\n" not in str(refused.value)


def write(folder: Path, content: bytes) -> str:
    """A file with this content."""
    path = folder / "key.pem"
    path.write_bytes(content)
    return str(path)


def test_shared_key_is_one_key() -> None:
    """Mocks that are given the same PEM sign with one key, and verify each other's tokens."""
    pem = new_private_key()
    one, other = SigningKey(shared=pem), SigningKey(shared=pem)

    assert one.key_id == other.key_id
    assert other.verify(one.sign({"id": "a"})) == {"id": "a"}


def test_shared_key_that_is_no_rsa_key_is_refused() -> None:
    """Another kind of key in the database is refused in one line."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(*PEM, serialization.NoEncryption())

    with pytest.raises(SettingsError, match="no RSA key"):
        SigningKey(shared=pem)
