"""The trial: the packages are installed from their tarballs into an empty folder, with no Python on the PATH, and used
as their README says."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver.cli.command_line import COMMANDS
from tools.node import NPM_INSTALL
from tools.npm_package.executable import version_line
from tools.npm_package.packages import JS
from tools.programs import Failure, Missing, run, say

PROGRAMS = Path(__file__).with_name("programs")
# What a test run finds on its PATH: Node.js, and what its scripts and a shell need.
ON_THE_PATH = ("node", "npm", "npx", "sh", "env", "sed", "dirname", "uname")
COMMAND = "openloyalty-mockserver"
FENCE = re.compile(r"^```\w+\n(// (\S+)\n.*?)^```$", re.MULTILINE | re.DOTALL)
NETWORK = ("npm_config", "http", "no_proxy", "ssl")  # variables that decide how npm reaches its registry
PATIENCE = 20  # seconds
PETS = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "The pets."}}}}},
}
Measured = dict[str, float]


def examples(readme: str) -> dict[str, str]:
    """The programs of a README by their file names, which stand in their first line."""
    return {name: text for text, name in FENCE.findall(readme)}


class Trial:
    """An empty folder into which the packages were installed."""

    def __init__(self, folder: Path, tarballs: list[Path]) -> None:
        self.folder = folder
        self._tarballs = tarballs
        self._variables = _variables(folder)

    def run(self, *command: str, missing: str | None = None) -> str:
        """What a command prints in the folder, with no Python on the PATH. Raises Failure."""
        return run(command, self.folder, self._variables, missing)

    def install(self) -> None:
        """Install the packages, and what the README's tests need. Raises Missing without a registry."""
        (self.folder / "package.json").write_text('{"private": true, "type": "module"}\n', "utf-8")
        pinned = json.loads((JS / "package.json").read_text("utf-8"))["devDependencies"]
        tools = [f"{name}@{pinned[name]}" for name in ("vitest", "@playwright/test", "typescript", "@types/node")]
        packages = (*map(str, self._tarballs), *tools)
        self.run("npm", "install", *NPM_INSTALL, *packages, missing="no registry to install from")
        for name, text in examples((JS / "README.md").read_text("utf-8")).items():
            (self.folder / name).write_text(text, "utf-8")
        for program in PROGRAMS.iterdir():
            shutil.copy(program, self.folder)

    # ---------------------------------------------------------------- what a reader does
    def seconds(self) -> Measured:
        """The seconds to the first 200 and the first webhook, of the first start and of the second."""
        first, again = (json.loads(self.run("node", "seconds.mjs")) for _ in range(2))
        return {**{f"first start, {name}": took for name, took in first.items()}, **again}

    def problems(self) -> Iterator[str]:
        """What doesn't work, in words."""
        for check in (self._examples, self._commands, self._pages, self._ends):
            try:
                yield from check()
            except Failure as failure:
                yield str(failure)

    def _examples(self) -> Iterator[str]:
        said = self.run("node", "first.mjs")
        if not said.endswith("CustomerRegistered is authentic\n"):
            yield f"first.mjs printed {said!r}"
        self.run("npx", "vitest", "run", "session.test.ts")
        self.run("npx", "playwright", "test", "member.spec.ts", "--reporter", "line")
        options = ("--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", "node")
        self.run("npx", "tsc", *options, "member.spec.ts", "session.test.ts")

    def _commands(self) -> Iterator[str]:
        said = self.run("npx", COMMAND, "--version").strip()
        if said != version_line():
            yield f"--version printed {said!r}"
        for name in COMMANDS:
            self.run("npx", COMMAND, name, "--help")
        contract = self.folder / "pets.json"
        contract.write_text(json.dumps(PETS), "utf-8")
        self.run("npx", COMMAND, "spec", "diff", str(contract), str(contract))
        self.run("npx", COMMAND, "spec", "lint")

    def _pages(self) -> Iterator[str]:
        yield from self.run("node", "pages.mjs").splitlines()

    def _ends(self) -> Iterator[str]:
        """A mock whose parent is killed ends, too; be that a program of tests, or the command."""
        for told, command in (("stdout", ("parent.mjs",)), ("stderr", _served())):
            program = ["node", *command]
            command_line = " ".join(program)
            with subprocess.Popen(  # noqa: S603 (our own words)
                program, cwd=self.folder, env=self._variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as parent:
                stream = getattr(parent, told)
                line: dict[str, Any] = json.loads(stream.readline() or '{"url": ""}')
                children = children_of(parent.pid)
                parent.send_signal(signal.SIGKILL)
            if children is None:
                say(f"  SKIPPED: that mocks end with {command_line}, as this system doesn't list its children")
            elif not children:
                yield f"{command_line} started nothing: {line}"
            elif not _all_gone(children):
                yield f"{command_line} was killed, but what it started lives on: {children}"


def _served() -> tuple[str, ...]:
    cli = f"node_modules/{COMMAND}/dist/cli.js"
    return (cli, "serve", "--port", "0", "--log-format", "json")


def children_of(parent: int, processes: Path = Path("/proc")) -> list[int] | None:
    """The processes that a process has started; None where the system doesn't list them."""
    listed = processes / str(parent) / "task" / str(parent) / "children"
    return [int(number) for number in listed.read_text("utf-8").split()] if listed.exists() else None


def _all_gone(processes: list[int]) -> bool:
    """Whether all processes end within PATIENCE."""
    deadline = time.monotonic() + PATIENCE  # noqa: TID251 - real processes
    while time.monotonic() < deadline:  # noqa: TID251
        if not any(Path(f"/proc/{each}").exists() for each in processes):
            return True
        time.sleep(0.02)
    return False


def _variables(folder: Path) -> dict[str, str]:
    """An environment whose PATH has no Python; home and caches are in the folder, npm's own settings stay."""
    programs = folder.parent / "bin"
    programs.mkdir()
    for name in ON_THE_PATH:
        found = shutil.which(name)
        if found is None:
            raise Missing(f"{name} is needed")
        (programs / name).symlink_to(found)
    kept = {name: text for name, text in os.environ.items() if name.lower().startswith(NETWORK)}
    configured = Path.home() / ".npmrc"
    config = {"NPM_CONFIG_USERCONFIG": str(configured)} if configured.exists() else {}
    return {**kept, **config, "PATH": str(programs), "HOME": str(folder.parent), "npm_config_cache": str(_npm_cache())}


def _npm_cache() -> Path:
    return Path(run(["npm", "config", "get", "cache"]).strip())
