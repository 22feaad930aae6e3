"""The tutorials in docs/: their lines, pasted one after another, do what the text says."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.repository import ROOT

BASH = shutil.which("bash") or ""
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(not BASH or not shutil.which("curl"), reason="bash and curl are needed to paste")


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """The mock that the newcomer has started."""
    with MockServer(Settings(port=0)) as mock:
        yield mock


def _blocks(name: str, language: str = "sh") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / name).read_text("utf-8"), re.DOTALL)


def _pasted(script: str, folder: Path) -> str:
    """What lines print that are pasted into a shell, in which the command of the checkout is on the path."""
    command = [BASH, "-e", "-c", f'PATH="{BIN}:$PATH"\n{script}']
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_first_call_shows_what_it_says(mock: MockServer, tmp_path: Path) -> None:
    """A token, the events and figures are there; the refusals are a 401, a 400 with paths, and the one asked for."""
    shown = _pasted("\n".join(_blocks("first-call.md")).replace("http://localhost:8181", mock.url), tmp_path)

    assert '"refresh_token"' in shown
    assert '"CustomerRegistered"' in shown
    assert '"total"' in shown
    assert shown.count("HTTP/1.1 401") == 2
    assert '"path":"customer.email"' in shown
    assert "Expired JWT Token" in shown


def test_first_webhook_arrives_and_is_verified(mock: MockServer, tmp_path: Path) -> None:
    """The receiver of the page keeps what comes, and the page's last line says that it is authentic."""
    subscribe, register, verify = _blocks("first-webhook.md")
    (receiver,) = _blocks("first-webhook.md", "python")
    with _running(receiver, tmp_path) as (process, port):
        here = [
            block.replace("localhost:9000", f"localhost:{port}").replace("http://localhost:8181", mock.url)
            for block in (subscribe, register, verify)
        ]
        _pasted("\n".join(here[:2]), tmp_path)
        assert process.stdout
        assert '"eventName":"CustomerRegistered"' in process.stdout.readline()
        shown = _pasted(here[2], tmp_path)

    assert "OK: authentic and fresh." in shown


@contextmanager
def _running(receiver: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The receiver of the page, but for its port: the system chooses one, and it is told first."""
    server = 'server = HTTPServer(("localhost", 0), Receiver)\nprint(server.server_port, flush=True)\nserver'
    command = [sys.executable, "-c", receiver.replace('HTTPServer(("localhost", 9000), Receiver)', server)]
    with subprocess.Popen(  # noqa: S603 (ours)
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_tour_page_names_what_the_tour_shows() -> None:
    """The page of the tour has its command, and the two of the judge that it shows."""
    page = (ROOT / "docs" / "tour.md").read_text("utf-8")

    assert [name for name in ("make tour", "check live", "check replay", "TOUR_PAUSE=0") if name not in page] == []
