"""The truth about documents of others, read by hand: which resources each has, and what can be done with them.

One file in `truth/` for each document. It knows nothing of what the mock recognises: it is what that is held against.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.documents.fetched import Foreign
from mockserver.openapi.loading import Source

FOLDER = Path(__file__).parent / "truth"
OVERLAYS = Path(__file__).parent / "overlays"
Place = tuple[str, ...]
USUAL = {  # where each role's operation is, unless `elsewhere` says something else
    "create": ("POST", "collection"),
    "list": ("GET", "collection"),
    "read": ("GET", "item"),
    "replace": ("PUT", "item"),
    "patch": ("PATCH", "item"),
    "delete": ("DELETE", "item"),
}


class Call(NamedTuple):
    """A method and a path template; `query` is what has to be asked with it."""

    method: str
    path: str
    query: str = ""


class ByHand(NamedTuple):
    """A resource, as somebody who has read the document knows it.

    `key` is the place of what names a record, in the record. `taken`, `shown`, `created` and `listed` are the places of
    the record, or the records, in the bodies sent, in answers, in that of its creation, and in lists; `by_key` says
    that a list is an object with a record for each key. `new`, `whole` and `part` are bodies to create, replace and
    patch one with, in which `{key}` stands for its key; what of them isn't shown again is `unkept`. `total` is the
    place of the number of all in a list.
    """

    name: str
    collection: str
    item: str
    calls: Mapping[str, Call]
    key: Place
    parent: str | None = None
    taken: Place = ()
    shown: Place = ()
    created: Place = ()
    listed: Place = ()
    by_key: bool = False
    new: Mapping[str, Any] = {}
    whole: Mapping[str, Any] = {}
    part: Mapping[str, Any] = {}
    unkept: frozenset[str] = frozenset()
    total: Place = ()
    remark: str = ""


class TrueDocument(NamedTuple):
    """A document, the headers that its mock has to be asked with, and its resources. `why` explains findings of
    `check live` at its mock, by their checks."""

    foreign: Foreign
    digest: str
    headers: Mapping[str, str]
    resources: tuple[ByHand, ...]
    why: Mapping[str, str]

    @property
    def overlay(self) -> Path | None:
        """What mends recognition where the document misleads it; None where it doesn't."""
        path = OVERLAYS / f"{self.foreign.name}.yaml"
        return path if path.is_file() else None


def documents() -> list[TrueDocument]:
    """All documents, in the order of their names."""
    return [read(file) for file in sorted(FOLDER.glob("*.yaml"))]


def read(file: Path) -> TrueDocument:
    """The document that a file tells the truth about."""
    content = Source(str(file), file.read_bytes()).content
    foreign = Foreign(file.stem, content["package"], content["path"], content["style"])
    resources = tuple(resource(each) for each in content["resources"])
    return TrueDocument(foreign, content["sha256"], content.get("headers", {}), resources, content.get("findings", {}))


def resource(said: Mapping[str, Any]) -> ByHand:
    """A resource, of what a file says of it."""
    shown = place(said.get("shown", ""))
    return ByHand(
        name=said["name"],
        collection=said["collection"],
        item=said["item"],
        calls={role: _call(said, role) for role in said["roles"].split()},
        key=place(said["key"]),
        parent=said.get("parent"),
        taken=place(said.get("taken", "")),
        shown=shown,
        created=place(said["created"]) if "created" in said else shown,
        listed=place(said.get("listed", "")),
        by_key=bool(said.get("by_key")),
        new=said.get("new", {}),
        whole=said.get("whole", {}),
        part=said.get("part", {}),
        unkept=frozenset(said.get("unkept", "").split()),
        total=place(said.get("total", "")),
        remark=said.get("remark", ""),
    )


def _call(said: Mapping[str, Any], role: str) -> Call:
    """The operation of a role: where it usually is, or elsewhere."""
    other = said.get("elsewhere", {}).get(role)
    if other is None:
        method, where = USUAL[role]
        return Call(method, said[where], said.get("query", "") if role == "list" else "")
    method, _, target = other.partition(" ")
    path, _, query = target.partition("?")
    return Call(method, path, query)


def place(steps: str) -> Place:
    """A place in JSON, of steps with dots between them; nothing is the whole."""
    return tuple(step for step in steps.split(".") if step)


def value_at(content: Any, steps: Place) -> Any:
    """What stands at a place; None if nothing does."""
    for step in steps:
        content = content.get(step) if isinstance(content, dict) else None
    return content
