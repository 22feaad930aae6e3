"""Record names: which path parameters identify records, and which properties hold their ids, by a contract's paths.

A parameter that some path ends with, as `/pets/{petId}` does, identifies a record; one that never stands at an end, as
`/{tenant}/pets`, names a context.
"""

import re
from collections.abc import Collection, Iterable, Iterator

_PARAMETER = re.compile(r"\{([^{}]+)\}")
ID_PROPERTIES = ("id", "uuid", "_id", "uid", "key", "slug", "name")  # the more telling ones first


class RecordNames:
    """The names of records in the paths of a contract. Parameters in `contexts` name none, wherever they stand."""

    def __init__(self, paths: Iterable[str], contexts: Collection[str] = ()) -> None:
        self._ends: dict[str, str] = {}  # the parameter at the end, by the path before it
        for path in paths:
            before, _, last = path.rstrip("/").rpartition("/")
            if (found := _PARAMETER.fullmatch(last)) and found[1] not in contexts:
                self._ends[before] = found[1]

    def of(self, path: str) -> str | None:
        """The parameter of a path that identifies a record; None if it has none. Of several it is the last one."""
        steps = path.rstrip("/").split("/")
        for end in range(len(steps) - 1, 0, -1):
            found = _PARAMETER.fullmatch(steps[end])
            if found and "/".join(steps[:end]) in self._ends:
                return found[1]
        return None

    def parents(self, path: str) -> frozenset[str]:
        """The parameters of a path that identify records, but for the last one: those that this record is in."""
        steps = path.rstrip("/").split("/")
        found = ((_PARAMETER.fullmatch(step), "/".join(steps[:end])) for end, step in enumerate(steps))
        return frozenset(one[1] for one, before in found if one and before in self._ends) - {self.of(path) or ""}

    def id_properties(self, collection: str) -> Iterator[str]:
        """The properties that may hold the id of what is posted to a collection, the likeliest first; none if no path
        leads to one of its records."""
        parameter = self._ends.get(collection.rstrip("/"))
        if parameter is None:
            return
        kind = re.sub(r"[^A-Za-z0-9]", "", collection.rstrip("/").rpartition("/")[2])
        singular = kind.removesuffix("s")
        yield parameter
        yield from ID_PROPERTIES[:4]
        yield from (f"{singular}Id", f"{singular}_id")
        yield from ID_PROPERTIES[4:]
