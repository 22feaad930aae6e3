"""A baseline: findings that are known, each with the reason why, and the day on which that ends.

[[accept]]
id = "3f9a1c2b7d40"
reason = "CRM-1234, fixed in the next release"
expires = 2026-12-31
"""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mockserver.errors import SettingsError


def accepted(path: Path, now: float) -> dict[str, str]:
    """The ids that are accepted at this moment, with their reasons. Raises SettingsError."""
    today = _day(now)
    return {entry["id"]: entry["reason"] for entry in _entries(path) if entry["expires"] >= today}


def expired(path: Path, now: float) -> dict[str, str]:
    """The ids that were accepted once, with their reasons. Raises SettingsError."""
    today = _day(now)
    return {entry["id"]: entry["reason"] for entry in _entries(path) if entry["expires"] < today}


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("accept", [])
    except (OSError, ValueError) as error:
        raise SettingsError(f"The baseline {path} can't be read: {error}.") from error
    checked: list[Any] = entries if isinstance(entries, list) else [None]
    for entry in checked:
        wrong = not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in ("id", "reason"))
        if wrong or type(entry.get("expires")) is not date:  # a date and a time is a date to isinstance
            raise SettingsError(
                f"{path}: every [[accept]] needs `id`, `reason` and `expires` (a date such as 2026-12-31)."
            )
    return checked
