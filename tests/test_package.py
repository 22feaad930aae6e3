"""What is shipped: the package has all that it needs, and serving doesn't load what is for tests."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from mockserver import __version__
from tools.release import build as release
from tools.release import sbom

ROOT = Path(__file__).parent.parent
FOR_TESTS = ("hypothesis", "pytest", "schemathesis")
INSTALL = re.compile(r"```sh\n(tar xf .*?)```", re.DOTALL)
NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PYTHONPATH": ""}


def _python(code: str, folder: Path, **environment: str) -> str:
    """What a fresh interpreter prints, started in `folder`."""
    variables = os.environ | environment
    ran = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", code], cwd=folder, env=variables, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_serving_does_not_load_what_is_for_tests() -> None:
    """Importing the application imports neither the test runner nor the fuzzer."""
    code = f"import sys, mockserver.app.application; print([name for name in {FOR_TESTS} if name in sys.modules])"

    assert _python(code, ROOT) == "[]"


def test_helpers_for_tests_load_what_they_use_only() -> None:
    """`import mockserver.testing` loads nothing that signs, encrypts, sends, judges or fuzzes."""
    unwanted = (*FOR_TESTS, "connexion", "cryptography", "httpcore2", "httpx2", "jwt", "mockserver.checks", "requests")
    code = f"import sys, mockserver.testing; print([name for name in {unwanted} if name in sys.modules])"

    assert _python(code, ROOT) == "[]"


def test_importing_the_package_loads_nothing() -> None:
    """`import mockserver` costs nothing: it imports no module of its own or of others."""
    code = "import sys; before = set(sys.modules); import mockserver; print(sorted(set(sys.modules) - before))"

    assert _python(code, ROOT) == "['mockserver']"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as for a release: the build backend comes from the index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)  # noqa: S603 (our own command)
    (built,) = folder.iterdir()
    return built


@pytest.mark.package
def test_wheel_holds_all_that_is_served(wheel: Path) -> None:
    """The wheel has the contract, the documentation viewer, the types' marker and the licence, and no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        contract = archive.read("mockserver/openapi.yaml")

    static = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mockserver" / "static").rglob("*.*")}
    assert wheel.name == f"openloyalty_mockserver-{__version__}-py3-none-any.whl"
    assert contract == (ROOT / "openapi.yaml").read_bytes()
    assert static | {"mockserver/py.typed"} <= names
    assert {name.split("/")[0] for name in names} == {"mockserver", f"openloyalty_mockserver-{__version__}.dist-info"}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@pytest.mark.package
def test_wheel_works_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    """What is in the wheel serves by itself: contract and assumptions are found inside the package."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import mockserver.testing as testing, urllib.request as http\n"
        "with testing.MockServer() as mock:\n"
        "    pages = [http.urlopen(mock.url + path).read() for path in ('/openapi.yaml', '/docs/assumptions')]\n"
        "    print(testing.__file__, pages[0].count(b'operationId: '), pages[1].count(b'id=\"A'))"
    )

    where, count, assumptions = _python(code, tmp_path, PYTHONPATH=str(tmp_path)).split()

    assert Path(where).is_relative_to(tmp_path)
    assert int(count) == (ROOT / "openapi.yaml").read_text("utf-8").count("operationId: ")
    assert int(assumptions) == (ROOT / "docs" / "assumptions.md").read_text("utf-8").count("\n| A")


@pytest.fixture(scope="module")
def bundle(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundle of our wheel: the index has what is locked, in the right bytes."""
    folder = tmp_path_factory.mktemp("bundle")
    metadata = sbom.Metadata(wheel)
    needed = sbom.graph(f"{release.NAME}[{release.EXTRA}]", metadata.needs)
    lock = release.lock_of(needed, (ROOT / "constraints.txt").read_text("utf-8"), metadata)
    files = release.fetch(lock, folder / "fetched") | {release.NAME: wheel}
    release.pack(files.values(), folder / f"{release.NAME}-{__version__}-{release.platform()}.tar", moment=0)
    return folder


@pytest.mark.package
def test_bundle_installs_without_an_index(bundle: Path) -> None:
    """The lines of docs/install.md install a bundle into an empty environment, without an index; it answers."""
    subprocess.run([sys.executable, "-m", "venv", str(bundle / "venv")], check=True)  # noqa: S603 (our own command)
    environment = os.environ | NO_INDEX | {"PATH": f"{bundle / 'venv' / 'bin'}:{os.environ['PATH']}"}
    *lines, serve = _pasted().splitlines()

    subprocess.run("\n".join(["set -e", *lines]), shell=True, cwd=bundle, env=environment, check=True)  # noqa: S602 (the guide's)

    with _started(f"{serve} --port 0", bundle, environment) as url, urlopen(f"{url}/openapi.json") as answer:  # noqa: S310
        assert answer.status == 200


def _pasted() -> str:
    """The lines of docs/install.md that install a bundle and start the mock, for the platform that we are on."""
    (found,) = INSTALL.findall((ROOT / "docs" / "install.md").read_text("utf-8"))
    return str(found).replace("cp311-linux-x86_64", release.platform())


@contextmanager
def _started(command: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The URL of a mock that a command starts, as its banner says."""
    words = command.split()
    with subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            banner = process.stderr.readline() if process.stderr else ""
            yield banner.split(" on ")[1].split()[0]
        finally:
            process.kill()
