"""README.md: what a newcomer pastes works."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CALLS = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "curl" in block]
BASH = shutil.which("bash") or ""

pytestmark = pytest.mark.skipif(not BASH or not shutil.which("curl"), reason="bash and curl are needed to paste")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """The mock that the newcomer has started."""
    with MockServer(Settings(port=0)) as mock:
        yield mock


def test_pasted_calls_succeed(mock: MockServer) -> None:
    """Every call of the README, in its order and in one shell, is answered with success."""
    script = "\n".join(CALLS).replace("http://localhost:8181", mock.url).replace("curl ", "curl --fail --silent ")

    done = subprocess.run([BASH, "-e", "-c", script], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"webhookSubscriptionId"') == 5  # three created, a page of two listed
    assert done.stdout.count('"token"') == 3


def test_python_example_runs() -> None:
    """The Python lines of the README run as they stand."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own lines


def test_commands_come_first() -> None:
    """The two commands stand on the first screen."""
    first_screen = "\n".join(README.splitlines()[:25])

    assert "make mock" in first_screen
    assert "make test" in first_screen
    assert "curl http://localhost:8181" in first_screen
