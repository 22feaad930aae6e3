"""The base URLs of a recording: where in it the contract's paths begin.

A recording of a browser has calls of many hosts. One is of the contract if, below some part of its path, it fits a path
of the contract and was answered as an API answers: with JSON, with a media type that is declared, or with nothing where
nothing is declared. So a page of the same path isn't taken for the API.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from mockserver.checks.recording.entries import Entry, origin_of
from mockserver.checks.transport.pages import HTML
from mockserver.errors import MethodNotAllowed, NotFound, SettingsError
from mockserver.escaping import masked
from mockserver.openapi.declared_answers import declared_response, declared_type
from mockserver.openapi.resources import Call, Surface

DEEPEST = 8  # segments of a base path
Base = tuple[str, str]  # an origin, and the path before those of the contract
_FIRST_ERROR = 400


@dataclass(frozen=True)
class CallPlace:
    """Where a request belongs: its base URL, and the path below it. `call` is the operation, if one is declared;
    `allow` are the methods that its path has, if another one was used."""

    base: Base
    path: str
    call: Call | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()


class BaseUrls:
    """The base URLs of some recordings."""

    def __init__(self, surface: Surface, bases: Iterable[Base]) -> None:
        self._surface = surface
        self._of_origin: dict[str, list[str]] = {}
        for origin, prefix in sorted(set(bases), key=lambda base: -len(base[1])):
            self._of_origin.setdefault(origin, []).append(prefix)

    @classmethod
    def given(cls, surface: Surface, urls: Iterable[str]) -> "BaseUrls":
        """Those of these URLs. Raises SettingsError for one that is none."""
        return cls(surface, [_base(url) for url in urls])

    @classmethod
    def found(cls, surface: Surface, entries: Iterable[Entry]) -> "BaseUrls":
        """Those that the entries show."""
        evidence: Counter[Base] = Counter()
        for entry in entries:
            fits = [(call, prefix) for call, prefix in _fits(surface, entry) if _shows(call, entry)]
            if fits:
                call, prefix = max(fits, key=lambda fit: (_literals(fit[0]), fit[1] == surface.contract.base_path))
                evidence[entry.origin, prefix] += _literals(call)
        return cls(surface, (base for base, weight in evidence.items() if weight))

    def __bool__(self) -> bool:
        return bool(self._of_origin)

    @property
    def urls(self) -> list[str]:
        """The base URLs as texts."""
        return sorted(f"{origin}{prefix}" for origin, prefixes in self._of_origin.items() for prefix in prefixes)

    def place(self, entry: Entry) -> CallPlace | None:
        """Where an entry belongs; None if it is below no base URL."""
        best: CallPlace | None = None
        for prefix in self._of_origin.get(entry.origin, ()):
            found = self._below(entry, prefix)
            if found is not None and (best is None or _weight(found) > _weight(best)):
                best = found
        return best

    def _below(self, entry: Entry, prefix: str) -> CallPlace | None:
        if not entry.path.startswith(f"{prefix}/"):
            return None
        base, path = (entry.origin, prefix), entry.path[len(prefix) :]
        try:
            call, arguments = self._surface.match(entry.method, path.encode())
        except MethodNotAllowed as error:
            return CallPlace(base, path, allow=tuple(error.allow))
        except NotFound:
            return CallPlace(base, path)
        return CallPlace(base, path, call, tuple(arguments.items()))


def _base(url: str) -> Base:
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() in ("http", "https") and parts.hostname and not parts.query and not parts.fragment:
            return origin_of(parts), parts.path.rstrip("/")
    except ValueError:
        pass
    raise SettingsError(
        f"--base-url must be like https://staging.example.com/v1, the part before the paths of the contract, not "
        f"{masked(url)!r}."
    )


def _fits(surface: Surface, entry: Entry) -> Iterator[tuple[Call, str]]:
    """The operations that an entry may be of, each with the path before it."""
    if not entry.origin or entry.is_preflight:
        return
    segments = entry.path.split("/")
    for count in range(1, min(len(segments), DEEPEST + 1)):
        prefix = "/".join(segments[:count])
        try:
            yield surface.match(entry.method, entry.path[len(prefix) :].encode())[0], prefix
        except (NotFound, MethodNotAllowed):
            continue


def _shows(call: Call, entry: Entry) -> bool:
    """Whether an answer says that this is the API."""
    if not entry.status or (HTML in entry.media_type and not _has_pages(call, entry.status)):
        return False
    if entry.is_json or any(
        declared_type(one.media_types, entry.media_type) for one in call.operation.responses.values()
    ):
        return True
    declared = declared_response(call.operation.responses, entry.status)
    return declared is not None and not declared.media_types and entry.status == HTTPStatus.NO_CONTENT


def _has_pages(call: Call, status: int) -> bool:
    declared = declared_response(call.operation.responses, status)
    return declared is not None and any(HTML in one for one in declared.media_types)


def _literals(call: Call) -> int:
    return sum(bool(segment) and "{" not in segment for segment in call.path.split("/"))


def _weight(place: CallPlace) -> tuple[bool, int, bool, int]:
    """A declared operation counts most, then how much of its path is literal, then a path with other methods."""
    call = place.call
    return call is not None, _literals(call) if call else 0, bool(place.allow), len(place.base[1])
