"""Placeholders in requests, such as `$OL_TOKEN`, and the secrets that take their places when a request leaves."""

import json
from base64 import b64encode
from collections.abc import Mapping

import requests

from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import BASIC, Credentials, Session


class Placeholders:
    """The placeholders of a run: those of its credentials, and of the tokens of its sessions."""

    def __init__(self, credentials: Credentials, sessions: Mapping[str, Session], secrets: Secrets) -> None:
        self._values, self._sessions, self._secrets = credentials.placeholders(), sessions, secrets

    def filled(self, request: requests.PreparedRequest) -> tuple[requests.PreparedRequest, dict[str, str]]:
        """A copy of a request with the secrets in it, and the tokens that it uses by their placeholders. Raises NoLogin
        and what a login raises."""
        used: dict[str, str] = {}
        real = self._with_headers(request, used)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if isinstance(body, bytes) and b"$OL_" in body:
            real.body = body = self._body(body)
            real.headers["Content-Length"] = str(len(body))
        return real, used

    def in_headers(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """A copy of a request with the secrets in its headers: its body is signed, and stays as it is."""
        return self._with_headers(request, {})

    def _with_headers(self, request: requests.PreparedRequest, used: dict[str, str]) -> requests.PreparedRequest:
        real = request.copy()
        for name, value in request.headers.items():
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            if "$OL_" in text:
                real.headers[name] = self._header(text, used)
        return real

    def _header(self, text: str, used: dict[str, str]) -> str:
        if text == f"Basic {BASIC}":
            return f"Basic {b64encode(self._values[BASIC].encode()).decode()}"
        for placeholder, session in self._sessions.items():
            if text.endswith(placeholder):
                token = used[placeholder] = session.token()
                self._secrets.add(token, placeholder)
                return text.replace(placeholder, token)
        for placeholder, value in self._values.items():
            if text.endswith(placeholder):  # behind `Bearer `, or the name of a cookie
                return text.removesuffix(placeholder) + value
        return text

    def _body(self, body: bytes) -> bytes:
        for placeholder, value in self._values.items():
            body = body.replace(json.dumps(placeholder).encode(), json.dumps(value).encode())
        return body
