"""Recorded requests: the journal's entries as they are searched, waited for and shown."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from mockserver.clock import timestamp
from mockserver.turns import Turns
from mockserver.world.journal import NO_RESPONSE, Journal, JournalEntry
from mockserver.world.redaction import Redaction, shown_body
from mockserver.world.request_facts import RequestFacts
from mockserver.world.request_match import Misfit, RequestMatch

COALESCE = 0.01  # seconds; requests in between are noticed together
REST = 9  # times as long as it took to look, a waiter rests: it gets a tenth of the time
MOST_NEAR = 3  # near misses that are told
LONGEST_ACTUAL = 1_000  # bytes of a value in a near miss


class RecordedRequest:
    """A request of the journal with its response. What has to be parsed is parsed once, and only if asked for.

    `passed` are the indexes of those tests of a search that it passes.
    """

    def __init__(self, entry: JournalEntry) -> None:
        self.entry = entry
        self.passed: frozenset[int] = frozenset()

    @cached_property
    def facts(self) -> RequestFacts:
        """The request as a matcher sees it, secrets included."""
        return RequestFacts(self.entry.request, self.entry.operation_id, self.entry.status or None)

    def shown_facts(self, redaction: Redaction) -> RequestFacts:
        """The same without secrets."""
        return RequestFacts(redaction.request(self.entry.request), self.entry.operation_id, self.entry.status or None)

    def as_json(self, redaction: Redaction) -> dict[str, Any]:
        """The exchange as the control plane shows it, without secrets."""
        entry, shown = self.entry, self.shown_facts(redaction)
        remarks = entry.remarks
        fault = remarks.fault and {"name": None, "effect": None, **remarks.fault}
        headers = redaction.shown_headers([*entry.response_headers, *remarks.headers()])
        return {
            "requestId": entry.request_id,
            "at": timestamp(entry.at),
            "method": shown.method,
            "path": shown.path,
            "query": shown.raw_query,
            "queryParameters": shown.query,
            "operationId": entry.operation_id,
            "storeCode": shown.store_code,
            "status": entry.status or None,
            "answered": entry.answered,
            "durationMs": None if entry.seconds is None else round(1000 * entry.seconds, 3),
            "fault": fault or None,
            "request": {"headers": shown.headers, "body": redaction.shown_body(entry.request)},
            "answer": None
            if entry.status == NO_RESPONSE
            else {"headers": headers, "body": shown_body(entry.response_body)},
            "contractViolation": remarks.violation,
        }


class RequestSearch:
    """The recorded requests that pass one of some tests. Each is looked at once, however often the search is repeated;
    others have their turn between any two tests."""

    def __init__(self, journal: Journal, *tests: Callable[[RecordedRequest], bool], after: int = 0) -> None:
        """`after` leaves out the entries up to this number."""
        self._journal, self._tests, self._looked_at = journal, tests, after
        self._found: list[RecordedRequest] = []

    async def found(self) -> list[RecordedRequest]:
        """Those that the journal has now, the oldest first."""
        turns = Turns()
        for entry in self._journal.exchanges(self._looked_at):
            recorded = RecordedRequest(entry)
            recorded.passed = frozenset(
                [index async for index, test in turns.over(enumerate(self._tests)) if test(recorded)]
            )
            self._looked_at = entry.number  # not before: who waits may be cancelled between two tests
            if recorded.passed:
                self._found.append(recorded)
        oldest = self._journal.oldest
        self._found = [recorded for recorded in self._found if recorded.entry.number >= oldest]
        return self._found

    async def wait(self, is_enough: Callable[[Sequence[RecordedRequest]], bool], seconds: float) -> None:
        """Wait until enough is found, or for so many real seconds."""
        changed = asyncio.Event()
        self._journal.observers.add(changed.set)
        try:
            await asyncio.wait_for(self._until(is_enough, changed), seconds)
        except TimeoutError:
            pass
        finally:
            self._journal.observers.discard(changed.set)

    async def _until(self, is_enough: Callable[[Sequence[RecordedRequest]], bool], changed: asyncio.Event) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        while True:
            async with self._journal.one_waiter:
                if is_enough(await self.found()):
                    return
            took = now() - began
            await changed.wait()
            await asyncio.sleep(max(COALESCE, REST * took))
            changed.clear()
            began = now()


class NearMiss(NamedTuple):
    """A recorded request that doesn't fit a match, and in what."""

    recorded: RecordedRequest
    misfits: Sequence[Misfit]

    def as_json(self) -> dict[str, Any]:
        """The near miss as the control plane shows it."""
        entry = self.recorded.entry
        return {
            "requestId": entry.request_id,
            "method": entry.request.method,
            "path": entry.request.path,
            "operationId": entry.operation_id,
            "status": entry.status or None,
            "misfits": [_brief(misfit.as_json()) for misfit in self.misfits],
        }


async def near_misses(match: RequestMatch, requests: Iterable[JournalEntry], redaction: Redaction) -> list[NearMiss]:
    """Those of the requests that come closest to a match without fitting it, the closest first; of equally close ones
    the latest."""
    ranked: list[tuple[int, int, RecordedRequest]] = []
    async for entry in Turns().over(requests):
        recorded = RecordedRequest(entry)
        distance = sum(misfit.weight for misfit in match.misfits(recorded.facts))
        if distance:
            ranked.append((distance, -entry.number, recorded))
    closest = [recorded for _, _, recorded in sorted(ranked, key=lambda one: one[:2])[:MOST_NEAR]]
    return [NearMiss(one, match.misfits(one.facts, one.shown_facts(redaction))) for one in closest]


def _brief(misfit: dict[str, Any]) -> dict[str, Any]:
    """A misfit whose actual value, if it is large, is the beginning of its text."""
    text = orjson.dumps(misfit.get("actual"))
    if len(text) <= LONGEST_ACTUAL:
        return misfit
    return misfit | {"actual": text[:LONGEST_ACTUAL].decode("utf-8", "ignore") + "…"}
