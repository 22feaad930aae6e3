"""Makes the image of the last commit, and tries it: `python -m tools.image [--base IMAGE --python 3.13]`.

Without a base it takes python:3.13-slim, or, where no registry can be reached, one that it makes of Debian's packages.
In build/image/ it leaves the context, the image as an archive, and its bill of materials. Exit code 0: made, or skipped
(it says so), because a program is missing; 1: something that was needed for it failed, or the image isn't as promised.
"""

import argparse
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from tools.image import bill, context, debian, trial
from tools.release.build import Failure, git, run, say

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "image"
TAG = "localhost/openloyalty-mockserver"
PUBLIC = "python:{python}-slim"
HAND_OVER = "Load it elsewhere: podman load --input {archive} (docker load reads it, too)"


def main(arguments: list[str]) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make image", description="Makes the image of the mock, and tries it.")
    parser.add_argument("--base", help="an image with Python and venv, to build with and to run on")
    parser.add_argument("--python", default=debian.PYTHON, help="the Python of the base (default: %(default)s)")
    parser.add_argument("--context", action="store_true", help="make build/image/context alone, for another builder")
    options = parser.parse_args(arguments)
    try:
        version, commit = context.make(ROOT, MADE / "context", options.python)
        say(f"build/image/context: {version}, commit {commit[:12]}, all wheels for Python {options.python}")
        if options.context:
            return 0
        if not shutil.which("buildah"):
            say(f"SKIPPED: buildah isn't installed. docker build -t {TAG} build/image/context makes the same of it.")
            return 0
        bases = bases_of(options.base, options.python)
        if isinstance(bases, str):
            say(f"SKIPPED: {bases}")
            return 0
        _build(MADE / "context", TAG, BASE=bases[1], BUILDER=bases[0], VERSION=version, REVISION=commit)
        return _tried(_hand_over(version))
    except Failure as failure:
        say(f"image: {failure}")
        return 1


def bases_of(given: str | None, python: str) -> tuple[str, str] | str:
    """The images to build with and to run on; or why there are none."""
    public = given or PUBLIC.format(python=python)
    if _succeeds("inspect", "--type=image", public) or _succeeds("pull", "--quiet", public):
        return public, public
    if given:
        raise Failure(f"{given} isn't here, and can't be pulled.")
    reason = debian.missing()
    if reason or python != debian.PYTHON:
        return f"{public} can't be pulled, and {reason or f'Debian has Python {debian.PYTHON}'}."
    say(f"{public} can't be pulled: the base is made of Debian's packages (rm -r build/image/debian renews it)")
    tags = {name: f"{TAG}-{name}" for name in debian.BASES}
    for name, tag in tags.items():
        _build(debian.make(name, MADE / "debian" / name), tag)
    return tags["builder"], tags["base"]


def _succeeds(*words: str) -> bool:
    return subprocess.run(["buildah", *words], capture_output=True, check=False).returncode == 0  # noqa: S603, S607


def _build(folder: Path, tag: str, **arguments: str) -> None:
    """Build an image. Its steps run in a chroot: they need no network, and so neither namespaces nor groups."""
    limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    command = ["buildah", "build", "--quiet", "--isolation=chroot", "--format=docker", "--layers", f"--tag={tag}"]
    command += [f"--ulimit={name}={resource.getrlimit(limit)[1]}" for name, limit in limits.items()]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    run([*command, str(folder)], f"{tag} can't be built")


def _hand_over(version: str) -> Path:
    """Write the image as an archive, which is returned, and its bill of materials."""
    archive, document = MADE / f"image-{version}.tar", MADE / f"image-{version}.cdx.json"
    archive.unlink(missing_ok=True)
    # Docker's form: it keeps the name, by which the guide runs the image, and the health check.
    run(["buildah", "push", "--quiet", TAG, f"docker-archive:{archive}:{TAG}:latest"], "The image can't be written")
    (wheel,) = (MADE / "context" / "wheels").glob("openloyalty_mockserver-*.whl")
    document.write_text(bill.render(archive, wheel, int(git(ROOT, "log", "-1", "--format=%ct"))), "utf-8")
    size = run(["buildah", "images", "--format={{.Size}}", TAG], "The image isn't there").strip()
    for file in (archive, document):
        say(f"{file.relative_to(ROOT)}  {-(-file.stat().st_size // 1024):,} KiB")
    say(f"{TAG}  {size} unpacked; {HAND_OVER.format(archive=archive.relative_to(ROOT))}")
    return archive


def _tried(archive: Path) -> int:
    way = trial.way(TAG)
    if way is None:
        say("SKIPPED: the image wasn't tried, as no container can be run here: podman is missing, or is refused.")
        return 0
    name, words = way
    try:
        for line in (*trial.load(words, archive, TAG), *trial.try_it(words, TAG)):
            say(f"  {name}: {line}")
    except (RuntimeError, subprocess.SubprocessError) as error:
        say(f"image: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
