"""Starts a mock and lets a headless browser use it: `python -m tools.browser_check [SCREENSHOT.png]`.

The checks themselves are `documentation.mjs` (what one can do with the mock's page), `promises.mjs` (what holds on all
of its pages, on a desk and on a phone, in the light and in the dark), `page.mjs` (the page `/_mock/ui`, on a mock of
its own), `client.mjs` (a page that calls it) and `site.mjs` (the static site, if it was made). Exit code 0: all is
well, or skipped (it says so) because Node.js or the browser is missing; 1: something is off.
"""

import os
import subprocess
import sys
from pathlib import Path

from mockserver.settings import Settings
from mockserver.testing import MockServer

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent
SITE = TOOLS.parent / "site"
BROWSER = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
MISSING = 3


def main() -> int:
    """Run the check; returns the exit code."""
    screenshot = Path(sys.argv[1] if len(sys.argv) > 1 else TOOLS / ".cache" / "docs.png").resolve()
    installed = subprocess.run(["bash", TOOLS / "pinned" / "install_node_tools.sh"], check=False).returncode  # noqa: S603, S607
    if installed == MISSING or not BROWSER.exists():
        sys.stdout.write(f"SKIPPED: this needs Node.js and {BROWSER} (or CHROMIUM set to another browser).\n")
        return 0
    guard = Settings.from_environment({"MOCKSERVER_CONTROL_TOKEN": "secret"})
    with MockServer(Settings(port=0)) as mock, MockServer(Settings(port=0)) as watched, MockServer(guard) as guarded:
        commands = [
            ["node", str(HERE / "documentation.mjs"), mock.url, str(screenshot)],
            ["node", str(HERE / "promises.mjs"), mock.url, str(screenshot)],
            ["node", str(HERE / "client.mjs"), mock.url],
            ["node", str(HERE / "page.mjs"), watched.url, guarded.url, str(screenshot.with_name("page.png"))],
        ]
        if (SITE / "index.html").exists():
            commands.append(["node", str(HERE / "site.mjs"), str(SITE), str(screenshot.parent)])
        else:
            sys.stdout.write("SKIPPED the static site: `make site` makes it.\n")
        return max(subprocess.run(command, check=False).returncode for command in commands)  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main())
