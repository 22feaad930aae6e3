"""The tutorials in docs/: their lines, pasted one after another, do what the text says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.pasting import CAN_PASTE, SHELLS, blocks, pasted
from tests.support.repository import MADE_BY_READERS, ROOT

BIN = Path(sys.executable).parent
START = "make mock\n"
NEXT = "---- the next block"

pytestmark = pytest.mark.skipif(not CAN_PASTE, reason="a shell and curl are needed to paste")


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """The mock that the newcomer has started."""
    with MockServer(Settings(port=0)) as mock:
        yield mock


def _blocks(name: str, language: str = "sh") -> list[str]:
    return blocks((ROOT / "docs" / name).read_text("utf-8"), language)


def _answers(lines: list[str], folder: Path, shell: str) -> list[str]:
    """What each block prints, pasted into one shell in which the command of the checkout is on the path."""
    script = f"\necho '{NEXT}'\n".join([f'PATH="{BIN}:$PATH"', *lines])
    return pasted(script, folder, shell).split(f"{NEXT}\n")[1:]


@pytest.mark.parametrize("shell", SHELLS)
def test_first_call_shows_what_it_says(mock: MockServer, tmp_path: Path, shell: str) -> None:
    """Each answer that the page shows comes, and on a line of its own: tokens, events, figures and the refusals."""
    start, *calls = _blocks("first-call.md")
    here = [block.replace("http://localhost:8181", mock.url) for block in calls]
    login, keep, *others = _answers(here, tmp_path, shell)
    shown = [answer for answer in (login, *others) if answer.endswith("}\n")]
    bodies = [json.loads(answer[answer.index("{") :]) for answer in shown]

    assert (start, keep) == (START, "")
    assert [_keys(body) for body in bodies] == [_keys(body) for body in _shown("first-call.md")]
    for answer, page in zip((a for a in shown if a.startswith("HTTP")), _blocks("first-call.md", "http"), strict=True):
        heads = answer.replace("\r", "").splitlines()
        assert [line for line in page.splitlines() if line not in heads] == []


def _shown(name: str) -> list[Any]:
    """The answers that a page shows, in their order."""
    text = (ROOT / "docs" / name).read_text("utf-8").replace("```http\n", "```json\n")
    return [json.loads(block[block.index("{") :]) for block in blocks(text, "json")]


def _keys(value: Any) -> Any:
    """What is the same in each answer: the names in it, and of a list those of its first element."""
    if isinstance(value, list):
        return [_keys(item) for item in value[:1]]
    return {name: _keys(inner) for name, inner in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.parametrize("shell", SHELLS)
def test_first_webhook_arrives_and_is_verified(mock: MockServer, tmp_path: Path, shell: str) -> None:
    """The receiver of the page keeps what comes, and the page's last line says that it is authentic. The answers are
    those that it shows, and git ignores all files that are made."""
    start, *calls, path, verify = _blocks("first-webhook.md")
    (receiver,) = _blocks("first-webhook.md", "python")
    with _running(receiver, tmp_path) as (process, port):
        urls = {"localhost:9000": f"localhost:{port}", "http://localhost:8181": mock.url}
        for written, url in urls.items():
            calls, verify = [block.replace(written, url) for block in calls], verify.replace(written, url)
        answers = _answers(calls, tmp_path, shell)
        assert process.stdout
        assert '"eventName":"CustomerRegistered"' in process.stdout.readline()
        (shown,) = _answers([verify], tmp_path, shell)

    assert (start, path) == ("python3 receiver.py\n", 'export PATH="$PWD/.venv/bin:$PATH"\n')
    assert [_keys(json.loads(answer)) for answer in answers] == [_keys(body) for body in _shown("first-webhook.md")]
    assert "OK: authentic and fresh." in shown
    assert {path.name for path in tmp_path.iterdir()} < MADE_BY_READERS


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
