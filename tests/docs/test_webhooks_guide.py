"""docs/webhooks.md: what a reader pastes works, and what it says of events is so."""

import re
import signal
import sys
from pathlib import Path

import pytest

from mockserver.testing import MockServer, Receiver
from tests.support.commands import PATIENCE, next_line, running
from tests.support.pasting import CAN_PASTE, SHELLS, blocks, pasted
from tests.support.repository import ROOT

GUIDE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
SHOW_PATH, LISTEN, *REST = blocks(GUIDE)


@pytest.mark.skipif(not CAN_PASTE, reason="a shell is needed to paste")
@pytest.mark.parametrize("shell", SHELLS)
def test_pasted_session_succeeds(mock: MockServer, tmp_path: Path, shell: str) -> None:
    """While the first command listens, the others run in their order, and the application gets what they send."""
    here = [f'export PATH="{Path(sys.executable).parent}:$PATH" MOCKSERVER_URL={mock.url}', SHOW_PATH, *REST]
    with Receiver() as application:
        listen = LISTEN.replace("http://localhost:3000", application.url).split()[1:]
        with running(*listen, "--server", mock.url) as process:
            assert "29 events" in next_line(process)
            pasted("\n".join(here), tmp_path, shell)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)

        assert application.wait_for("MemberAchievementProgressWasChanged")
        assert application.wait_for_all(2, "CustomerRegistered", data__customerData__email="jo@example.com")


def test_events_that_come_by_themselves_are_named() -> None:
    """The guide names the events that operations of the mock cause, and no others."""
    modules = (ROOT / "mockserver" / "operations").glob("*.py")
    sent = {name for path in modules for name in re.findall(r'\bemit\("(\w+)"', path.read_text("utf-8"))}
    told = GUIDE.partition("come by themselves:")[2].partition("The others")[0]

    assert set(re.findall(r"`(\w+)`", told)) == sent
