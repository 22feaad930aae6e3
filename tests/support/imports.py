"""What a module imports, as its text says it: also what is imported in functions, and modules named in a string."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.repository import ROOT, tree

MOCKSERVER = ROOT / "mockserver"


@cache
def imported(path: Path) -> frozenset[Path]:
    """The files of this repository that a module imports, or runs by their name: `-m mockserver` runs `__main__`."""
    package = path.relative_to(ROOT).parent.parts
    names = [name for node in ast.walk(tree(path)) for name in _names(node, package)]
    return frozenset(file for name in names for file in _files(name))


def _names(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Dotted names that a node imports, or that it is."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (base, *(f"{base}.{alias.name}" for alias in node.names))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split(".")[0] == "mockserver":
        yield from (node.value, f"{node.value}.__main__")


def _files(name: str) -> Iterator[Path]:
    if all(step.isidentifier() for step in name.split(".")):
        place = ROOT.joinpath(*name.split("."))
        yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())


def reaches(test: Path, module: Path) -> bool:
    """Whether a test, or a helper in tests/ that it imports, imports something that leads to a module of mockserver/.

    The way there stays in two rooms, i.e. folders or modules at the top of mockserver/: that of what the tests import,
    and that of the module; by all rooms one gets everywhere. Fixtures don't count: tests/conftest.py imports the mock.
    """
    helpers = _closure(test, frozenset({ROOT / "tests"}))
    entries = {path for helper in helpers for path in imported(helper) if MOCKSERVER in path.parents}
    return any(module in _closure(entry, frozenset({_room(entry), _room(module)})) for entry in entries)


@cache
def _closure(start: Path, rooms: frozenset[Path]) -> frozenset[Path]:
    """A module, and what it imports directly or indirectly, as far as that stands in these rooms."""
    seen: set[Path] = set()
    ahead = [start]
    while ahead:
        seen.add(path := ahead.pop())
        ahead += [found for found in imported(path) - seen if not rooms.isdisjoint((found, *found.parents))]
    return frozenset(seen)


def _room(path: Path) -> Path:
    return MOCKSERVER / path.relative_to(MOCKSERVER).parts[0]
