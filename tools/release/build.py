"""Makes a release of the last commit in dist/: `python -m tools.release [--without-bundle]`.

A wheel, its sources, what it is made of (SBOM), all wheels that it needs on this platform (the bundle) and the SHA-256
of each. The same commit gives the same bytes: it is built from what git has, and dated as the commit is. The bundle is
fetched from the package index, and held against the hashes of constraints.txt; the rest needs no network.

Exit code 0: made; 1: something that was needed for it failed; 2: this commit is no release, and nothing was made.
"""

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from shutil import copy2, rmtree
from tempfile import TemporaryDirectory
from typing import Any

from packaging.utils import canonicalize_name

from mockserver import __version__
from tools.release import sbom

ROOT = Path(__file__).resolve().parents[2]
NAME = "openloyalty-mockserver"
EXTRA = "check"  # which the bundle can install, too
MADE, FAILED, REFUSED = range(3)
REPAIR = "`make clean install` mends that."
MOST_NAMED = 5  # files that aren't committed
NEXT = """\
Next:
  git tag --annotate v{version} --message {version} && git push origin v{version}
  Hand out what is in {folder}/, with the section {version} of CHANGELOG.md and docs/upgrading.md.
  Who receives it: sha256sum --check SHA256SUMS{bundle}"""
INSTALL = """
  Install it without an index: tar xf {bundle} && pip install --no-index --find-links wheels {name}"""


class Failure(Exception):
    """Why there is no release, and what to do."""


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


def main(arguments: list[str], root: Path = ROOT, version: str = __version__) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make release", description="Makes a release in dist/.")
    parser.add_argument("--without-bundle", action="store_true", help="don't fetch what the wheel needs")
    options = parser.parse_args(arguments)
    try:
        found = list(problems(root, version))
        for problem in found:
            say(f"release: {problem}")
        if found:
            return REFUSED
        with TemporaryDirectory() as scratch:
            made = make(root, Path(scratch), with_bundle=not options.without_bundle)
            publish(made, root / "dist")
    except Failure as failure:
        say(f"release: {failure}")
        return FAILED
    report(root / "dist", version)
    return MADE


# ---------------------------------------------------------------- may it be made?
def problems(root: Path, version: str) -> Iterator[str]:
    """Why the last commit is no release of this version, with what to do. Raises Failure where there is no commit."""
    changed = git(root, "status", "--porcelain").splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:MOST_NAMED]) + (", …" if len(changed) > MOST_NAMED else "")
        yield f"what isn't committed would be missing: {names}. Commit it or take it away."
    yield from changelog_problems((root / "CHANGELOG.md").read_text("utf-8"), version)
    tagged = git(root, "tag", "--list", f"v{version}", "--format", "%(objectname) %(*objectname)").split()
    if tagged and git(root, "rev-parse", "HEAD").strip() not in tagged:
        yield f"v{version} is another commit already. Raise __version__ in mockserver/__init__.py."


def changelog_problems(changelog: str, version: str) -> Iterator[str]:
    """What CHANGELOG.md lacks for a release of this version, with what to do."""
    sections = _sections(changelog)
    if not sections.get(version):
        yield (
            f"CHANGELOG.md says nothing about {version}. Head what is new in it with `## {version}`, "
            "or raise __version__ in mockserver/__init__.py."
        )
    elif sections.get("Unreleased"):
        yield f"CHANGELOG.md has changes under Unreleased. Put them under {version}, as they would be in it."


def _sections(changelog: str) -> dict[str, str]:
    """The sections of a changelog by the first word of their headings: a version, or Unreleased."""
    _, *parts = re.split(r"^## +", changelog, flags=re.MULTILINE)
    headed = (part.partition("\n") for part in parts)
    return {heading.split()[0]: body.strip() for heading, _, body in headed if heading.strip()}


# ---------------------------------------------------------------- its parts
def make(root: Path, scratch: Path, *, with_bundle: bool = True) -> list[Path]:
    """The files of a release, made in `scratch`. Raises Failure."""
    moment = int(git(root, "log", "-1", "--format=%ct"))
    sources, output = scratch / "sources", scratch / "output"
    export(root, sources)
    wheel, sdist = build(sources, output, moment)
    metadata = sbom.Metadata(wheel)
    needed, optional = _graph(NAME, metadata), _graph(f"{NAME}[{EXTRA}]", metadata)
    locked = lock_of(optional, (sources / "constraints.txt").read_text("utf-8"), metadata)
    files = {NAME: wheel} | (fetch(locked, scratch / "wheels") if with_bundle else {})
    stem = output / f"{NAME}-{metadata.of(NAME).version}"
    bill = stem.with_name(f"{stem.name}.cdx.json")
    bill.write_text(sbom.render(metadata, needed, optional, files, moment), "utf-8")
    bundle = stem.with_name(f"{stem.name}-{platform()}.tar")
    return [wheel, sdist, bill, *([pack(files.values(), bundle, moment)] if with_bundle else [])]


def export(root: Path, target: Path) -> None:
    """Write what the last commit has, and nothing else, to a folder."""
    archive = target.with_name("commit.tar")
    git(root, "archive", "--output", str(archive), "HEAD")
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")


def build(sources: Path, output: Path, moment: int) -> tuple[Path, Path]:
    """The wheel and the sdist of a folder, by the build backend that is installed. Raises Failure.

    `moment` is the time, in seconds since 1970, that stands at every file in them.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(output)]
    run(command, "It couldn't be built", cwd=sources, env=os.environ | {"SOURCE_DATE_EPOCH": str(moment)})
    (wheel,), (sdist,) = output.glob("*.whl"), output.glob("*.tar.gz")
    return wheel, sdist


def _graph(wanted: str, metadata: sbom.Metadata) -> sbom.Graph:
    try:
        return sbom.graph(wanted, metadata.needs)
    except PackageNotFoundError as error:
        raise Failure(f"{error.name} isn't installed. {REPAIR}") from error


def lock_of(packages: Iterable[str], lock: str, metadata: sbom.Metadata) -> str:
    """The part of a lock that is about these packages, our own left out. Raises Failure where what is installed, and
    was looked at, isn't what is locked."""
    pins, parts = sbom.pins(lock), []
    for name in sorted(set(packages) - {NAME}):
        if name not in pins or pins[name].version != metadata.of(name).version:
            raise Failure(f"{name} isn't installed as constraints.txt has it. {REPAIR}")
        parts.append(pins[name].text)
    return "".join(parts)


def fetch(lock: str, target: Path, python: str | None = None) -> dict[str, Path]:
    """The wheels of a lock for this platform, by the names of their packages. They are for this Python, or for another
    one, such as 3.13: then the lock must be without markers. Raises Failure."""
    target.mkdir()
    requirements = target.with_name("lock.txt")
    requirements.write_text(lock, "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--requirement", str(requirements), "--dest", str(target)]
    command += ["--python-version", python] if python else []
    run(
        command,
        "The bundle couldn't be fetched, which needs a package index (ARGS=--without-bundle: a release without)",
    )
    return {canonicalize_name(file.name.split("-")[0]): file for file in target.iterdir()}


def platform() -> str:
    """The Python and the platform that a bundle is for, as in `cp311-linux-x86_64`."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}-{sysconfig.get_platform()}"


def pack(wheels: Iterable[Path], target: Path, moment: int) -> Path:
    """An archive with wheels in a folder `wheels`. The same wheels give the same bytes; they are compressed already."""
    with tarfile.open(target, "w") as archive:
        for wheel in sorted(wheels, key=lambda wheel: wheel.name):
            entry = tarfile.TarInfo(f"wheels/{wheel.name}")
            entry.size, entry.mtime = wheel.stat().st_size, moment
            with wheel.open("rb") as content:
                archive.addfile(entry, content)
    return target


# ---------------------------------------------------------------- what was made
def publish(made: list[Path], target: Path) -> None:
    """Put the files, and SHA256SUMS of them, into a folder in place of what was there."""
    rmtree(target, ignore_errors=True)
    target.mkdir()
    for file in made:
        copy2(file, target)
    (target / "SHA256SUMS").write_text(checksums(target), "utf-8")


def checksums(folder: Path) -> str:
    """The SHA-256 of each file of a folder, as `sha256sum --check` reads them."""
    return "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir()))


def report(folder: Path, version: str) -> None:
    """Say what was made, and what to do with it."""
    for file in sorted(folder.iterdir()):
        say(f"{folder.name}/{file.name}  {-(-file.stat().st_size // 1024):,} KiB")
    bundle = "".join(INSTALL.format(bundle=file.name, name=NAME) for file in folder.glob("*.tar"))
    say(NEXT.format(version=version, folder=folder.name, bundle=bundle))


def git(root: Path, *arguments: str) -> str:
    """What git says. Raises Failure."""
    return run(["git", "-C", str(root), *arguments], "A release is made of a commit, and git says")


def run(command: list[str], what: str, **options: Any) -> str:
    """What a command prints. Raises Failure, with what it was for and the last line that it says."""
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)  # noqa: S603
    except OSError as error:
        raise Failure(f"{what}: {error}.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise Failure(f"{what}: {last}")
    return str(done.stdout)
