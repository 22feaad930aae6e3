"""The locks: they hold what pyproject.toml asks for, with hashes, and name no place to get it from."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DECLARED = [Requirement(line) for line in (*PROJECT["dependencies"], *EXTRAS["check"], *EXTRAS["dev"])]
FOREIGN = [requirement for requirement in DECLARED if requirement.name != PROJECT["name"]]
LOCKS = ("constraints.txt", "tools/pinned/python-client.txt", "tools/pinned/site.txt")
HASHES = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; [^\\]+)? \\\n" + HASHES, re.MULTILINE)
DECISIONS = (ROOT / "docs" / "decisions.md").read_text("utf-8")


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _versions(lock: str, name: str) -> list[str]:
    """The versions of a package: two where platforms differ."""
    return [pin["version"] for pin in PIN.finditer(_text(lock)) if pin["name"] == canonicalize_name(name)]


@pytest.mark.parametrize("requirement", FOREIGN, ids=str)
def test_lock_holds_what_is_declared(requirement: Requirement) -> None:
    """constraints.txt has every package that pyproject.toml names, in versions that it allows; else: `make lock`."""
    versions = _versions("constraints.txt", requirement.name)

    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_client_generator_is_locked() -> None:
    """tools/pinned/python-client.txt has the version that tools/pinned/python-client.in asks for; else: `make lock`."""
    (line,) = (line for line in _text("tools/pinned/python-client.in").splitlines() if not line.startswith("#"))
    wanted = Requirement(line)

    assert [wanted.specifier.contains(version) for version in _versions(LOCKS[1], wanted.name)] == [True]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_hashes(lock: str) -> None:
    """A lock has versions with hashes and comments, nothing else: no address, no index, no option of pip."""
    rest = PIN.sub("", _text(lock))

    assert [line for line in rest.splitlines() if not line.lstrip().startswith("#")] == []
    assert "://" not in rest


@pytest.mark.parametrize("folder", ["tools/pinned", "tools/pinned/collection-runners", "js"])
def test_node_tools_are_locked(folder: str) -> None:
    """A package-lock.json fits package.json beside it, and each package in it has a hash and no address."""
    wanted = json.loads(_text(f"{folder}/package.json"))["devDependencies"]
    root, *packages = json.loads(_text(f"{folder}/package-lock.json"))["packages"].values()

    assert root["devDependencies"] == wanted
    assert all("integrity" in package and "resolved" not in package for package in packages)


@pytest.mark.parametrize("requirement", FOREIGN, ids=lambda requirement: requirement.name)
def test_every_dependency_has_a_reason(requirement: Requirement) -> None:
    """docs/decisions.md says in its first table why a package is here, and beside its upper bound why it has one."""
    rows = [row for row in DECISIONS.splitlines() if row.startswith("| ")]
    reasons = [row for row in rows if requirement.name.lower() in re.split(r"[\s,|\[\]]+", row.split("|")[1].lower())]
    bounds = [bound for bound in str(requirement.specifier).split(",") if bound.startswith("<")]

    assert reasons
    assert all(any(bound in row for row in reasons) for bound in bounds)
