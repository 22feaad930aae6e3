"""Routing from method and path to an endpoint, by a trie over path segments: the time doesn't depend on the number of
operations."""

import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar
from urllib.parse import unquote, unquote_to_bytes

from mockserver.errors import ContractError, MethodNotAllowed, NotFound

Endpoint = TypeVar("Endpoint")
MOST_MATCHED = 2_000
LONGEST_MATCHED = 256  # bytes of a path; longer ones are not remembered, so that nobody can fill the memory
MOST_SEGMENTS = 100  # of a path template: matching a request visits as many nodes
_PARAMETER = re.compile(r"\{([^{}]+)\}")


class _Node(Generic[Endpoint]):
    __slots__ = ("children", "endpoints", "mixed", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node[Endpoint]] = {}
        self.mixed: dict[tuple[str, ...], _Node[Endpoint]] = {}  # by the texts around the parameters
        self.parameter: _Node[Endpoint] | None = None
        self.endpoints: dict[str, tuple[Callable[[], Endpoint], tuple[str, ...]]] = {}


class Router(Generic[Endpoint]):
    """A routing table.

    A literal segment wins over one that mixes text and parameters (`{name}.json`), and that over a parameter; where the
    winner has no such method, the next one is tried. Of two templates of one shape (`/{id}`, `/{name}`) the first one
    counts. A path with a trailing slash is another path. Literals may be percent-encoded, in a template as in a
    request: `/caf%C3%A9` and `/café` are the same (RFC 3986).
    """

    def __init__(self) -> None:
        self._root: _Node[Endpoint] = _Node()
        self._matched: dict[tuple[str, bytes], tuple[Endpoint, dict[str, str]]] = {}

    def add(self, method: str, path: str, endpoint: Endpoint) -> None:
        """Route a method (upper case) and a path template of MOST_SEGMENTS at most. Raises ContractError for a
        malformed template."""
        self.add_later(method, path, lambda: endpoint)

    def add_later(self, method: str, path: str, make: Callable[[], Endpoint]) -> None:
        """Route them as `add` does, to what `make` returns, always the same: it isn't called before a request needs
        it."""
        self._matched.clear()
        node, names, segments = self._root, [], path.split("/")[1:]
        if len(segments) > MOST_SEGMENTS:
            begin = f"{path[:LONGEST_MATCHED]}…"
            raise ContractError(
                f"The path {begin} has {len(segments)} segments: {MOST_SEGMENTS} are the most. Shorten it."
            )
        for segment in segments:
            node = _child(node, segment, path)
            names += path_parameters(segment)
        node.endpoints.setdefault(method, (make, tuple(names)))

    def match(self, method: str, raw_path: bytes) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint and the decoded path parameters, which the caller must not change. HEAD is routed as GET.

        Raises NotFound or MethodNotAllowed. About the last MOST_MATCHED results are cached.
        """
        found = self._matched.get((method, raw_path))
        if found is None:
            found = self._match(method, raw_path)
            if len(self._matched) >= MOST_MATCHED:
                self._matched.clear()
            if len(raw_path) <= LONGEST_MATCHED:
                self._matched[(method, raw_path)] = found
        return found

    def _match(self, method: str, raw_path: bytes) -> tuple[Endpoint, dict[str, str]]:
        segments = _segments(raw_path)
        found = _find(self._root, segments, 0, [], method)
        if found is None and method == "HEAD":
            found = _find(self._root, segments, 0, [], "GET")
        if found is None:
            raise self._refusal(segments)
        (made, names), values = found
        return made(), dict(zip(names, values, strict=True))

    def _refusal(self, segments: list[str]) -> NotFound | MethodNotAllowed:
        """The error for a request that nothing matches: no such path, or the path with other methods only."""
        known = {method for node in _nodes(self._root, segments, 0) for method in node.endpoints}
        if not known:
            return NotFound()
        return MethodNotAllowed(sorted(known | {"HEAD"} if "GET" in known else known))


_Found = tuple[tuple[Callable[[], Endpoint], tuple[str, ...]], list[str]]


def path_parameters(path: str) -> list[str]:
    """The names of the parameters of a path template, in their order, which is also the order of `match`."""
    return _PARAMETER.findall(path)


def _child(node: _Node[Endpoint], segment: str, path: str) -> _Node[Endpoint]:
    """The child node for a segment of a template, created if it is new."""
    if "{" not in segment and "}" not in segment:
        return node.children.setdefault(_decoded(segment, path), _Node())
    if _PARAMETER.fullmatch(segment):
        node.parameter = node.parameter or _Node()
        return node.parameter
    literals = tuple(_PARAMETER.split(segment)[::2])
    if any(set(literal) & set("{}") for literal in literals) or "" in literals[1:-1]:
        raise ContractError(f"The path {path} has the segment {segment}, which can't be told apart into parameters.")
    return node.mixed.setdefault(tuple(_decoded(literal, path) for literal in literals), _Node())


def _decoded(literal: str, path: str) -> str:
    """The percent-decoded literal of a template, as it is compared with decoded requests."""
    try:
        return unquote(literal, errors="strict")
    except UnicodeDecodeError:
        message = f"The path {path} has the segment {literal}, which is no UTF-8 when it is decoded. Correct it."
        raise ContractError(message) from None


def _values_between(segment: str, literals: tuple[str, ...]) -> list[str] | None:
    """The values between the literals in a segment, none empty and each as short as possible; None if it doesn't match.

    The time is linear in the length of the segment, unlike that of a regular expression.
    """
    first, *inner, last = literals
    end = len(segment) - len(last)
    if not segment.startswith(first) or not segment.endswith(last):
        return None
    values, start = [], len(first)
    for literal in inner:
        found = segment.find(literal, start + 1, end)
        if found < 0:
            return None
        values.append(segment[start:found])
        start = found + len(literal)
    return [*values, segment[start:end]] if start < end else None


def _find(
    node: _Node[Endpoint], segments: list[str], depth: int, values: list[str], method: str
) -> "_Found[Endpoint] | None":
    """The endpoint of the first node, in order of precedence, that has the method, with its parameters' values."""
    if depth == len(segments):
        endpoint = node.endpoints.get(method)
        return None if endpoint is None else (endpoint, values)
    segment = segments[depth]
    child = node.children.get(segment)
    if child is not None and (found := _find(child, segments, depth + 1, values, method)):
        return found
    if not segment:
        return None
    for literals, mixed in node.mixed.items():
        parts = _values_between(segment, literals)
        if parts and (found := _find(mixed, segments, depth + 1, [*values, *parts], method)):
            return found
    if node.parameter is None:
        return None
    return _find(node.parameter, segments, depth + 1, [*values, segment], method)


def _nodes(node: _Node[Endpoint], segments: list[str], depth: int) -> Iterator[_Node[Endpoint]]:
    """All nodes that a path matches."""
    if depth == len(segments):
        yield node
        return
    segment = segments[depth]
    below = [node.children[segment]] if segment in node.children else []
    if segment:
        below += [mixed for literals, mixed in node.mixed.items() if _values_between(segment, literals)]
        below += [node.parameter] if node.parameter else []
    for child in below:
        yield from _nodes(child, segments, depth + 1)


def _segments(raw_path: bytes) -> list[str]:
    """The decoded segments of a path; an encoded slash stays in its segment. Raises NotFound if one is no UTF-8."""
    try:
        if b"%" not in raw_path:
            return raw_path.decode().split("/")[1:]
        return [unquote_to_bytes(segment).decode() for segment in raw_path.split(b"/")[1:]]
    except UnicodeDecodeError:
        raise NotFound from None
