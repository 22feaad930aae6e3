"""The context of the image: its Containerfile, what the mock is installed from, and the lock that it is held against.

Everything is fetched here, for the Python of the base, and held against the hashes of constraints.txt. So building the
image needs no package index, and another builder (`docker build`) makes the same of it.
"""

import shutil
from collections.abc import Collection
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

from tools.release import sbom
from tools.release.build import NAME, REPAIR, Failure, build, export, fetch, git

HERE = Path(__file__).resolve().parent
WANTED = f"{NAME}[postgres]"  # replicas run in containers
FILES = ("health.py", "warm.py")  # of this folder, into the image or into its making


def make(root: Path, target: Path, python: str) -> tuple[str, str]:
    """Make the context of the last commit in a folder, for a Python such as 3.13, in place of what was there.

    Returns version and commit. Raises Failure.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        sources = Path(scratch) / "sources"
        export(root, sources)
        moment = int(git(root, "log", "-1", "--format=%ct"))
        wheel, _ = build(sources, Path(scratch) / "output", moment)
        metadata = sbom.Metadata(wheel)
        lock = lock_for(python, _needed(metadata), (sources / "constraints.txt").read_text("utf-8"))
        files = fetch(lock, Path(scratch) / "wheels", python)
        wheels = target / "wheels"
        wheels.mkdir()
        for file in (wheel, *files.values()):
            shutil.copy2(file, wheels)
        shutil.copy2(sources / "Containerfile", target)
        for name in FILES:
            shutil.copy2(sources / "tools" / "image" / name, target)
        version = metadata.of(NAME).version
        (target / "requirements.txt").write_text(pin(NAME, version, wheel) + lock, "utf-8")
    return version, git(root, "rev-parse", "HEAD").strip()


def _needed(metadata: sbom.Metadata) -> Collection[str]:
    try:
        return sbom.graph(WANTED, metadata.needs)
    except PackageNotFoundError as error:
        raise Failure(f"{error.name} isn't installed. {REPAIR}") from error


def lock_for(python: str, packages: Collection[str], lock: str) -> str:
    """The part of a lock that is about these packages, on Linux with this Python; without markers, as they are decided.

    `python` is such as 3.13. What another platform needs besides isn't known here: the image's pip checks it.
    """
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "extra": "",
    }
    parts = []
    for found in sbom.PIN.finditer(lock):
        requirement = Requirement(found["line"])
        counts = requirement.marker is None or requirement.marker.evaluate(environment)
        if requirement.name in packages and counts:
            parts.append(found[0].replace(found["line"], f"{requirement.name}{requirement.specifier}", 1))
    return "".join(parts)


def pin(name: str, version: str, wheel: Path) -> str:
    """The line of a lock that accepts this wheel alone."""
    return f"{name}=={version} --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"
