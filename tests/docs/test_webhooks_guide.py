"""docs/webhooks.md: what a reader pastes works."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import __version__
from mockserver.testing import MockServer, Receiver
from tests.support.commands import PATIENCE, next_line, running

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "webhooks.md").read_text(encoding="utf-8")
SHOW_PATH, LISTEN, *REST = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
BASH = shutil.which("bash") or ""


def test_events_that_come_by_themselves_are_named() -> None:
    """The guide names the events that operations of the mock cause, and no others."""
    modules = (Path(__file__).parents[2] / "mockserver").rglob("*.py")
    sent = {name for path in modules for name in re.findall(r'\bemission\("(\w+)"', path.read_text("utf-8"))}
    told = GUIDE.partition("come by themselves:")[2].partition("The others")[0]

    assert set(re.findall(r"`(\w+)`", told)) == sent


@pytest.mark.skipif(not BASH, reason="bash is needed to paste")
def test_pasted_session_succeeds(mock: MockServer) -> None:
    """While the first command listens, the others run in their order, and the application gets what they send."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "MOCKSERVER_URL": mock.url}
    with Receiver() as application:
        listen = LISTEN.replace("http://localhost:3000", application.url).split()[1:]
        with running(*listen, "--server", mock.url) as process:
            assert "29 events" in next_line(process)
            pasted = [BASH, "-e", "-o", "pipefail", "-c", "\n".join(REST)]
            done = subprocess.run(pasted, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)

        assert application.wait_for("MemberAchievementProgressWasChanged")
        assert application.wait_for_all(2, "CustomerRegistered", data__customerData__email="jo@example.com")
    assert done.returncode == 0
    assert set(done.stderr.splitlines()) == {f"Mock {__version__} of Open Loyalty 0.1.0 at {mock.url}"}
