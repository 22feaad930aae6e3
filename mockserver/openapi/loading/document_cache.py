"""Keeping what reading a contract came to, for the next start.

Only what follows from one text alone is kept: of a contract in one local file, whose reading had nothing to tell. A
contract that is refused is read again each time, and so is one of which something was left out, to be told again.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from mockserver import __version__
from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache
from mockserver.openapi.loading.reading import is_url, load
from mockserver.openapi.loading.sources import LocalFiles

_MOST_GROWTH = 4  # how many times as long as its file a document may be, with all anchors written out


class RepairedDocument(NamedTuple):
    """What is served of a `Document`: every schema of its content can be compiled."""

    text: bytes
    content: dict[str, Any]
    source: str
    files: tuple[Path, ...]


def load_repaired(source: str, cache: Cache, root: str | Path | None = None) -> RepairedDocument:
    """A contract from a file or an http(s) URL, as `load` reads it, without what no schema may hold.

    Raises ContractError as `load` does; what is left out is logged.
    """
    how = _how(source)
    if found := _kept(source, cache, how, root):
        return found
    document = load(source, check=False, root=root)
    is_told = document.repair()
    if document.is_alone and not is_told and not is_url(source) and _is_small(document.content, document.text):
        cache.put(document.text, how, document.content)
    return RepairedDocument(document.text, document.content, document.source, document.files)


def _kept(source: str, cache: Cache, how: str, root: str | Path | None) -> RepairedDocument | None:
    """What an earlier start kept of a file that says the same now."""
    if is_url(source):
        return None
    files = LocalFiles(root)
    with suppress(ContractError):  # `load` tells it
        text = files.text(source)
        content = cache.get(text, how)
        return RepairedDocument(text, content, source, tuple(files.files)) if isinstance(content, dict) else None
    return None


def _how(source: str) -> str:
    """The reader: by its name, on which it depends what a file may be, and by all that decides what it accepts. In a
    checkout that changes without the version, so the time of each module counts, too."""
    modules = [*Path(__file__).parent.glob("*.py"), Path(jsonschema_rs.__file__)]
    return " ".join(["load_repaired", __version__, *(str(path.stat().st_mtime_ns) for path in sorted(modules)), source])


def _is_small(content: Any, text: bytes) -> bool:
    """Whether a document, written out, isn't much longer than its file: what anchors share would be there each time."""
    left = _MOST_GROWTH * len(text)
    waiting = [content]
    while waiting and left > 0:
        node = waiting.pop()
        if isinstance(node, dict):
            left -= sum(map(len, node))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
        left -= len(node) if isinstance(node, str) else 2
    return left > 0
