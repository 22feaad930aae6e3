"""What is wrong with a fault that somebody wants, or that a snapshot brings, beyond what its schema says.

Every violation says what to give instead. Whether operation, event and store exist is for `control.faults` to see.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from mockserver.errors import BadRequest
from mockserver.http.media_types import is_media_type
from mockserver.storage.model import Json
from mockserver.storage.snapshots import MOST_PROBLEMS, integrity_problems
from mockserver.turns import Turns
from mockserver.violations import Path, Violation, breach, not_a_choice, of_bound, unexpected
from mockserver.world.faults.rules import DELIVERY_EFFECTS, OF_REQUESTS, FaultForm
from mockserver.world.faults.templates import Template, expressions
from mockserver.world.request_match import match_problems
from mockserver.world.reserved_headers import SESSION, is_cookie, reserved_because

LONGEST_DELAY = 30  # real seconds
EFFECTS = ("dropConnection", "truncateBody", "malformedJson", "hang")
WHAT_IT_DOES = ("status", "body", "headers", "contentType", "delay", "effect")
_FLAT = ("operationId", "eventName", "status", "body", "delay", "effect", "probability")
_DONE_TO_DELIVERIES = ("delay", "effect")
_OF_THE_SERVER = frozenset({"date", "server"})
_FIELD_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}"
UNNAMED = (
    "Name operationId, eventName, or match: which answers or deliveries shall go wrong? "
    'An empty match is for every operation, as in {"match": {}, "answer": {"status": 500}}.'
)
_COOKIES = (
    f"Give each cookie a plain name, as in name=value, that is not {SESSION}: this is the one of the mock's page."
)
IDLE = "Say what it does: status, body, delay or effect (of deliveries: delay or effect)."


def problems(wanted: Json) -> list[Violation]:
    """The violations of a fault in one of its forms, none if it can be added."""
    wrong_form = [*_form(wanted)]
    if wrong_form:
        return wrong_form
    form = FaultForm.of(wanted)
    return [*_matching(form, form.at("match")), *_answering(form, form.at("answer"))]


async def refuse_problems(snapshot: Json) -> None:
    """Raises BadRequest, with all that doesn't fit in a snapshot, if a fault in it can't be."""
    found: list[Violation] = []
    turns = Turns()
    async for index, fault in turns.over(enumerate(snapshot.get("faults", ()))):
        found += (problem._replace(path=("faults", index, *problem.path)) for problem in problems(fault))
        if len(found) >= MOST_PROBLEMS:
            break
    if found:
        raise BadRequest([*found, *await integrity_problems(snapshot, turns)][:MOST_PROBLEMS])


def _form(wanted: Json) -> Iterator[Violation]:
    """Violations of the form as a whole: flat, or with `match` and `answer`."""
    if "match" not in wanted and "answer" not in wanted:
        if "operationId" not in wanted and "eventName" not in wanted:
            yield breach(("operationId",), "required", UNNAMED)
        elif "operationId" in wanted and "eventName" in wanted:
            yield breach(("eventName",), "form", "Name operationId or eventName, not both: they are two faults.")
        return
    for key in _FLAT:
        if key in wanted:
            place = "answer" if key in WHAT_IT_DOES else "match"
            yield breach((key,), "form", f"Beside match and answer this stands within {place}: {place}.{key}.")
    if "match" not in wanted:
        yield breach(("match",), "required", "Say what it is for; {} is every operation.")
    if "answer" not in wanted:
        yield breach(("answer",), "required", IDLE)


# ---------------------------------------------------------------- what it is for
def _matching(form: FaultForm, at: Path) -> Iterator[Violation]:
    match = form.match
    first, last = match.get("calls", (1, None))
    if first is None or (last is not None and last < first):
        yield breach((*at, "calls"), "calls", "Give the first and the last call: [2, 3], or [2, null] for no end.")
    if form.of_deliveries:
        message = "This is of requests, but eventName and subscriptionId are of deliveries: leave one of them out."
        yield from (breach((*at, key), "form", message) for key in match if key in OF_REQUESTS)
        return
    yield from match_problems(match, at)


# ---------------------------------------------------------------- what it does
def _answering(form: FaultForm, at: Path) -> Iterator[Violation]:
    answer = form.answer
    if form.of_deliveries:
        yield from (unexpected((*at, key)) for key in answer if key not in _DONE_TO_DELIVERIES)
        yield from _doing(answer, _DONE_TO_DELIVERIES, tuple(filter(None, DELIVERY_EFFECTS)), at)
        return
    yield from _doing(answer, WHAT_IT_DOES, EFFECTS, at)
    if answer.get("delay", 0) > LONGEST_DELAY:
        yield of_bound("maximum", LONGEST_DELAY)((*at, "delay"), answer["delay"])
    yield from _headers(answer, (*at, "headers"))
    if answer.get("template"):
        template = Template(answer.get("body"), *answer.get("headers", {}).values())
        yield from (breach((*at, "body"), "template", message) for message in template.problems())


def _doing(answer: Json, ways: Iterable[str], effects: Sequence[str], at: Path) -> Iterator[Violation]:
    """Violations of an answer that does nothing, or what isn't done to answers, or to deliveries."""
    if not any(way in answer for way in ways):
        yield breach((*at, "effect"), "required", IDLE)
    if "effect" in answer and answer["effect"] not in effects:
        yield not_a_choice((*at, "effect"), answer["effect"], effects)


def _headers(answer: Json, at: Path) -> Iterator[Violation]:
    for name, value in answer.get("headers", {}).items():
        lower = name.lower()
        values = value if isinstance(value, list) else [value]
        why = None if lower == "set-cookie" else reserved_because(lower)
        why = "the mock itself says it" if lower in _OF_THE_SERVER else why
        if not re.fullmatch(_FIELD_NAME, name):
            yield breach((*at, name), "pattern", "This is no name of a header.")
        elif why:
            yield breach((*at, name), "reserved", f"This header can't be set: {why}.")
        elif lower == "set-cookie" and not all(map(is_cookie, values)):
            yield breach((*at, name), "reserved", _COOKIES)
        elif lower == "content-type" and not all(is_media_type(one) for one in values if not _is_filled(answer, one)):
            yield breach((*at, name), "pattern", "This is no media type, such as text/html; charset=utf-8.")


def _is_filled(answer: Json, text: str) -> bool:
    """Whether a request decides about a part of the text: what becomes of that is judged then."""
    return bool(answer.get("template")) and any(expressions(text))
