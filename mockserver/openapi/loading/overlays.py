"""Overlays: changes of a contract that stand in a file of their own, as the OpenAPI Overlay Specification 1.0 has it.

Each action finds places of the document by a JSONPath (RFC 9535), and updates or removes them. So a document of
somebody else can be corrected and stay as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.errors import ContractError
from mockserver.openapi.loading.complexity import DocumentSize, LimitExceeded
from mockserver.openapi.loading.limits import MOST_VALUES, most_written_out, too_large
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.loading.places import OverlayWrite, Place
from mockserver.openapi.loading.repair import logger
from mockserver.openapi.structure import Steps

_KNOWN = frozenset({"target", "description", "update", "remove"})


class Match(NamedTuple):
    """A value of the document, and where it stands."""

    parent: Any
    key: Any
    value: Any


Found = Callable[[str, Any], list[Match]]  # of a JSONPath and a document


def overlaid(root: Source, overlay: Source) -> list[OverlayWrite]:
    """Apply the actions of an overlay to the content of a contract, in their order; what they wrote. A target that
    matches nothing is logged. Raises ContractError, which names the line of the action and what to do."""
    actions, found, left = _actions(overlay), _finder(), MOST_VALUES - root.values
    try:
        DocumentSize(most_written_out(root.values)).of(root.content)
    except LimitExceeded as error:
        raise ContractError(f"{root.shown}: {error}") from None
    root.content = _own(root.content)
    written: list[OverlayWrite] = []
    for index, action in enumerate(actions):
        matches = _matches(overlay, index, action, found, root.content)
        if not matches:
            logger.warning("%s: the target %s matches nothing", overlay.at("actions", index), action["target"])
        if action.get("remove") is True:
            _remove(overlay, index, matches)
        elif "update" in action:
            left -= len(matches) * _size(action["update"])
            if left < 0:
                raise too_large(root.shown)
            for match in matches:
                written += _update(overlay, index, match, action["update"])
    return written


def _actions(overlay: Source) -> list[Mapping[str, Any]]:
    """The actions, each of which has the form of one."""
    content = overlay.content
    version = content.get("overlay") if isinstance(content, dict) else None
    if not isinstance(version, str) or not version.startswith("1."):
        raise ContractError(f"{overlay.at()}: this is no overlay. It begins with `overlay: 1.0.0`.")
    actions = content.get("actions")
    if not isinstance(actions, list):
        raise ContractError(f"{overlay.at('actions')}: an overlay has a list of `actions`. Add it.")
    for index, action in enumerate(actions):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise _wrong(overlay, index, "has no `target`, a JSONPath such as $.paths['/pets']. Add it")
        others = [str(name) for name in action if name not in _KNOWN and not str(name).startswith("x-")]
        if others:
            raise _wrong(overlay, index, f"has {others[0]!r}, but knows target, update, remove. Correct it")
        if "update" not in action and action.get("remove") is not True:
            raise _wrong(overlay, index, "neither updates nor removes. Give it an `update`, or `remove: true`")
    return actions


def _finder() -> Found:
    """The function that finds what a JSONPath selects."""
    from jsonpath import JSONPathEnvironment  # here, as few have an overlay

    environment = JSONPathEnvironment(strict=True)

    def find(path: str, document: Any) -> list[Match]:
        nodes = environment.finditer(path, document)
        return [
            Match(node.parent.obj if node.parent else None, node.parts[-1] if node.parts else None, node.obj)
            for node in nodes
        ]

    return find


def _matches(overlay: Source, index: int, action: Mapping[str, Any], found: Found, document: Any) -> list[Match]:
    from jsonpath import JSONPathError

    target = action["target"]
    try:
        return found(target, document)
    except (JSONPathError, RecursionError) as error:
        reason = next(iter(str(error).splitlines()), "it can't be read").rstrip(".")
        raise _wrong(overlay, index, f"has the target {target!r}, which is no JSONPath: {reason}. Correct it") from None


def _remove(overlay: Source, index: int, matches: list[Match]) -> None:
    """Remove values from what holds them: those of lists from the end, so that places stay right."""
    if any(match.parent is None for match in matches):
        raise _wrong(overlay, index, "would remove the whole document. Name a part of it")
    of_lists = [match for match in matches if isinstance(match.parent, list)]
    for match in sorted(of_lists, key=lambda each: each.key, reverse=True):
        if match.key < len(match.parent) and match.parent[match.key] is match.value:
            del match.parent[match.key]
    for match in matches:
        if isinstance(match.parent, dict):
            match.parent.pop(match.key, None)


def _update(overlay: Source, index: int, match: Match, update: Any) -> Iterator[OverlayWrite]:
    """Merge an update into an object, add it to a list, or let it replace any other value; what was written."""
    steps: Steps = ("actions", index, "update")
    if isinstance(match.value, dict):
        if not isinstance(update, dict):
            raise _wrong(overlay, index, "updates an object by something else. Write an object as its `update`")
        yield from _merge(overlay, match.value, update, steps)
    elif isinstance(match.value, list):
        yield from _added(overlay, match.value, update, steps)
    elif match.parent is not None:
        match.parent[match.key] = _own(update)
        yield OverlayWrite(match.parent, match.key, Place(overlay, steps, match.parent[match.key]))


def _merge(overlay: Source, old: dict[str, Any], update: Mapping[str, Any], steps: Steps) -> Iterator[OverlayWrite]:
    """Merge an object into another one: objects are merged, lists are joined, anything else is replaced."""
    for name, value in update.items():
        before, place = old.get(name), (*steps, str(name))
        if isinstance(before, dict) and isinstance(value, dict):
            yield from _merge(overlay, before, value, place)
        elif isinstance(before, list) and isinstance(value, list):
            yield from _added(overlay, before, value, place)
        else:
            old[name] = _own(value)
            yield OverlayWrite(old, name, Place(overlay, place, old[name]))


def _added(overlay: Source, old: list[Any], update: Any, steps: Steps) -> Iterator[OverlayWrite]:
    """Add the members of a list to another one, or any other value as one of them."""
    several = isinstance(update, list)
    for index, value in enumerate(_own(update) if several else [_own(update)]):
        old.append(value)
        yield OverlayWrite(old, len(old) - 1, Place(overlay, (*steps, index) if several else steps, value))


def _own(value: Any) -> Any:
    """A copy that shares nothing: what an anchor of YAML has put in several places can be changed in one."""
    if isinstance(value, dict):
        return {name: _own(each) for name, each in value.items()}
    return [_own(each) for each in value] if isinstance(value, list) else value


def _size(value: Any) -> int:
    return 1 + sum(map(_size, _parts(value)))


def _parts(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _wrong(overlay: Source, index: int, what: str) -> ContractError:
    return ContractError(f"{overlay.at('actions', index)}: action {index + 1} {what}.")
