"""Writes the sources of the site: `python -m tools.static_site FOLDER`. build.sh beside it makes pages of them."""

import sys
from pathlib import Path

from tools.static_site.sources import Sources


def main(arguments: list[str]) -> int:
    """Write them into the folder that was named, anew; returns the exit code."""
    (folder,) = arguments
    Sources().write(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
