"""The house: rules that neither the linter nor the import linter can see."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import dropwhile, takewhile
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
MAX_WORDS = 20  # of ours in ARCHITECTURE.md

GUIDES = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ROOM_PATHS = [path.parent for path in CODE if path.name == "__init__.py"]
ROOMS = sorted({path.name for path in ROOM_PATHS} - {"mockserver"})
FILES = (".json", ".yaml", ".toml", ".html", ".xml")  # of these dotted names are

# Public, and without a docstring of their own, because …
SAYS_ITSELF = {
    "errors.py": {"body", "headers"},  # … the base class tells what they are, and each error is its own
    "state.py": {"has_store", "user_by_api_key", "add_subscription"},  # … the name says all
    "table.py": {"add", "remove"},  # … they belong to a private class
    "pipeline.py": {"check"},  # … the same
}
PROMISED_BY = {"MemoryState": "State", "MemoryQueue": "Queue"}  # the docstrings stand at the protocol

# Modules without a test module of their own: folder, modules, the test that reaches them, and why it is enough.
REACHED_BY = (
    ("", "__main__", "cli/test_command_line.py", "two lines, which begin every command of these tests"),
    ("", "deadlines", "openapi/loading/test_fetching.py", "slow servers are seen by whoever fetches"),
    ("app", "connexion_errors", "app/test_connexion_engine.py", "errors are seen on responses"),
    ("checks", "wording", "checks/live/test_run.py", "one function, seen in reports"),
    (
        "checks/findings",
        "collector coverage outcome source_locations",
        "checks/findings/test_promises.py",
        "each finding is made, counted and placed",
    ),
    ("checks/live", "fuzzing list_reader", "checks/findings/test_promises.py", "promises are broken, and found"),
    ("checks/live", "sweep", "checks/live/test_cleanup.py", "what a run left is swept by it"),
    (
        "checks/reporting",
        "lines",
        "checks/reporting/test_terminal.py",
        "what a terminal shows of a finding",
    ),
    (
        "checks/transport",
        "operation_client",
        "checks/transport/test_guarded_transport.py",
        "it sends all of the requests",
    ),
    ("checks/live/planning", "plan", "checks/live/test_run.py", "a run follows its plan"),
    (
        "checks/live/scenarios",
        """append_only authentication catalogue consistency context creation deletion list_queries malformed_requests
        record_scenarios secret_renewal store_isolation update""",
        "checks/findings/test_promises.py",
        "each promise is broken by a mutant, and its scenario has to find it",
    ),
    ("cli", "resend", "cli/test_deliveries.py", "it shows what it has sent as `deliveries` does"),
    ("cli", "target", "cli/test_check.py", "the options of all judges are the same"),
    ("client", "response_shapes", "client/test_running_mock.py", "responses of another shape are refused"),
    ("control", "clock deliveries faults", "test_scenarios.py", "tests/scenarios/control plays them"),
    (
        "http",
        "exchange messages request_parser",
        "http/test_protocol.py",
        "requests are bytes on a connection",
    ),
    ("http", "loopback_server", "client/test_hook_server.py", "deliveries are received by it"),
    ("openapi", "normalization", "openapi/examples/test_acceptance.py", "examples are made of normalised schemas"),
    ("openapi/contract", "compiling document", "test_openapi.py", "the front door is asked"),
    (
        "operations",
        "analytics authorization member transactions webhook_event",
        "test_scenarios.py",
        "tests/scenarios plays every operation",
    ),
    ("spec/diff", "changes facets unchanged", "spec/diff/test_schemas.py", "schemas are compared"),
    ("spec/lint", "findings", "spec/lint/test_documents.py", "documents are linted"),
    ("spec/subsumption", "witnesses", "spec/subsumption/test_message_schemas.py", "schemas are compared"),
    ("storage", "memory memory_records", "storage/test_state.py", "one suite for the promises of every backend"),
    ("storage", "snapshots", "hostile/test_snapshots.py", "forged snapshots are put back"),
    ("testing", "certificates mock reactions", "testing/test_receiver.py", "a receiver is used as tests use it"),
    (
        "webhooks/signature_diagnosis",
        "capture comparison computation json_style mistakes",
        "webhooks/signature_diagnosis/test_diagnosis.py",
        "the front door is asked",
    ),
)

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


# ---------------------------------------------------------------- where things are
def test_every_module_has_its_tests() -> None:
    """The tests of a module have its name and folder; the table names modules that other tests reach, and no more."""
    modules = {path.relative_to(ROOT / "mockserver").with_suffix("") for path in CODE if path.name != "__init__.py"}
    tested = {path for path in modules if _has_tests(path)}
    table = {Path(folder, name): test for folder, names, test, _ in REACHED_BY for name in names.split()}

    assert sorted(map(str, modules - tested - set(table))) == []
    assert sorted(map(str, set(table) - (modules - tested))) == []
    assert sorted(test for test in table.values() if not (ROOT / "tests" / test).is_file()) == []


def _has_tests(module: Path) -> bool:
    return (ROOT / "tests" / module.parent / f"test_{module.name}.py").is_file()


def test_no_two_public_classes_share_a_name() -> None:
    """A class has one meaning: its name stands for no other class of mockserver/."""
    classes = [(node.name, path) for path in CODE for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)]
    places: dict[str, list[str]] = {}
    for name, path in classes:
        if not name.startswith("_"):
            places.setdefault(name, []).append(path.relative_to(ROOT).as_posix())

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


# ---------------------------------------------------------------- what documents say of the code
def test_architecture_names_every_room() -> None:
    """ARCHITECTURE.md names each folder and module at the top of mockserver/ in its table of layers."""
    top = [path for path in (ROOT / "mockserver").iterdir() if not path.name.startswith(("_", "."))]
    rooms = {f"`{path.name}/`" for path in top if (path / "__init__.py").is_file()}
    modules = {f"`{path.stem}`" for path in top if path.suffix == ".py"}
    named = set(re.findall(r"`\w+/?`", "\n".join(_table_of("layer"))))

    assert rooms
    assert sorted((rooms | modules) - named) == []


def test_glossary_is_short() -> None:
    """At most twenty words are ours, so that somebody can learn them all."""
    assert 0 < len(_table_of("word")) <= MAX_WORDS


def _table_of(head: str) -> list[str]:
    """The rows of the table of ARCHITECTURE.md whose first column has this head."""
    lines = iter((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines())
    below = dropwhile(lambda line: not line.startswith(f"| {head} |"), lines)
    return list(takewhile(lambda line: line.startswith("|"), below))[2:]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_documents_name_what_exists(path: Path) -> None:
    """Each file, folder and module of ours that a document names is there."""
    text = path.read_text("utf-8")
    files = re.findall(rf"(?<![\w./-])((?:mockserver|tests|{'|'.join(ROOMS)})/[\w/.-]*\w)(?![\w<])", text)
    dotted = re.findall(rf"`((?:mockserver|{'|'.join(ROOMS)})\.[A-Za-z_][\w.]*)(?:\(\))?`", text)

    assert [name for name in files if not _is_file(name)] == []
    assert [
        name for name in dotted if not name.endswith(FILES) and not _is_code(name.removeprefix("mockserver."))
    ] == []


def _is_file(name: str) -> bool:
    """Whether there is such a file or folder, from the top or from any room."""
    return (ROOT / name).exists() or any((room / name).exists() for room in ROOM_PATHS)


def _is_code(name: str) -> bool:
    """Whether a dotted name leads to a module, or to a name that stands in the last module or folder on its way."""
    step, *rest = name.split(".")
    for room in ROOM_PATHS:
        if (place := room / step).is_dir() or place.with_suffix(".py").is_file():
            return _leads(place, rest)
    return False


def _leads(place: Path, steps: list[str]) -> bool:
    for step in steps:
        if not ((place / step).is_dir() or (place / f"{step}.py").is_file()):
            modules = place.glob("*.py") if place.is_dir() else [place.with_suffix(".py")]
            return any(re.search(rf"\b{step}\b", module.read_text("utf-8")) for module in modules)
        place /= step
    return True


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
