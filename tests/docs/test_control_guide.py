"""docs/control-plane.md: what a reader pastes works."""

from pathlib import Path

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.pasting import CAN_PASTE, SHELLS, blocks, pasted
from tests.support.repository import MADE_BY_READERS, ROOT

GUIDE = (ROOT / "docs" / "control-plane.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not CAN_PASTE, reason="a shell and curl are needed to paste")


@pytest.mark.parametrize("shell", SHELLS)
def test_pasted_calls_succeed(shell: str, tmp_path: Path) -> None:
    """Every call of the guide, in its order and in one shell, is answered with success; git ignores what they write."""
    with MockServer(Settings(port=0)) as mock:
        script = "\n".join(blocks(GUIDE)).replace("http://localhost:8181", mock.url)
        shown = pasted(script.replace("curl ", "curl --fail --silent "), tmp_path, shell)

    assert '"deliveryId":"1-1"' in shown
    assert '"applied":0' in shown
    assert {path.name for path in tmp_path.iterdir()} <= MADE_BY_READERS
