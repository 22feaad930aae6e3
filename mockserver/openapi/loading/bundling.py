"""Bundling: what a contract takes from other files becomes part of it, and every reference local.

The bundler knows what stands where (`grammar`). So it follows references only where there can be any (an example may
contain `$ref`), and puts what it takes from other files where it belongs: a schema under components/schemas. It changes
nothing until all is resolved, copies nothing, and so keeps recursion what it is.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, count
from typing import Any, NamedTuple

from mockserver.errors import ContractError, ReferenceLost
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.structure import REFERABLE, SECTIONS, Steps, at, below, kind_of, mapping, pointer_to, steps_of

MOST_HOPS = 100  # references that lead to each other
_NESTING = (dict, list)
_EXTENSION = re.compile(r"\.(json|ya?ml)$")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")  # what a name under components can't contain


class Place(NamedTuple):
    """Something in a file, and the way to it."""

    source: Source
    steps: Steps
    node: Any

    def child(self, step: str | int) -> "Place":
        """What stands under a key or an index. Raises LookupError."""
        node = below(self.node, step)
        return Place(self.source, (*self.steps, int(step) if isinstance(self.node, list) else str(step)), node)

    @property
    def line(self) -> str:
        """File and line; of the reference, if it is one."""
        return self.source.at(*self.steps, *(["$ref"] if _is_reference(self.node) else []))

    @property
    def pointer(self) -> str:
        """`#/…`, within its file."""
        return "#" + pointer_to(*self.steps)

    @property
    def parent(self) -> Any:
        """The list or object that holds it."""
        return at(self.source.content, self.steps[:-1])


class _Patch(NamedTuple):
    """A change of the document: `container[key]` becomes `value`, with what stood beside the reference."""

    container: Any
    key: str | int
    value: Any
    home: Place
    beside: Any

    def apply(self) -> Any:
        """Do it; return what stands there now."""
        merged = {**self.value, **self.beside} if self.beside and isinstance(self.value, dict) else self.value
        self.container[self.key] = merged
        return merged


class Bundler:
    """Makes one document of a root file and all that it refers to. `neighbour` reads the file that a source names."""

    def __init__(self, root: Source, neighbour: Callable[[Source, str], Source]) -> None:
        self._root = root
        self._neighbour = neighbour
        self._homes: dict[int, Place] = {}  # where each object was read
        self._visited: set[tuple[int, str]] = set()
        self._queue: deque[tuple[str, Place]] = deque()  # still to visit
        self._extensions: deque[tuple[str, Place]] = deque()  # the same, but last: they don't say what they hold
        self._targets: dict[int, tuple[Place, bool]] = {}
        self._found: dict[tuple[str, str], tuple[Place, bool]] = {}  # the same, by file and text of the reference
        self._followed: list[Any] = []  # keeps alive what `_targets` knows by its id
        self._open: list[Place] = []  # references being followed, or being replaced by what they lead to
        self._names: dict[tuple[str, Steps, str], str] = {}  # where things are in the bundled document
        self._taken: dict[str, set[str]] = {}
        self._entries: dict[int, str] = {}  # references that are entries of components, and where they are
        self._patches: dict[tuple[int, str | int], _Patch] = {}
        self._added: list[tuple[str, str, Any]] = []
        self.schemas: list[Place] = []  # all that were met, references left out
        self._parts: dict[int, list[tuple[int, Place]]] = {}  # what a schema consists of: allOf and not

    def bundle(self) -> None:
        """Change the content of the root. Raises ContractError for references that lead nowhere or have no end."""
        document = Place(self._root, (), self._root.content)
        self._name_components(document)
        self._visit("document", document)
        while self._queue or self._extensions:
            self._meet(*(self._queue or self._extensions).popleft())
        self._check_parts()
        for patch in self._patches.values():
            self._homes.setdefault(id(patch.apply()), patch.home)
        for section, name, node in self._added:
            _section(self._root.content, section)[name] = node

    def place(self, path: Steps) -> Place:
        """Where something of the bundled document was read."""
        found = Place(self._root, (), self._root.content)
        for step in path:
            try:
                found = found.child(step)
            except LookupError:
                return found._replace(steps=(*found.steps, step))
            found = self.home(found.node) or found
        return found

    def home(self, node: Any) -> Place | None:
        """Where an object of the bundled document was read, if it may contain references."""
        return self._homes.get(id(node))

    # ------------------------------------------------ walking
    def _visit(self, kind: str, place: Place) -> None:
        """Walk an object or a list that is no reference."""
        node = place.node
        if (id(node), kind) in self._visited:
            return
        self._visited.add((id(node), kind))
        self._homes.setdefault(id(node), place)
        for key, value in enumerate(node) if isinstance(node, list) else node.items():
            if not isinstance(value, _NESTING):
                continue
            inner = kind_of(kind, key if isinstance(key, str) else None)
            if inner == "any" and kind == "document":
                self._extensions.append((inner, Place(place.source, (*place.steps, key), value)))
            elif inner:
                self._meet(inner, Place(place.source, (*place.steps, key), value))
        if kind == "schema" and isinstance(node, dict):
            self._schema(place)

    def _meet(self, kind: str, place: Place) -> None:
        """Visit what stands there, or take care of a reference."""
        if _is_reference(place.node):
            self._reference(kind, place)
        elif isinstance(place.node, _NESTING):
            self._visit(kind, place)

    def _schema(self, place: Place) -> None:
        """Note what a schema consists of, and take along what its discriminator names."""
        node = place.node
        self.schemas.append(place)
        for part in _parts(place):
            self._parts.setdefault(id(node), []).append((id(self._end(part).node), part))
        targets = mapping(mapping(node.get("discriminator")).get("mapping"))
        for name, value in targets.items():
            if isinstance(value, str) and ("#" in value or _EXTENSION.search(value)):
                steps = (*place.steps, "discriminator", "mapping", name)
                self._mapping(targets, Place(place.source, steps, {"$ref": value}))

    def _mapping(self, targets: dict[str, Any], named: Place) -> None:
        """What a discriminator names, read as a reference. It is but a hint: one that leads nowhere is left alone."""
        try:
            self._patch(targets, named.steps[-1], self._local("schema", named), named)
        except ContractError:
            return

    # ------------------------------------------------ references
    def _reference(self, kind: str, place: Place) -> None:
        if (id(place.node), "$ref") in self._patches:
            return
        if kind == "any":
            self._in_extension(place)
        elif kind not in REFERABLE:
            self._replace(kind, place)
        else:
            local = self._local(kind, place)
            self._patch(place.node, "$ref", local, place)
            if local == self._entries.get(id(place.node)):  # an entry of components that only takes it from a file
                end = self._end(place)
                self._patch(place.parent, place.steps[-1], end.node, end)

    def _in_extension(self, place: Place) -> None:
        """An extension may use `$ref` as it likes: what can't be followed stays what it is."""
        if place.source is self._root and place.node["$ref"].startswith("#"):
            return
        try:
            self._patch(place.node, "$ref", self._local("any", place), place)
        except ContractError:
            return

    def _local(self, kind: str, place: Place) -> str:
        """The reference as it has to be in the bundled document."""
        first, direct = self._target(place)
        end = self._end(place)
        if self._root not in (first.source, end.source):
            return self._adopted(kind, end)
        near = first if first.source is self._root else end
        self._queue.append((kind, near))
        reference: str = place.node["$ref"]
        return reference if direct and reference.startswith("#") and place.source is self._root else near.pointer

    def _replace(self, kind: str, place: Place) -> None:
        """Put what the reference leads to in its place: nothing in OpenAPI 3.0 could follow it there."""
        end = self._end(place)
        for around in (*self._open, place):
            if around.source is end.source and around.steps[: len(end.steps)] == end.steps:
                raise _endless(place)
        self._open.append(place)
        self._meet(kind, end)
        self._open.pop()
        beside = {key: value for key, value in place.node.items() if key != "$ref"}
        self._patch(place.parent, place.steps[-1], end.node, end, beside)

    def _patch(self, container: Any, key: str | int, value: Any, home: Place, beside: Any = None) -> None:
        self._patches.setdefault((id(container), key), _Patch(container, key, value, home, beside))

    # ------------------------------------------------ following
    def _target(self, place: Place) -> tuple[Place, bool]:
        """Where a reference leads, and whether it does so without passing through other references."""
        known = self._targets.get(id(place.node))
        if known is None:
            if any(place.node is followed.node for followed in self._open):
                raise _endless(place)
            self._open.append(place)
            key = place.source.name, place.node["$ref"]
            if key not in self._found:
                self._found[key] = self._searched(place)
            known = self._targets[id(place.node)] = self._found[key]
            self._followed.append(place.node)
            self._open.pop()
        return known

    def _searched(self, place: Place) -> tuple[Place, bool]:
        file, _, fragment = place.node["$ref"].partition("#")
        source = self._file(place, file) if file else place.source
        if fragment and not fragment.startswith("/"):
            raise _nowhere(place, "what follows # must be a JSON pointer, like #/components/schemas/Pet")
        found, direct = Place(source, (), source.content), True
        for step in steps_of(place.node["$ref"]):
            if _is_reference(found.node) and step not in found.node:
                found, direct = self._end(found), False
            try:
                found = found.child(step)
            except LookupError:
                why = f"{found.source.shown} has no {step!r} in {found.pointer}. Correct the one or the other"
                raise _nowhere(place, why) from None
        return found, direct

    def _file(self, place: Place, file: str) -> Source:
        try:
            return self._neighbour(place.source, file)
        except ContractError as error:
            hint = "" if re.search(r"[./]", file) else f" A schema of this file is '#/components/schemas/{file}'."
            raise _BadReference(place, f"fails: {error}{hint}") from error

    def _end(self, place: Place) -> Place:
        """Where a chain of references ends; the place itself if it is none."""
        passed = set()
        while _is_reference(place.node):
            if id(place.node) in passed:
                raise _endless(place)
            passed.add(id(place.node))
            if len(passed) > MOST_HOPS:
                raise _BadReference(place, f"is one of over {MOST_HOPS} in a row. Refer to where they end.")
            place, _ = self._target(place)
        return place

    def _check_parts(self) -> None:
        """Refuse schemas that consist of themselves."""
        done: set[int] = set()

        def follow(schema: int, above: dict[int, Place | None]) -> None:
            for part, place in self._parts.get(schema, ()):
                if part in above:
                    passed = (*above.values(), place)  # one of the last of them is a reference
                    raise _endless(next(each for each in reversed(passed) if each and _is_reference(each.node)))
                if part not in done:
                    follow(part, {**above, part: place})
            done.add(schema)

        for schema in self._parts:
            follow(schema, {schema: None})

    # ------------------------------------------------ names
    def _name_components(self, document: Place) -> None:
        """What the root has under components keeps its name; what an entry takes from a file gets that of the entry."""
        if "components" not in document.node:
            return
        components = self._end(document.child("components"))
        for kind, section in SECTIONS.items():
            if section in mapping(components.node):
                entries = self._end(components.child(section))
                self._taken[section] = set(mapping(entries.node))
                for name in mapping(entries.node):
                    self._name_entry(kind, f"#/components/{section}/{name}", entries.child(name))

    def _name_entry(self, kind: str, pointer: str, entry: Place) -> None:
        self._names[_key(entry, kind)] = pointer
        if _is_reference(entry.node):
            end = self._end(entry)
            if end.source is not self._root:
                self._names.setdefault(_key(end, kind), pointer)
                self._entries.setdefault(id(entry.node), pointer)

    def _adopted(self, kind: str, end: Place) -> str:
        """The place in the bundled document of something from another file."""
        key = _key(end, kind)
        if key not in self._names:
            section = SECTIONS.get(kind, "x-bundled")
            name = self._free_name(section, end)
            self._names[key] = f"#/components/{section}/{name}" if kind in SECTIONS else f"#/{section}/{name}"
            self._added.append((section, name, end.node))
        self._queue.append((kind, end))
        return self._names[key]

    def _free_name(self, section: str, end: Place) -> str:
        """A name that says where it comes from, and that nothing else has."""
        taken = self._taken.setdefault(section, set(mapping(self._root.content.get(section))))
        file = _NO_NAME.sub("_", _EXTENSION.sub("", end.source.name.replace("\\", "/").rpartition("/")[2]))
        plain = _NO_NAME.sub("_", str(end.steps[-1])) if end.steps else file
        names = chain((plain, f"{file}_{plain}"), (f"{plain}_{number}" for number in count(2)))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        return name


def _is_reference(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)


def _parts(schema: Place) -> Iterator[Place]:
    """What a value has to fit, or not, for it to fit the schema."""
    if isinstance(schema.node.get("allOf"), list):
        members = schema.child("allOf")
        yield from (members.child(index) for index, _ in enumerate(members.node))
    if "not" in schema.node:
        yield schema.child("not")


def _key(place: Place, kind: str) -> tuple[str, Steps, str]:
    return place.source.name, tuple(str(step) for step in place.steps), kind


def _section(content: dict[str, Any], section: str) -> dict[str, Any]:
    """A section of the components, or `x-bundled`; it is made if there is none."""
    holder = content if section.startswith("x-") else content.setdefault("components", {})
    if not isinstance(holder.get(section), dict):
        holder[section] = {}
    found: dict[str, Any] = holder[section]
    return found


class _BadReference(ReferenceLost):
    """A reference that can't be followed. Its line is found when it is told: in an extension it needn't be."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self._place = place
        self._problem = problem

    def __str__(self) -> str:
        return f"{self._place.line}: the reference {self._place.node['$ref']!r} {self._problem}"


def _endless(place: Place) -> ReferenceLost:
    return _BadReference(place, "leads back to itself. Break the cycle.")


def _nowhere(place: Place, why: str) -> ReferenceLost:
    return _BadReference(place, f"leads nowhere: {why}.")
