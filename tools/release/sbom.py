"""The software bill of materials of a wheel: which packages it brings here, in which versions, under which licences.

Which they are is read from the metadata of the wheel and of what is installed here; so it holds for the platform and
the Python that make it. The document is CycloneDX 1.6, written by CycloneDX's own library.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import NAMESPACE_URL, uuid5  # noqa: TID251 (nothing is drawn: the same wheel has the same)
from zipfile import Path as ZipPath

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<line>[a-z0-9-]+==[^\\\n]+?) \\\n(?:    --hash=\S+(?: \\)?\n)+", re.MULTILINE)
LONGEST_LICENCE = 60  # characters; some packages put its whole text there
Graph = dict[str, set[str]]  # what each package asks for itself


class Pin(NamedTuple):
    """A package of the lock that counts on this platform."""

    version: str
    text: str  # as it stands in the lock, with its hashes


def pins(lock: str) -> dict[str, Pin]:
    """The pins of a lock that count here, by name."""
    found = ((Requirement(pin["line"]), pin[0]) for pin in PIN.finditer(lock))
    here = ((requirement, text) for requirement, text in found if _applies(requirement, frozenset()))
    return {requirement.name: Pin(str(requirement.specifier).removeprefix("=="), text) for requirement, text in here}


def graph(wanted: str, needs: Callable[[str], Iterable[str]]) -> Graph:
    """All packages that a requirement brings here, itself included, each with those that it asks for itself.

    `needs` gives the requirements of a package, by its name, in the words of its metadata.
    """
    found: Graph = {}
    seen, waiting = set(), [Requirement(wanted)]
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        asked = [need for need in map(Requirement, needs(name)) if _applies(need, extras)]
        found.setdefault(name, set()).update(canonicalize_name(need.name) for need in asked)
        waiting += asked
    return found


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


class Metadata:
    """The metadata of a wheel, and of what is installed beside us."""

    def __init__(self, wheel: Path) -> None:
        name, version = wheel.name.split("-")[:2]
        self.name = canonicalize_name(name)
        self._of_wheel = PathDistribution(ZipPath(wheel, f"{name}-{version}.dist-info/"))

    def of(self, name: str) -> Distribution:
        """The metadata of a package. Raises PackageNotFoundError."""
        return self._of_wheel if name == self.name else distribution(name)

    def needs(self, name: str) -> list[str]:
        """What a package asks for. Raises PackageNotFoundError."""
        return self.of(name).requires or []


class Described(Protocol):
    """What tells of packages by their names."""

    @property
    def name(self) -> str:
        """The package that the document is about."""

    def of(self, name: str) -> Distribution:
        """The metadata of a package."""


def render(  # noqa: PLR0913, PLR0917 (parts of one document)
    metadata: Described,
    needed: Graph,
    optional: Graph,
    files: dict[str, Path],
    moment: int,
    others: Iterable[Component] = (),
) -> str:
    """The document, as JSON: what is `needed` always, what is only in `optional`, and `others`, which aren't Python's.

    `files` are wheels by the names of their packages; theirs are the hashes. `moment` is in seconds since 1970. The
    same arguments give the same text.
    """
    everything = {name: _component(metadata.of(name), files.get(name), name in needed) for name in optional}
    main = everything.pop(metadata.name)
    main.scope = None  # it is what the document is about
    document = Bom(
        components=[*everything.values(), *others], serial_number=uuid5(NAMESPACE_URL, _digest(files[metadata.name]))
    )
    document.metadata.component = main
    document.metadata.timestamp = datetime.fromtimestamp(moment, UTC)
    for name, asked in optional.items():
        component = everything.get(name, main)
        document.register_dependency(component, [everything[need] for need in sorted(asked)])
    return JsonV1Dot6(document).output_as_string(indent=2) + "\n"


def _component(package: Distribution, file: Path | None, is_needed: bool) -> Component:  # noqa: FBT001
    name, version = canonicalize_name(package.name), package.version
    url = PackageURL("pypi", name=name, version=version)
    licence = _licence(package)
    return Component(
        type=ComponentType.LIBRARY,
        scope=ComponentScope.REQUIRED if is_needed else ComponentScope.OPTIONAL,
        name=name,
        version=version,
        purl=url,
        bom_ref=str(url),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_digest(file))] if file else [],
        licenses=[LicenseFactory().make_from_string(licence, license_acknowledgement=LicenseAcknowledgement.DECLARED)]
        if licence
        else [],
    )


def _licence(package: Distribution) -> str | None:
    """The licence that a package declares, in the first of three places that says it in short."""
    fields = package.metadata
    classifiers = [text.split(" :: ")[-1] for text in fields.get_all("Classifier") or () if text.startswith("License")]
    declared = [
        *(fields[name] for name in ("License-Expression", "License") if name in fields),
        " OR ".join(classifiers),
    ]
    return next((text for text in declared if text and len(text) <= LONGEST_LICENCE), None)


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
