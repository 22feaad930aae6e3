"""Varieties: a value that a contract declares as an example, as another record of its kind would have it.

Only what is sure to differ between records is changed, and only so far that it looks alike: names are numbered, ids
counted on, moments moved, amounts multiplied. What has a meaning of its own, as a currency, stays.
"""

import datetime as dt
import re
from hashlib import blake2b
from random import Random  # noqa: TID251 (handed in, with its seed, never made here)
from typing import Any, NamedTuple

from mockserver import clock
from mockserver.openapi.examples import patterns
from mockserver.openapi.examples.budget import Budget
from mockserver.openapi.examples.samples import rotated, snake
from mockserver.openapi.normal_forms import NormalizedSchema
from mockserver.violations import Path

_NAMED = re.compile(r"(^|_)(name|title|subject|headline|label|slug|login|nickname|handle|user_?name)$")
_COUNTED = re.compile(r"(^|_)(id|ids|sku|code|key|number|no|reference|ref|phone|mobile|serial|barcode|isbn|ean)$")
_PEOPLE = re.compile(
    r"(^|_)(first_name|given_name|forename|last_name|family_name|surname|full_name|author|owner|customer|company(_name)?"
    r"|brand|vendor|street|city|town|locality)$"
)
_MEANT = re.compile(
    r"(^|_)(year|month|day|hour|page|per_?page|limit|page_?size|version|port|code|status|lat(itude)?|lon|lng|longitude"
    r"|priority|level|type|precision|scale|offset|order|position|index)$"
)
_SHARES = re.compile(r"(^|_)(rating|score|rate|percent(age)?|progress|ratio|probability)$")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"([12]\d{3}-[01]\d-[0-3]\d)(?=$|[T ])")
_MAIL = re.compile(r"([^@\s]+)(@[^@\s]+\.[^@\s]+)")
_END = re.compile(r"\d{1,15}$")
_DAYS = 3  # that lie between records
_LONG_AGO = 365  # days, behind which their moments begin anew
_SECONDS, _MILLISECONDS = 1_000_000_000, 1_000_000_000_000  # the least numbers that may be moments


class Variety(NamedTuple):
    """What a value is to differ by: the name of its property, the turn of its record, and chance."""

    name: str
    turn: int
    chance: Random


def turn_of(variation: str) -> int:
    """The turn that a variation stands for: the number at its end; another one if it has none, 0 without variation."""
    number = re.search(r"(?:^| )([0-9]{1,6})$", variation)
    if number:
        return max(1, int(number[1]))
    return 2 + int.from_bytes(blake2b(variation.encode(), digest_size=4).digest()) % 998 if variation else 0


def kind_of_place(path: Path) -> Path:
    """A path without the numbers in it: the same for all items of a list."""
    return tuple("*" if isinstance(step, int) else step for step in path)


def varied(value: Any, schema: NormalizedSchema, variety: Variety, budget: Budget) -> Any:
    """A declared text or number as the record of another turn would have it; the same value where nothing is sure. The
    first turn has the value itself."""
    if variety.turn < 2 or isinstance(value, bool) or not isinstance(value, int | float | str):  # noqa: PLR2004 (the second)
        return value
    variety = variety._replace(name=snake(variety.name))
    if isinstance(value, str):
        text = _text(value, variety)
        return text if _fits_text(text, schema, budget) else value
    number = _number(value, variety)
    return number if _fits_number(number, schema) else value


# ---------------------------------------------------------------- texts
def _text(value: str, variety: Variety) -> str:
    if _UUID.fullmatch(value):
        return clock.Ids(variety.chance.getrandbits(32)).uuid()
    if moment := _DAY.match(value):
        return _earlier(moment[1], variety.turn) + value[moment.end() :]
    if mail := _MAIL.fullmatch(value):
        return f"{mail[1]}{variety.turn}{mail[2]}"
    return _named(value, variety.name, variety.turn)


def _named(value: str, name: str, turn: int) -> str:
    if _PEOPLE.search(name):
        return rotated(name, value, turn)
    if not (_COUNTED.search(name) or _NAMED.search(name)) or "." in value or not value:
        return value
    if _END.search(value):
        return _END.sub(lambda end: f"{int(end[0]) + turn - 1:0{len(end[0])}d}", value)
    return f"{value}{_separator(value)}{turn}" if _NAMED.search(name) or name in {"id", "sku"} else value


def _separator(value: str) -> str:
    """What stands between a name and its number: as in the name itself."""
    if " " in value or not (value.islower() or "-" in value or "_" in value):
        return " "
    return "_" if "_" in value and "-" not in value else "-"


def _earlier(day: str, turn: int) -> str:
    """A day some days before this one; the day itself if it isn't in the calendar."""
    try:
        found = dt.date.fromisoformat(day) - dt.timedelta(days=_before(turn))
    except (ValueError, OverflowError):
        return day
    return found.isoformat()


def _before(turn: int) -> int:
    return (turn - 1) * _DAYS % _LONG_AGO


def _fits_text(text: str, schema: NormalizedSchema, budget: Budget) -> bool:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    is_long_enough = shortest <= len(text) and (longest is None or len(text) <= longest)
    return is_long_enough and patterns.matches(schema.get("patterns", ()), text, budget)


# ---------------------------------------------------------------- numbers
def _number(value: float, variety: Variety) -> float:
    name, turn, chance = variety
    if value == 0 or _MEANT.search(name):
        return value
    if isinstance(value, int):
        if _COUNTED.search(name):
            return value + turn - 1
        if value >= _SECONDS:
            return value - _before(turn) * 86_400 * (1000 if value >= _MILLISECONDS else 1)
    share = chance.uniform(0.5, 1) if _SHARES.search(name) else chance.uniform(0.5, 1.5)
    if isinstance(value, int):
        return (round(value * share) or value) if abs(value) > 1 else value * (1 + turn % 3)
    digits = len(f"{value:.10f}".rstrip("0").partition(".")[2])
    return round(value * share, max(digits, 1))


def _fits_number(number: float, schema: NormalizedSchema) -> bool:
    low, high = schema.get("low"), schema.get("high")
    if low and (number < low[0] or (low[1] and number == low[0])):
        return False
    if high and (number > high[0] or (not high[1] and number == high[0])):
        return False
    return not any(number % multiple for multiple in schema.get("multiples", ()))
