"""The folder for all that the benchmark makes and fetches; git ignores it."""

import json
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parents[1] / ".cache"


def written(name: str, content: Any) -> Path:
    """The configuration of this name, with this content."""
    path = CACHE / "configuration" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path
