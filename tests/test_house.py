"""The house: rules that neither the linter nor the import linter can see."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mockserver import control, operations
from mockserver.openapi.contract import Contract

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "mockserver").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
FOLDERS = sorted((ROOT / "tests").rglob("__init__.py"))
PACKAGES = {"operations": operations, "control": control}
MODULES = [path for path in CODE if path.parent.name in PACKAGES and path.name != "__init__.py"]
Function = ast.FunctionDef | ast.AsyncFunctionDef

MAX_FUNCTION = 40  # lines
MAX_PARAMETERS = 6  # without self, cls and world
MAX_FILE = 400  # lines
MAX_TEST = 15  # lines of a test's body, without docstring and empty ones

# Public, and without a docstring of their own, because …
SAYS_ITSELF = {
    "errors.py": {"body", "headers"},  # … the base class tells what they are, and each error is its own
    "state.py": {"has_store", "user_by_api_key", "add_subscription"},  # … the name says all
    "table.py": {"add", "remove"},  # … they belong to a private class
    "pipeline.py": {"check"},  # … the same
}
PROMISED_BY = {"MemoryState": "State", "MemoryQueue": "Queue"}  # the docstrings stand at the protocol

# Vendored as published; it names hosts of its own.
VENDORED = {"mockserver/app/static/assets/scalar.js"}
# Put together from parts, or this file would find itself.
FORBIDDEN = {
    "a path of somebody's machine": "(?<![\\w.])/" + "(work|root|home)/",
    "a host of a package registry": "registry[.]npmjs|pypi[.]org/" + "simple|files[.]python" + "hosted|proxy[.]golang",
    "a private key": "-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----\s+[A-Za-z0-9+/=]{40}",
}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, Function))


def _public(node: ast.Module | ast.ClassDef, path: Path) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public classes, functions and methods with their dotted names."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | Function) and not child.name.startswith("_"):
            yield f"{path.name}: {child.name}", child
            if isinstance(child, ast.ClassDef) and child.name not in PROMISED_BY:
                yield from _public(child, path)


def _place(path: Path, node: Function) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


@cache
def _committed() -> list[str]:
    """The files that are, or may be, committed: as git knows them, else all but what .gitignore names."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
        names = listed.stdout.split("\0")
    else:
        ignored = {line.strip("/*") for line in (ROOT / ".gitignore").read_text("utf-8").split()} | {".git"}
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [path.as_posix() for path in paths if not ignored & set(path.parts)]
    return [name for name in names if name and (ROOT / name).is_file()]


# ---------------------------------------------------------------- docstrings
@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_things_have_docstrings(path: Path) -> None:
    """Every public class, function and method says what it promises, but for those whose name says all."""
    excused = {f"{path.name}: {name}" for name in SAYS_ITSELF.get(path.name, ())}

    silent = {name for name, node in _public(_tree(path), path) if not ast.get_docstring(node)}

    assert silent <= excused


@pytest.mark.parametrize("path", [*CODE, *TESTS, *FOLDERS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_have_docstrings(path: Path) -> None:
    """Every module says what it is for, and so does every folder of tests."""
    assert ast.get_docstring(_tree(path))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tests_state_their_promise(path: Path) -> None:
    """Every test has a docstring, which ends as a sentence does, and a body that can be taken in at a glance."""
    tests = [node for node in _functions(path) if node.name.startswith("test_")]

    vague = [_place(path, node) for node in tests if not (ast.get_docstring(node) or "").rstrip().endswith((".", ")"))]
    long = [_place(path, node) for node in tests if _body_lines(path, node) > MAX_TEST]

    assert tests
    assert vague == []
    assert long == []


def _body_lines(path: Path, node: Function) -> int:
    """Lines of the body, without the docstring and empty ones."""
    first = node.body[0].end_lineno or 0
    body = path.read_text("utf-8").splitlines()[first : node.end_lineno]
    return sum(bool(line.strip()) for line in body)


# ---------------------------------------------------------------- sizes
@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_functions_and_files_are_small(path: Path) -> None:
    """No function has more than 40 lines or 6 parameters, no file more than 400 lines."""
    long = [_place(path, node) for node in _functions(path) if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION]
    wide = [_place(path, node) for node in _functions(path) if len(_parameters(node)) > MAX_PARAMETERS]

    assert long == []
    assert wide == []
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE


def _parameters(node: Function) -> set[str]:
    arguments = node.args
    named = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    return named - {"self", "cls", "world"}


# ---------------------------------------------------------------- where things come from
@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_environment_is_read_in_one_place(path: Path) -> None:
    """Only settings and cli may look at the environment."""
    reads = {ast.unparse(node) for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}
    imports = {alias.name for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom) for alias in node.names}

    if path.name not in ("settings.py", "serve.py"):
        assert not reads & {"os.environ", "os.environb", "os.getenv", "os.putenv"}
        assert not imports & {"environ", "environb", "getenv", "putenv"}


# ---------------------------------------------------------------- operations
@pytest.mark.parametrize("package", PACKAGES)
def test_every_operation_has_its_handler(contract: Contract, package: str) -> None:
    """The contract and the handlers name the same operations."""
    declared = [operation["operationId"] for _, operation in _declared(contract, package)]

    assert sorted(PACKAGES[package].OPERATIONS) == sorted(declared)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_tag_has_its_module(contract: Contract, package: str) -> None:
    """There is one module for each tag, named after it, and it holds the operations of that tag alone."""
    by_module: dict[str, set[str]] = {}
    for _, operation in _declared(contract, package):
        by_module.setdefault(operation["tags"][0].lower().replace(" ", "_"), set()).add(operation["operationId"])

    assert {path.stem: set(_table(path)) for path in MODULES if path.parent.name == package} == by_module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_operations_end_their_module(path: Path, contract: Contract) -> None:
    """The last thing in a module is OPERATIONS; it and the handlers are in the order of the contract."""
    last = _tree(path).body[-1]
    assert isinstance(last, ast.AnnAssign)
    assert ast.unparse(last.target) == "OPERATIONS"

    table = _table(path)
    order = [
        name for _, operation in _declared(contract, path.parent.name) if (name := operation["operationId"]) in table
    ]
    handlers = [
        node.name for node in _tree(path).body if isinstance(node, ast.AsyncFunctionDef) and node.name[0] != "_"
    ]

    assert list(table) == order
    assert [handler.__name__ for handler in table.values()] == handlers


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_operation_modules_name_their_paths(path: Path, contract: Contract) -> None:
    """The docstring of a module begins with the tag and shows each path of it, or the end of it after an ellipsis."""
    docstring = ast.get_docstring(_tree(path)) or ""
    table = _table(path)

    paths = {where for where, operation in _declared(contract, path.parent.name) if operation["operationId"] in table}

    assert docstring.lower().startswith(path.stem.replace("_", " "))
    assert [where for where in paths if where not in docstring and not _abbreviated(where, docstring)] == []


def _table(path: Path) -> dict[str, Any]:
    """The OPERATIONS of a module."""
    table: dict[str, Any] = getattr(PACKAGES[path.parent.name], path.stem).OPERATIONS
    return table


def _abbreviated(where: str, docstring: str) -> bool:
    """Whether the docstring has the end of the path after `…`."""
    return any(where.endswith(end) for end in re.findall(r"…(/\S+)", docstring))


def _declared(contract: Contract, package: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The operations that a package is for, each with its path."""
    document = contract.document if package == "operations" else Contract.of_control().document
    for where, item in document["paths"].items():
        yield from ((where, operation) for operation in item.values() if isinstance(operation, dict))


# ---------------------------------------------------------------- what is committed
@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_nothing_of_one_machine_is_committed(what: str, pattern: str) -> None:
    """No committed file names a path of somebody's machine or a registry's host, or holds a private key."""
    found = [
        f"{name}: {what}"
        for name in _committed()
        if name not in VENDORED and re.search(pattern, (ROOT / name).read_text("utf-8", errors="ignore"))
    ]

    assert "openapi.yaml" in _committed()
    assert found == []
