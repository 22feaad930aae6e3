"""README.md and the guides that it leads to: what a newcomer pastes works."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver
from tests.support.commands import ask

ROOT = Path(__file__).parents[2]
PAGES = ("docs/walkthrough.md", "docs/python-tests.md", "README.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
CALLS = [block for block in BLOCKS if "curl" in block]
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
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
    assert done.stdout.count('"webhookSubscriptionId"') == 6  # four created, a page of two listed
    assert done.stdout.count('"token"') == 3


def test_pasted_receiver_receives(mock: MockServer) -> None:
    """The receiver of the README, run as it stands but for its port, prints the event that the pasted calls cause."""
    (receiver,) = (block for block in PYTHON if "HTTPServer" in block)
    (calls,) = (block for block in CALLS if "/member \\" in block and "/subscription" in block)
    server = 'server = HTTPServer(("localhost", 0), Receiver)\nprint(server.server_port, flush=True)\nserver'
    script = receiver.replace('HTTPServer(("localhost", 9000), Receiver)', server)
    with _running(script) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        here = calls.replace("http://localhost:8181", mock.url).replace("localhost:9000", f"localhost:{port}")
        subprocess.run([BASH, "-e", "-c", here.replace("jane", "june")], capture_output=True, check=True)  # noqa: S603

        assert '"eventName":"CustomerRegistered"' in process.stdout.readline()


def test_pasted_trigger_reaches_the_receiver(mock: MockServer) -> None:
    """The third event of the vendor's page, fired by the README's line, comes to whom the walkthrough subscribes."""
    httpx2.post(f"{mock.url}/_mock/reset").raise_for_status()
    (trigger,) = (block for block in BLOCKS if "mockserver trigger" in block)
    (walkthrough,) = (block for block in CALLS if "for EVENT in" in block)
    with Receiver() as receiver:
        script = walkthrough.replace("http://localhost:8181", mock.url).replace("http://localhost:9000", receiver.url)
        subprocess.run([BASH, "-e", "-c", script], capture_output=True, check=True)  # noqa: S603
        result = ask(mock.url, *trigger.split()[1:])

        assert receiver.wait_for("MemberAchievementProgressWasChanged", storeCode="DEFAULT")
    assert result.exit_code == 0, result.output


@contextmanager
def _running(script: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def test_python_example_runs() -> None:
    """The Python lines of the README about tests run as they stand."""
    (example,) = (block for block in PYTHON if "with MockServer" in block)

    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own lines


def test_commands_come_first() -> None:
    """The two commands stand on the first screen."""
    first_screen = "\n".join(README.splitlines()[:25])

    assert "make mock" in first_screen
    assert "make test" in first_screen
    assert "curl http://localhost:8181" in first_screen
