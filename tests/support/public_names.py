"""The public names of the package, as docs/upgrading.md names their modules, with their signatures: a line each.

`python -m tests.support.public_names` writes them to tests/public_names.txt, for who has changed them on purpose.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, is_typeddict

from mockserver import pytest_plugin
from mockserver.remote import arguments, control_plane

SNAPSHOT = Path(__file__).parents[1] / "public_names.txt"
MODULES = ("mockserver.asgi", "mockserver.testing")
SINGLE = (("mockserver.clock", "Clock"), ("mockserver.settings", "Settings"))
# What a mock's methods are on, and what they take.
BEHIND = [
    *(kind for name, kind in vars(control_plane).items() if name.endswith("Control")),
    *(kind for name, kind in vars(arguments).items() if is_typeddict(kind) and not name.endswith("Json")),
]


def lines() -> list[str]:
    """All public names, sorted."""
    found = [line for module in MODULES for name in _all(module) for line in _named(f"{module}.{name}")]
    found += [line for module, name in SINGLE for line in _named(f"{module}.{name}")]
    found += [line for kind in BEHIND for line in _members(kind.__name__, kind) if "__init__" not in line]
    found += [f"pytest fixture {name}" for name in _fixtures()]
    return sorted({f"{line}\n" for line in found})


def _fixtures() -> Iterator[str]:
    for node in ast.parse(inspect.getsource(pytest_plugin)).body:
        is_fixture = any("fixture" in ast.unparse(one) for one in getattr(node, "decorator_list", []))
        if isinstance(node, ast.FunctionDef) and is_fixture and node.name[0] != "_":
            yield node.name


def _all(module: str) -> list[str]:
    names: list[str] = importlib.import_module(module).__all__
    return names


def _named(path: str) -> Iterator[str]:
    module, _, name = path.rpartition(".")
    value = getattr(importlib.import_module(module), name)
    if inspect.isclass(value):
        yield path
        yield from _members(path, value)
    elif inspect.isfunction(value):
        yield f"{path}{_signature(_node(value))}"
    else:
        yield path


def _members(path: str, kind: Any) -> Iterator[str]:
    """The members of a class, those that it inherits from classes of ours included."""
    seen: set[str] = set()
    for owner in inspect.getmro(kind):
        if owner.__module__.startswith("mockserver."):
            for name, text in _declared(_node(owner)):
                if name not in seen:
                    seen.add(name)
                    yield f"{path}.{name}{text}"


def _declared(body: Any) -> Iterator[tuple[str, str]]:
    for node in body.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            node.name[0] != "_" or node.name == "__init__"
        ):
            is_value = any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
            yield node.name, f": {_returns(node)}" if is_value else _signature(node)
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target)[0] != "_":
            yield ast.unparse(node.target), f": {ast.unparse(node.annotation)}"


def _node(value: Any) -> Any:
    return ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]


def _signature(node: Any) -> str:
    return f"({ast.unparse(node.args)}) -> {_returns(node)}"


def _returns(node: Any) -> str:
    return ast.unparse(node.returns) if node.returns else "?"


if __name__ == "__main__":
    SNAPSHOT.write_text("".join(lines()), "utf-8")
