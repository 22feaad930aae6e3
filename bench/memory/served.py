"""The mock of a document, and a client of it."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from bench.documents.valid_requests import base_path
from bench.memory.life import Ask, Told
from bench.shared.servers import Server
from mockserver.openapi.loading import Source

PATIENCE = 30


def command(document: Path, *more: str) -> list[str]:
    """The words that serve the mock of a document."""
    return [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--seed",
        "1",
        "--spec",
        str(document),
        *more,
        "--port",
        "{port}",
    ]


@contextmanager
def served(document: Path, overlay: Path | None = None) -> Iterator[str]:
    """The URL of a mock of a document, corrected by an overlay if there is one, with the path that it serves below.

    Raises DidNotStart."""
    prefix = base_path(Source(str(document), document.read_bytes()).content.get("servers") or [])
    corrected = ("--overlay", str(overlay)) if overlay else ()
    with Server(f"memory of {document.stem}", command(document, *corrected), core=None) as server:
        server.start()
        yield server.url + prefix


def asking(session: requests.Session, url: str, headers: Mapping[str, str]) -> Ask:
    """Asks the mock at a URL, as a client that accepts JSON and has a credential."""

    def ask(method: str, path: str, body: Any) -> Told:
        sent = {"Accept": "application/json, */*;q=0.5", **headers}
        answer = session.request(method, url + path, headers=sent, json=body, timeout=PATIENCE, allow_redirects=False)
        try:
            content = answer.json() if answer.content else None
        except ValueError:
            content = None
        told = answer.headers
        hint = told.get("X-Mock-Hint", "") or (answer.text[:120] if not answer.ok else "")
        return Told(answer.status_code, content, told.get("X-Mock-Source", ""), hint)

    return ask
