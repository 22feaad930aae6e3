"""Loading a contract: a file or URL and everything it refers to become one document with local references only.

The steps: read → parse → check shape and version → bundle → validate by openapi-spec-validator. Each refusal names the
file and the line.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.errors import ContractError
from mockserver.escaping import masked_source
from mockserver.openapi.dialects import advice_for, dialect_of, is_known, is_known_vocabulary
from mockserver.openapi.loading.bundling import Bundler
from mockserver.openapi.loading.canonical import MEANINGLESS
from mockserver.openapi.loading.complexity import DocumentSize, LimitExceeded, ValidationCost
from mockserver.openapi.loading.limits import most_written_out
from mockserver.openapi.loading.parsing import ANCHOR, Source
from mockserver.openapi.loading.places import OverlayWrite, Place
from mockserver.openapi.loading.repair import MAX_SHOWN, logger, repair
from mockserver.openapi.loading.sources import LocalFiles, WebPages
from mockserver.openapi.loading.validity import Problem, problems
from mockserver.openapi.structure import Steps, steps_of

if TYPE_CHECKING:
    from mockserver.openapi.loading.fetching import Web

MAX_PROBLEMS = 5
_WITHOUT_PATHS = {"webhooks", "components"}  # a document that has one of them needs no `paths` since OpenAPI 3.1


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document as one piece: every reference is local.

    `source` is the path or URL it was read from, `text` the root file as it is, or as an overlay makes it; `content` is
    the content of all files together, with strings as keys; `files` are the local files that were read, the root first.
    `is_alone`: no other document was requested, so all of this follows from `source` and `text`. `has_copies`: a value
    may stand in several places of `content`, by an anchor or a reference.
    """

    source: str
    text: bytes
    content: dict[str, Any]
    files: tuple[Path, ...]
    is_alone: bool
    has_copies: bool
    _bundler: Bundler = field(repr=False, compare=False)

    def line(self, pointer: str) -> str:
        """The `file:line` of the value at a JSON pointer, in the file that it was read from."""
        return self._bundler.place(steps_of(f"#{pointer}")).line

    def place(self, steps: Steps) -> Place:
        """The original place of a value of the document, or of the last of the steps that exists."""
        return self._bundler.place(steps)

    def problems(self) -> Iterator[Problem]:
        """The problems that openapi-spec-validator finds: those of the form of the document, or if there are none,
        those of its sense."""
        try:
            yield from problems(self._bundler, self.content, self._bundler.dialect)
        except RecursionError:
            raise _too_deep(masked_source(self.source)) from None

    def repair(self) -> bool:
        """Remove the keywords that no schema may hold from `content`; return whether a warning was logged. After that,
        every schema compiles."""
        named, dialect = self.content.get("jsonSchemaDialect"), self._bundler.dialect
        is_other = dialect.has_json_schema and named is not None and not is_known_vocabulary(named)
        if is_other:
            line = self.line("/jsonSchemaDialect")
            logger.warning("%s: schemas are read as JSON Schema 2020-12, and not as %s", line, str(named)[:MAX_SHOWN])
        return repair(self._bundler.schemas, self._bundler.ignored, dialect) or is_other

    def meaningless(self) -> list[Place]:
        """The places of keywords that mean nothing in this version of OpenAPI, though they did in an earlier one."""
        return [each._replace(steps=(*each.steps, MEANINGLESS)) for each in self._bundler.ignored]


def load(
    source: str | Path,
    *,
    check: bool = True,
    root: str | Path | None = None,
    web: "Web | None" = None,
    overlay: str | Path | None = None,
) -> Document:
    """Read a contract from a file or an http(s) URL.

    References of a file must lead below the folder `root`; without one, below the folder of the file. References of a
    URL must lead to the same server, which is requested by `web`. Without `check`, openapi-spec-validator doesn't
    validate the document; one that can't be served at all is refused anyway. `overlay` is the path or URL of
    an overlay, whose actions are applied first.
    Raises ContractError, which names the file, the line where there is one, and what to do. Its `files` are the local
    files that were requested until then, whether they exist or not.
    """
    with closing(_sources_of(str(source), root, web)) as sources:
        try:
            return _loaded(sources, str(source), None if overlay is None else str(overlay), check=check)
        except ContractError as error:
            error.files = tuple(sources.files)
            raise


def explained(
    source: str, root: str | Path | None, error: Exception, overlay: str | Path | None = None
) -> ContractError:
    """The error for a contract that was loaded without `check` and can't be served: with file, line, and what to do.

    `error` was raised by compiling it. A ContractError says what is wrong, and this adds the place. Any other error
    means that the form of the document is wrong, which the check explains.
    """
    try:
        document = load(source, check=not isinstance(error, ContractError), root=root, overlay=overlay)
    except ContractError as found:
        return found
    if not isinstance(error, ContractError):
        return ContractError(
            f"{masked_source(source)}: the document can't be served ({error!r}). Correct it.", files=document.files
        )
    place = None if error.pointer is None else document.place(steps_of(f"#{error.pointer}"))
    where = masked_source(source) if place is None else place.line
    is_of_overlay = overlay is not None and place is not None and place.steps[:1] == ("actions",)
    by = f"action {int(place.steps[1]) + 1}: " if place and is_of_overlay else ""
    return ContractError(f"{where}: {by}{error}", files=document.files)


def is_url(source: str) -> bool:
    """Whether a source is a URL; else it is a file."""
    return source.lower().startswith(("http://", "https://"))


def _sources_of(source: str, root: str | Path | None, web: "Web | None") -> LocalFiles | WebPages:
    if not is_url(source):
        return LocalFiles(root)
    from mockserver.openapi.loading.fetching import Web  # here, as reading files doesn't need it

    return WebPages(web or Web())


def _overlay_of(root: Source, overlay: str) -> tuple[list[OverlayWrite], tuple[Path, ...]]:
    """Apply an overlay to the root file; what it wrote, and the local files that it is in."""
    from mockserver.openapi.loading.overlays import overlaid  # here, as few have one

    with closing(_sources_of(overlay, None, None)) as sources:
        try:
            written = overlaid(root, sources.root(overlay))
        except RecursionError:
            raise _too_deep(root.shown) from None
        except ContractError as error:
            error.files = (*error.files, *sources.files)
            raise
        return written, tuple(sources.files)


def _loaded(sources: LocalFiles | WebPages, source: str, overlay: str | None, *, check: bool) -> Document:
    root = sources.root(source)
    text, written = root.text, list[OverlayWrite]()
    if overlay is not None:
        written, files_of_overlay = _overlay_of(root, overlay)
        sources.files += files_of_overlay
        text = _as_json(root.content)
    _check_shape(root)
    dialect = dialect_of(root.content)
    bundler = Bundler(root, sources.neighbour, dialect, written)
    try:
        bundler.bundle()
        if overlay or not bundler.changes_texts_only:  # else it has the size that it had when it was parsed
            DocumentSize(most_written_out(sources.values)).of(root.content)
        ValidationCost(root.content).check(place.node for place in bundler.schemas)
    except LimitExceeded as error:
        place = bundler.home(error.node) or bundler.place(())
        raise ContractError(f"{place.line}: {error}") from None
    except RecursionError:
        raise _too_deep(root.shown) from None
    has_copies = ANCHOR in root.text or not bundler.changes_texts_only
    files, is_alone = tuple(sources.files), sources.asked == 1 and overlay is None
    document = Document(str(source), text, root.content, files, is_alone, has_copies, bundler)
    problems = list(map(str, islice(document.problems(), MAX_PROBLEMS))) if check else []
    if problems:
        what = f"{masked_source(source)} is no valid {dialect.name} document. Mend this first:"
        raise ContractError("\n  ".join([what, *problems]))
    return document


def _as_json(content: Any) -> bytes:
    """The text of a document that an overlay has changed."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _too_deep(name: str) -> ContractError:
    return ContractError(f"{name}: the document is nested too deeply. Flatten it.")


# ---------------------------------------------------------------- shape and version
def _check_shape(root: Source) -> None:
    """Raise ContractError if this is no OpenAPI document that can be served at all. One that may be without `paths`
    gets them."""
    content = root.content
    if not isinstance(content, dict):
        what = "is empty" if content is None else f"holds a {type(content).__name__}, not an object"
        raise ContractError(f"{root.shown}:1: the document {what}. Is this the right file?")
    key = "swagger" if "swagger" in content else "openapi"
    version = content.get(key)
    if key == "swagger" or not is_known(version):
        raise _wrong_version(root, key, version)
    if dialect_of(content).has_json_schema and content.keys() & _WITHOUT_PATHS:
        content.setdefault("paths", {})
    for name in ("paths", "components"):
        if not isinstance(content.get(name, {} if name == "components" else None), dict):
            hint = "`paths: {}` will do if there are none" if name == "paths" else "Remove it if it is empty"
            raise ContractError(f"{root.at(name)}: the document needs an object `{name}`. {hint}.")


def _wrong_version(root: Source, key: str, version: Any) -> ContractError:
    if version is None:
        return ContractError(f"{root.at(key)}: `openapi: 3.0.3` is missing. Is this an OpenAPI document?")
    says = f"{'Swagger' if key == 'swagger' else 'OpenAPI'} {version}"
    advice = advice_for(key, version).format(root.shown)
    return ContractError(f"{root.at(key)}: this is {says}; OpenAPI 3.0, 3.1 and 3.2 are served. {advice}")
