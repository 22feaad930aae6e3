"""What the formats of a contract mean. The validator's own date checks let things pass that no calendar knows."""

import re
from collections.abc import Callable
from datetime import date, datetime

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:)([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


def is_uuid(text: str) -> bool:
    """A UUID of any version, in either case."""
    return _UUID.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """A full-date of RFC 3339: a day that the calendar has."""
    return _DATE.fullmatch(text) is not None and _exists(date.fromisoformat, _with_a_year(text))


def is_date_time(text: str) -> bool:
    """A date-time of RFC 3339: with an offset, and with a leap second if need be."""
    matched = _DATE_TIME.fullmatch(text)
    if matched is None:
        return False
    day, time, second, *_ = matched.groups()
    return _exists(datetime.fromisoformat, f"{_with_a_year(day)}T{time}{min(second, '59')}")


CHECKS: dict[str, Callable[[str], bool]] = {"date": is_date, "date-time": is_date_time, "uuid": is_uuid}


def _with_a_year(day: str) -> str:
    """RFC 3339 knows the year 0, Python doesn't; like 2000 it is a leap year."""
    return day.replace("0000-", "2000-", 1) if day.startswith("0000-") else day


def _exists(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
