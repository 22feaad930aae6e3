"""docs/control-plane.md: what a reader pastes works."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "control-plane.md").read_text(encoding="utf-8")
BASH = shutil.which("bash") or ""

pytestmark = pytest.mark.skipif(not BASH or not shutil.which("curl"), reason="bash and curl are needed to paste")


def test_pasted_calls_succeed(tmp_path: Path) -> None:
    """Every call of the guide, in its order and in one shell, is answered with success."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    with MockServer(Settings(port=0)) as mock:
        script = blocks.replace("http://localhost:8181", mock.url).replace("curl ", "curl --fail --silent ")
        command = [BASH, "-e", "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603

    assert done.returncode == 0, done.stderr
    assert '"deliveryId":"1-1"' in done.stdout
    assert '"applied":0' in done.stdout
