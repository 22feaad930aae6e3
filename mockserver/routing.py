"""From method and path to what answers: a trie over path segments, so that the number of operations costs nothing."""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

from mockserver.errors import ContractError, MethodNotAllowed, NotFound

Target = TypeVar("Target")
_PARAMETER = re.compile(r"\{[^{}]+\}")


class _Node(Generic[Target]):
    __slots__ = ("children", "parameter", "targets")

    def __init__(self) -> None:
        self.children: dict[str, _Node[Target]] = {}
        self.parameter: _Node[Target] | None = None
        self.targets: dict[str, tuple[Target, tuple[str, ...]]] = {}


class Router(Generic[Target]):
    """A routing table. A literal segment wins over a parameter; a trailing slash is another path."""

    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()

    def add(self, method: str, path: str, target: Target) -> None:
        """Route a method (upper case) and a path template. Raises ContractError for what it can't route."""
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            if "{" not in segment:
                node = node.children.setdefault(segment, _Node())
                continue
            if not _PARAMETER.fullmatch(segment):
                raise ContractError(f"The path {path} mixes text and parameters in a segment, which can't be routed.")
            names.append(segment[1:-1])
            node.parameter = node.parameter or _Node()
            node = node.parameter
        node.targets[method] = (target, tuple(names))

    def match(self, method: str, raw_path: bytes) -> tuple[Target, dict[str, str]]:
        """The target and the decoded path parameters. HEAD goes to GET. Raises NotFound or MethodNotAllowed."""
        node, values = self._find(_segments(raw_path))
        found = node.targets.get(method) or (node.targets.get("GET") if method == "HEAD" else None)
        if found is None:
            raise MethodNotAllowed(_allowed(node.targets))
        target, names = found
        return target, dict(zip(names, values, strict=True))

    def allowed(self, raw_path: bytes) -> list[str]:
        """The methods of a path. Raises NotFound."""
        return _allowed(self._find(_segments(raw_path))[0].targets)

    def _find(self, segments: list[str]) -> tuple[_Node[Target], list[str]]:
        found = _walk(self._root, segments, 0, [])
        if found is None:
            raise NotFound
        return found


def _walk(
    node: _Node[Target], segments: list[str], depth: int, values: list[str]
) -> tuple[_Node[Target], list[str]] | None:
    if depth == len(segments):
        return (node, values) if node.targets else None
    segment = segments[depth]
    child = node.children.get(segment)
    if child is not None and (found := _walk(child, segments, depth + 1, values)):
        return found
    if node.parameter is None or not segment:
        return None
    return _walk(node.parameter, segments, depth + 1, [*values, segment])


def _segments(raw_path: bytes) -> list[str]:
    """The decoded segments; an encoded slash stays inside its segment. Raises NotFound for what is no UTF-8."""
    try:
        if b"%" not in raw_path:
            return raw_path.decode().split("/")[1:]
        return [unquote_to_bytes(segment).decode() for segment in raw_path.split(b"/")[1:]]
    except UnicodeDecodeError:
        raise NotFound from None


def _allowed(methods: Iterable[str]) -> list[str]:
    """All that the path answers to: HEAD comes with GET."""
    known = set(methods)
    return sorted(known | {"HEAD"} if "GET" in known else known)
