"""The executable: the wheel of this checkout, with Python and all that it needs in a folder, by PyInstaller.

It is made in an environment of its own, of what is locked: the packages of `constraints.txt` that serving needs, and
`tools/pinned/npm-executable.txt`, which is PyInstaller. A folder, not a single file, which would be unpacked anew by
each start.
"""

import json
import shutil
import sys
import sysconfig
from ast import literal_eval
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any, NamedTuple

from packaging.utils import canonicalize_name

from mockserver import __version__
from tools.programs import ROOT, run
from tools.release import sbom
from tools.release.build import NAME, build, lock_of

__all__ = ["NAME", "Executable", "bill", "make", "packages_in", "size", "version_line", "without_absent"]

CACHE = ROOT / "tools" / ".cache" / "npm-package"
LOCK = ROOT / "tools" / "pinned" / "npm-executable.txt"
MOMENT = 1_600_000_000  # stands at all files of the wheel: so the same sources give the same one
# What is found by name at run time, where PyInstaller doesn't see it; and what it takes for needed, and isn't.
FOUND_BY_NAME = {
    "--collect-submodules": ("mockserver",),
    "--collect-data": ("mockserver", "connexion", "openapi_schema_validator", "openapi_spec_validator"),
    "--exclude-module": ("tkinter", "setuptools", "pkg_resources"),
}
OPTIONS = tuple(word for option, names in FOUND_BY_NAME.items() for name in names for word in (option, name))
NO_REGISTRY = "what makes the executable can't be installed"


class Executable(NamedTuple):
    """The folder of the executable, and the bill of what is in it."""

    folder: Path
    bill: str

    @property
    def program(self) -> Path:
        """The file to start."""
        return self.folder / ("mockserver.exe" if sys.platform == "win32" else "mockserver")


def make() -> Executable:
    """Make the executable, if its parts have changed. Raises Failure, or Missing without a package index."""
    wheel = _wheel()
    locked = lock_of(_graph(), (ROOT / "constraints.txt").read_text("utf-8"), sbom.Metadata(wheel))
    key = sha256(
        wheel.read_bytes() + locked.encode() + LOCK.read_bytes() + repr((OPTIONS, sys.version)).encode()
    ).hexdigest()
    made, stamp = CACHE / "executable" / "mockserver", CACHE / "executable" / "made-of.txt"
    if not (stamp.exists() and stamp.read_text("utf-8") == key):
        shutil.rmtree(CACHE / "executable", ignore_errors=True)
        _freeze(_environment(locked, wheel))
        stamp.write_text(key, "utf-8")
    return Executable(made, bill(made, wheel))


def _graph() -> sbom.Graph:
    return sbom.graph(NAME, lambda name: requires(name) or [])


def _wheel() -> Path:
    target = CACHE / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    wheel, _ = build(ROOT, target, MOMENT)
    return wheel


def _environment(locked: str, wheel: Path) -> Path:
    """An environment with what is locked, made anew when that has changed, and the wheel in it."""
    target, stamp = CACHE / "python", CACHE / "python" / "locked.txt"
    scripts = target / ("Scripts" if sys.platform == "win32" else "bin")
    pip: list[str | Path] = [scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = locked + LOCK.read_text("utf-8")
    if not (stamp.exists() and stamp.read_text("utf-8") == wanted):
        shutil.rmtree(target, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(target)])
        requirements = target / "requirements.txt"
        requirements.write_text(locked, "utf-8")
        for each in (requirements, LOCK):
            run([*pip, "--require-hashes", "--requirement", each], missing=NO_REGISTRY)
        stamp.write_text(wanted, "utf-8")
    run([*pip, "--no-deps", "--no-index", "--force-reinstall", wheel])
    return scripts


def _freeze(scripts: Path) -> None:
    work = CACHE / "executable" / "work"
    folders = ("--distpath", work.parent, "--workpath", work, "--specpath", work)
    stripped = ("--strip",) if sys.platform == "linux" else ()
    entry = Path(__file__).with_name("entry.py")
    words: list[str | Path] = [
        scripts / "python",
        "-I",
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
        "--onedir",
    ]
    run([*words, "--name", "mockserver", *stripped, *OPTIONS, *folders, entry])


# ---------------------------------------------------------------- what is in it
def bill(folder: Path, wheel: Path) -> str:
    """The bill of materials (CycloneDX, as JSON): the packages that the wheel needs, as far as the executable has
    them, Python, and the libraries of this machine that go along."""
    metadata = sbom.Metadata(wheel)
    lists = folder.parent / "work" / "mockserver"
    present = packages_in(lists / "PYZ-00.toc", lists / "COLLECT-00.toc", packages_of_modules())
    graph = without_absent(_graph(), present)
    document = json.loads(sbom.render(metadata, graph, graph, {NAME: wheel}, MOMENT))
    document["components"] += [_python(), *map(_library, _libraries(folder))]
    return json.dumps(document, indent=2) + "\n"


def packages_in(modules: Path, files: Path, packages: Mapping[str, str]) -> set[str]:
    """The packages that are in an executable, by PyInstaller's lists of its modules and of its files. `packages` says
    of which package an importable name is."""
    _, listed = literal_eval(modules.read_text("utf-8"))
    collected, *_ = literal_eval(files.read_text("utf-8"))
    names = {name.split(".")[0] for name, *_ in listed} | {Path(name).parts[0].split(".")[0] for name, *_ in collected}
    return {packages[name] for name in names if name in packages}


def packages_of_modules() -> dict[str, str]:
    """The package that each importable name is of, among what is installed."""
    return {top: canonicalize_name(names[0]) for top, names in packages_distributions().items()}


def without_absent(graph: sbom.Graph, present: Iterable[str]) -> sbom.Graph:
    """A graph without the packages that aren't there."""
    kept = {NAME, *present}
    return {name: needs & kept for name, needs in graph.items() if name in kept}


def _python() -> dict[str, Any]:
    version = sys.version.split()[0]
    return {
        "type": "platform",
        "name": "CPython",
        "version": version,
        "bom-ref": f"pkg:generic/cpython@{version}",
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }


def _libraries(folder: Path) -> list[Path]:
    """The shared libraries that stand in no package: they come from this machine."""
    inside = folder / "_internal"
    return sorted(path for path in inside.glob("*.so*") if ".cpython-" not in path.name)


def _library(file: Path) -> dict[str, Any]:
    digest = sha256(file.read_bytes()).hexdigest()
    platform = sysconfig.get_platform()
    return {
        "type": "file",
        "name": file.name,
        "bom-ref": f"file:{file.name}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "description": f"A shared library of the machine that made the executable ({platform}).",
    }


def size(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def version_line() -> str:
    """What the executable says to `--version`."""
    return f"mockserver, version {__version__}"
