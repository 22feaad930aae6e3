"""From a file or a URL, with everything it refers to, to one document with local references only.

The way of a document: read → parsed → shape and version → bundled → judged by openapi-spec-validator. What refuses a
document names the file and the line.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver.errors import ContractError
from mockserver.grammar import EVENTS, Steps, steps_of
from mockserver.loading.bundling import Bundler, Place
from mockserver.loading.mending import mend
from mockserver.loading.parsing import Source

TIMEOUT = 10  # seconds that a server may be silent
MAX_DOWNLOAD = 20 * 2**20  # bytes
MAX_PROBLEMS = 5
MAX_MESSAGE = 200  # characters of a problem


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI 3.0 document as one piece: every reference is local.

    `source` is the path or URL it was read from, `text` the root file as it is, `content` what all files say together,
    with strings as keys; `files` are the local files that were read, the root first.
    """

    source: str
    text: bytes
    content: dict[str, Any]
    files: tuple[Path, ...]
    _bundler: Bundler = field(repr=False, compare=False)

    def line(self, pointer: str) -> str:
        """`file:line` of what a JSON pointer leads to, wherever it was read."""
        return self._bundler.place(steps_of(f"#{pointer}")).line

    def place(self, steps: Steps) -> Place:
        """Where something of the document was read, or as much of the way to it as exists."""
        return self._bundler.place(steps)

    def problems(self) -> Iterator["Problem"]:
        """What openapi-spec-validator has to say: first about the form of the document, if that is right, about its
        sense."""
        try:
            yield from _problems(self._bundler, self.content)
        except RecursionError:
            raise _too_deep(self.source) from None

    def mend(self) -> None:
        """Take out of `content` what no schema may hold, and tell it. Then every schema of it can be compiled."""
        mend(self._bundler.schemas)


class Problem(NamedTuple):
    """Something that the specification doesn't allow."""

    place: Place
    message: str
    is_of_form: bool

    @property
    def short(self) -> str:
        """The message: its beginning, which is the value, and its end, which is what is wrong with it."""
        half = MAX_MESSAGE // 2
        return self.message if len(self.message) <= MAX_MESSAGE else f"{self.message[:half]} … {self.message[-half:]}"

    def __str__(self) -> str:
        return f"{self.place.line}: {unquote(self.place.pointer)}: {self.short}"


def load(source: str | Path, *, check: bool = True, timeout: float = TIMEOUT) -> Document:
    """Read a contract from a file or an http(s) URL, whose server may be silent for `timeout` seconds.

    Without `check`, the document isn't judged by openapi-spec-validator; what can't be served at all is refused anyway.
    Raises ContractError, which names the file, the line where there is one, and what to do. Its `files` are the local
    files that were asked for until then, be they there or not.
    """
    library = _Library(timeout)
    try:
        return _loaded(library, str(source), check=check)
    except ContractError as error:
        error.files = tuple(library.files)
        raise


def explained(source: str, error: Exception) -> ContractError:
    """Why a contract that was read without `check` can't be served after all, with file, line, and what to do.

    `error` is what came of it: a ContractError says what is wrong, and this says where. Of anything else, which shows
    that the document doesn't have the form that it promises, the check knows more.
    """
    try:
        document = load(source, check=not isinstance(error, ContractError))
    except ContractError as found:
        return found
    if not isinstance(error, ContractError):
        return ContractError(f"{source}: the document can't be served ({error!r}). Correct it.", files=document.files)
    where = source if error.pointer is None else document.line(error.pointer)
    return ContractError(f"{where}: {error}", files=document.files)


def _loaded(library: "_Library", source: str, *, check: bool) -> Document:
    root = library.read(source)
    _check_shape(root)
    bundler = Bundler(root, library.neighbour)
    try:
        bundler.bundle()
    except RecursionError:
        raise _too_deep(root.name) from None
    document = Document(str(source), root.text, root.content, tuple(library.files), bundler)
    problems = list(map(str, islice(document.problems(), MAX_PROBLEMS))) if check else []
    if problems:
        raise ContractError("\n  ".join([f"{source} is no valid OpenAPI 3.0 document. Mend this first:", *problems]))
    return document


def _too_deep(name: str) -> ContractError:
    return ContractError(f"{name}: the document is nested too deeply. Flatten it.")


# ---------------------------------------------------------------- files and URLs
class _Library:
    """What was read: each file once."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._root = ""
        self.files: list[Path] = []
        self._sources: dict[str, Source] = {}

    def read(self, root: str) -> Source:
        """The file that everything begins with. Raises ContractError."""
        source = self._read(root)
        self._root = source.name
        return source

    def neighbour(self, source: Source, reference: str) -> Source:
        """The file that a reference in `source` leads to. Raises ContractError."""
        if _is_url(source.name) or _is_url(reference):
            name = urldefrag(urljoin(source.name, reference)).url
            _check_origin(self._root, name)
        else:
            name = os.path.normpath(Path(source.name).parent / unquote(reference))
        return self._read(name)

    def _read(self, name: str) -> Source:
        key = name if _is_url(name) else os.path.abspath(name)  # noqa: PTH100 (absolute() would keep `..`)
        if key not in self._sources:
            final, text = _fetched(name, self._timeout) if _is_url(name) else (key, self._read_file(name))
            if final not in self._sources:
                self._sources[final] = Source(final if _is_url(name) else name, text)
            self._sources[key] = self._sources[final]
        return self._sources[key]

    def _read_file(self, name: str) -> bytes:
        self.files.append(Path(name))
        try:
            return Path(name).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ContractError(f"{name} can't be read: {reason}. Check the path.") from error


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _check_origin(root: str, url: str) -> None:
    """A document may not make this machine ask other servers than its own."""
    if not _is_url(root):
        raise ContractError("a file may not refer to the web. Download what it needs; refer to it by a relative path.")
    if urlsplit(root)[:2] != urlsplit(url)[:2]:
        raise ContractError("it is not on the server of the contract. Download all files and serve the local ones.")


def _fetched(url: str, timeout: float) -> tuple[str, bytes]:
    """Where redirects ended, and what is there."""
    import urllib.error  # here, as files are read without
    import urllib.request
    from http.client import HTTPException

    accept = {"Accept": "application/yaml, application/json, */*"}
    try:
        request = urllib.request.Request(url, headers=accept)  # noqa: S310 (_is_url has seen it)
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310 (the same)
            text: bytes = answer.read(MAX_DOWNLOAD + 1)
            final = urldefrag(answer.url).url
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ContractError(f"{url} can't be fetched: {error}. Check the URL, or download the file.") from error
    if len(text) > MAX_DOWNLOAD:
        raise ContractError(f"{url} has more than {MAX_DOWNLOAD >> 20} MB. Download it and serve the file.")
    return final, text


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
        raise ContractError(f"{root.name}:1: the document {what}. Is this the right file?")
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
    advice = _ADVICE.get(family, "Write it as OpenAPI 3.0").format(root.name)
    return ContractError(f"{root.at(key)}: this is {says}; OpenAPI 3.0 is served. {advice}")


# ---------------------------------------------------------------- validity
def _problems(bundler: Bundler, content: dict[str, Any]) -> Iterator[Problem]:
    """What openapi-spec-validator has to say about the bundled document: first about its form, then about its sense."""
    found = False
    for path, message in _of_form(content):
        found = True
        yield Problem(bundler.place(path), message, is_of_form=True)
    if not found:
        yield from (Problem(place, message, is_of_form=False) for place, message in _of_sense(bundler, content))


def _of_form(content: dict[str, Any]) -> Iterator[tuple[Steps, str]]:
    """Violations of the schema of OpenAPI 3.0, each with the way to it; events count as paths."""
    from openapi_spec_validator.schemas import schema_v30  # slow to import

    events = content.get(EVENTS)
    shown = {f"/{EVENTS}/{name}": item for name, item in events.items()} if isinstance(events, dict) else {}
    lenient = {"regex": lambda _: True}  # ECMAScript knows more than Rust; who compiles a pattern says what is wrong
    judge = jsonschema_rs.validator_for(dict(schema_v30), formats=lenient)
    for error in judge.iter_errors({**content, "paths": {**content["paths"], **shown}}):
        closest = _closest(error)
        extra = closest.kind.unexpected[:1] if isinstance(closest.kind, Kind.AdditionalProperties) else ()
        way: Steps = (*closest.instance_path, *extra)
        is_event = len(way) > 1 and way[1] in shown
        yield ((EVENTS, str(way[1]).removeprefix(f"/{EVENTS}/"), *way[2:]) if is_event else way), closest.message


def _closest(error: ValidationError) -> ValidationError:
    """Of alternatives, the error of the one that came closest: that of a reference only where there is one."""
    while isinstance(error.kind, Kind.OneOfNotValid | Kind.AnyOf):
        branches = [branch for branch in error.kind.context if branch and not _misses_reference(branch)]
        if not branches:
            break
        error = max(branches, key=lambda branch: (len(branch[0].instance_path), -len(branch)))[0]
    return error


def _misses_reference(branch: list[ValidationError]) -> bool:
    return any(isinstance(error.kind, Kind.Required) and error.kind.property == "$ref" for error in branch)


def _of_sense(bundler: Bundler, content: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """What a schema can't express: parameters of paths, operationIds, defaults."""
    from jsonschema_path import SchemaPath  # slow to import
    from openapi_spec_validator import OpenAPIV30SpecValidator  # slow to import

    validator = OpenAPIV30SpecValidator(
        SchemaPath.from_dict(content, handlers={})
    )  # without handlers it fetches nothing
    try:
        for error in validator.root_validator(validator.schema_path):
            yield _sense_place(bundler, content, error), error.message
    except RecursionError:  # its own: it can follow recursive schemas without end
        return
    except Exception as error:  # noqa: BLE001 (anything, as it goes by a form that the document only promises)
        why = f"something is not what it should be ({error!r}). Does a reference lead to another kind of object?"
        yield bundler.place(()), why


def _sense_place(bundler: Bundler, content: dict[str, Any], error: Any) -> Place:
    """Where an error of sense stands: its own path begins at the schema, or is empty."""
    schema = bundler.home(error.schema)  # of a default that doesn't fit it
    if schema is not None:
        return schema._replace(steps=(*schema.steps, "default"))
    way = _way_to(content, error.instance) if isinstance(error.instance, dict | list) else None
    return bundler.place(_named(content, error.message) if way is None else way)


def _way_to(content: Any, wanted: Any) -> Steps | None:
    """The way to an object or a list, itself and not its equal."""
    waiting: list[tuple[Any, Steps]] = [(content, ())]
    while waiting:
        node, way = waiting.pop()
        if node is wanted:
            return way
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting.extend((value, (*way, key)) for key, value in children)
    return None


def _named(content: dict[str, Any], message: str) -> Steps:
    """The operation that a message names: '/pets' and 'get', in quotes."""
    words = re.findall(r"'([^']+)'", message)
    path = next((word for word in words if word in content["paths"]), None)
    method = next((word for word in words if path and word in content["paths"][path]), None)
    return ("paths", *filter(None, (path, method)))
