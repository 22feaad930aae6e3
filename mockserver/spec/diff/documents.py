"""Changes of a whole document: of its paths and events, and of its documentation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.openapi.structure import Steps, mapping
from mockserver.spec.diff.changes import NEW, OLD, Change, ChangeKind, joined
from mockserver.spec.diff.operations import OperationComparison, documentation
from mockserver.spec.diff.schemas import SchemaComparison
from mockserver.spec.diff.unchanged import UnchangedParts
from mockserver.spec.outline import DeclaredOperation, Outline, template, variables

_DOCUMENT = ("document",)
_ORDER = list(ChangeKind)


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """All changes from one OpenAPI document to another, the breaking ones first.

    All references must be local, as in a loaded document. A change of a shared component is reported once, with all
    operations that it concerns.
    """
    return _merged(_Comparison(Outline(joined(old, new))).changes())


def _merged(changes: Iterable[Change]) -> list[Change]:
    found: dict[tuple[ChangeKind, Steps, str], Change] = {}
    for change in changes:
        key = (change.kind, change.steps, change.what)
        known = found.get(key)
        if known is None:
            found[key] = change
        else:
            found[key] = replace(change, where=tuple(dict.fromkeys((*known.where, *change.where))))
    return sorted(found.values(), key=lambda change: _ORDER.index(change.kind))


class _Comparison:
    """Compares the two documents in a joined one."""

    def __init__(self, both: Outline) -> None:
        self._both = both
        unchanged = UnchangedParts(both)
        schemas = {requests: SchemaComparison(both, unchanged, requests=requests) for requests in (True, False)}
        self._operations = OperationComparison(both, unchanged, schemas)
        self._events = OperationComparison(both, unchanged, schemas, received=True)

    def changes(self) -> Iterator[Change]:
        """All changes, in the order of the new document."""
        yield from self._document()
        yield from self._paths()
        olds, news = (self._both.children((side,), self._both.events((side,))) for side in (OLD, NEW))
        yield from self._event_items(olds, news, "event ")

    # ------------------------------------------------ the document
    def _document(self) -> Iterator[Change]:
        old, new = (OLD,), (NEW,)
        yield from documentation(self._both, old, new, _DOCUMENT, ("openapi", "tags", "externalDocs"))
        keys = [key for side in (OLD, NEW) for key in mapping(self._both.at((side, "info")))]
        yield from documentation(self._both, (OLD, "info"), (NEW, "info"), _DOCUMENT, keys)
        yield from self._operations.servers(old, new, _DOCUMENT)

    # ------------------------------------------------ paths
    def _paths(self) -> Iterator[Change]:
        olds, news = (self._both.children((side,), "paths") for side in (OLD, NEW))
        kept = _same_templates(olds, news)
        for path, steps in news.items():
            before = kept.get(path)
            old_item = olds[before] if before is not None else None
            yield from self._item(path, old_item, steps, _renamed(before or path, path))
        for path in [path for path in olds if path not in kept.values()]:
            yield from self._item(path, olds[path], None, {})

    def _item(self, path: str, old: Steps | None, new: Steps | None, renamed: Mapping[str, str]) -> Iterator[Change]:
        olds, news = ({} if item is None else self._methods(path, item) for item in (old, new))
        for method in dict.fromkeys((*olds, *news)):
            where = (f"{method.upper()} {path}",)
            before, after = olds.get(method), news.get(method)
            if before and after:
                yield from self._operations.compare(before, after, where, renamed)
                yield from self._callbacks(before, after, where[0])
            elif before:
                yield Change(ChangeKind.BREAKING, where, "the operation is gone", before.steps)
            elif after:
                yield Change(ChangeKind.NON_BREAKING, where, "the operation is new", after.steps)
        if old and new and olds and news:
            everywhere = tuple(f"{method.upper()} {path}" for method in news)
            yield from documentation(self._both, self._both.end(old), self._both.end(new), everywhere)
        for name, name_now in renamed.items():
            if name != name_now and new:
                what = f"the path parameter {name} is called {name_now} now"
                yield Change(ChangeKind.NON_BREAKING, tuple(f"{method.upper()} {path}" for method in news), what, new)

    def _methods(self, path: str, steps: Steps) -> dict[str, DeclaredOperation]:
        return {operation.method: operation for operation in self._both.methods(path, steps)}

    # ------------------------------------------------ events
    def _callbacks(self, old: DeclaredOperation, new: DeclaredOperation, where: str) -> Iterator[Change]:
        olds, news = (self._both.children(operation.steps, "callbacks") for operation in (old, new))
        yield from self._gone_and_new(olds, news, f"{where} callback ", "callback")
        for name in [name for name in olds if name in news]:
            before, after = (
                [(*self._both.end(steps), url) for url in self._both.node(steps)] for steps in (olds[name], news[name])
            )
            if [steps[-1] for steps in before] != [steps[-1] for steps in after]:
                what = "the expression of the URL that is called changed"
                yield Change(ChangeKind.BREAKING, (f"{where} callback {name}",), what, news[name])
            for old_item, new_item in zip(before, after, strict=False):
                yield from self._event_items({name: old_item}, {name: new_item}, f"{where} callback ")

    def _event_items(self, olds: Mapping[str, Steps], news: Mapping[str, Steps], prefix: str) -> Iterator[Change]:
        yield from self._gone_and_new(olds, news, prefix, "event")
        for name in [name for name in olds if name in news]:
            before, after = self._methods(name, olds[name]), self._methods(name, news[name])
            where = (prefix + name,)
            if before.keys() != after.keys():
                what = f"it was sent by {_listed(before)}, and is by {_listed(after)} now"
                yield Change(ChangeKind.BREAKING, where, what, news[name])
            for method in before.keys() & after.keys():
                yield from self._events.compare(before[method], after[method], where, {})

    @staticmethod
    def _gone_and_new(olds: Mapping[str, Steps], news: Mapping[str, Steps], prefix: str, noun: str) -> Iterator[Change]:
        for name in [name for name in olds if name not in news]:
            yield Change(ChangeKind.BREAKING, (prefix + name,), f"the {noun} is gone", olds[name])
        for name in [name for name in news if name not in olds]:
            yield Change(ChangeKind.NON_BREAKING, (prefix + name,), f"the {noun} is new", news[name])


def _listed(methods: Iterable[str]) -> str:
    return " and ".join(method.upper() for method in methods) or "nothing"


def _same_templates(olds: Iterable[str], news: Iterable[str]) -> dict[str, str]:
    """The old path for each new one that matches the same requests; an identical path is preferred."""
    same = {path: path for path in news if path in set(olds)}
    unmatched = {template(path): path for path in olds if path not in same}
    for path in news:
        if path not in same and template(path) in unmatched:
            same[path] = unmatched.pop(template(path))
    return same


def _renamed(old: str, new: str) -> dict[str, str]:
    """The names of the variables of a path, old to new."""
    return dict(zip(variables(old), variables(new), strict=False))
