"""The exchanges of a run: each request goes to both sides, with the values that either side knows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import requests

from mockserver.checks.drift.ask import ADMIN, Answer, Ask, Pair
from mockserver.checks.drift.comparison import AnswerComparison
from mockserver.checks.drift.correspondence import Correspondence
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.side import Side
from mockserver.checks.drift.upkeep import Upkeep
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.transport.guarded_transport import LeftAlone, RequestRefused, Stopped
from mockserver.clock import Ids
from mockserver.openapi.resources import Surface

UNASKED = Answer(0, {}, "not asked", None, is_json=False, request=requests.PreparedRequest())


class Exchanges:
    """What was asked of both sides, and the differences of what they answered. `ids` makes ids that nobody has."""

    def __init__(self, surface: Surface, mock: Side, live: Side, ids: Ids) -> None:
        self.mock, self.live, self._ids = mock, live, ids
        self.known = Correspondence()
        self.known.bind(mock.ownership.marks.run, live.ownership.marks.run)
        self._comparison = AnswerComparison(surface, self.known, mock.ownership.marks, live.ownership.marks)
        self.upkeep, self.silent = Upkeep(surface), list[str]()
        self.tried: set[tuple[str, str]] = set()  # operations, each with what was tried there
        self.differences: list[Disagreement] = []
        self.pairs, self.throttled, self.refused = 0, 0, list[str]()
        self.asked: set[str] = set()  # operations, with nothing in their place that the run has only invented
        self._invented: set[str] = set()

    def ask(self, ask: Ask) -> Pair | None:  # noqa: PLR0911 (one for each reason)
        """Both answers to a request; None if one side may not be asked that. Raises Stopped."""
        if self.upkeep.holds_back(ask.call):
            return None
        ask = replace(ask, body=self.mock.marked(ask))
        there = self._as_live(ask)
        try:
            live = self._answer(self.live, there)
            if self._is_kept(ask, there, live):
                return None
            mock = self._answer(self.mock, ask)
        except RequestRefused as error:
            self.refused.append(f"{ask.call.id} ({ask.tried}): {error}")
            return None
        except LeftAlone:
            return None
        if live.status == requests.codes.too_many_requests and mock.status != live.status:
            self.throttled += 1  # which says nothing of what was asked
            return None
        pair = Pair(ask, mock, live)
        if not live.status:
            self.silent.append(f"{ask.call.id} ({ask.tried})")
            return pair
        self.tried.add((ask.call.id, ask.tried))
        self.pairs += 1
        if ask.method is None and self._invented.isdisjoint(ask.arguments.values()):
            self.asked.add(ask.call.id)
        self.differences += self._differences(pair)
        return pair

    def _is_kept(self, ask: Ask, there: Ask, live: Answer) -> bool:
        """Whether live refuses to delete what the run may create there. The mock isn't asked then: so both sides go on
        having the record."""
        record = there.arguments.get(ask.call.record or "", "")
        is_own = ask.who == ADMIN and ask.method is None and self.live.ownership.is_alive(ask.call, record)
        if not is_own or not self.upkeep.is_refused(ask.call, live):
            return False
        for create in self.upkeep.created_by(ask.call):
            self.live.ownership.undeletable[create.id] = record
        self.differences += self._comparison.of_live(Pair(ask, UNASKED, live))
        return True

    def _as_live(self, ask: Ask) -> Ask:
        """The same request in the words of live; what differs in its body stands for each other from now on."""
        translated = replace(
            ask,
            arguments=self.known.of(dict(ask.arguments)),
            query=self.known.of(dict(ask.query)),
            headers=self.known.of(dict(ask.headers)),
            body=self.known.of(ask.body),
        )
        marked = replace(translated, body=self.live.marked(translated))
        for one, other in _texts(ask.body, marked.body):
            self.known.bind(one, other)
        return marked

    def _answer(self, side: Side, ask: Ask) -> Answer:
        """The answer of a side; one with the status 0 where none that can be used has come."""
        try:
            return side.answer(ask)
        except (RequestRefused, Stopped):
            raise
        except requests.RequestException as error:
            request = (
                error.request if isinstance(error.request, requests.PreparedRequest) else requests.PreparedRequest()
            )
            number = side.recording.number_of(request)
            return Answer(
                0, {}, f"no answer ({type(error).__name__})", None, is_json=False, request=request, number=number
            )

    def _differences(self, pair: Pair) -> list[Disagreement]:
        if pair.mock.status:
            return self._comparison.of(pair)
        steps = ("paths", pair.ask.call.path, pair.ask.call.method.lower())
        shown = (pair.mock.status, pair.live.status)
        what = "answers, and the mock doesn't"
        return [Disagreement(DriftPromise.ANSWERED, pair, (), steps, what, *shown, verdict=Stance.MOCK)]

    # ---------------------------------------------------------------- made-up values
    def unknown_id(self) -> str:
        """An id that nobody has on either side."""
        made_up = self._ids.uuid()
        for side in (self.mock, self.live):
            side.ownership.made_up.add(made_up)
        self._invented.add(made_up)
        return made_up

    def made_up(self, text: str) -> str:
        """A text that is marked as the run's, in place of an id or a store."""
        made_up = self.mock.ownership.marks.identifier(text)
        self._invented.add(made_up)
        return made_up


def _texts(one: Any, other: Any) -> Iterator[tuple[str, str]]:
    """The texts that stand at the same place in two bodies, and differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() & other.keys():
            yield from _texts(one[name], other[name])
    elif isinstance(one, list) and isinstance(other, list):
        for first, second in zip(one, other, strict=False):
            yield from _texts(first, second)
    elif isinstance(one, str) and isinstance(other, str) and one != other:
        yield one, other
