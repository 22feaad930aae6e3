"""`make npm-package`: what stands in the packages, what the README has to try, and what a failure says."""

import json
import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT, committed
from tools.npm_package import executable
from tools.npm_package.packages import PUBLISHED, main_manifest, platform_manifest
from tools.npm_package.trial import children_of, examples

SOURCE = json.loads((ROOT / "js" / "package.json").read_text("utf-8"))
SOURCES = [
    name
    for name in committed()
    if name.startswith("js/") and name.endswith((".ts", ".mjs")) and not name.startswith("js/src/generated/")
]
PYTHON = (ROOT / "tests" / "public_names.txt").read_text("utf-8")
PUBLIC = (ROOT / "js" / "test" / "public_names.txt").read_text("utf-8")
# Pages are for commands; in JavaScript, all of them are read.
OF_PYTHON_ALONE = {"DeliveriesControl.page", "RequestsControl.page"}
README = (ROOT / "js" / "README.md").read_text("utf-8")


def test_main_package_asks_for_its_executable() -> None:
    """The main package has the mock's version and asks for the executable of the same one, and for nothing of ours."""
    manifest = main_manifest(SOURCE, "1.2.3")

    assert manifest["optionalDependencies"] == {"openloyalty-mockserver-linux-x64": "1.2.3"}
    assert manifest["version"] == "1.2.3"
    assert {"private", "scripts", "devDependencies"} & set(manifest) == set()
    assert list(manifest["dependencies"]) == ["openapi-fetch"]


def test_fixtures_are_for_those_who_have_the_runner() -> None:
    """Playwright and Vitest are optional peers; what is tested with is within their ranges."""
    assert set(SOURCE["peerDependenciesMeta"]) == set(SOURCE["peerDependencies"]) == {"@playwright/test", "vitest"}
    assert set(SOURCE["peerDependencies"]) < set(SOURCE["devDependencies"])


def test_platform_package_is_for_its_platform_alone() -> None:
    """npm installs a platform's package on that one only; on Linux with the C library that it was made with."""
    linux, mac = platform_manifest("linux", "x64", "1.2.3"), platform_manifest("darwin", "arm64", "1.2.3")

    assert linux["name"] in PUBLISHED
    assert (linux["os"], linux["cpu"], linux["libc"]) == (["linux"], ["x64"], ["glibc"])
    assert (mac["name"], "libc" in mac) == ("openloyalty-mockserver-darwin-arm64", False)


def test_readme_has_programs_to_try() -> None:
    """Each example of the README is a file that the trial runs."""
    assert list(examples(README)) == ["first.mjs", "member.spec.ts", "session.test.ts"]
    assert examples("```ts\nno name\n```\n") == {}


def test_guide_tells_what_the_readme_tells() -> None:
    """The first program of the guide is that of the README."""
    guide = (ROOT / "docs" / "javascript-tests.md").read_text("utf-8")

    assert examples(README)["first.mjs"] in guide


def test_children_of_a_process_are_listed_where_the_system_does_so(tmp_path: Path) -> None:
    """A process without children is something else than a system that doesn't tell of them."""
    listed = tmp_path / "7" / "task" / "7" / "children"
    listed.parent.mkdir(parents=True)

    assert children_of(7, tmp_path) is None
    listed.write_text("")
    assert children_of(7, tmp_path) == []
    listed.write_text("8 9 ")
    assert children_of(7, tmp_path) == [8, 9]


def test_modules_are_told_by_their_packages(tmp_path: Path) -> None:
    """What PyInstaller lists as modules and as files tells which packages are in an executable."""
    modules = tmp_path / "PYZ-00.toc"
    modules.write_text("('out.pyz', [('yaml.nodes', '/x/yaml/nodes.py', 'PYMODULE')])")
    files = tmp_path / "COLLECT-00.toc"
    files.write_text(
        "([('orjson/orjson.so', '/x/orjson.so', 'EXTENSION'), ('libz.so.1', '/lib/libz.so.1', 'BINARY')],)"
    )

    found = executable.packages_in(modules, files, {"yaml": "pyyaml", "orjson": "orjson", "click": "click"})

    assert found == {"pyyaml", "orjson"}


def test_bill_leaves_out_what_is_not_there() -> None:
    """A package that isn't in the executable is in no line of its bill."""
    graph = {executable.NAME: {"click", "rich"}, "click": {"rich"}, "rich": set()}

    assert executable.without_absent(graph, {"click"}) == {executable.NAME: {"click"}, "click": set()}


def test_what_is_made_is_not_committed() -> None:
    """Neither compiled JavaScript, nor packages, nor tarballs are committed."""
    made = ("js/dist/", "js/node_modules/", "dist/")

    assert [name for name in committed() if name.startswith(made) or name.endswith(".tgz")] == []


@pytest.mark.parametrize("name", SOURCES)
def test_sources_are_small(name: str) -> None:
    """No file of js/ has more than 400 lines, or lines that are too long to read."""
    lines = (ROOT / name).read_text("utf-8").splitlines()

    assert len(lines) <= 400
    assert [line for line in lines if len(line) > 120] == []


def test_mock_has_the_names_that_it_has_in_python() -> None:
    """What steers a mock is called the same in both languages, each in its own spelling."""
    wanted = set(re.findall(r"^((?:\w+)Control\.\w+)", PYTHON, re.MULTILINE)) - OF_PYTHON_ALONE

    assert wanted
    assert sorted(wanted - _methods()) == []


def _methods() -> set[str]:
    """The methods of the exported classes: `ClockControl.get`, with their names as Python spells them."""
    classes = re.findall(r"^(\w+): export declare class .*?\{\n(.*?)^\}", PUBLIC, re.MULTILINE | re.DOTALL)
    found = ((kind, name) for kind, body in classes for name in re.findall(r"^    (\w+)\(", body, re.MULTILINE))
    return {f"{kind}.{re.sub('[A-Z]', lambda letter: '_' + letter[0].lower(), name)}" for kind, name in found}
