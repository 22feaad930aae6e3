"""Served documents: a contract as YAML and JSON, which names the address at which this mock was asked.

Whoever reads a document at another port or host than the default one finds that address in its servers and in the lines
that it shows for a shell.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from mockserver.http.messages import JSON_TYPE, NO_SNIFF, Header, Request, Responder, Response
from mockserver.openapi.contract import Contract

NO_CACHE: Header = (b"cache-control", b"no-cache")
MOST_HOSTS = 16  # names of this mock, for each of which a document is kept
RELATIVE = "/"  # the URL of this mock for all other names
YAML: Header = (b"content-type", b"application/yaml; charset=utf-8")
_HOST = rb"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?"
_DEFAULT = rb"http://(?:localhost|127\.0\.0\.1):8181(?![0-9])"  # where a contract says that the mock is


def documents(contract: Contract, base: str) -> dict[str, Responder]:
    """The routes of a contract as YAML and JSON, by path; all are for GET."""
    named = contract.is_ours or bool(base)
    return {
        f"{base}/openapi.yaml": PerAddress(partial(_yaml, contract), named=named).answer,
        f"{base}/openapi.json": PerAddress(partial(_json, contract), named=named).answer,
    }


class PerAddress:
    """Responses that tell the address of this mock: each is made once, and shared by all requests.

    If `named`, `make` gets the URL by the Host of the request, for the first MOST_HOSTS of them, else RELATIVE. It gets
    None for a Host that is none, and for all if not `named`.
    """

    def __init__(self, make: Callable[[str | None], Response], *, named: bool) -> None:
        self._make, self._named = make, named
        self._responses: dict[str | None, Response] = {}

    async def answer(self, request: Request) -> Response:
        """The response for the address at which the mock was asked."""
        url = _address(request) if self._named else None
        if url not in self._responses and len(self._responses) >= MOST_HOSTS:
            url = RELATIVE
        if url not in self._responses:
            self._responses[url] = self._make(url)
        return replace(self._responses[url], headers=[*self._responses[url].headers])


def json_of(document: Mapping[str, Any], url: str | None) -> bytes:
    """A document as JSON. With the URL of this mock, that is its first server, so that generated clients call it."""
    if url is None:
        return orjson.dumps(document)
    others = [server for server in document.get("servers", ()) if not _is_default(server)]
    here = {"url": url, "description": "This mock."}
    return _at(url, orjson.dumps({**document, "servers": [here, *others]}))


def _yaml(contract: Contract, url: str | None) -> Response:
    return Response(200, [YAML, NO_CACHE, NO_SNIFF], _at(url, contract.text))


def _json(contract: Contract, url: str | None) -> Response:
    return Response(200, [JSON_TYPE, NO_CACHE, NO_SNIFF], json_of(contract.document, url))


def _at(url: str | None, text: bytes) -> bytes:
    """The text with the URL of this mock where it says the default one; as it is without an absolute URL."""
    return text if url is None or url == RELATIVE else re.sub(_DEFAULT, url.encode(), text)


def _is_default(server: Mapping[str, Any]) -> bool:
    return re.fullmatch(_DEFAULT, str(server.get("url")).encode()) is not None


def _address(request: Request) -> str | None:
    host, scheme = request.headers.get(b"host", b""), request.source.scheme if request.source else "http"
    return f"{scheme}://{host.decode()}" if re.fullmatch(_HOST, host) else None
