"""Fills the cache of contracts while the image is built: `python warm.py FOLDER`. A start then needn't compile."""

import sys
from pathlib import Path

from mockserver.app import create_engine
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World


def warm(folder: Path) -> None:
    """Keep what is made of the shipped contract in this folder."""
    create_engine(World.build(Settings(), Contract.load(None, Cache(str(folder)))))


if __name__ == "__main__":
    warm(Path(sys.argv[1]))
    sys.exit(not any(Path(sys.argv[1]).iterdir()))
