"""Writes the sources of the site: `python -m tools.static_site FOLDER`. build.sh beside it makes pages of them.

Where SITE_REPOSITORY is the URL of the repository, the front page has the line that clones it.
"""

import os
import sys
from pathlib import Path

from tools.static_site.sources import Sources


def main(arguments: list[str]) -> int:
    """Write them into the folder that was named, anew; returns the exit code."""
    (folder,) = arguments
    Sources(os.environ.get("SITE_REPOSITORY", "")).write(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
