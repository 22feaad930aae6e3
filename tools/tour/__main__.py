"""The tour in this terminal: `python -m tools.tour`. It waits for Enter before each step, unless standard input is no
terminal or TOUR_PAUSE is 0.

Exit codes: 0 all steps came out as they should, 1 one didn't, 2 a program is missing, 130 Ctrl-C.
"""

import os
import shutil
import sys

from tools.tour.steps import STEPS
from tools.tour.tour import Tour, TourError

INTERRUPTED = 130
NEEDED = ("bash", "curl", "sed", "grep")
FAREWELL = """
That was it. Everything is stopped, nothing was kept. Go on with
  make mock                     the mock at http://localhost:8181, its documentation at /docs
  docs/control-plane.md         faults, clock, snapshots
  docs/webhook-signatures.md    verification in your language
  docs/check-live.md            the judge on your staging
"""


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _pause() -> None:
    if sys.stdin.isatty() and os.environ.get("TOUR_PAUSE") != "0":
        input("   [Enter] ")


def main() -> int:
    """Play all steps; returns the exit code."""
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        sys.stderr.write(f"The tour needs {' and '.join(missing)}. Install it, and try again.\n")
        return 2
    try:
        with Tour(_write, _pause) as tour:
            tour.play(STEPS)
    except (KeyboardInterrupt, EOFError):
        _write("\nThe tour ends here; everything is stopped.\n")
        return INTERRUPTED
    except TourError as error:
        sys.stderr.write(f"\nThis step came out otherwise than it should. {error}\n")
        return 1
    _write(FAREWELL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
