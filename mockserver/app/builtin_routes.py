"""Built-in routes: the contract, its documentation, health, and the public keys."""

import gzip
import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mockserver.app.served_documents import NO_CACHE, PerAddress, documents, json_of
from mockserver.errors import ContractError, StorageAway
from mockserver.http.messages import (
    JSON_TYPE,
    NO_SNIFF,
    Header,
    Request,
    Responder,
    Response,
    error_response,
    json_response,
)
from mockserver.openapi.contract import Contract, Route
from mockserver.openapi.structure import pointer_to
from mockserver.settings import Settings
from mockserver.world import World

logger = logging.getLogger("mockserver")

STATIC = Path(__file__).parent / "static"
VARY: Header = (b"vary", b"accept-encoding")
METRICS = "/_mock/metrics"
DOCS, MOVED_DOCS = "/docs", "/_mock/docs"
NEWER = "/_mock/openapi-3.1.json"
PARTS = ("configuration.json", "contract.json")  # of the documentation page, beside its assets
MOST_LISTED = 20
GUIDES = ("assumptions", "vendor-facts")  # the documents of docs/ that are served
CREDENTIALS = ("admin_username", "admin_password", "api_key")
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
_GZIP = rb"(?i)(?:^|,)\s*gzip\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))"  # but for `gzip;q=0`


def routes(world: World) -> dict[str, Responder]:
    """The responders of all built-in routes by path; all are for GET."""
    contract = world.contract
    docs = documentation_path(contract)
    to_docs = partial(_constant, Response(302, [(b"location", docs.encode())]))
    return {
        "/": to_docs,
        MOVED_DOCS: to_docs,
        **_documentation(world, docs),
        **documents(contract, ""),
        **({NEWER: PerAddress(partial(_newer, contract), named=True).answer} if contract.is_shipped else {}),
        "/_mock/health": partial(_health, world) if world.replicas else partial(_json, {"status": "ok"}),
        "/_mock/jwks.json": partial(_jwks, world),
        **({METRICS: partial(_metrics, world)} if world.settings.control else {}),
    }


def documentation_path(contract: Contract) -> str:
    """The path of the documentation page: DOCS, or MOVED_DOCS if it would stand in the way of an operation there."""
    pages = {DOCS, *(f"{DOCS}/{name}" for name in (*_assets(), *PARTS))}
    taken = any(_decoded(route) in pages and route.method in ("GET", "HEAD") for route in contract.routes())
    return MOVED_DOCS if taken else DOCS


def tell_if_moved(docs: str) -> None:
    """Log where the documentation page is, if it isn't at its usual path."""
    if docs != DOCS:
        logger.warning("%s is the contract's: the documentation of this mock is at %s.", DOCS, docs)


def shows_contract(path: str) -> bool:
    """Whether an own page shows the contract: the control plane's don't, but for a documentation that has moved."""
    return not path.startswith("/_mock/") or path.startswith(f"{MOVED_DOCS}/") or path == MOVED_DOCS


def _documentation(world: World, docs: str) -> dict[str, Responder]:
    """The documentation page, and what it loads; all its addresses begin with `docs`."""
    contract = world.contract
    guides = GUIDES if contract.is_ours else ()
    configuration, annotated_contract = PARTS
    return {
        docs: partial(file, "docs.html", [NO_CACHE, POLICY]),
        **{f"{docs}/{name}": partial(file, f"{name}.html", [NO_CACHE, POLICY]) for name in guides},
        **{f"{docs}/{name}": partial(file, name, [NO_CACHE]) for name in _assets()},
        f"{docs}/{configuration}": partial(_json, page_configuration(contract, world.settings)),
        f"{docs}/{annotated_contract}": PerAddress(partial(_annotated, world), named=contract.is_ours).answer,
    }


def _assets() -> list[str]:
    return [f"assets/{asset.name}" for asset in (STATIC / "assets").iterdir()]


def _decoded(route: Route) -> str:
    return "/".join(map(unquote, route.path.split("/")))


def page_configuration(contract: Contract, settings: Settings) -> dict[str, Any]:
    """What the documentation page has to know: its documents, its guides, and the credentials with which it can call.

    Only credentials that everybody knows are in it, as anybody can read the page: those that the mock has by default.
    """
    api = {"slug": "api", "title": contract.document["info"]["title"], "url": "/openapi.json"}
    control = {"slug": "control", "title": "Control plane", "url": "/_mock/openapi.json"}
    is_known = {name: getattr(settings, name) == Settings.default(name) for name in CREDENTIALS}
    admin = {"username": settings.admin_username, "password": settings.admin_password}
    return {
        "documents": [api, control] if settings.control else [api],
        "isOurs": contract.is_ours,
        "admin": admin if is_known["admin_username"] and is_known["admin_password"] else None,
        "apiKey": settings.api_key if is_known["api_key"] else None,
    }


def resolve_path_conflict(route: Route, own: dict[str, Responder]) -> bool:
    """Decide between an operation and an own page of the same path. Returns whether the operation is served.

    The start page is removed from `own` for an operation, as it only redirects. An operation at a path of DOCUMENTS is
    not served: the contract is there anyway. Raises ContractError for any other conflict, and for paths below `/_mock`.
    """
    path = _decoded(route)
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


async def _constant(response: Response, _request: Request) -> Response:
    return replace(response, headers=[*response.headers])


async def _json(content: object, _request: Request) -> Response:
    return json_response(200, content, [NO_CACHE, NO_SNIFF])


async def _health(world: World, _request: Request) -> Response:
    """Whether a replica can answer. A balancer leaves out one that can't reach the database, as others may."""
    if world.replicas is None or world.replicas.is_ready:
        return json_response(200, {"status": "ok", **world.named}, [NO_CACHE, NO_SNIFF])
    headers = [*StorageAway().headers(), NO_CACHE, NO_SNIFF]
    return json_response(503, {"status": "storageAway", "message": StorageAway.message, **world.named}, headers)


def _newer(contract: Contract, url: str | None) -> Response:
    """The shipped contract, which is OpenAPI 3.0, as OpenAPI 3.1."""
    from mockserver.openapi.newer_version import as_openapi_31  # here, as few ask for it

    return Response(200, [JSON_TYPE, NO_CACHE, NO_SNIFF], json_of(as_openapi_31(contract.document), url))


async def _jwks(world: World, _request: Request) -> Response:
    return json_response(200, world.auth.key.jwks(), [NO_SNIFF])


async def _metrics(world: World, _request: Request) -> Response:
    from mockserver.app import metrics_page

    try:
        sizes, backlog = await world.state.sizes(), await world.deliveries.backlog()
        living = await world.replicas.living() if world.replicas else None
    except StorageAway as error:
        return error_response(error)
    text = metrics_page.page(world, sizes, backlog, living)
    return Response(200, [(b"content-type", metrics_page.MEDIA_TYPE), NO_CACHE, NO_SNIFF], text.encode())


async def file(name: str, headers: list[Header], request: Request) -> Response:
    """The response with a file of static/, or a guide, compressed if the client accepts gzip."""
    media_type = (b"content-type", MEDIA_TYPES[name.rpartition(".")[2]])
    compressed = re.search(_GZIP, request.headers.get(b"accept-encoding", b"")) is not None
    encoding = [(b"content-encoding", b"gzip")] if compressed else []
    body = _read(name, compressed=compressed)
    return Response(200, [media_type, *encoding, VARY, NO_SNIFF, *headers], body)


@lru_cache(maxsize=64)
def _read(name: str, *, compressed: bool) -> bytes:
    content = _content(name)
    return gzip.compress(content, compresslevel=5, mtime=0) if compressed else content


def _content(name: str) -> bytes:
    """A file of static/, or a guide."""
    guide = name.removesuffix(".html")
    if guide not in GUIDES:
        return (STATIC / name).read_bytes()
    from mockserver.app import guide_pages

    return guide_pages.page(guide)


def _annotated(world: World, url: str | None) -> Response:
    from mockserver.app.annotated_contract import Mock, annotated

    settings = world.settings
    mock = Mock(settings.engine == "compiled", settings.control, settings.control_token is not None)
    return Response(200, [JSON_TYPE, NO_CACHE, NO_SNIFF], annotated(world.contract, mock, url))
