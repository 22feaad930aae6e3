"""What is in an image: its Python packages and its Debian packages, read from its archive, as a CycloneDX document.

An archive has Docker's form (`docker-archive`), as buildah and podman write it and `docker load` reads it.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from cyclonedx.model.component import Component, ComponentScope, ComponentType
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.image.context import WANTED
from tools.release import sbom
from tools.release.build import NAME

TOLD = re.compile(
    r"(?:\./)?(opt/mockserver/lib/[^/]+/site-packages/[^/]+\.dist-info/METADATA|var/lib/dpkg/status(\.d/.+)?)"
)


class Installed:
    """The metadata of what an image's Python has."""

    name = NAME

    def __init__(self, folder: Path) -> None:
        places = [str(place) for place in folder.glob("opt/mockserver/lib/*/site-packages")]
        self._found: dict[str, Distribution] = {
            canonicalize_name(each.name): each for each in distributions(path=places)
        }

    @property
    def names(self) -> list[str]:
        """The names of all packages that are there, needed or not."""
        return sorted(self._found)

    def of(self, name: str) -> Distribution:
        """The metadata of a package. Raises KeyError."""
        return self._found[name]

    def needs(self, name: str) -> list[str]:
        """What a package asks for, of what is there: what it would ask for elsewhere isn't."""
        asked = self._found[name].requires or []
        return [need for need in asked if canonicalize_name(Requirement(need).name) in self._found]


def render(archive: Path, wheel: Path, moment: int) -> str:
    """The document of an image that was made of this wheel at this moment, in seconds since 1970."""
    with TemporaryDirectory() as scratch:
        unpack(archive, Path(scratch))
        installed = Installed(Path(scratch))
        needed = sbom.graph(WANTED, installed.needs)
        everything: sbom.Graph = {name: set() for name in installed.names} | needed
        return sbom.render(installed, needed, everything, {NAME: wheel}, moment, debian(Path(scratch)))


def unpack(archive: Path, target: Path) -> None:
    """Write what tells of packages to a folder: of each layer, in order."""
    with tarfile.open(archive) as opened:
        for name in _layers(opened):
            layer = opened.extractfile(name)
            with tarfile.open(fileobj=layer) as files:
                told = [member for member in files if member.isfile() and TOLD.fullmatch(member.name)]
                files.extractall(target, told, filter="data")


def _layers(archive: tarfile.TarFile) -> list[str]:
    file = archive.extractfile("manifest.json")
    (image,) = [] if file is None else json.load(file)
    return list(image["Layers"])


def debian(folder: Path) -> list[Component]:
    """The Debian packages of an unpacked image, by name: those of its dpkg, or those that it tells of as images do."""
    packages = {package["Package"]: package for package in _paragraphs(folder / "var" / "lib" / "dpkg")}
    return [_component(packages[name]) for name in sorted(packages)]


def _paragraphs(folder: Path) -> Iterator[Message]:
    for file in (folder / "status", *sorted(folder.glob("status.d/*"))):
        text = file.read_text("utf-8") if file.is_file() else ""
        yield from (found for part in text.split("\n\n") if (found := HeaderParser().parsestr(part))["Package"])


def _component(package: Message) -> Component:
    name, version, architecture = (package[field] for field in ("Package", "Version", "Architecture"))
    url = PackageURL("deb", "debian", name, version, {"arch": architecture})
    return Component(
        type=ComponentType.LIBRARY,
        scope=ComponentScope.REQUIRED,
        name=name,
        version=version,
        purl=url,
        bom_ref=str(url),
    )
