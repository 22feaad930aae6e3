"""The source files of a contract, each read once: local files of one folder, or pages of one server, in bounded
number."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from mockserver.errors import ContractError
from mockserver.escaping import masked, masked_source
from mockserver.openapi.loading.folder import FileRefused, Folder, read_anywhere
from mockserver.openapi.loading.limits import MOST_VALUES
from mockserver.openapi.loading.parsing import Source

if TYPE_CHECKING:
    from mockserver.openapi.loading.fetching import Location, Web

MOST_DOCUMENTS = 5_000  # requested, whether they exist or not
MAX_TOTAL = 64 * 2**20  # bytes of all documents
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class _Documents:
    """The documents that were read, by name, and their total size."""

    def __init__(self) -> None:
        self.files: list[Path] = []  # that were requested, whether they exist or not
        self._sources: dict[str, Source] = {}
        self.values = self.asked = self._bytes = 0  # `asked` counts documents, whether they exist or not

    def _count(self) -> None:
        """Count another requested document. Raises ContractError if there are too many."""
        self.asked += 1
        if self.asked > MOST_DOCUMENTS:
            raise ContractError(f"a contract may have {MOST_DOCUMENTS} documents at most. Put some of them together.")

    def _parsed(self, name: str, text: bytes) -> Source:
        self._bytes += len(text)
        if self._bytes > MAX_TOTAL:
            raise ContractError(f"all documents have more than {MAX_TOTAL >> 20} MB. Leave out what isn't needed.")
        source = Source(name, text, MOST_VALUES - self.values)
        self.values += source.values
        return source


class LocalFiles(_Documents):
    """The local files of a contract, all below one folder; the root file may be elsewhere unless the folder was
    chosen."""

    def __init__(self, chosen: str | Path | None) -> None:
        super().__init__()
        self._chosen = chosen
        self._folder = Folder(chosen or ".", chosen=bool(chosen))

    def root(self, name: str) -> Source:
        """The root file, parsed. Raises ContractError."""
        return self._read(name, self._reader_of_root(name))

    def text(self, name: str) -> bytes:
        """The content of the root file, not parsed. Raises ContractError."""
        return self._text(name, self._reader_of_root(name))

    def neighbour(self, source: Source, reference: str) -> Source:
        """The file that a reference in `source` leads to. Raises ContractError."""
        if _SCHEME.match(reference):
            raise ContractError(
                "a file may not refer to the web, nor to any URL. Download what it needs; give it a relative path."
            )
        return self._read(os.path.normpath(Path(source.name).parent / unquote(reference)), self._folder.read)

    def close(self) -> None:
        """Do nothing: files are closed as soon as they are read."""

    def _reader_of_root(self, name: str) -> Callable[[str], bytes]:
        """The function that reads the root file. Raises ContractError."""
        if not self._chosen:
            self._folder = Folder(Path(name).parent)
        elif not Path(self._folder.path).is_dir():
            raise ContractError(f"{self._chosen} is no folder. Correct --spec-root, or leave it out.")
        return self._folder.read if self._chosen else read_anywhere

    def _read(self, name: str, read: Callable[[str], bytes]) -> Source:
        key = os.path.abspath(name)  # noqa: PTH100 (absolute() would keep `..`)
        if key not in self._sources:
            self._count()
            self._sources[key] = self._parsed(name, self._text(name, read))
        return self._sources[key]

    def _text(self, name: str, read: Callable[[str], bytes]) -> bytes:
        try:
            text = read(name)
        except FileRefused as error:
            raise ContractError(f"{masked_source(name)} {error}") from None
        except (OSError, ValueError) as error:
            self.files.append(Path(name))
            reason = getattr(error, "strerror", None) or error
            raise ContractError(f"{masked_source(name)} can't be read: {reason}. Check the path.") from error
        self.files.append(Path(name))
        return text


class WebPages(_Documents):
    """The pages of a contract, all on one web server."""

    def __init__(self, web: "Web") -> None:
        super().__init__()
        self._web = web
        self._root: Location | None = None

    def root(self, name: str) -> Source:
        """The root page, parsed. Raises ContractError."""
        from mockserver.openapi.loading.fetching import Location

        try:
            location = Location.of(name)
        except ValueError as error:
            raise ContractError(f"{masked(name)} can't be fetched: {error}. Check the URL.") from None
        return self._read(location)

    def neighbour(self, source: Source, reference: str) -> Source:
        """The page that a reference in `source` leads to. Raises ContractError."""
        from mockserver.openapi.loading.fetching import Location

        try:
            location = Location.of(urljoin(source.name, reference))
        except ValueError:
            location = None
        if location is None or self._root is None or location.origin != self._root.origin:
            raise ContractError("it is not on the server of the contract. Download all files and serve the local ones.")
        return self._read(location)

    def close(self) -> None:
        """End all connections."""
        self._web.close()

    def _read(self, location: "Location") -> Source:
        key = str(location)
        if key not in self._sources:
            self._count()
            final, text = self._web.fetch(location)
            self._root = self._root or final
            name = str(final)
            if name not in self._sources:
                self._sources[name] = self._parsed(name, text)
            self._sources[key] = self._sources[name]
        return self._sources[key]
