"""Logs in and makes a call with the token, by a Python library as it comes: `login.py BASE_URL LIBRARY`.

Exit code 3: the library isn't installed.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib import request

CREDENTIALS = {"username": "admin", "password": "password"}
MISSING = 3


def by_urllib(_: Any, login: str, call: str) -> tuple[int, int]:
    """The standard library."""
    headers = {"Content-Type": "application/json"}
    with request.urlopen(request.Request(login, json.dumps(CREDENTIALS).encode(), headers)) as answer:  # noqa: S310 (ours)
        status, token = answer.status, json.load(answer)["token"]
    with request.urlopen(request.Request(call, headers={"Authorization": f"Bearer {token}"})) as answer:  # noqa: S310 (ours)
        return status, answer.status


def by_requests(library: Any, login: str, call: str) -> tuple[int, int]:
    """requests, httpx and httpx2, which have these calls in common."""
    first = library.post(login, json=CREDENTIALS, timeout=10)
    bearer = {"Authorization": f"Bearer {first.json()['token']}"}
    return first.status_code, library.get(call, headers=bearer, timeout=10).status_code


def by_aiohttp(library: Any, login: str, call: str) -> tuple[int, int]:
    """aiohttp."""

    async def ask() -> tuple[int, int]:
        async with library.ClientSession() as session:
            first = await session.post(login, json=CREDENTIALS)
            bearer = {"Authorization": f"Bearer {(await first.json())['token']}"}
            return first.status, (await session.get(call, headers=bearer)).status

    return asyncio.run(ask())


BY: dict[str, Callable[[Any, str, str], tuple[int, int]]] = {
    "urllib": by_urllib,
    "requests": by_requests,
    "httpx": by_requests,
    "httpx2": by_requests,
    "aiohttp": by_aiohttp,
}


def main() -> int:
    """Ask, and print the statuses; returns the exit code."""
    base, name = sys.argv[1:]
    try:
        library = import_module(name)
    except ModuleNotFoundError:
        return MISSING
    login, call = BY[name](library, f"{base}/api/admin/login_check", f"{base}/api/DEFAULT/webhook/event")
    sys.stdout.write(f"login {login}\ncall {call}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
