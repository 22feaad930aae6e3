"""A request to an operation, and the headers of those who make one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from mockserver.checks.transport.session import API_KEY, MEMBER_TOKEN, TOKEN, Credentials
from mockserver.openapi.resources import Call, Surface


def operation_request(
    base_url: str, call: Call, arguments: Mapping[str, str], method: str | None = None, **options: Any
) -> requests.Request:
    """The request to an operation: `json`, `params` and `headers` as requests has them."""
    steps = {name: quote(value, safe="", errors="replace") for name, value in arguments.items()}
    query = {name: str(value).encode("utf-8", "replace") for name, value in (options.pop("params", None) or {}).items()}
    return requests.Request(method or call.method, base_url + call.url(**steps), params=query, **options)


def session_through(transport: requests.adapters.BaseAdapter) -> requests.Session:
    """A session whose requests all go through a transport, and that takes nothing from the environment."""
    session = requests.Session()
    session.trust_env = False  # no password of ~/.netrc; the transport knows the proxies
    session.mount("http://", transport)
    session.mount("https://", transport)
    return session


def as_admin(credentials: Credentials, surface: Surface) -> dict[str, str]:
    """The header of the run's own identity: the admin, else the API key, else the member."""
    if credentials.can_log_in:
        return {"Authorization": f"Bearer {TOKEN}"}
    if credentials.api_key is not None:
        return key_header(surface)
    return {} if credentials.is_open else as_member()


def key_header(surface: Surface) -> dict[str, str]:
    """The header with the API key, where the contract wants it. Empty if no operation takes a key."""
    scheme = surface.key_scheme
    if scheme is None:
        return {}
    if scheme.get("in") == "cookie":
        return {"Cookie": f"{scheme['name']}={API_KEY}"}
    return {scheme["name"]: API_KEY} if "in" in scheme else {"Authorization": f"Bearer {API_KEY}"}


def as_member() -> dict[str, str]:
    """The header of the member."""
    return {"Authorization": f"Bearer {MEMBER_TOKEN}"}
