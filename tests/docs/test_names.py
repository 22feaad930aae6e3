"""What documents and docstrings say of the code: they name what there is."""

import ast
import re
from functools import cache
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from tests.support.repository import CODE, ROOT, committed, ignored, tree

MAX_WORDS = 20  # of ours in ARCHITECTURE.md

ROOM_PATHS = [path.parent for path in CODE if path.name == "__init__.py"]
ROOMS = sorted({path.name for path in ROOM_PATHS} - {"mockserver"})

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

# Names in documents: paths below a room or to a file, folders and files in backticks, and dotted names in backticks.
FILES = (
    ".har",
    ".html",
    ".js",
    ".json",
    ".md",
    ".mjs",
    ".pem",
    ".py",
    ".sarif",
    ".sh",
    ".toml",
    ".ts",
    ".txt",
    ".xml",
    ".yaml",
)
PATHS = (
    rf"(?<![\w./-])((?:mockserver|tests|{'|'.join(ROOMS)})/[\w/.-]*\w)(?![\w<])",
    r"(?<![\w./:-])((?:[\w.-]+/)+[\w.-]+\.(?:py|md|mjs|sh|toml))\b",
    r"`((?:[a-z_]\w*/)+|[a-z_]\w*\.(?:py|md|mjs|sh|toml))`",
)
DOTTED = r"`([a-z_]\w*(?:\.\w+)+)(?:\(\))?`"
# Of these we say where they are in the wheel, and in the repositories of others.
OTHERS_PATHS = {
    "mockserver/openapi.yaml",
    "mockserver/docs/assumptions.md",
    "mockserver/docs/vendor-facts.md",
    "tests/protocols/test_http.py",
    "test/request/",
    "examples/go-hmac-verification",
    "examples/webhook-signing/express/main.ts",
    "examples/webhooks.py",
    "skills/stripe-webhooks/examples/fastapi/main.py",
    "./verification.mjs",  # which the reader of docs/check-receiver.md makes
}
# The first steps of dotted names that aren't code of ours: libraries; fields and events of the vendor; files and hosts.
OTHERS = {
    "asyncio",
    "connexion",
    "dataclasses",
    "hmac",
    "json",
    "jsonschema_rs",
    "memory",
    "os",
    "requests",
    "str",
    "sys",
}
OTHERS |= {"a", "account", "customer", "id", "payload", "rewardRedemption", "timestamp", "total", "transaction"}
OTHERS |= {"delivery", "hooks", "host", "mock", "request", "v0"}

# What is written by hand, and names what there is; the changelog names what was.
WRITTEN_BY_PROGRAMS = {
    f"bench/results/{name}.md" for name in ("foreign", "http-corpora", "robustness", "side-by-side", "soak")
}
DOCUMENTS = {name for name in committed() if name.endswith(".md")} | {"pyproject.toml", "Makefile", ".ci/run"}
DOCUMENTS -= WRITTEN_BY_PROGRAMS | {"CHANGELOG.md"}
MODULES = sorted(name for name in committed() if name.endswith(".py"))


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


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_documents_name_what_exists(name: str) -> None:
    """Each file, folder and module of ours that a document names is there, also if the folder that had it isn't."""
    assert _lost((ROOT / name).read_text("utf-8")) == []


def test_docstrings_name_what_exists() -> None:
    """So is each that a docstring names."""
    assert {name: lost for name in MODULES if (lost := _lost(_docstrings(ROOT / name)))} == {}


def _docstrings(path: Path) -> str:
    nodes = ast.walk(tree(path))
    return "\n".join(ast.get_docstring(node) or "" for node in nodes if isinstance(node, DOCUMENTED))


def _lost(text: str) -> list[str]:
    """The names in a text that lead nowhere."""
    paths = {path for pattern in PATHS for path in re.findall(pattern, text)} - OTHERS_PATHS
    dotted = {path for path in re.findall(DOTTED, text) if not path.endswith(FILES)}
    ours = {path.removeprefix("mockserver.") for path in dotted if path.split(".")[0] not in OTHERS}
    return sorted(path for path in paths if not _is_file(path)) + sorted(path for path in ours if not _is_code(path))


@cache
def _is_file(name: str) -> bool:
    """Whether a committed file or folder has this name, from any folder, or git ignores what has it."""
    sought = f"/{name.strip('./')}/"
    made = any(f"/{folder}/" in sought or sought in f"/{folder}/" for folder in ignored())
    return made or any(sought in f"/{path}/" for path in committed())


def _is_code(name: str) -> bool:
    """Whether a dotted name leads, from a room, to a module, or to a name in the last module or folder on its way."""
    step, *rest = name.split(".")
    places = [room / step for room in ROOM_PATHS]
    return any(_leads(place, rest) for place in places if place.is_dir() or place.with_suffix(".py").is_file())


def _leads(place: Path, steps: list[str]) -> bool:
    for step in steps:
        if not ((place / step).is_dir() or (place / f"{step}.py").is_file()):
            modules = place.glob("*.py") if place.is_dir() else [place.with_suffix(".py")]
            return any(re.search(rf"\b{step}\b", module.read_text("utf-8")) for module in modules)
        place /= step
    return True
