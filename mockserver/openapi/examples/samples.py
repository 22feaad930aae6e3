"""Plausible texts and numbers for a normalised schema, by its format and by the name of the property.

Everything is made up: people of the history of computing, hosts that RFC 2606 keeps free, telephone numbers that are
reserved for fiction, moments of the year 2026.
"""

import base64
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from random import Random  # noqa: TID251 (handed in, with its seed, never made here)
from typing import NamedTuple, TypeVar

from mockserver import clock
from mockserver.openapi.contract import INTEGER_BOUNDS
from mockserver.openapi.examples import patterns
from mockserver.openapi.examples.budget import LONGEST, Budget
from mockserver.openapi.normal_forms import NormalizedSchema, Unsatisfiable

_Entry = TypeVar("_Entry")

_TRIES = 6
_SPAN = 1_000  # steps from a bound within which numbers are chosen
_NEW_YEAR, _DAY, _HALF_YEAR = 1_767_225_600, 86_400, 182 * 86_400  # in seconds; 2026-01-01T00:00:00Z
_WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "indigo",
    "juniper",
    "lagoon",
    "meadow",
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_NUMBERED = re.compile(r"(.*_)?(name|title|label|company)")
_LATER = re.compile(r"(^|_)(updat|modif|expir|end|to|due|delet|cancel|clos|complet|until|last)")

# The values of a property by the end of its name in snake case; the first match counts. A text instead of a list names
# a format.
_NAMES: dict[str, Sequence[str]] = {
    "first_name|given_name|forename": ("Ada", "Alan", "Grace", "Edsger", "Barbara"),
    "last_name|family_name|surname": ("Lovelace", "Turing", "Hopper", "Dijkstra", "Liskov"),
    "user_?name|login|nickname|handle": ("ada", "alan", "grace", "edsger"),
    "full_name|display_name|author|owner|customer|contact": ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
    "company(_name)?|organi[sz]ation|brand|vendor": ("Example Ltd", "Sample & Sons", "Acme"),
    "e_?mail(_address)?": "email",
    "ur[il]|href|link|website|homepage|avatar|image|logo|callback": "uri",
    "ip(_address)?": "ipv4",
    "host(_?name)?|domain": "hostname",
    "street|address|address_?(line)?_?1|line_?1": ("1 Main Street", "22 Station Road", "7 Mill Lane"),
    "city|town|locality": ("Berlin", "Lisbon", "Warsaw", "Oslo"),
    "post(al)?_?code|zip(_?code)?": ("10115", "00-950", "12345"),
    "province|region": ("Bavaria", "Alentejo", "Mazovia"),
    "country(_(code|iso))?": ("DE", "PT", "PL"),
    "currency(_(code|iso))?": ("EUR", "USD", "PLN"),
    "lang(uage)?(_code)?|locale": ("en", "de", "pl"),
    "time_?zone|tz": ("Europe/Berlin", "UTC"),
    "phone(_number)?|mobile|fax|msisdn": ("+441632960001", "+441632960002", "+12025550123"),
    "status|state": ("active", "pending", "completed"),
    "gender": ("female", "male"),
    "colou?r": ("#3366cc", "#cc3366"),
    "version": ("1.0.0", "2.3.1"),
    "(mime|media|content)_type": ("application/json", "image/png"),
    "file_?name|file": ("example.pdf", "report.csv"),
    "price|amount|total|subtotal|balance|cost": ("19.99", "5.00", "120.50"),
    "title|subject|headline|label": ("An example", "Summer sale", "Monthly report"),
    "description|summary|comment|note|message|text|body|content|details|reason": ("A text that stands as an example.",),
    "name": ("Amber", "Juniper", "Meadow", "Quartz"),
    "uuid|guid": "uuid",
    "at|timestamp|date_?time|created|updated|modified|deleted": "date-time",
    "date|birthday|day": "date",
    "id|ids|sku|code|key|token|secret|hash|number|reference": "identifier",
}
_RANGES: dict[str, Sequence[float]] = {
    "price|amount|total|subtotal|balance|cost|fee|tax|value": (5, 200),
    "quantity|qty|count": (1, 10),
    "age": (18, 80),
    "year": (2026, 2026),
    "month": (1, 12),
    "day|hour": (1, 23),
    "page": (1, 1),
    "per_?page|limit|page_?size": (10, 50),
    "lat(itude)?": (-60, 60),
    "lon|lng|longitude": (-180, 180),
    "percent(age)?|rate|score|progress": (1, 100),
    "at|timestamp|date|time|created|updated|modified|deleted|expires": (_NEW_YEAR, _NEW_YEAR + 2 * _HALF_YEAR),
}


class Turn(NamedTuple):
    """Whose turn it is among the records of a kind, from 1 on, and the chance that is the same for all of them."""

    number: int
    order: Random

    def of(self, known: Sequence[str], name: str) -> list[str]:
        """Known texts, in an order that begins with another one in each turn; names are numbered from the second round
        on."""
        mixed = self.order.sample(known, len(known))
        lap, start = divmod(self.number - 1, len(mixed))
        rotated_ = [*mixed[start:], *mixed[:start]]
        return [f"{rotated_[0]} {lap + 1}", *rotated_] if lap and _NUMBERED.fullmatch(name) else rotated_


def rotated(name: str, value: str, turn: int) -> str:
    """The text that a field of this name, in snake case, has in a turn, if it has this one in the first."""
    known = _suggested(name) or ()
    choices = [value, *(one for one in known if one != value)] if not isinstance(known, str) else [value]
    return choices[(turn - 1) % len(choices)]


def text(  # noqa: PLR0913 (all that a text depends on)
    schema: NormalizedSchema,
    name: str,
    chance: Random,
    budget: Budget,
    *,
    plain: bool = False,
    turn: Turn | None = None,
) -> str:
    """A text of the schema's format, patterns and length; `plain` ignores the property's name. Texts of successive
    turns differ, as far as some are known for the name.

    Raises Unsatisfiable if none is found, and BudgetExceeded.
    """
    wanted = schema.get("patterns", ())
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if shortest > LONGEST:
        raise Unsatisfiable("a text would be too long")
    candidates = iter(()) if plain and wanted else _candidates(schema, snake(name), chance, turn, plain=plain)
    first = next(candidates, "")
    try:
        for candidate in chain([first], candidates):
            is_short_enough = longest is None or len(candidate) <= longest
            if shortest <= len(candidate) and is_short_enough and patterns.matches(wanted, candidate, budget):
                return candidate
        if wanted:
            return patterns.sample(wanted, chance, shortest, longest, budget)
    except ValueError as error:
        raise Unsatisfiable(str(error)) from error
    budget.spend(shortest)
    return _fitted(first, schema)


def number(schema: NormalizedSchema, name: str, place: int, *, whole: bool) -> float:
    """The number at an index among those that the schema allows and the name suggests: neighbours differ if possible.

    Raises Unsatisfiable if there is none.
    """
    for step in _steps(schema, whole=whole):
        for first, last in _windows(*_limits(schema, step, whole=whole), snake(name), step):
            if first <= last:
                around = ((first + (place + turn) % (last - first + 1)) * step for turn in range(_TRIES))
                return _plain_multiple([_as_number(found) for found in around], schema)
    raise Unsatisfiable("no number fits the bounds and multiples")


def snake(name: str) -> str:
    """The name of a property in snake case: `createdAt` as `created_at`."""
    return "_".join(filter(None, _CAMEL.split(name))).lower()


# ---------------------------------------------------------------- texts
def _candidates(
    schema: NormalizedSchema, name: str, chance: Random, turn: Turn | None, *, plain: bool
) -> Iterator[str]:
    """Candidate texts: those of the format, or those that the name suggests, or words."""
    known = schema.get("format", "")
    if not known or known not in _FORMATS:
        known = "" if plain else _suggested(name) or _suggested(snake(known)) or ""
    if not isinstance(known, str):
        yield from chance.sample(known, len(known)) if turn is None else turn.of(known, name)
        known = ""
    for _ in range(_TRIES):
        yield from _FORMATS[known](chance, name)


@lru_cache(maxsize=4096)
def _suggested(name: str) -> Sequence[str] | None:
    return _listed(_NAMES, name)


def _listed(table: Mapping[str, _Entry], name: str) -> _Entry | None:
    return next((entry for ends, entry in table.items() if re.search(f"(^|_)({ends})$", name)), None)


def _fitted(candidate: str, schema: NormalizedSchema) -> str:
    """The text cut or padded to the length that the schema allows."""
    shortest = schema.get("minLength", 0)
    match schema.get("format"):
        case None:
            fitted = (
                candidate
                if len(candidate) >= shortest
                else (f"{candidate} " * (shortest // (len(candidate) + 1) + 1))[:shortest]
            )
        case "email" | "hostname":
            fitted = candidate.rjust(shortest, "a")
        case _:
            fitted = candidate.ljust(shortest, "a")
    return fitted[: schema.get("maxLength")]


def _moment(chance: Random, name: str) -> float:
    """A moment in 2026; in its second half if the name means something later than another (`updatedAt`)."""
    return _NEW_YEAR + chance.randrange(_HALF_YEAR) + _HALF_YEAR * bool(_LATER.search(name))


def _date_times(chance: Random, name: str) -> Sequence[str]:
    moment = clock.timestamp(_moment(chance, name))
    return moment, moment.replace("+00:00", "Z"), moment.replace("+00:00", ".000Z"), moment[:19]


def _uuids(chance: Random, _: str) -> Sequence[str]:
    return (clock.Ids(chance.getrandbits(32)).uuid(),)


def _identifiers(chance: Random, _: str) -> Sequence[str]:
    digits = f"{chance.getrandbits(48):012x}"
    return digits, digits[:8], digits[:4]


def _words(chance: Random, _: str) -> Sequence[str]:
    words = chance.sample(_WORDS, 2)
    return " ".join(words), words[0], f"{words[0]} {chance.randrange(10_000)}"


def _digits(chance: Random, _: str) -> Sequence[str]:
    return (str(chance.randint(1, 1000)),)


def _with_word(*shapes: str) -> Callable[[Random, str], Sequence[str]]:
    """A writer of texts that contain a word."""

    def write(chance: Random, _: str) -> Sequence[str]:
        word = chance.choice(_WORDS)
        return [shape.format(word) for shape in shapes]

    return write


def _with_number(*shapes: str) -> Callable[[Random, str], Sequence[str]]:
    """A writer of texts that contain a number of two digits."""

    def write(chance: Random, _: str) -> Sequence[str]:
        return [shape.format(chance.randint(10, 59)) for shape in shapes]

    return write


_FORMATS: dict[str, Callable[[Random, str], Sequence[str]]] = {
    "": _words,
    "identifier": _identifiers,
    "uuid": _uuids,
    "date-time": _date_times,
    "date": lambda chance, name: (clock.timestamp(_moment(chance, name))[:10],),
    "time": _with_number("09:{}:00Z", "09:{}:00", "09:{}"),
    "duration": _with_number("PT{}M"),
    "email": _with_word("{}@example.com", "{}@a.co", "a@b.co"),
    "idn-email": _with_word("{}@example.com"),
    **dict.fromkeys(("uri", "url", "iri"), _with_word("https://example.com/{}", "https://{}.co", "http://a.co")),
    **dict.fromkeys(("uri-reference", "iri-reference"), _with_word("/{}", "/a")),
    **dict.fromkeys(("hostname", "idn-hostname"), _with_word("{}.example.com", "{}.co", "a.co")),
    "uri-template": _with_word("/{}/{{id}}"),
    "json-pointer": _with_word("/{}"),
    "regex": _with_word("^{}$"),
    "ipv4": _with_number("192.0.2.{}"),
    "ipv6": _with_number("2001:db8::{}"),
    "byte": lambda chance, name: [base64.b64encode(word.encode()).decode() for word in _words(chance, name)],
    "password": _with_number("correct-horse-{}"),
    **dict.fromkeys(("int32", "int64", "uint64", "uint32", "integer", "decimal", "float", "double"), _digits),
}


# ---------------------------------------------------------------- numbers
def _as_number(exact: Fraction) -> float:
    return int(exact) if exact.denominator == 1 else float(exact)


def _plain_multiple(numbers: Sequence[float], schema: NormalizedSchema) -> float:
    """The first number that is a multiple in floating-point division, too, as some clients check: 591.93 isn't of
    0.01."""
    multiples = schema.get("multiples", ())
    return next((found for found in numbers if not any(found / multiple % 1 for multiple in multiples)), numbers[0])


def _steps(schema: NormalizedSchema, *, whole: bool) -> list[Fraction]:
    """The possible distances between the numbers to choose from; small ones are for narrow bounds."""
    wanted = [Fraction(str(multiple)) for multiple in schema.get("multiples", ())]
    if wanted or whole:
        return [reduce(_common_multiple, wanted, Fraction(1) if whole else wanted[0])]
    return [Fraction(1, 10**digits) for digits in (2, 4, 8, 18)]


def _common_multiple(first: Fraction, second: Fraction) -> Fraction:
    numerators = first.numerator * second.denominator, second.numerator * first.denominator
    return Fraction(math.lcm(*numerators), first.denominator * second.denominator)


def _limits(schema: NormalizedSchema, step: Fraction, *, whole: bool) -> tuple[int | None, int | None]:
    """The least and the greatest number that are allowed, counted in steps."""
    size = INTEGER_BOUNDS.get(schema.get("format", "")) if whole else None
    first, last = (math.ceil(size[0] / step), math.floor(size[1] / step)) if size else (None, None)
    if "low" in schema:
        bound, excluded = Fraction(str(schema["low"][0])) / step, schema["low"][1]
        first = math.floor(bound) + 1 if excluded else math.ceil(bound)
    if "high" in schema:
        bound, included = Fraction(str(schema["high"][0])) / step, schema["high"][1]
        last = math.floor(bound) if included else math.ceil(bound) - 1
    return first, last


def _windows(first: int | None, last: int | None, name: str, step: Fraction) -> Iterator[tuple[int, int]]:
    """The ranges to choose from, counted in steps: the usual range within the limits, else one beside a limit."""
    least, most = _usual(name)
    usual = math.ceil(Fraction(least) / step), math.floor(Fraction(most) / step)
    yield max(usual[0], usual[0] if first is None else first), min(usual[1], usual[1] if last is None else last)
    if first is not None:
        yield first, first + _SPAN if last is None else min(first + _SPAN, last)
    else:
        yield (1, 20) if last is None else (last - _SPAN, last)


@lru_cache(maxsize=4096)
def _usual(name: str) -> Sequence[float]:
    return _listed(_RANGES, name) or (1, 1000)
