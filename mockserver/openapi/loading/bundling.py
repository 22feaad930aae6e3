"""Bundling: the parts of a contract from other files become part of one document, and every reference local.

The bundler knows the structure of a document (`openapi.structure`). So it follows references only where OpenAPI has
them (an example may contain `$ref`), and adds parts of other files to the right section: a schema to
components/schemas. It changes nothing until all references are resolved, and copies nothing, so that recursive schemas
stay recursive.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import reduce
from itertools import chain, count
from typing import Any, NamedTuple

from mockserver.errors import ContractError
from mockserver.openapi import identifiers
from mockserver.openapi.dialects import Dialect
from mockserver.openapi.identifiers import Identifiers
from mockserver.openapi.loading import canonical
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.loading.places import BadReference, OverlayWrite, Place, endless, is_reference, nowhere
from mockserver.openapi.structure import REFERABLE, SECTIONS, Steps, kind_of, mapping, steps_of

MOST_HOPS = 100  # references that lead to each other
_NESTING = (dict, list)
_EXTENSION = re.compile(r"\.(json|ya?ml)$")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")  # characters that a name under components can't contain


class _Patch(NamedTuple):
    """A change of the document: `container[key]` becomes `value`, merged with the keys `beside` the reference."""

    container: Any
    key: str | int
    value: Any
    home: Place
    beside: Any

    def apply(self) -> Any:
        """Make the change; return the new value."""
        merged = {**self.value, **self.beside} if self.beside and isinstance(self.value, dict) else self.value
        self.container[self.key] = merged
        return merged


class Bundler:
    """Bundles a root file with all that it refers to. `neighbour` reads the file that a reference in a source names;
    `written` is what an overlay has put into the root."""

    def __init__(
        self,
        root: Source,
        neighbour: Callable[[Source, str], Source],
        dialect: Dialect,
        written: Iterable[OverlayWrite] = (),
    ) -> None:
        self._root, self.dialect = root, dialect
        self._neighbour = neighbour
        self._written = {(id(one.holder), str(one.key)): one for one in written}
        self._homes: dict[int, Place] = {  # where each object was read
            id(place.node): place for one in self._written.values() for place in one.nested()
        }
        self._visited: set[tuple[int, str]] = set()
        self._queue: deque[tuple[str, Place]] = deque()  # still to visit
        self._extensions: deque[tuple[str, Place]] = (
            deque()
        )  # the same, visited last: the kind of their content is unknown
        self._targets: dict[int, tuple[Place, bool]] = {}
        self._identifiers: dict[str, Identifiers] = {}  # by file
        self._found: dict[
            tuple[str, str, str], tuple[Place, bool]
        ] = {}  # the same, by file, base, text of the reference
        self._locals: dict[tuple[str, str, str, str], str] = {}  # references as they are in the bundled document
        self._followed: list[Any] = []  # keeps the objects alive whose ids are keys of `_targets`
        self._open: list[Place] = []  # references being followed or replaced
        self._names: dict[tuple[str, Steps, str], str] = {}  # where things are in the bundled document
        self._taken: dict[str, set[str]] = {}
        self._entries: dict[int, str] = {}  # pointers of entries of components that are references
        self._patches: dict[tuple[int, str | int], _Patch] = {}
        self._added: list[tuple[str, str, Any]] = []
        self.schemas: list[Place] = []  # all that were visited, without references
        self.ignored: list[Place] = []  # those that have a keyword that means nothing
        self._parts: dict[int, list[tuple[int, Place]]] = {}  # the parts of each schema: allOf and not

    def bundle(self) -> None:
        """Bundle, by changing the content of the root. Raises ContractError for a reference that leads nowhere or back
        to itself."""
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

    @property
    def changes_texts_only(self) -> bool:
        """Whether bundling has added and replaced no object: each stands where it was read."""
        return not self._added and all(isinstance(patch.value, str) for patch in self._patches.values())

    def place(self, path: Steps) -> Place:
        """The original place of a value of the bundled document, in the file that it was read from."""
        found = Place(self._root, (), self._root.content)
        for step in path:
            try:
                child = found.child(step)
            except LookupError:
                return found._replace(steps=(*found.steps, step))
            written = self._written.get((id(found.node), str(step)))
            found = written.place if written and written.place.node is child.node else self.home(child.node) or child
        return found

    def home(self, node: Any) -> Place | None:
        """The original place of an object of the bundled document, if it may contain references."""
        return self._homes.get(id(node))

    # ------------------------------------------------ walking
    def _visit(self, kind: str, place: Place) -> None:
        """Visit an object or a list that is no reference, and all below it."""
        node = place.node
        if (id(node), kind) in self._visited:
            return
        self._visited.add((id(node), kind))
        self._homes.setdefault(id(node), place)
        for key, value in enumerate(node) if isinstance(node, list) else node.items():
            if not isinstance(value, _NESTING):
                if isinstance(value, bool):
                    self._boolean(kind, node, key)
                continue
            inner = kind_of(kind, key if isinstance(key, str) else None)
            if inner == "any" and kind == "document":
                self._extensions.append((inner, Place(place.source, (*place.steps, key), value)))
            elif inner:
                self._meet(inner, Place(place.source, (*place.steps, key), value))
        if kind == "schema" and isinstance(node, dict):
            self._schema(place)

    def _boolean(self, kind: str, node: Any, key: str | int) -> None:
        """Let an object stand for a schema that is a boolean."""
        if self.dialect.has_json_schema:
            schema = canonical.schema_of(kind, key if isinstance(key, str) else None, node[key])
            node[key] = node[key] if schema is None else schema

    def _simplify(self, kind: str, place: Place) -> Place:
        """The place, with its object in canonical form."""
        if self.dialect.has_json_schema and isinstance(place.node, dict):
            if kind == "schema" and place.node.get(canonical.MEANINGLESS) is True:
                self.ignored.append(place)
            if kind == "schema" and "$dynamicRef" in place.node:
                canonical.make_static(place.node, has_dynamic=self._names_in(place.source).has_dynamic)
            canonical.make_canonical(kind, place.node)
        return place

    def _meet(self, kind: str, place: Place) -> None:
        """Visit a value, or handle the reference that stands there."""
        self._simplify(kind, place)
        if is_reference(place.node):
            self._reference(kind, place)
        elif isinstance(place.node, _NESTING):
            self._visit(kind, place)

    def _schema(self, place: Place) -> None:
        """Record the parts of a schema, and bundle the schemas that its discriminator maps to."""
        node = place.node
        self.schemas.append(place)
        for part in _parts(place):
            self._parts.setdefault(id(node), []).append((id(self._end(part, "schema").node), part))
        if isinstance(node.get("$dynamicRef"), str):
            self._local("schema", Place(place.source, place.steps, {"$ref": node["$dynamicRef"]}))
        targets = mapping(mapping(node.get("discriminator")).get("mapping"))
        for name, value in targets.items():
            if isinstance(value, str) and ("#" in value or _EXTENSION.search(value)):
                steps = (*place.steps, "discriminator", "mapping", name)
                self._mapping(targets, Place(place.source, steps, {"$ref": value}))

    def _mapping(self, targets: dict[str, Any], named: Place) -> None:
        """Bundle a target of a discriminator's mapping. It is only a hint: one that leads nowhere stays as it is."""
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
            if local != place.node["$ref"]:
                self._patch(place.node, "$ref", local, place)
            if local == self._entries.get(id(place.node)):  # an entry of components that only refers to a file
                end = self._end(place, kind)
                self._patch(place.parent, place.steps[-1], end.node, end)

    def _in_extension(self, place: Place) -> None:
        """Bundle a reference in an extension, where `$ref` may mean anything: one that can't be followed stays as it
        is."""
        if place.source is self._root and place.node["$ref"].startswith("#"):
            return
        try:
            self._patch(place.node, "$ref", self._local("any", place), place)
        except ContractError:
            return

    def _local(self, kind: str, place: Place) -> str:
        """The text of a reference in the bundled document: the same for each reference of a file with the same text."""
        key = place.source.name, self._base(place), place.node["$ref"], kind
        if key not in self._locals:
            self._locals[key] = self._located(kind, place)
        return self._locals[key]

    def _located(self, kind: str, place: Place) -> str:
        first, direct = self._target(place)
        end = self._end(self._simplify(kind, first), kind)
        if self._root not in (first.source, end.source):
            return self._adopted(kind, end)
        near = first if first.source is self._root else end
        self._queue.append((kind, near))
        reference: str = place.node["$ref"]
        return reference if direct and reference.startswith("#") and place.source is self._root else near.pointer

    def _replace(self, kind: str, place: Place) -> None:
        """Replace a reference by its target, at a place where a document that is served has none."""
        end = self._simplify(kind, self._end(place, kind))
        for around in (*self._open, place):
            if around.source is end.source and around.steps[: len(end.steps)] == end.steps:
                raise endless(place)
        self._open.append(place)
        self._meet(kind, end)
        self._open.pop()
        beside = {key: value for key, value in place.node.items() if key != "$ref"}
        self._patch(place.parent, place.steps[-1], end.node, end, beside)

    def _patch(self, container: Any, key: str | int, value: Any, home: Place, beside: Any = None) -> None:
        self._patches.setdefault((id(container), key), _Patch(container, key, value, home, beside))

    # ------------------------------------------------ following
    def _target(self, place: Place) -> tuple[Place, bool]:
        """The target of a reference, and whether it is reached without passing through other references."""
        known = self._targets.get(id(place.node))
        if known is None:
            if any(place.node is followed.node for followed in self._open):
                raise endless(place)
            self._open.append(place)
            key = place.source.name, self._base(place), place.node["$ref"]
            if key not in self._found:
                self._found[key] = self._searched(place)
            known = self._targets[id(place.node)] = self._found[key]
            self._followed.append(place.node)
            self._open.pop()
        return known

    def _searched(self, place: Place) -> tuple[Place, bool]:
        if (named := self._named(place)) is not None:
            return named, False
        file, _, fragment = place.node["$ref"].partition("#")
        source = self._file(place, file) if file else place.source
        if fragment and not fragment.startswith("/"):
            other = ", or an `$anchor` of that file" if self.dialect.has_json_schema else ""
            raise nowhere(place, f"what follows # must be a JSON pointer, like #/components/schemas/Pet{other}")
        found, direct = Place(source, (), source.content), True
        for step in steps_of(place.node["$ref"]):
            if is_reference(found.node) and step not in found.node:
                found, direct = self._end(found), False
            try:
                found = found.child(step)
            except LookupError:
                why = f"{found.source.shown} has no {step!r} in {found.pointer}. Correct the one or the other"
                raise nowhere(place, why) from None
        return found, direct

    def _names_in(self, source: Source) -> Identifiers:
        """The names that schemas of a file give themselves."""
        if source.name not in self._identifiers:  # whether there are any takes a search of the whole text
            has_names = self.dialect.has_json_schema and identifiers.may_name(source.text)
            self._identifiers[source.name] = Identifiers(source.content) if has_names else identifiers.NONE
        return self._identifiers[source.name]

    def _base(self, place: Place) -> str:
        names = self._names_in(place.source)
        return "" if names is identifiers.NONE else names.base(place.steps)

    def _named(self, place: Place) -> Place | None:
        """The target of a reference that follows the names of its file; None if it leads to none of them."""
        names = self._names_in(place.source)
        for steps in () if names is identifiers.NONE else names.targets(place.steps, place.node["$ref"]):
            with suppress(LookupError):
                return reduce(Place.child, steps, Place(place.source, (), place.source.content))
        return None

    def _file(self, place: Place, file: str) -> Source:
        try:
            return self._neighbour(place.source, file)
        except ContractError as error:
            hint = "" if re.search(r"[./]", file) else f" A schema of this file is '#/components/schemas/{file}'."
            raise BadReference(place, f"fails: {error}{hint}") from error

    def _end(self, place: Place, kind: str = "") -> Place:
        """The end of a chain of references to a kind of object; the place itself if it holds none."""
        passed = set()
        while is_reference(place.node):
            if id(place.node) in passed:
                raise endless(place)
            passed.add(id(place.node))
            if len(passed) > MOST_HOPS:
                raise BadReference(place, f"is one of over {MOST_HOPS} in a row. Refer to where they end.")
            place = self._simplify(kind, self._target(place)[0])
        return place

    def _check_parts(self) -> None:
        """Refuse schemas that are parts of themselves."""
        done: set[int] = set()

        def follow(schema: int, above: dict[int, Place | None]) -> None:
            for part, place in self._parts.get(schema, ()):
                if part in above:
                    passed = (*above.values(), place)  # one of the last of them is a reference
                    raise endless(next(each for each in reversed(passed) if each and is_reference(each.node)))
                if part not in done:
                    follow(part, {**above, part: place})
            done.add(schema)

        for schema in self._parts:
            follow(schema, {schema: None})

    # ------------------------------------------------ names
    def _name_components(self, document: Place) -> None:
        """Reserve the names of the root's components. The target of an entry that refers to a file gets the entry's
        name."""
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
        if is_reference(entry.node):
            end = self._end(entry)
            if end.source is not self._root:
                self._names.setdefault(_key(end, kind), pointer)
                self._entries.setdefault(id(entry.node), pointer)

    def _adopted(self, kind: str, end: Place) -> str:
        """The pointer in the bundled document for a part of another file."""
        key = _key(end, kind)
        if key not in self._names:
            section = SECTIONS.get(kind, "x-bundled")
            name = self._free_name(section, end)
            self._names[key] = f"#/components/{section}/{name}" if kind in SECTIONS else f"#/{section}/{name}"
            self._added.append((section, name, end.node))
        self._queue.append((kind, end))
        return self._names[key]

    def _free_name(self, section: str, end: Place) -> str:
        """An unused name for a part of another file, which says where it comes from."""
        taken = self._taken.setdefault(section, set(mapping(self._root.content.get(section))))
        file = _NO_NAME.sub("_", _EXTENSION.sub("", end.source.name.replace("\\", "/").rpartition("/")[2]))
        plain = _NO_NAME.sub("_", str(end.steps[-1])) if end.steps else file
        names = chain((plain, f"{file}_{plain}"), (f"{plain}_{number}" for number in count(2)))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        return name


def _parts(schema: Place) -> Iterator[Place]:
    """The parts of a schema: the members of its `allOf`, and its `not`."""
    if isinstance(schema.node.get("allOf"), list):
        members = schema.child("allOf")
        yield from (members.child(index) for index, _ in enumerate(members.node))
    if "not" in schema.node:
        yield schema.child("not")


def _key(place: Place, kind: str) -> tuple[str, Steps, str]:
    return place.source.name, tuple(str(step) for step in place.steps), kind


def _section(content: dict[str, Any], section: str) -> dict[str, Any]:
    """A section of the components, or `x-bundled`, created if it is missing."""
    holder = content if section.startswith("x-") else content.setdefault("components", {})
    if not isinstance(holder.get(section), dict):
        holder[section] = {}
    found: dict[str, Any] = holder[section]
    return found
