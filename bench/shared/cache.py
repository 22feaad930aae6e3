"""The folder for all that the benchmark makes and fetches; git ignores it."""

from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"
