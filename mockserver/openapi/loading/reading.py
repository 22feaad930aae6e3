"""From a file or a URL, with everything it refers to, to one document with local references only.

The way of a document: read → parsed → shape and version → bundled → judged by openapi-spec-validator. What refuses a
document names the file and the line.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.errors import ContractError
from mockserver.escaping import masked_source
from mockserver.openapi.loading.bundling import Bundler, Place
from mockserver.openapi.loading.complexity import DocumentSize, LimitExceeded, ValidationCost
from mockserver.openapi.loading.limits import most_written_out
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.loading.repair import repair
from mockserver.openapi.loading.sources import LocalFiles, WebPages
from mockserver.openapi.loading.validity import Problem, problems
from mockserver.openapi.structure import Steps, steps_of

if TYPE_CHECKING:
    from mockserver.openapi.loading.fetching import Web

MAX_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI 3.0 document as one piece: every reference is local.

    `source` is the path or URL it was read from, `text` the root file as it is, `content` what all files say together,
    with strings as keys; `files` are the local files that were read, the root first. `is_alone` says that no other
    document was asked for: then all of this follows from `source` and `text`.
    """

    source: str
    text: bytes
    content: dict[str, Any]
    files: tuple[Path, ...]
    is_alone: bool
    _bundler: Bundler = field(repr=False, compare=False)

    def line(self, pointer: str) -> str:
        """`file:line` of what a JSON pointer leads to, wherever it was read."""
        return self._bundler.place(steps_of(f"#{pointer}")).line

    def place(self, steps: Steps) -> Place:
        """Where something of the document was read, or as much of the way to it as exists."""
        return self._bundler.place(steps)

    def problems(self) -> Iterator[Problem]:
        """What openapi-spec-validator has to say: first about the form of the document, if that is right, about its
        sense."""
        try:
            yield from problems(self._bundler, self.content)
        except RecursionError:
            raise _too_deep(masked_source(self.source)) from None

    def repair(self) -> bool:
        """Take out of `content` what no schema may hold, and tell it. Then every schema of it can be compiled. Whether
        there was anything to tell."""
        return repair(self._bundler.schemas)


def load(
    source: str | Path, *, check: bool = True, root: str | Path | None = None, web: "Web | None" = None
) -> Document:
    """Read a contract from a file or an http(s) URL.

    What a file refers to must be below the folder `root`; without one, below the folder that the file is in. What a URL
    refers to must be on the same server, which is asked by `web`. Without `check`, the document isn't judged by
    openapi-spec-validator; what can't be served at all is refused anyway.
    Raises ContractError, which names the file, the line where there is one, and what to do. Its `files` are the local
    files that were asked for until then, be they there or not.
    """
    with closing(_sources_of(str(source), root, web)) as sources:
        try:
            return _loaded(sources, str(source), check=check)
        except ContractError as error:
            error.files = tuple(sources.files)
            raise


def explained(source: str, root: str | Path | None, error: Exception) -> ContractError:
    """Why a contract that was read without `check` can't be served after all, with file, line, and what to do.

    `error` is what came of it: a ContractError says what is wrong, and this says where. Of anything else, which shows
    that the document doesn't have the form that it promises, the check knows more.
    """
    try:
        document = load(source, check=not isinstance(error, ContractError), root=root)
    except ContractError as found:
        return found
    if not isinstance(error, ContractError):
        return ContractError(
            f"{masked_source(source)}: the document can't be served ({error!r}). Correct it.", files=document.files
        )
    where = masked_source(source) if error.pointer is None else document.line(error.pointer)
    return ContractError(f"{where}: {error}", files=document.files)


def is_url(source: str) -> bool:
    """Whether a contract is to be fetched; else it is a file."""
    return source.lower().startswith(("http://", "https://"))


def _sources_of(source: str, root: str | Path | None, web: "Web | None") -> LocalFiles | WebPages:
    if not is_url(source):
        return LocalFiles(root)
    from mockserver.openapi.loading.fetching import Web  # here, as files are read without

    return WebPages(web or Web())


def _loaded(sources: LocalFiles | WebPages, source: str, *, check: bool) -> Document:
    root = sources.root(source)
    _check_shape(root)
    bundler = Bundler(root, sources.neighbour)
    try:
        bundler.bundle()
        DocumentSize(most_written_out(sources.values)).of(root.content)
        ValidationCost(root.content).check(place.node for place in bundler.schemas)
    except LimitExceeded as error:
        place = bundler.home(error.node) or bundler.place(())
        raise ContractError(f"{place.line}: {error}") from None
    except RecursionError:
        raise _too_deep(root.shown) from None
    document = Document(str(source), root.text, root.content, tuple(sources.files), sources.asked == 1, bundler)
    problems = list(map(str, islice(document.problems(), MAX_PROBLEMS))) if check else []
    if problems:
        what = f"{masked_source(source)} is no valid OpenAPI 3.0 document. Mend this first:"
        raise ContractError("\n  ".join([what, *problems]))
    return document


def _too_deep(name: str) -> ContractError:
    return ContractError(f"{name}: the document is nested too deeply. Flatten it.")


# ---------------------------------------------------------------- shape and version
_DOWN = "npx @apiture/openapi-down-convert --input {} --output openapi-3.0.yaml"
_ADVICE = {
    "2": "Convert it: npx swagger2openapi {} --outfile openapi.json",
    "3.0": "Write the full version, in quotes: '3.0.3'",
    "3.1": f"Convert it: {_DOWN}",
    "3.2": f"Set it to 3.1.0 if it needs nothing newer, and convert it: {_DOWN}",
}


def _check_shape(root: Source) -> None:
    """Refuse what is no OpenAPI 3.0 document at all. Raises ContractError."""
    content = root.content
    if not isinstance(content, dict):
        what = "is empty" if content is None else f"holds a {type(content).__name__}, not an object"
        raise ContractError(f"{root.shown}:1: the document {what}. Is this the right file?")
    key = "swagger" if "swagger" in content else "openapi"
    version = content.get(key)
    if key == "swagger" or not isinstance(version, str) or not re.fullmatch(r"3\.0\.\d+(-.+)?", version):
        raise _wrong_version(root, key, version)
    for name in ("paths", "components"):
        if not isinstance(content.get(name, {} if name == "components" else None), dict):
            hint = "`paths: {}` will do if there are none" if name == "paths" else "Remove it if it is empty"
            raise ContractError(f"{root.at(name)}: the document needs an object `{name}`. {hint}.")


def _wrong_version(root: Source, key: str, version: Any) -> ContractError:
    if version is None:
        return ContractError(f"{root.at(key)}: `openapi: 3.0.3` is missing. Is this an OpenAPI document?")
    says = f"{'Swagger' if key == 'swagger' else 'OpenAPI'} {version}"
    family = "2" if key == "swagger" else str(version)[:3]
    advice = _ADVICE.get(family, "Write it as OpenAPI 3.0").format(root.shown)
    return ContractError(f"{root.at(key)}: this is {says}; OpenAPI 3.0 is served. {advice}")
