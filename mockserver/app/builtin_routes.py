"""Built-in routes: the contract, its documentation, health, and the public keys."""

import gzip
import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import unquote

import orjson

from mockserver.errors import ContractError
from mockserver.http.messages import JSON_TYPE, NO_SNIFF, Header, Request, Responder, Response, json_response
from mockserver.openapi.contract import Contract, Route
from mockserver.openapi.structure import pointer_to
from mockserver.world import World

logger = logging.getLogger("mockserver")

STATIC = Path(__file__).parent / "static"
VARY: Header = (b"vary", b"accept-encoding")
NO_CACHE: Header = (b"cache-control", b"no-cache")
MOST_LISTED = 20
MOST_HOSTS = 16  # names of this mock, for each of which a document is kept
# The viewer sets styles from its script; nothing else may come from outside or be inline.
POLICY: Header = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
)
DOCUMENTS = ("/openapi.json", "/openapi.yaml")
MEDIA_TYPES = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
    "txt": b"text/plain; charset=utf-8",
}
YAML = b"application/yaml; charset=utf-8"
_HOST = rb"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?"
_GZIP = rb"(?i)(?:^|,)\s*gzip\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))"  # but for `gzip;q=0`


def routes(world: World) -> dict[str, Responder]:
    """The responders of all built-in routes by path; all are for GET."""
    contract = world.contract
    sources = [{"slug": "api", "title": contract.document["info"]["title"], "url": "/openapi.json"}]
    if world.settings.control:
        sources.append({"slug": "control", "title": "Control plane", "url": "/_mock/openapi.json"})
    assets = [asset.name for asset in (STATIC / "assets").iterdir()]
    return {
        "/": partial(_constant, Response(302, [(b"location", b"/docs")])),
        "/docs": partial(_file, "docs.html", [NO_CACHE, POLICY]),
        **{f"/docs/assets/{name}": partial(_file, f"assets/{name}", [NO_CACHE]) for name in assets},
        "/docs/sources.json": partial(_json, sources),
        **documents(contract, ""),
        "/_mock/health": partial(_json, {"status": "ok"}),
        "/_mock/jwks.json": partial(_jwks, world),
    }


def resolve_path_conflict(route: Route, own: dict[str, Responder]) -> bool:
    """Decide between an operation and an own page of the same path. Returns whether the operation is served.

    The start page is removed from `own` for an operation, as it only redirects. An operation at a path of DOCUMENTS is
    not served: the contract is there anyway. Raises ContractError for any other conflict, and for paths below `/_mock`.
    """
    path = "/".join(map(unquote, route.path.split("/")))
    is_page = path in own and route.method in ("GET", "HEAD")
    if is_page and path == "/":
        del own[path]
    elif is_page and path in DOCUMENTS:
        logger.warning("%s is answered by the contract that is served, and not as it declares.", path)
        return False
    elif is_page or path.split("/")[1:2] == ["_mock"]:
        raise ContractError(
            f"the path {route.path} is the mock's own. Take it out, or give the API a base path, as by "
            "`servers: [{url: /api}]`.",
            pointer_to("paths", route.declared_path),
        )
    return True


def warn_of_unreachable(paths: Iterable[str]) -> None:
    """Log, in one line, the declared paths that no request can have."""
    listed = [path for path in dict.fromkeys(paths) if "?" in path or "#" in path]
    if listed:
        more = f", and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        shown = ", ".join(listed[:MOST_LISTED])
        logger.warning("the contract declares paths that no request has, with a query or fragment: %s%s", shown, more)


def documents(contract: Contract, base: str) -> dict[str, Responder]:
    """The routes of a contract as YAML and JSON, by path; all are for GET."""
    return {
        f"{base}/openapi.yaml": partial(_constant, _text(contract.text, YAML)),
        f"{base}/openapi.json": _JsonDocument(contract, named=contract.is_ours or bool(base)).answer,
    }


async def _constant(response: Response, _request: Request) -> Response:
    return replace(response, headers=[*response.headers])


async def _json(content: object, _request: Request) -> Response:
    return json_response(200, content, [NO_CACHE, NO_SNIFF])


class _JsonDocument:
    """A contract as JSON, serialised once and shared by all requests.

    If `named`, this mock is its first server, so that generated clients call it: by the Host of the request, for the
    first MOST_HOSTS of them, else by a relative URL.
    """

    def __init__(self, contract: Contract, *, named: bool) -> None:
        self._contract, self._named = contract, named
        self._responses: dict[str | None, Response] = {}

    async def answer(self, request: Request) -> Response:
        """The response with the document."""
        url = self._address(request) if self._named else None
        if url not in self._responses and len(self._responses) >= MOST_HOSTS:
            url = "/"
        if url not in self._responses:
            self._responses[url] = self._response(url)
        return replace(self._responses[url], headers=[*self._responses[url].headers])

    @staticmethod
    def _address(request: Request) -> str | None:
        host, scheme = request.headers.get(b"host", b""), request.source.scheme if request.source else "http"
        return f"{scheme}://{host.decode()}" if re.fullmatch(_HOST, host) else None

    def _response(self, url: str | None) -> Response:
        document = self._contract.document
        here = [] if url is None else [{"url": url, "description": "This mock."}]
        whole = document | {"servers": [*here, *document.get("servers", ())]} if here else document
        return Response(200, [JSON_TYPE, NO_CACHE, NO_SNIFF], orjson.dumps(whole))


async def _jwks(world: World, _request: Request) -> Response:
    return json_response(200, world.auth.key.jwks(), [NO_SNIFF])


async def _file(name: str, headers: list[Header], request: Request) -> Response:
    """A file of the documentation viewer, compressed if the client accepts gzip."""
    media_type = (b"content-type", MEDIA_TYPES[name.rpartition(".")[2]])
    compressed = re.search(_GZIP, request.headers.get(b"accept-encoding", b"")) is not None
    encoding = [(b"content-encoding", b"gzip")] if compressed else []
    body = _read(name, compressed=compressed)
    return Response(200, [media_type, *encoding, VARY, NO_SNIFF, *headers], body)


@lru_cache(maxsize=32)
def _read(name: str, *, compressed: bool) -> bytes:
    content = (STATIC / name).read_bytes()
    return gzip.compress(content, compresslevel=5, mtime=0) if compressed else content


def _text(body: bytes, media_type: bytes) -> Response:
    return Response(200, [(b"content-type", media_type), NO_CACHE, NO_SNIFF], body)
