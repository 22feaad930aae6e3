"""The test suite of JSON Schema 2020-12, through the validator of contracts.

    python -m bench.json_schema_suite

Each schema of the suite becomes a component of an OpenAPI 3.1 document, which is read, bundled and compiled as those of
users are. What it refers to is a component, too, under the name that it gives itself: no document may refer to the web.
A verdict is right if it is the suite's, and if violations are told just where a value isn't valid. Writes
bench/results/json-schema-suite.md.
"""

import json
import logging
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bench.documents.fetched import archive
from bench.shared.cache import CACHE
from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract

PACKAGE = "jsonschema==4.26.0"  # its sources bring the suite along
PAGE = Path(__file__).parent / "results" / "json-schema-suite.md"
DRAFT, REMOTE, ROOT = "draft2020-12", "http://localhost:1234/", "https://suite.example/case"
KINDS = ("required", "optional", "format")
RIGHT, OTHER, REFUSED = "right", "other", "refused"


@dataclass(slots=True)
class Results:
    """The number of tests by kind and outcome, and what wasn't right, by file and case."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@click.command()
def main() -> None:
    """Run the suite, and write the page."""
    try:
        suite = _suite()
    except (OSError, subprocess.CalledProcessError):
        click.echo(f"SKIPPED: {PACKAGE} can't be had. The package index is needed.")
        return
    logging.disable(logging.CRITICAL)  # keywords that are left out, for which some cases are
    results = Results()
    with TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        for path in sorted((suite / "tests" / DRAFT).rglob("*.json")):
            for case in json.loads(path.read_bytes()):
                _try(case, path, _documents(suite), document, results)
    text = _page(results)
    PAGE.write_text(text, encoding="utf-8")
    click.echo(text)


def _suite() -> Path:
    """The folder of the suite. Raises CalledProcessError if the package can't be had."""
    folder = CACHE / "json-schema-suite"
    if not folder.is_dir():
        with tarfile.open(archive(PACKAGE)) as files:
            members = [each for each in files if each.name.partition("/")[2].startswith("json/")]
            for member in members:
                member.name = member.name.partition("/json/")[2]
            files.extractall(folder, members, filter="data")
    return folder


def _documents(suite: Path) -> dict[str, Any]:
    """What schemas of the suite refer to, by URL."""
    remotes = suite / "remotes"
    names = {path.relative_to(remotes).as_posix(): path for path in remotes.rglob("*.json")}
    return {
        f"{REMOTE}{name}": json.loads(path.read_bytes())
        for name, path in names.items()
        if not name.startswith("draft") or name.startswith(DRAFT)
    }


def _try(case: dict[str, Any], path: Path, others: dict[str, Any], document: Path, results: Results) -> None:
    kind = "format" if path.parent.name == "format" else "optional" if path.parent.name == "optional" else "required"
    whole = {"openapi": "3.1.1", "info": {"title": "t", "version": "1"}}
    whole["components"] = {"schemas": dict(_components(case["schema"], others))}
    document.write_text(json.dumps(whole), "utf-8")
    try:
        validator = Contract.load(document).validator("/components/schemas/Case")
        validator.compiled()
    except ContractError:
        results.counts[kind, REFUSED] += len(case["tests"])
        results.notes[f"{path.name}, refused: {case['description']}"] += len(case["tests"])
        return
    for test in case["tests"]:
        verdict = validator.is_valid(test["data"])
        agrees = verdict is test["valid"] and bool(validator.violations(test["data"])) is not verdict
        results.counts[kind, RIGHT if agrees else OTHER] += 1
        if not agrees:
            results.notes[f"{path.name}: {case['description']}"] += 1


def _components(schema: Any, others: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schema, which is a resource of its own, as in a file, and all that it may refer to."""
    case = {"$id": ROOT, **schema} if isinstance(schema, dict) else schema
    yield "Case", case
    waiting, seen = [json.dumps(case)], set[str]()
    while waiting:
        text = waiting.pop()
        for uri, other in others.items():
            if uri.rpartition("/")[2] in text and uri not in seen:
                seen.add(uri)
                waiting.append(json.dumps(other))
                yield f"Other{len(seen)}", {"$id": uri, **other} if isinstance(other, dict) else other


def _page(results: Results) -> str:
    rows = [
        f"| {kind} | {' | '.join(str(results.counts[kind, outcome]) for outcome in (RIGHT, OTHER, REFUSED))} |"
        for kind in KINDS
    ]
    lines = [
        "# The test suite of JSON Schema 2020-12",
        "",
        f"What `make json-schema-suite` counted: the tests that `{PACKAGE}` brings along, through the validator of",
        "contracts (`bench/json_schema_suite.py`). *Refused*: the document can't be loaded, as a URL in it has another",
        "name than what stands there, or is that of the schema of schemas, or belongs to another draft.",
        "",
        "| tests | right | other verdict | refused |",
        "|---|--:|--:|--:|",
        *rows,
        "",
        "`format.json` wants formats to be notes only. OpenAPI leaves that open; the mock checks them, as it does",
        "those of OpenAPI 3.0.",
        "",
        "## What isn't right",
        "",
        *(f"- {note} ({count})" for note, count in sorted(results.notes.items())),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
