"""Lets other people's tools judge the contract, and looks at what they make of it.

    python -m tools.contract_tools [openapi.yaml]

Everything is done twice: for the contract, and for a derived copy in which its webhook events
are ordinary paths (``derive_contract.py``), because no tool looks inside ``x-webhooks``.

1. Redocly (recommended) and Spectral (spectral:oas) must report nothing at all.
2. openapi-typescript makes types; TypeScript 5 and 7 must accept them in strict mode.
3. openapi-python-client makes a client without any warning; each of its modules must compile
   and import.
4. What the document describes is compared with what was made (``inventory.py``): every
   operation, parameter, response, schema and property that got lost is listed.

Versions and hashes stand in ``tools/pinned`` (``make lock``); everything is
installed and written below ``tools/.cache``. Exit code 0: all is well, or skipped (it says so) because node
or npm is missing or a registry can't be reached. Exit code 1: something is off; the last lines say what.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.contract_tools import derive_contract, inventory

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent
PINNED = TOOLS / "pinned"
CACHE = TOOLS / ".cache"
NODE = CACHE / "node" / "node_modules"
CLIENT_VENV = CACHE / "python-client"
KNOWN_LOSSES = HERE / "known_losses.txt"
TYPESCRIPT, PYTHON = "openapi-typescript", "openapi-python-client"
MISSING = 3
SHOWN = 8
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
IMPORT_ALL = """
import importlib, pkgutil, client
names = [m.name for m in pkgutil.walk_packages(client.__path__, "client.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass
class Outcome:
    """What has been found so far; an empty ``problems`` is a pass."""

    problems: list[str] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)
    unused: set[tuple[str, str]] = field(default_factory=set)

    def note(self, label: str, text: str, problems: list[str]) -> None:
        """Prints one result, with each of its problems below it, and keeps the problems."""
        say(f"  {label:<24} {text}")
        for problem in problems:
            say(f"      {problem}")
        self.problems.extend(f"{label}: {problem}" for problem in problems)


def run(command: list[str | Path], cwd: Path = CACHE) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end with its output captured; a failure is the caller's to judge."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=os.environ | QUIET, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def failure(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The output of a failed command as problems; none if it succeeded."""
    if done.returncode == 0:
        return []
    lines = (done.stdout + done.stderr).strip().splitlines() or ["no output"]
    if len(lines) > 2 * SHOWN:
        lines[SHOWN:-SHOWN] = [f"({len(lines) - 2 * SHOWN} lines left out)"]
    return [f"exit code {done.returncode}", *lines]


# --- the tools ------------------------------------------------------------------------------


def install() -> str | None:
    """Installs what is missing. Returns the reason to skip if that can't be done, else None."""
    CACHE.mkdir(exist_ok=True)
    done = run(["bash", PINNED / "install_node_tools.sh"])
    if done.returncode == MISSING:
        return done.stderr.strip()
    if done.returncode != 0:
        return "\n".join(failure(done))
    done = run(["bash", PINNED / "install_python_tools.sh", CLIENT_VENV.name])
    if done.returncode != 0:
        return "\n".join(failure(done))
    return None


def client_program(name: str) -> Path:
    """A program of the Python client generator's own environment."""
    return CLIENT_VENV / "bin" / name


def node_program(*path: str) -> Path:
    """A file of an installed npm package."""
    return NODE.joinpath(*path)


# --- linters --------------------------------------------------------------------------------


def lint_with_redocly(document: Path, outcome: Outcome) -> None:
    """Redocly's recommended rules: no error, no warning."""
    program = node_program(".bin", "redocly")
    done = run([program, "lint", "--extends", "recommended", "--format", "json", document])
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        outcome.note("redocly recommended", "did not run", failure(done) or ["no result"])
        return
    totals = found["totals"]
    problems = [
        f"{p['severity']} {p['ruleId']} at {p['location'][0].get('pointer', '?')}: {p['message']}"
        for p in found["problems"]
    ]
    counts = f"{totals['errors']} errors, {totals['warnings']} warnings"
    outcome.note("redocly recommended", counts, problems)


def lint_with_spectral(document: Path, outcome: Outcome) -> None:
    """Spectral's spectral:oas rules: no error, no warning, no remark."""
    rules = CACHE / "spectral.yaml"
    rules.write_text('extends: ["spectral:oas"]\n', encoding="utf-8")
    program = node_program(".bin", "spectral")
    done = run([program, "lint", "--quiet", "--ruleset", rules, "--format", "json", document])
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        outcome.note("spectral:oas", "did not run", failure(done) or ["no result"])
        return
    names = ("error", "warning", "info", "hint")
    counts = ", ".join(f"{sum(p['severity'] == level for p in found)} {name}s" for level, name in enumerate(names))
    problems = [f"{names[p['severity']]} {p['code']} at {'/'.join(map(str, p['path']))}: {p['message']}" for p in found]
    outcome.note("spectral:oas", counts, problems)


# --- generators -----------------------------------------------------------------------------


def make_types(document: Path, folder: Path, outcome: Outcome) -> set[str] | None:
    """Makes TypeScript types, checks them, and returns their inventory; None without types."""
    target = folder / "client.ts"
    # A property with a default may be left out of a request.
    options = ["--default-non-nullable", "false"]
    done = run([node_program(".bin", TYPESCRIPT), document, "--output", target, *options])
    outcome.note(TYPESCRIPT, "types made" if target.exists() else "no types", failure(done))
    if not target.exists():
        return None
    for package in ("typescript", "typescript-7"):
        compiler: list[str | Path] = ["node", node_program(package, "bin", "tsc")]
        version = run([*compiler, "--version"]).stdout.strip().removeprefix("Version ")
        flags: list[str | Path] = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext"]
        problems = failure(run([*compiler, *flags, target]))
        outcome.note(f"tsc {version} --strict", "refused" if problems else "accepted", problems)
    done = run(["node", HERE / "ts_inventory.mjs", target])
    if done.returncode != 0:
        outcome.note("ts_inventory", "did not run", failure(done))
        return None
    return set(json.loads(done.stdout))


def make_client(document: Path, folder: Path, outcome: Outcome) -> Path | None:
    """Makes a Python client, compiles and imports it, and returns its package, if there is one."""
    package = folder / "client"
    settings = folder / "client.json"
    settings.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    command: list[str | Path] = [client_program(PYTHON), "generate", "--path", document]
    command += ["--config", settings, "--meta", "none", "--output-path", package]
    done = run([*command, "--fail-on-warning"], cwd=folder)
    said = (done.stdout + done.stderr).strip().splitlines()
    # Below a warning stands the part of the document that it is about; that is left out.
    warned = [line for line in said if line[:1].isalpha() and not line.startswith("Generating ")]
    made = "client made" if package.exists() else "no client"
    outcome.note(PYTHON, f"{made}, {len(warned)} lines of warnings", warned or failure(done))
    if not package.exists():
        return None
    python = client_program("python")
    problems = failure(run([python, "-m", "compileall", "-q", package]))
    outcome.note("compileall", "refused" if problems else "compiled", problems)
    done = run([python, "-W", "error", "-c", IMPORT_ALL], cwd=folder)
    outcome.note("import", f"{done.stdout.strip() or 'not all'} modules", failure(done))
    return package


def compare(name: str, wanted: set[str], made: set[str], outcome: Outcome) -> None:
    """Lists what the document describes and the artefact does not have."""
    lost = wanted - made
    expected = {line for generator, line in outcome.known if generator == name}
    outcome.unused -= {(name, line) for line in lost}
    known = f", {len(lost & expected)} known" if lost & expected else ""
    text = f"{len(wanted)} described, {len(lost - expected)} lost{known}"
    outcome.note(f"{name}:", text, [f"lost: {line}" for line in sorted(lost - expected)])


# --- the whole ------------------------------------------------------------------------------


def judge(document: Path, folder: Path, outcome: Outcome) -> None:
    """Lints one document, makes both clients of it and compares them with it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lint_with_redocly(document, outcome)
    lint_with_spectral(document, outcome)
    wanted = inventory.of_document(derive_contract.read(document))
    types = make_types(document, folder, outcome)
    if types is not None:
        compare(TYPESCRIPT, wanted, types, outcome)
    package = make_client(document, folder, outcome)
    if package is not None:
        compare(PYTHON, wanted, inventory.of_python_client(package, wanted), outcome)


def known_losses() -> set[tuple[str, str]]:
    """The pairs (generator, line) of known_losses.txt."""
    lines = KNOWN_LOSSES.read_text(encoding="utf-8").splitlines()
    entries = [line.split("|") for line in lines if line.strip() and not line.startswith("#")]
    return {(generator.strip(), line.strip()) for generator, line, _reason in entries}


def check(contract: Path) -> Outcome:
    """Judges the contract and its derived copy."""
    known = known_losses() if contract.name == "openapi.yaml" else set()  # the control plane's document loses nothing
    outcome = Outcome(known=known, unused=set(known))
    derived = CACHE / "derived.json"
    document = derive_contract.with_events_as_paths(derive_contract.read(contract))
    derived.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
    for title, path in (("the contract", contract), ("its events as paths", derived)):
        say(f"\n{title} ({path.name})")
        judge(path, CACHE / "made" / path.stem, outcome)
    stale = [f"{line} no longer happens: take it out" for _, line in sorted(outcome.unused)]
    if outcome.known:
        outcome.note("known_losses.txt", f"{len(outcome.known)} lines", stale)
    return outcome


def main(arguments: list[str], install_tools: Callable[[], str | None] = install) -> int:
    """Command line; the contract is openapi.yaml in the current folder unless it is named."""
    contract = Path(arguments[0] if arguments else "openapi.yaml").resolve()
    if not contract.is_file():
        say(f"contract_tools: no such file: {contract}")
        return 1
    reason = install_tools()
    if reason is not None:
        say(f"contract_tools: SKIPPED, nothing was checked: {reason}")
        return 0
    outcome = check(contract)
    if outcome.problems:
        say(f"\ncontract_tools: FAILED, {len(outcome.problems)} problems")
        return 1
    say("\ncontract_tools: no error, no warning, nothing lost")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
