"""The repaired document of a contract, cached for the next start.

Only a document that follows from one text alone is cached: one local file, read without a warning. A contract that is
refused is read again each time, and so is one from which something was left out, so that the user is warned again.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mockserver import __version__
from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache, Kept
from mockserver.openapi.loading.places import Place
from mockserver.openapi.loading.reading import Document, is_url, load
from mockserver.openapi.loading.sources import LocalFiles
from mockserver.openapi.structure import Steps

_MOST_GROWTH = 4  # how many times as long as its file a document may be, with all anchors written out
_PACKAGE = Path(__file__).parent.parent.parent
_EXECUTABLE = Path(sys.executable) if getattr(sys, "frozen", False) else None  # PyInstaller says so
_LIBRARIES = ("jsonschema_rs", "yaml")  # they decide what a schema and a text may be


class RepairedDocument(NamedTuple):
    """The served part of a `Document`: every schema of its content can be compiled. `place` finds where a value was
    read, in the files as they are; it is there if an overlay has changed the document, so that its text doesn't tell.
    `kept` is what else was made of the document, if it is cached.
    """

    text: bytes
    content: dict[str, Any]
    source: str
    files: tuple[Path, ...]
    place: Callable[[Steps], Place] | None = None
    kept: Kept | None = None


def load_repaired(
    source: str, cache: Cache, root: str | Path | None = None, overlay: str | Path | None = None
) -> RepairedDocument:
    """Load a contract from a file or an http(s) URL, as `load` does, without the keywords that no schema may hold.

    An `overlay` is applied first; nothing of that is cached.
    Each keyword left out is logged. Raises ContractError as `load` does.
    """
    version = f"{fingerprint(deciding_files())} {source}"
    if overlay is None and (found := _cached(source, cache, version, root)):
        return found
    document = load(source, check=False, root=root, overlay=overlay)
    has_warned = document.repair()
    kept = None
    if overlay is None and document.is_alone and not has_warned and not is_url(source) and _is_small(document):
        kept = Kept(cache, document.text, version)
        kept.put("repaired", document.content)
    place = None if overlay is None else document.place
    return RepairedDocument(document.text, document.content, document.source, document.files, place, kept)


def _cached(source: str, cache: Cache, version: str, root: str | Path | None) -> RepairedDocument | None:
    """The document that an earlier start cached, if the file still has the same text."""
    if is_url(source):
        return None
    files = LocalFiles(root)
    with suppress(ContractError):  # `load` raises it again
        text = files.text(source)
        kept = Kept(cache, text, version)
        content = kept.get("repaired")
        if isinstance(content, dict):
            return RepairedDocument(text, content, source, tuple(files.files), kept=kept)
    return None


def deciding_files(executable: Path | None = _EXECUTABLE) -> Iterator[Path]:
    """The files on which it depends what a document is read as: all modules of `mockserver.openapi`, the modules of
    `mockserver` itself, whose limits they use, and the libraries below them, which are not imported for it. An
    `executable` that PyInstaller made has all of them in one file."""
    if executable is not None:
        yield executable
        return
    yield from sorted(_PACKAGE.glob("*.py"))
    yield from sorted((_PACKAGE / "openapi").rglob("*.py"))
    for name in _LIBRARIES:
        found = find_spec(name)
        if found and found.origin:
            yield Path(found.origin)


def fingerprint(files: Iterable[Path]) -> str:
    """A digest of our version, Python's, and the path, time and size of each file: in a checkout, code changes without
    the version."""
    digest = sha256(f"{__version__} {sys.version}".encode())
    for path in files:
        status = path.stat()
        digest.update(f"\0{path}\0{status.st_mtime_ns}\0{status.st_size}".encode())
    return digest.hexdigest()


def _is_small(document: Document) -> bool:
    """Whether a document with its anchors written out isn't much longer than its file: JSON has no anchors."""
    if not document.has_copies:
        return True
    left = _MOST_GROWTH * len(document.text)
    waiting: list[Any] = [document.content]
    while waiting and left > 0:
        node = waiting.pop()
        if isinstance(node, dict):
            left -= sum(map(len, node))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
        left -= len(node) if isinstance(node, str) else 2
    return left > 0
