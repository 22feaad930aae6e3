"""The most that one process can sign: `python -m bench.rows.signing PRIVATE_KEY SECONDS` prints how many RS256 tokens a
second a bare loop of pyjwt makes."""

import sys
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def main(key_file: str, seconds: float) -> None:
    """Sign, and print."""
    key = load_pem_private_key(Path(key_file).read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 (the harness made it)
    claims = {"iat": 1, "exp": 2, "roles": ["ROLE_USER", "ROLE_ADMIN"], "username": "admin", "id": "1"}
    started, signed = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        jwt.encode(claims, key, "RS256", headers={"kid": "0123456789abcdef"})
        signed += 1
    print(signed / (time.perf_counter() - started))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
