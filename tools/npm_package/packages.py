"""The npm packages: what stands in their package.json, which files are in them, and their tarballs."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver import __version__
from tools.npm_package.executable import CACHE, Executable
from tools.programs import ROOT, run

JS = ROOT / "js"
DIST = ROOT / "dist" / "npm"
FOR_DEVELOPMENT = ("private", "scripts", "devDependencies")
# Which packages the main one asks for: those that were made and tried. Others can be installed by name.
PUBLISHED = ("openloyalty-mockserver-linux-x64",)
PLATFORM_README = """\
# {name}

The executable of `openloyalty-mockserver` for {platform}: Python and all that it needs, so that no Python has to be
installed. `sbom.cdx.json` says what is in it (CycloneDX). Install `openloyalty-mockserver`,
which asks for this package, and starts `mockserver/mockserver`.
"""


def main_manifest(source: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The package.json of the main package, from that of js/."""
    kept = {key: value for key, value in source.items() if key not in FOR_DEVELOPMENT}
    return kept | {"version": version, "optionalDependencies": dict.fromkeys(PUBLISHED, version)}


def platform_manifest(os: str, cpu: str, version: str) -> dict[str, Any]:
    """The package.json of a platform's package: `os` and `cpu` as Node.js calls them."""
    manifest = {
        "name": f"openloyalty-mockserver-{os}-{cpu}",
        "version": version,
        "description": f"The executable of openloyalty-mockserver for {os}-{cpu}.",
        "license": "Apache-2.0",
        "os": [os],
        "cpu": [cpu],
        "files": ["mockserver", "sbom.cdx.json", "README.md", "LICENSE"],
        "preferUnplugged": True,  # Yarn would keep it in an archive, where it can't be started
    }
    return manifest | ({"libc": ["glibc"]} if os == "linux" else {})


def platform() -> tuple[str, str]:
    """The operating system and the processor of this machine, as Node.js calls them."""
    os, cpu = run(["node", "--print", "process.platform + ' ' + process.arch"]).split()
    return os, cpu


def check_sources() -> None:
    """Hold the generated types against the contract, and all of js/ against the compiler. Raises Failure."""
    run(["node", "generate.mjs", "--check"], cwd=JS)
    run(["npm", "run", "--silent", "lint"], cwd=JS)


def compile_sources() -> None:
    """Compile js/src to js/dist. Raises Failure."""
    shutil.rmtree(JS / "dist", ignore_errors=True)
    run(["npm", "run", "--silent", "build"], cwd=JS)


def check_names() -> None:
    """Hold what js/dist exports against the names that are public. Raises Failure."""
    run(["node", "public_names.mjs", "--check"], cwd=JS)


def pack(executable: Executable) -> list[Path]:
    """The tarballs of both packages, in dist/npm in place of what was there."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    folders = (_stage_main(CACHE / "main"), _stage_platform(CACHE / "platform", executable))
    for folder in folders:
        run(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", DIST], cwd=folder)
    return sorted(DIST.glob("*.tgz"), key=lambda path: len(path.name))


def _stage_main(folder: Path) -> Path:
    source = json.loads((JS / "package.json").read_text("utf-8"))
    _empty(folder, main_manifest(source, __version__))
    shutil.copytree(JS / "dist", folder / "dist")
    shutil.copy(JS / "README.md", folder)
    return folder


def _stage_platform(folder: Path, executable: Executable) -> Path:
    manifest = platform_manifest(*platform(), __version__)
    _empty(folder, manifest)
    shutil.copytree(executable.folder, folder / "mockserver")  # links become files, as npm packs none
    (folder / "sbom.cdx.json").write_text(executable.bill, "utf-8")
    platform_name = f"{manifest['os'][0]}-{manifest['cpu'][0]}"
    readme = PLATFORM_README.format(name=manifest["name"], platform=platform_name)
    (folder / "README.md").write_text(readme, "utf-8")
    return folder


def _empty(folder: Path, manifest: Mapping[str, Any]) -> None:
    """A folder with a package.json and the licence, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    shutil.copy(ROOT / "LICENSE", folder)
