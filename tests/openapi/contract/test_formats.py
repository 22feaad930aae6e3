"""Formats: dates, date-times and UUIDs, and that a moment can be made of every date-time."""

import random  # noqa: TID251 (mutations, the same in every run)
import string
from datetime import date

import jsonschema_rs
import pytest

from mockserver.clock import moment
from mockserver.openapi.contract.formats import PATTERNS

DATE_TIMES = [
    "2026-01-15T10:30:00Z",
    "2026-01-15t10:30:00z",
    "2026-01-15T10:30:00.123456789+05:30",
    "2016-12-31T23:59:60Z",
    "0000-02-29T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
]
NO_DATE_TIMES = [
    "",
    "2026-01-15",
    "2026-01-15T10:30:00",
    "2026-01-15T10:30Z",
    "2026-02-30T10:30:00Z",
    "2026-01-15T24:00:00Z",
    "2026-01-15T10:30:61Z",
    "2026-01-15T10:30:00+24:00",
    "2026-01-15T10:30:0,+00:00",
    "20,6-12-31T18:59:60-05:00",
    "2026-01-15T10:30:00Z\n",
    "\uff12\uff10\uff12\uff16-01-15T10:30:00Z",
]


IS = {name: jsonschema_rs.Draft4Validator({"pattern": pattern}).is_valid for name, pattern in PATTERNS.items()}


@pytest.mark.parametrize("text", DATE_TIMES)
def test_date_times(text: str) -> None:
    """Every date-time of RFC 3339 is valid, and a moment."""
    assert IS["date-time"](text)
    assert isinstance(moment(text), float)


@pytest.mark.parametrize("text", NO_DATE_TIMES)
def test_no_date_times(text: str) -> None:
    """A text that RFC 3339 or the calendar doesn't allow is no date-time."""
    assert not IS["date-time"](text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-01-15", True), ("2024-02-29", True), ("2026-02-29", False), ("20,6-12-31", False), ("2026-1-5", False)],
)
def test_dates(text: str, expected: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A date is a day of the calendar, written in full."""
    assert IS["date"](text) is expected


def test_every_day_of_the_calendar_is_a_date() -> None:
    """Four centuries, after which the calendar repeats itself: their days are dates, and nothing like them is."""
    texts = (f"{year:04}-{month:02}-{day:02}" for year in range(1900, 2300) for month in range(14) for day in range(33))

    assert [text for text in texts if IS["date"](text) is not _is_day(text)] == []


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_every_date_time_is_a_moment() -> None:
    """A date-time with a few characters changed is a moment if it is still valid."""
    chance = random.Random(7)  # noqa: S311 (no secret)
    for _ in range(20_000):
        text = list(chance.choice(DATE_TIMES))
        for _ in range(chance.randint(1, 3)):
            text[chance.randrange(len(text))] = chance.choice(string.digits + ",.+-:TZ ")
        if IS["date-time"]("".join(text)):
            assert isinstance(moment("".join(text)), float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11", True),
        ("5A1F1F0E-6F42-4D0E-9A63-3B6F8F3A2C11", True),
        ("5a1f1f0e6f424d0e9a633b6f8f3a2c11", False),
        ("{5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11}", False),
    ],
)
def test_uuids(text: str, expected: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A UUID has five groups of hexadecimal digits."""
    assert IS["uuid"](text) is expected
