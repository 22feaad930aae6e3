"""What the mock serves besides the API: the contract, its documentation, health, and the public keys."""

import gzip
import re
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from mockserver.contract import Contract
from mockserver.messages import Answer, Header, Request, Responder, json_answer
from mockserver.world import World

STATIC = Path(__file__).parent / "static"
VARY: Header = (b"vary", b"accept-encoding")
NO_CACHE: Header = (b"cache-control", b"no-cache")
# The viewer sets styles from its script; nothing else may come from outside or be inline.
POLICY: Header = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
)
MEDIA_TYPES = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
    "txt": b"text/plain; charset=utf-8",
}
YAML = b"application/yaml; charset=utf-8"
_HOST = re.compile(rb"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_GZIP = re.compile(rb"(?:^|,)\s*gzip\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))", re.IGNORECASE)  # but for `gzip;q=0`


def routes(world: World) -> dict[str, Responder]:
    """The pages by path; all answer to GET."""
    contract = world.contract
    sources = [{"slug": "api", "title": contract.document["info"]["title"], "url": "/openapi.json"}]
    if world.settings.control:
        sources.append({"slug": "control", "title": "Control plane", "url": "/_mock/openapi.json"})
    assets = [asset.name for asset in (STATIC / "assets").iterdir()]
    return {
        "/": partial(_constant, Answer(302, [(b"location", b"/docs")])),
        "/docs": partial(_file, "docs.html", [NO_CACHE, POLICY]),
        **{f"/docs/assets/{name}": partial(_file, f"assets/{name}", [NO_CACHE]) for name in assets},
        "/docs/sources.json": partial(_json, sources),
        **documents(contract, ""),
        "/_mock/health": partial(_json, {"status": "ok"}),
        "/_mock/jwks.json": partial(_jwks, world),
    }


def documents(contract: Contract, base: str) -> dict[str, Responder]:
    """The pages of a contract, in both forms; all answer to GET."""
    return {
        f"{base}/openapi.yaml": partial(_constant, _text(contract.text, YAML)),
        f"{base}/openapi.json": partial(_document, contract, named=contract.is_ours or bool(base)),
    }


async def _constant(answer: Answer, _request: Request) -> Answer:
    return replace(answer, headers=[*answer.headers])


async def _json(content: object, _request: Request) -> Answer:
    return json_answer(200, content, [NO_CACHE])


async def _document(contract: Contract, request: Request, *, named: bool) -> Answer:
    """A contract as JSON. If `named`, this mock is its first server, wherever it listens, so that clients made from it
    call it."""
    document, host = contract.document, request.headers.get(b"host", b"")
    if named and _HOST.fullmatch(host):
        scheme = request.source.scheme if request.source else "http"
        here = {"url": f"{scheme}://{host.decode()}", "description": "This mock."}
        document = document | {"servers": [here, *document.get("servers", ())]}
    return json_answer(200, document, [NO_CACHE])


async def _jwks(world: World, _request: Request) -> Answer:
    return json_answer(200, world.auth.key.jwks())


async def _file(name: str, headers: list[Header], request: Request) -> Answer:
    """A file of the documentation viewer, compressed for those who take it."""
    media_type = (b"content-type", MEDIA_TYPES[name.rpartition(".")[2]])
    compressed = _GZIP.search(request.headers.get(b"accept-encoding", b"")) is not None
    encoding = [(b"content-encoding", b"gzip")] if compressed else []
    body = _read(name, compressed=compressed)
    return Answer(200, [media_type, *encoding, VARY, *headers], body)


@lru_cache(maxsize=32)
def _read(name: str, *, compressed: bool) -> bytes:
    content = (STATIC / name).read_bytes()
    return gzip.compress(content, compresslevel=5, mtime=0) if compressed else content


def _text(body: bytes, media_type: bytes) -> Answer:
    return Answer(200, [(b"content-type", media_type), NO_CACHE], body)
