"""tools.image: what the image is made of, what is in it, and how its health is asked for."""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.repository import ROOT
from tools.image import bill, context, debian, trial
from tools.image.health import healthy
from tools.image.warm import warm
from tools.release import sbom

CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
LOCK = """\
here==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via main
old==1.0 ; python_full_version < '3.13' \\
    --hash=sha256:cc
    # via main
new==2.0 ; python_full_version >= '3.13' \\
    --hash=sha256:dd
other==1.0 \\
    --hash=sha256:ee
"""
WHEELS = {"openloyalty_mockserver": ["left>=1", "absent; sys_platform == 'win32'"], "left": [], "lonely": []}
STATUS = "Package: libc6\nVersion: 2.41-12\nArchitecture: amd64\nDescription: a\n .\n b\n"


# ---------------------------------------------------------------- its making
def test_lock_is_for_the_python_of_the_base() -> None:
    """Of the lock the context has what is needed, for the Python of the base, whatever the one that makes it; with all
    hashes, and without markers."""
    needed = ["here", "old", "new"]

    assert context.lock_for("3.13", needed, LOCK) == (
        "here==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nnew==2.0 \\\n    --hash=sha256:dd\n"
    )
    assert re.findall(r"\w+==", context.lock_for("3.11", needed, LOCK)) == ["here==", "old=="]


def test_image_can_be_a_replica() -> None:
    """What the image is made of has the driver of the database that replicas share."""
    needs = {"openloyalty-mockserver": ["left", 'asyncpg; extra == "postgres"'], "left": [], "asyncpg": []}

    assert sbom.graph(context.WANTED, needs.__getitem__).keys() == needs.keys()


def test_pin_accepts_one_wheel_alone(tmp_path: Path) -> None:
    """Our own wheel is locked by its hash, as the others are."""
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"x")

    assert context.pin("a", "1.0", wheel) == f"a==1.0 --hash=sha256:{sha256(b'x').hexdigest()}\n"


def test_base_is_made_of_named_packages() -> None:
    """What the mock runs on is unpacked, not installed, and so has no shell; both bases are of the suite whose Python
    is told."""
    run, build = (debian.command(name, Path("x.tar")) for name in ("base", "builder"))

    assert "--variant=extract" in run
    assert not re.search(r"dash|bash|busybox|coreutils|pip|venv", run[3])
    assert run[-2:] == build[-2:] == [debian.SUITE, "x.tar"]


def test_image_needs_no_shell_and_no_root() -> None:
    """Every command of the image is a list of words, its user is a number other than root's, and what it copies belongs
    to root but for the cache and the folder of data."""
    instructions = re.sub(r"\\\n", "", CONTAINERFILE).splitlines()
    commands = [line for line in instructions if re.match("RUN|CMD|ENTRYPOINT|HEALTHCHECK", line)]
    owned = [line.split()[-1] for line in instructions if "--chown=65532:65532" in line]

    assert len(commands) == 10
    assert all(re.search(r'(RUN|CMD|ENTRYPOINT) \["', line) for line in commands)
    assert [line for line in instructions if line.startswith("USER")] == ["USER 65532:65532"]
    assert owned == ["/opt/mockserver/cache", "/data"]


def test_variables_of_the_image_are_settings() -> None:
    """Every variable that the image sets for the mock names a setting, with a value that can be used."""
    given = dict(re.findall(r"\b(MOCKSERVER_\w+)=(\S+)", CONTAINERFILE))

    settings = Settings.from_environment(given)

    assert len(given) == 4
    assert (settings.host, settings.port) == ("0.0.0.0", 8181)
    assert settings.webhook_allow == ("host.containers.internal", "host.docker.internal")


def test_cache_is_filled(tmp_path: Path) -> None:
    """What the image keeps of the contract are the two files that a start looks for: it, and that it was compiled."""
    warm(tmp_path / "cache")

    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".json", ".json"]


# ---------------------------------------------------------------- its trial
@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("sys.exit('image' in sys.argv and print('{[CMD python3 health.py]}'))", "loaded into an empty store, is a/b,"),
        ("sys.exit('run' in sys.argv and 'a/b: image not known')", "podman run failed: a/b: image not known"),
        ("print('<nil>')", "has no health check"),
    ],
)
def test_archive_has_to_give_the_image_by_its_name(tmp_path: Path, program: str, told: str) -> None:
    """An archive counts if a store without images gets from it the image, by its name, and with its health check."""
    words = (sys.executable, "-c", f"import sys; {program}")
    try:
        said = "".join(trial.load(words, tmp_path / "image.tar", "a/b"))
    except RuntimeError as error:
        said = str(error)

    assert told in said


# ---------------------------------------------------------------- its health
@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A mock."""
    with MockServer() as server:
        yield server


def test_health_is_that_of_the_mock(mock: MockServer) -> None:
    """A mock that answers at the port of the variables is healthy; one that doesn't, isn't."""
    port = mock.url.rpartition(":")[2]

    assert healthy({"MOCKSERVER_PORT": port})
    assert not healthy({"MOCKSERVER_PORT": "1"})
    assert not healthy({"MOCKSERVER_PORT": port, "MOCKSERVER_TLS_CERT": "cert.pem"})


def test_health_is_told_by_the_exit_code(mock: MockServer) -> None:
    """The file, run alone, ends with 0 for a healthy mock, else with 1, and needs nothing but Python."""
    command = [sys.executable, "-I", str(ROOT / "tools" / "image" / "health.py")]
    ports = (mock.url.rpartition(":")[2], "1")
    ran = [
        subprocess.run(command, env=os.environ | {"MOCKSERVER_PORT": port}, capture_output=True, check=False)  # noqa: S603
        for port in ports
    ]

    assert [(each.returncode, each.stderr) for each in ran] == [(0, b""), (1, b"")]


# ---------------------------------------------------------------- what is in it
def _tar(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def _archive(target: Path, *layers: dict[str, bytes]) -> Path:
    """An archive of an image with these layers."""
    files = {f"{number}.tar": _tar(layer) for number, layer in enumerate(layers)}
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["a:latest"], "Layers": list(files)}]).encode()
    target.write_bytes(_tar({**files, "manifest.json": manifest}))
    return target


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """The bill of materials of a small image."""
    site = "opt/mockserver/lib/python3.13/site-packages"
    python = {
        f"{site}/{name}-1.0.dist-info/METADATA": "\n".join(
            [f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0", *(f"Requires-Dist: {need}" for need in needs), ""]
        ).encode()
        for name, needs in WHEELS.items()
    }
    dpkg = STATUS.replace("libc6", "bash") + "\n" + STATUS.replace("libc6", "dash")
    debian_layer = {"./var/lib/dpkg/status.d/libc6": STATUS.encode(), "var/lib/dpkg/status": dpkg.encode()}
    archive = _archive(tmp_path / "image.tar", debian_layer | {"etc/passwd": b"root"}, python)
    wheel = tmp_path / "openloyalty_mockserver-1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    found: dict[str, Any] = json.loads(bill.render(archive, wheel, 1_767_225_600))
    return found


def test_bill_names_what_is_in_the_image(document: dict[str, Any]) -> None:
    """The document is about the mock, and names all packages of its Python and of Debian, however the base tells of
    them, as CycloneDX has it."""
    urls = {component["purl"] for component in document["components"]}

    assert document["metadata"]["component"]["name"] == "openloyalty-mockserver"
    assert urls == {"pkg:pypi/left@1.0", "pkg:pypi/lonely@1.0"} | {
        f"pkg:deb/debian/{name}@2.41-12?arch=amd64" for name in ("bash", "dash", "libc6")
    }
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None
