"""tools.release: what a release is made of, and when none is made."""

import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.release import build as release
from tools.release import sbom

ROOT = Path(__file__).parents[2]
SERVED = ("docs/assumptions.md", "docs/vendor-facts.md")
SOURCES = ("CHANGELOG.md", "LICENSE", "README.md", *SERVED, "openapi.yaml", "pyproject.toml")
MOMENT = 1_767_225_600  # 2026-01-01
CHANGELOG = "# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-01-01\n\n- It can do more.\n\n## 1.1.0\n\n"
NEEDS = {
    "main": ["Left >= 1", "windows; sys_platform == 'win32'", "extra_only; extra == 'check'"],
    "left": ["right[fast]", "main"],
    "right": ["fast; extra == 'fast'", "slow; extra == 'slow'"],
}
LOCK = """\
# made by hand
here==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via main
moved==2.0 ; sys_platform != 'beos' \\
    --hash=sha256:dd
    # via main
moved==1.0 ; sys_platform == 'beos' \\
    --hash=sha256:cc
    # via main
"""

with_git = pytest.mark.skipif(not shutil.which("git"), reason="a release is made of a commit")


# ---------------------------------------------------------------- may it be made?
def test_described_version_may_be_released() -> None:
    """A version with a section in the changelog, and nothing left under Unreleased, can be released."""
    assert list(release.changelog_problems(CHANGELOG, "1.2.0")) == []


@pytest.mark.parametrize("version", ["1.3.0", "1.2", "1.1.0"])
def test_version_that_nobody_described_is_refused(version: str) -> None:
    """A version without a section, or with an empty one, is refused with what to do."""
    (problem,) = release.changelog_problems(CHANGELOG, version)

    assert problem.startswith(f"CHANGELOG.md says nothing about {version}. Head what is new in it with `## {version}`")


def test_changes_left_over_are_refused() -> None:
    """What still stands under Unreleased would be in the release without being told: it is refused."""
    left = CHANGELOG.replace("## Unreleased\n", "## Unreleased\n\n- Something else.\n")

    (problem,) = release.changelog_problems(left, "1.2.0")

    assert problem.startswith("CHANGELOG.md has changes under Unreleased. Put them under 1.2.0")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a commit whose version 1.2.0 can be released."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    _git(root, "init", "--quiet")
    _commit(root)
    return root


def _git(root: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", *arguments]
    subprocess.run(command, cwd=root, env=os.environ | who, check=True)  # noqa: S603 (our own words)


def _commit(root: Path) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "--message", "a commit")


@with_git
def test_tagged_commit_may_be_released_again(checkout: Path) -> None:
    """A clean commit can be released, and again when it has the version's tag."""
    assert list(release.problems(checkout, "1.2.0")) == []

    _git(checkout, "tag", "--annotate", "v1.2.0", "--message", "1.2.0")
    assert list(release.problems(checkout, "1.2.0")) == []


@with_git
def test_what_is_not_committed_is_refused(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Changed and new files are named in one line, the end is 2, and nothing is made."""
    (checkout / "CHANGELOG.md").write_text(CHANGELOG + "\n", "utf-8")
    (checkout / "forgotten.py").touch()

    assert release.main([], checkout, "1.2.0") == 2
    assert capsys.readouterr().out == (
        "release: what isn't committed would be missing: CHANGELOG.md, forgotten.py. Commit it or take it away.\n"
    )
    assert not (checkout / "dist").exists()


@with_git
def test_version_of_another_commit_is_refused(checkout: Path) -> None:
    """A version whose tag is at another commit is refused: two releases must not have one name."""
    _git(checkout, "tag", "v1.2.0")
    _commit(checkout)

    (problem,) = release.problems(checkout, "1.2.0")

    assert problem == "v1.2.0 is another commit already. Raise __version__ in mockserver/__init__.py."


def test_folder_without_commits_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where git knows of no commit, or isn't there, that is said in one line, and the end is 1."""
    assert release.main([], tmp_path, "1.2.0") == 1

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("release: A release is made of a commit, and git says: ")


# ---------------------------------------------------------------- wheel and sdist
@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and an sdist of ours."""
    folder = tmp_path_factory.mktemp("release")
    sources = folder / "sources"
    shutil.copytree(ROOT / "mockserver", sources / "mockserver", ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES:
        (sources / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, sources / name)
    return release.build(sources, folder / "output", MOMENT)


def test_two_builds_are_equal(built: tuple[Path, Path], tmp_path: Path) -> None:
    """The sdist is all that is needed to build wheel and sdist again, and they have the same bytes, whenever and
    wherever the sources were written."""
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (sources,) = tmp_path.iterdir()

    again = release.build(sources, tmp_path / "output", MOMENT)

    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in built]


def test_files_are_dated_as_the_commit(built: tuple[Path, Path]) -> None:
    """The time that a build is given stands at every file of wheel and sdist."""
    wheel, sdist = built
    with zipfile.ZipFile(wheel) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
    with tarfile.open(sdist) as unpacked:
        assert {entry.mtime for entry in unpacked} == {MOMENT}


def test_failed_build_is_told(tmp_path: Path) -> None:
    """What can't be built is told with the last line of the build backend, not with a traceback."""
    (tmp_path / "pyproject.toml").write_text("[project]\n", "utf-8")

    with pytest.raises(release.Failure, match=r"^It couldn't be built: \S"):
        release.build(tmp_path, tmp_path / "output", MOMENT)


# ---------------------------------------------------------------- the lock
def test_graph_has_what_is_needed_here() -> None:
    """What a package needs on this platform is followed, extras included, in circles too, and nothing else."""
    graph = sbom.graph("main", lambda name: NEEDS.get(name, []))

    assert graph == {"main": {"left"}, "left": {"right", "main"}, "right": {"fast"}, "fast": set()}
    assert "extra-only" in sbom.graph("main[check]", lambda name: NEEDS.get(name, []))


def test_pins_are_those_of_this_platform() -> None:
    """Of a package that is locked per platform the pin that counts here is taken, with all hashes of it."""
    pins = sbom.pins(LOCK)

    assert {name: pin.version for name, pin in pins.items()} == {"here": "1.0", "moved": "2.0"}
    assert pins["here"].text == "here==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"


def test_lock_of_a_release_has_no_tools_of_developers(built: tuple[Path, Path]) -> None:
    """The wheel's part of constraints.txt is all that it needs, in the installed versions, and no more."""
    metadata = sbom.Metadata(built[0])
    lock = (ROOT / "constraints.txt").read_text("utf-8")

    part = release.lock_of(sbom.graph(release.NAME, metadata.needs), lock, metadata)

    assert set(sbom.pins(part)) >= {"connexion", "cryptography", "uvicorn"}
    assert not set(sbom.pins(part)) & {"hatchling", "mypy", "ruff", "schemathesis", release.NAME}


@pytest.mark.parametrize("lock", ["", "click==0.1 \\\n    --hash=sha256:aa\n"])
def test_other_versions_than_locked_are_refused(built: tuple[Path, Path], lock: str) -> None:
    """Where what is installed isn't what is locked, the SBOM would tell of something else: it is refused."""
    with pytest.raises(
        release.Failure, match=r"^click isn't installed as constraints.txt has it. `make clean install`"
    ):
        release.lock_of(["click", release.NAME], lock, sbom.Metadata(built[0]))


# ---------------------------------------------------------------- SBOM, bundle, checksums
@pytest.fixture(scope="module")
def bill(built: tuple[Path, Path]) -> str:
    """The SBOM of our wheel."""
    return _bill(built[0])


def _bill(wheel: Path) -> str:
    metadata = sbom.Metadata(wheel)
    needed, optional = (sbom.graph(wanted, metadata.needs) for wanted in (release.NAME, f"{release.NAME}[check]"))
    return sbom.render(metadata, needed, optional, {release.NAME: wheel}, MOMENT)


def test_bill_is_cyclonedx(bill: str) -> None:
    """The SBOM is what CycloneDX's schema says."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None


def test_bill_names_what_the_wheel_brings(bill: str, built: tuple[Path, Path]) -> None:
    """The SBOM is about the wheel, by its hash, and has its packages, licences, and who asks for whom; those of the
    extra are optional."""
    document = json.loads(bill)
    components = {component["name"]: component for component in document["components"]}
    asked = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}

    subject = document["metadata"]["component"]
    assert subject["hashes"] == [{"alg": "SHA-256", "content": sha256(built[0].read_bytes()).hexdigest()}]
    assert components["click"]["licenses"][0]["license"]["id"] == "BSD-3-Clause"
    assert (components["click"]["scope"], components["schemathesis"]["scope"]) == ("required", "optional")
    assert components["click"]["bom-ref"] in asked[subject["bom-ref"]]
    assert components["h11"]["bom-ref"] in asked[components["uvicorn"]["bom-ref"]]
    assert release.NAME not in components


def test_bill_is_the_same_for_the_same_wheel(bill: str, built: tuple[Path, Path]) -> None:
    """The SBOM has no chance in it, and no time but the one that it is given."""
    assert _bill(built[0]) == bill
    assert json.loads(bill)["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"


def test_bundles_are_equal(tmp_path: Path) -> None:
    """The same wheels give the same bundle, in whichever order they come and whenever they were fetched."""
    wheels = [tmp_path / "b.whl", tmp_path / "a.whl"]
    for age, wheel in enumerate(wheels):
        wheel.write_text(wheel.name, "utf-8")
        os.utime(wheel, (MOMENT - age, MOMENT - age))
    first = release.pack(wheels, tmp_path / "first.tar", MOMENT)
    os.utime(wheels[0], (0, 0))

    assert release.pack(reversed(wheels), tmp_path / "second.tar", MOMENT).read_bytes() == first.read_bytes()
    with tarfile.open(first) as archive:
        assert archive.getnames() == ["wheels/a.whl", "wheels/b.whl"]


def test_published_files_are_what_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an earlier release left in dist/ goes; each file has its line in SHA256SUMS; what comes next is said."""
    made, dist = tmp_path / "a.tar", tmp_path / "dist"
    made.write_bytes(b"wheels")
    dist.mkdir()
    (dist / "old.whl").touch()

    release.publish([made], dist)
    release.report(dist, "1.2.0")

    assert (dist / "SHA256SUMS").read_text("utf-8") == f"{sha256(b'wheels').hexdigest()}  a.tar\n"
    assert {file.name for file in dist.iterdir()} == {"SHA256SUMS", "a.tar"}
    printed = capsys.readouterr().out
    assert "git tag --annotate v1.2.0" in printed
    assert "pip install --no-index --find-links wheels openloyalty-mockserver\n" in printed
