"""A server of books in memory, that can be made to lie, for a client that holds it against the truth."""

import copy
from typing import Any

from bench.memory.life import Told
from bench.memory.truth import ByHand, resource

BOOKS = {
    "name": "books",
    "collection": "/books",
    "item": "/books/{bookId}",
    "roles": "create list read replace patch delete",
    "key": "id",
    "listed": "items",
    "total": "total",
    "new": {"title": "First", "pages": 1},
    "whole": {"title": "Second", "pages": 2},
    "part": {"pages": 3},
}
ALL = frozenset(str(BOOKS["roles"]).split())


def books(**other: Any) -> ByHand:
    """The truth about books."""
    return resource({**BOOKS, **other})


class Shelf:
    """Remembers books; `lies` names what it does wrong."""

    def __init__(self, *lies: str, source: str = "resource") -> None:
        self._lies, self._source = lies, source
        self._rows: dict[str, dict[str, Any]] = {"1": {"id": 1, "title": "Old", "pages": 9}}

    def __call__(self, method: str, path: str, body: Any) -> Told:
        """The answer to a request."""
        key = path.removeprefix("/books").strip("/")
        if "refuses" in self._lies and method == "POST":
            return Told(400, None, "mock", "title is too short")
        if key and key not in self._rows:
            return Told(404, None, "mock", f"No book {key}.")
        return Told(200, copy.deepcopy(self._one(method, key, body) if key else self._all(method, body)), self._source)

    def _all(self, method: str, body: Any) -> Any:
        if method == "GET":
            rows = [*self._rows.values()]
            return {"items": rows[:1] if "forgets in lists" in self._lies else rows, "total": len(rows)}
        key = str(len(self._rows) + 1)
        self._rows[key] = {"id": int(key), **body}
        if "changes" in self._lies:
            self._rows[key]["title"] = "Other"
        if "forgets" in self._lies:
            return self._rows.pop(key)
        if "tells nothing" in self._lies:
            return None
        return self._rows[key]

    def _one(self, method: str, key: str, body: Any) -> Any:
        row = self._rows[key]
        if method == "DELETE" and "keeps" not in self._lies:
            del self._rows[key]
        if method == "PATCH" and "replaces" in self._lies:
            row.clear()
            row["id"] = int(key)
            row["title"] = ""
        if method in ("PUT", "PATCH") and "ignores" not in self._lies:
            row |= body
        return row
