"""Requests: the recent calls to the API, searched, waited for and verified.

/_mock/requests · /_mock/requests/verify · /_mock/requests/{requestId}
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.clock import moment
from mockserver.errors import NotFound, OtherEngine
from mockserver.pipeline import Handler
from mockserver.turns import Turns
from mockserver.world import World
from mockserver.world.journal import JournalEntry
from mockserver.world.recorded_requests import MOST_NEAR, NearMiss, RecordedRequest, RequestSearch, near_misses
from mockserver.world.redaction import Redaction
from mockserver.world.request_match import Patterns, RequestMatch, compile_match

Reply = tuple[object, int]
IN_A_MATCH = ("method", "status", "operationId", "storeCode")  # filters that are parts of a match as they are
# What no match asks for, as it isn't what a request is like: what became of it, and its bytes.
OF_EXCHANGES: Mapping[str, Callable[[JournalEntry, Any], bool]] = {
    "fault": lambda entry, fault: fault in _names(entry.remarks.fault),
    "answered": lambda entry, answered: entry.answered == answered,
    "contractViolation": lambda entry, violates: (entry.remarks.violation is not None) == violates,
    "since": lambda entry, since: entry.at >= moment(since),
    "body": lambda entry, text: text.encode() in (entry.request.body or b""),
}


async def list_requests(world: World, query: dict[str, Any]) -> Reply:
    """The recorded calls that pass all filters, the oldest first; `last` keeps so many of the newest. `wait` and
    `atLeast` wait for enough of them."""
    _needs_journal(world)
    if "operationId" in query:
        query["operationId"] = world.require_operation(query["operationId"])
    search = RequestSearch(world.journal, _passes(query), after=query.get("changedSince", 0))
    if query["wait"]:
        await search.wait(lambda found: len(found) >= query["atLeast"], query["wait"])
    # Read before the search: a call in between has a later revision, so the next poll finds it.
    counts = {"revision": world.journal.revision, "emptied": world.journal.emptied}
    found, redaction = await search.found(), Redaction.of(world.contract)
    last = Turns().over(found[-query.get("last", 0) :])  # bodies may be of thousands of values
    return {"items": [one.as_json(redaction) async for one in last], "total": len(found), **counts}, 200


async def delete_requests(world: World, query: dict[str, Any]) -> Reply:
    """Remove all recorded calls, or those to one store."""
    if "storeCode" in query:
        await world.require_store(query["storeCode"])
        world.journal.clear_store(query["storeCode"])
        return None, 204
    world.journal.clear()
    return None, 204


async def verify_requests(world: World, query: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Whether the calls that a test expects were made, how often or in which order, and what came closest."""
    _needs_journal(world)
    patterns = Patterns()
    steps = Turns().over(_matches(body))  # whose expressions take a while to compile
    matches = [_compiled(world, match, path, patterns) async for match, path in steps]
    search = RequestSearch(world.journal, *map(_test, matches))
    verdict = _Sequence(matches) if "sequence" in body else _Count(matches[0], body)
    if query["wait"]:
        await search.wait(verdict.is_settled, query["wait"])
    found = await search.found()
    ok, counted = verdict.judge(found)
    near = [] if ok else await verdict.near_misses(world, found)
    return {
        "ok": ok,
        "count": len(counted),
        "requestIds": [one.entry.request_id for one in counted],
        "nearMisses": [miss.as_json() for miss in near],
        **({} if ok else verdict.shortfall(found)),
    }, 200


async def get_request(world: World, request_id: str) -> Reply:
    """One recorded call."""
    _needs_journal(world)
    for entry in world.journal.exchanges():
        if entry.request_id == request_id:
            return RecordedRequest(entry).as_json(Redaction.of(world.contract)), 200
    raise NotFound(hint="No call of this id is remembered; GET /_mock/requests lists those that are.")


class _Count:
    """The verdict on how often a match was fitted."""

    def __init__(self, match: RequestMatch, wanted: Mapping[str, Any]) -> None:
        self._match = match
        self._at_most = wanted.get("atMost")
        self._at_least = wanted.get("atLeast", 1 if self._at_most is None else 0)

    def is_settled(self, found: Sequence[RecordedRequest]) -> bool:
        """Whether to wait no longer. To see that nothing comes takes the whole time."""
        return self._is_exceeded(found) or 0 < self._at_least <= len(found)

    def judge(self, found: Sequence[RecordedRequest]) -> tuple[bool, Sequence[RecordedRequest]]:
        """Whether the count is as expected, and the calls that count."""
        return len(found) >= self._at_least and not self._is_exceeded(found), found

    def shortfall(self, found: Sequence[RecordedRequest]) -> dict[str, Any]:
        """Why it isn't as expected."""
        wanted = f"{self._at_most} at most" if self._is_exceeded(found) else f"{self._at_least} at least"
        return {"reason": f"{_calls(len(found))}, not {wanted}."}

    async def near_misses(self, world: World, found: Sequence[RecordedRequest]) -> list[NearMiss]:
        """What came closest; nothing if there were too many."""
        if self._is_exceeded(found):
            return []
        return await near_misses(self._match, world.journal.exchanges(), Redaction.of(world.contract))

    def _is_exceeded(self, found: Sequence[RecordedRequest]) -> bool:
        return self._at_most is not None and len(found) > self._at_most


class _Sequence:
    """The verdict on the order of calls: other ones may come between. A search has tried each step on each call."""

    def __init__(self, matches: Sequence[RequestMatch]) -> None:
        self._matches = matches

    def is_settled(self, found: Sequence[RecordedRequest]) -> bool:
        """Whether to wait no longer."""
        return self.judge(found)[0]

    def judge(self, found: Sequence[RecordedRequest]) -> tuple[bool, Sequence[RecordedRequest]]:
        """Whether all steps were made, and the calls of the first steps, up to one that is missing."""
        made: list[RecordedRequest] = []
        for one in found:
            if len(made) in one.passed:
                made.append(one)
        return len(made) == len(self._matches), made

    def shortfall(self, found: Sequence[RecordedRequest]) -> dict[str, Any]:
        """Which step is missing, the latest calls that fit it but came too early, and both in words."""
        _, made = self.judge(found)
        step, of_steps = len(made) + 1, {one.entry.number for one in made}
        fitting = [one.entry for one in found if len(made) in one.passed and one.entry.number not in of_steps]
        early = [entry.request_id for entry in fitting][-MOST_NEAR:]
        reason = f"Step {step} of {len(self._matches)} is missing: no call fits it"
        if made:
            reason += f" after {made[-1].entry.request_id}, which is step {len(made)}"
        if early:
            reason += f". {' and '.join(early)} {'fits' if len(early) == 1 else 'fit'} it, but came before that"
        return {"reason": f"{reason}.", "missing": {"step": step, "earlier": early}}

    async def near_misses(self, world: World, found: Sequence[RecordedRequest]) -> list[NearMiss]:
        """What came closest to the missing step, after the call of the step before."""
        _, made = self.judge(found)
        after = world.journal.exchanges(made[-1].entry.number if made else 0)
        return await near_misses(self._matches[len(made)], after, Redaction.of(world.contract))


def _calls(count: int) -> str:
    return "1 call fits" if count == 1 else f"{count or 'No'} calls fit"


def _needs_journal(world: World) -> None:
    if world.settings.engine == "connexion":
        raise OtherEngine


def _matches(body: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], tuple[str | int, ...]]]:
    """The matches of a verification, each with its path."""
    if "sequence" in body:
        return [(match, ("sequence", index)) for index, match in enumerate(body["sequence"])]
    return [(body["match"], ("match",))]


def _passes(query: Mapping[str, Any]) -> Callable[[RecordedRequest], bool]:
    """The test whether a call passes all filters of a listing."""
    matches = [compile_match(match) for match in _matches_of(query)]
    others = [(OF_EXCHANGES[name], value) for name, value in query.items() if name in OF_EXCHANGES]
    return lambda one: (
        all(match.fits(one.facts) for match in matches) and all(fits(one.entry, value) for fits, value in others)
    )


def _matches_of(query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The filters about requests as matches. A path stands for itself, whatever is in it; the same parameter may be
    wanted with several values, `name=value`, or with any, `name`."""
    yield {part: query[part] for part in IN_A_MATCH if part in query}
    if "path" in query:
        yield {"path": {"equals": query["path"]}}
    for name, equals, value in (text.partition("=") for text in query.get("query", ())):
        yield {"query": {name: {"equals": value} if equals else {"absent": False}}}


def _test(match: RequestMatch) -> Callable[[RecordedRequest], bool]:
    return lambda one: match.fits(one.facts)


def _compiled(world: World, match: Mapping[str, Any], path: tuple[str | int, ...], patterns: Patterns) -> RequestMatch:
    """The matcher. An operation that doesn't exist is refused: nobody calls it, so an `atMost` would always hold."""
    if "operationId" not in match:
        return compile_match(match, path, patterns)
    operation_id = world.require_operation(match["operationId"], path)
    return compile_match({**match, "operationId": operation_id}, path, patterns)


def _names(fault: Mapping[str, object] | None) -> tuple[object, ...]:
    return (fault.get("faultId"), fault.get("name"), fault.get("effect")) if fault else ()


OPERATIONS: dict[str, Handler] = {
    "listRequests": list_requests,
    "deleteRequests": delete_requests,
    "verifyRequests": verify_requests,
    "getRequest": get_request,
}
