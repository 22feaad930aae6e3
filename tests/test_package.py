"""What is shipped: the package has all that it needs, and serving doesn't load what is for tests."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mockserver import __version__

ROOT = Path(__file__).parent.parent
FOR_TESTS = ("hypothesis", "pytest", "schemathesis")


def _python(code: str, folder: Path, **environment: str) -> str:
    """What a fresh interpreter prints, started in `folder`."""
    variables = os.environ | environment
    ran = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", code], cwd=folder, env=variables, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_serving_does_not_load_what_is_for_tests() -> None:
    """Importing the application imports neither the test runner nor the fuzzer."""
    code = f"import sys, mockserver.app; print([name for name in {FOR_TESTS} if name in sys.modules])"

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
    """What is in the wheel serves by itself: the contract is found inside the package."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import mockserver.testing as testing, urllib.request as http\n"
        "with testing.MockServer() as mock:\n"
        "    print(testing.__file__, http.urlopen(mock.url + '/openapi.yaml').read().decode().count('operationId: '))"
    )

    where, count = _python(code, tmp_path, PYTHONPATH=str(tmp_path)).split()

    assert Path(where).is_relative_to(tmp_path)
    assert int(count) == (ROOT / "openapi.yaml").read_text("utf-8").count("operationId: ")
