"""The rules of this project that no linter checks, each as a test: docstrings, sizes, what may be read and named where,
which operations have handlers, where tests stand, and what may be committed.

Exceptions stand in tables at the top, each with its reason; one that isn't needed any more fails.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver import control, operations
from mockserver.openapi.contract import Contract
from tests.support.imports import reaches
from tests.support.repository import CODE, MADE_BY_READERS, ROOT, committed, ignored, tree

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
    "mockserver/errors.py": {"body", "headers"},  # … the base class tells what they are, and each error is its own
    "mockserver/storage/state.py": {"has_store", "user_by_api_key"},  # … the name says all
}
READS_ENVIRONMENT = {
    "mockserver/settings.py",
    "mockserver/cli/settings_options.py",
    "mockserver/cli/generator_tables.py",
    "mockserver/cli/sender.py",  # which hands it on to a command
}
PROMISED_BY = {
    "MemoryState": "State",
    "PostgresState": "State",
    "MemoryQueue": "Queue",
}  # the docstrings stand at the protocol

# Modules without a test module of their own: folder, modules, the test that reaches them, and why it is enough. That
# the test imports what leads there is proved below; that it also asks for what the module does is for reviewers to see.
REACHED_BY = (
    ("", "__main__", "cli/test_command_line.py", "a few lines, which begin every command of these tests"),
    ("openapi/resources", "recognised", "openapi/resources/test_recognition.py", "values that recognition returns"),
    ("world/memory", "means", "world/memory/test_record_keys.py", "what others are made of"),
    ("", "deadlines", "openapi/loading/test_fetching.py", "slow servers are seen by whoever fetches"),
    ("app", "connexion_errors", "app/test_connexion_engine.py", "errors are seen on responses"),
    (
        "checks/sender",
        "assumptions course instance observations request_rules sequence_rules",
        "checks/sender/test_run.py",
        "a run follows them; test_judgement breaks each promise",
    ),
    (
        "checks/recording",
        "answer_rules credential_rules deviations options sightings spoken_secrets tally words",
        "checks/recording/test_run.py",
        "each rule is broken, and found with its words",
    ),
    ("checks/live", "guarded_access", "checks/live/test_run.py", "a run logs in, sends and sweeps by it"),
    ("checks/recording", "base_urls", "checks/recording/test_browsers.py", "recordings have many hosts"),
    ("checks/findings", "recording_promises", "checks/recording/test_request_rules.py", "each is broken"),
    ("checks/findings", "beyond", "checks/recording/test_browsers.py", "they are in reports"),
    ("checks/findings", "sender_promises", "checks/sender/test_judgement.py", "each is broken"),
    (
        "checks/drift",
        """ask conformance entries exchanges memory patch_files places side values
        variations volatile""",
        "checks/drift/test_run.py",
        "a run asks, compares and writes by them; test_comparison tries each difference",
    ),
    ("checks/drift", "admitting", "checks/drift/test_patching.py", "each kind of edit is proven"),
    ("checks/drift", "edits", "checks/drift/test_yaml_text.py", "text and content are edited alike"),
    ("checks/findings", "drift_promises", "checks/drift/test_judgement.py", "each is broken"),
    ("checks/sender", "captured", "checks/sender/test_captured_run.py", "files are read, and judged"),
    ("checks", "wording", "checks/live/test_run.py", "one function, seen in reports"),
    (
        "checks/findings",
        "breach coverage outcome source_locations",
        "checks/findings/test_promises.py",
        "each finding is made, counted and placed",
    ),
    (
        "checks/findings",
        "saved_report step step_finder",
        "checks/live/test_replay.py",
        "findings are repeated from them",
    ),
    ("checks/findings", "concluding receiver_promises", "checks/receiver/test_run.py", "a run ends with it"),
    (
        "checks/receiver",
        "accepting refusing",
        "checks/receiver/test_catalogue.py",
        "each is broken and found",
    ),
    ("checks/receiver", "sending_mock", "checks/receiver/test_whole_way.py", "a protocol, no code"),
    ("checks/receiver", "fuzzed_payloads", "checks/receiver/test_payloads.py", "they are payloads, too"),
    ("checks/transport", "bounded_transport", "checks/receiver/test_courier.py", "a courier sends by it"),
    ("checks/reporting", "bash_script python_script scripts story", "checks/live/test_replay.py", "scripts are run"),
    ("checks/live", "substitutes", "checks/live/test_ownership.py", "they are what ownership allows"),
    ("checks/live", "sweep", "checks/live/test_cleanup.py", "what a run left is swept by it"),
    (
        "checks/reporting",
        "lines",
        "checks/reporting/test_terminal.py",
        "what a terminal shows of a finding",
    ),
    ("checks/transport", "secret_forms", "checks/transport/test_secrets.py", "secrets are found in all of them"),
    ("checks/transport", "file_locks", "checks/transport/test_ledger.py", "two writers lock each other out"),
    (
        "checks/transport",
        "operation_client",
        "checks/transport/test_guarded_transport.py",
        "it sends all of the requests",
    ),
    ("checks/live", "unproven_records", "checks/live/test_proof.py", "it reports what isn't proven"),
    ("checks/transport", "ownership_guard", "checks/transport/test_guarded_transport.py", "a protocol, no code"),
    ("checks/live", "costs", "checks/live/planning/test_forecast.py", "a forecast is the sum of costs"),
    (
        "checks/live/planning",
        "fuzzing_options",
        "checks/live/planning/test_forecast.py",
        "cases are divided and counted",
    ),
    ("checks/live/planning", "plan", "checks/live/test_run.py", "a run follows its plan"),
    (
        "checks/live/scenarios",
        """authentication consistency context effects hostile_json
        list_pages list_queries record_scenarios secret_renewal update""",
        "checks/findings/test_promises.py",
        "each promise is broken by a mutant, and its scenario has to find it",
    ),
    ("cli", "resend", "cli/test_deliveries.py", "it shows what it has sent as `deliveries` does"),
    ("cli", "replay target", "cli/test_check.py", "the options of all judges are the same"),
    ("control", "clock deliveries faults receivers", "test_scenarios.py", "tests/scenarios/control plays them"),
    (
        "http",
        "messages request_parser",
        "http/test_protocol.py",
        "requests are bytes on a connection",
    ),
    ("http", "loopback_server", "http/test_hook_server.py", "deliveries are received by it"),
    ("openapi", "normalization", "openapi/examples/test_acceptance.py", "examples are made of normalised schemas"),
    ("openapi/contract", "compiling declared document", "test_openapi.py", "the front door is asked"),
    ("openapi/loading", "places", "openapi/loading/test_bundling.py", "references are followed from place to place"),
    (
        "operations",
        "analytics authorization member transactions webhook_event",
        "test_scenarios.py",
        "tests/scenarios plays every operation",
    ),
    (
        "remote",
        "connection",
        "client/test_running_mock.py",
        "what fails, and responses of another shape, are told to who asks",
    ),
    ("proxy", "passage start", "proxy/test_application.py", "requests pass through a whole proxy"),
    ("proxy", "wire", "proxy/test_live.py", "the instance is called by it"),
    ("proxy", "tally_page", "proxy/test_control.py", "browsers get it"),
    ("remote", "answers arguments", "remote/test_control_plane.py", "they are held in step with the contract"),
    ("remote", "api_answers", "remote/test_response_shapes.py", "they are held in step with the contract"),
    ("spec/diff", "changes facets unchanged", "spec/diff/test_schemas.py", "schemas are compared"),
    ("spec/lint", "findings", "spec/lint/test_documents.py", "documents are linted"),
    ("spec/subsumption", "witnesses", "spec/subsumption/test_message_schemas.py", "schemas are compared"),
    ("storage", "memory memory_records", "storage/test_state.py", "one suite for the promises of every backend"),
    (
        "storage/postgres",
        "known listing rows state statements wholes",
        "storage/test_state.py",
        "one suite for the promises of every backend",
    ),
    (
        "webhooks/deliveries",
        "attempt_maker deliveries shared_attempts kept_deliveries",
        "webhooks/deliveries/test_service.py",
        "one suite for the promises of deliveries in memory and in a database",
    ),
    ("cli", "settings_options", "cli/test_serve.py", "each setting is an option of it"),
    ("storage", "snapshots", "hostile/test_snapshots.py", "forged snapshots are put back"),
    ("testing", "certificates reactions", "testing/test_receiver.py", "a receiver is used as tests use it"),
    (
        "webhooks/signature_diagnosis",
        "capture comparison computation json_style mistakes",
        "webhooks/signature_diagnosis/test_diagnosis.py",
        "the front door is asked",
    ),
    (
        "webhooks/signature_diagnosis",
        "standard_diagnosis",
        "cli/test_verify_signature.py",
        "each mistake is made, and found by the command",
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


def _functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def _public(node: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public classes, functions and methods with their names."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | Function) and not child.name.startswith("_"):
            yield child.name, child
            if isinstance(child, ast.ClassDef) and child.name not in PROMISED_BY:
                yield from _public(child)


def _place(path: Path, node: Function) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


# ---------------------------------------------------------------- docstrings
@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_things_have_docstrings(path: Path) -> None:
    """Every public class, function and method says what it promises, but for those whose name says all."""
    silent = {name for name, node in _public(tree(path)) if not ast.get_docstring(node)}

    assert silent == SAYS_ITSELF.get(path.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize("path", [*CODE, *TESTS, *FOLDERS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_have_docstrings(path: Path) -> None:
    """Every module says what it is for, and so does every folder of tests."""
    assert ast.get_docstring(tree(path))


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
    reads = {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    imports = {alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) for alias in node.names}

    if path.relative_to(ROOT).as_posix() not in READS_ENVIRONMENT:
        assert not reads & {"os.environ", "os.environb", "os.getenv", "os.putenv"}
        assert not imports & {"environ", "environb", "getenv", "putenv"}


@pytest.mark.parametrize("path", sorted((ROOT / "mockserver/http").glob("*.py")), ids=lambda path: path.name)
def test_http_has_no_header_of_the_mock(path: Path) -> None:
    """What serves HTTP would serve any application: it names no header, and no path, of the mock."""
    assert re.findall("x-mock|/_mock", path.read_text("utf-8"), re.IGNORECASE) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "mockserver/checks").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_judges_take_no_redirection_for_a_success(path: Path) -> None:
    """Judges ask `successes.succeeded`: `ok` of a response is true for redirections, too."""
    reads = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "ok"]

    assert [f"{path.name}:{node.lineno} {ast.unparse(node)}" for node in reads] == []


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
    last = tree(path).body[-1]
    assert isinstance(last, ast.AnnAssign)
    assert ast.unparse(last.target) == "OPERATIONS"

    table = _table(path)
    order = [
        name for _, operation in _declared(contract, path.parent.name) if (name := operation["operationId"]) in table
    ]
    handlers = [node.name for node in tree(path).body if isinstance(node, ast.AsyncFunctionDef) and node.name[0] != "_"]

    assert list(table) == order
    assert [handler.__name__ for handler in table.values()] == handlers


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_operation_modules_name_their_paths(path: Path, contract: Contract) -> None:
    """The docstring of a module begins with the tag and shows each path of it, or the end of it after an ellipsis."""
    docstring = ast.get_docstring(tree(path)) or ""
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


@pytest.mark.parametrize(
    ("module", "test"),
    [(f"{folder}/{name}.py".lstrip("/"), test) for folder, names, test, _ in REACHED_BY for name in names.split()],
)
def test_named_tests_reach_their_modules(module: str, test: str) -> None:
    """A test that the table names imports, itself or by helpers, what leads to the module."""
    assert reaches(ROOT / "tests" / test, ROOT / "mockserver" / module)


def test_what_nothing_leads_to_is_not_reached() -> None:
    """The proof above refuses a row whose test has to do with another room."""
    assert not reaches(ROOT / "tests/test_logs.py", ROOT / "mockserver/storage/memory.py")
    assert not reaches(ROOT / "tests/http/test_protocol.py", ROOT / "mockserver/webhooks/events.py")


def _has_tests(module: Path) -> bool:
    return (ROOT / "tests" / module.parent / f"test_{module.name}.py").is_file()


def test_no_two_public_classes_share_a_name() -> None:
    """A class has one meaning: its name stands for no other class of mockserver/."""
    classes = [(node.name, path) for path in CODE for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    places: dict[str, list[str]] = {}
    for name, path in classes:
        if not name.startswith("_"):
            places.setdefault(name, []).append(path.relative_to(ROOT).as_posix())

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


# ---------------------------------------------------------------- what is committed
@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_nothing_of_one_machine_is_committed(what: str, pattern: str) -> None:
    """No committed file names a path of somebody's machine or a registry's host, or holds a private key."""
    found = [
        f"{name}: {what}"
        for name in committed()
        if name not in VENDORED and re.search(pattern, (ROOT / name).read_text("utf-8", errors="ignore"))
    ]

    assert "openapi.yaml" in committed()
    assert found == []


def test_clean_removes_what_git_ignores() -> None:
    """`make clean` removes all that .gitignore names, but for measurements, and what a reader has made."""
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nclean:")[2]
    named = set(re.findall(r"[\w./*-]+", recipe))

    assert {f"*{name}" if name.startswith(".egg") else name for name in ignored()} - named == {
        "bench/results/raw",
        *MADE_BY_READERS,
    }
