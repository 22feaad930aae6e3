"""The proof that a record is this run's. What creating answers is a claim, and no more.

An instance may hand out the id of somebody else's record as that of a new one: it hides records from its lists, finds
one that is "the same" already, or asks its database for the last id while others write. So a record is looked at before
it is changed or deleted. It is proven where it shows the mark of the run, or, if it was created without one, what was
sent or the moment of that; and where it wasn't created before the run asked for it, by the clock of the instance.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.marks import Marks
from mockserver.checks.transport.guarded_transport import Stopped
from mockserver.checks.transport.ownership_guard import Ask
from mockserver.checks.transport.record_ids import RecordKey, id_text
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock
from mockserver.openapi.resources import Call, Resource, Surface

SLACK = 300.0  # seconds that the clocks of one instance may be apart
NEAR = 10.0  # seconds around a request, for what it has created
ZONE = 1800.0  # seconds: clocks in the wrong time zone are whole half hours apart …
MOST_ZONES = 28  # … and not more of them than these
PATIENCE = (0.25, 0.75, 1.5)  # seconds between looks at what may show only after a while
GONE = (404, 410)


@dataclass(frozen=True)
class Doubt:
    """A reason why a record may be somebody else's. It is `evidence` where the record was seen; `is_new`: it was
    created when the run asked for it, all the same."""

    reason: str
    evidence: bool = False
    is_new: bool = False


@dataclass
class OwnRecord:
    """A record that this run created, as the instance says. `asked_at` is when it was asked to, by our clock; `sent` is
    the body, and `marked` whether what reads the record would show a mark in it."""

    call: Call
    arguments: Mapping[str, str]
    alive: bool = True
    asked_at: float | None = None
    sent: Any = None
    marked: bool = True
    proven: bool = False
    doubt: Doubt | None = None


class Proof:
    """The proof of records of one run. `ahead` tells by how much the clocks of the instance may be ahead of ours."""

    def __init__(self, surface: Surface, marks: Marks, clock: Clock | None = None) -> None:
        self._surface, self._marks, self._clock = surface, marks, clock or Clock()
        self.ahead: Callable[[], Iterable[float]] = tuple
        self._shown: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._waited_in_vain: set[str] = set()

    def claim(self, call: Call, arguments: Mapping[str, str], at: float | None, sent: Any) -> OwnRecord:
        """What creating has answered. A body that shows its mark needn't be kept."""
        resource = self.resource(call)
        visible = resource is not None and bool(self._marks.searchable(call) & self._properties(resource).keys())
        marked = visible and self._marks.is_on(sent)
        return OwnRecord(call, dict(arguments), asked_at=at, sent=None if marked else sent, marked=marked)

    def resource(self, call: Call) -> Resource | None:
        """The kind of record that a call creates, if it can be deleted."""
        return next((one for one in self._surface.resources if one.create.id == call.id), None)

    def seek(self, record: str, own: OwnRecord, ask: Ask, pause: Callable[[float], object]) -> Doubt | None:
        """Look for a record: read it, with some patience, else in the list. None if it is proven, or if the contract
        has nothing that shows it. Raises Stopped if the run is over."""
        resource = self.resource(own.call)
        if resource is None or (resource.read is None and resource.list is None):
            return None
        found: Doubt | None = None
        for look in (self._by_reading, self._by_list):
            try:
                doubt = look(record, own, resource, ask, pause)
            except Stopped:
                raise
            except requests.RequestException as error:
                doubt = Doubt(f"looking at it gets no answer ({type(error).__name__})")
            if doubt is None:
                return None
            found = doubt if found is None or (doubt.evidence and not found.evidence) else found
        return found

    def take_from(
        self,
        call: Call,
        arguments: Mapping[str, str],
        response: requests.Response,
        waiting: Mapping[RecordKey, OwnRecord],
    ) -> None:
        """Prove those of these records that a success of an operation shows, if it is one that reads or lists them."""
        for resource in self._surface.resources:
            if call is resource.read:
                shown: dict[str, Any] = {arguments[resource.parameter]: content_of(response)}
            elif call is resource.list:
                rows = ListReader(self._surface, call).rows(response)
                shown = {str(row.get(resource.id_name)): row for row in rows}
            else:
                continue
            for record, row in shown.items():
                own = waiting.get(RecordKey(resource.create.id, record))
                is_there = own is not None and arguments.items() >= own.arguments.items()
                if own is not None and is_there and self.doubt(record, own, row, response) is None:
                    own.proven = True

    def doubt(self, record: str, own: OwnRecord, shown: Any, response: requests.Response) -> Doubt | None:
        """The doubt that is left when a response shows a record so; None if it is proven."""
        resource = self.resource(own.call)
        if resource is None or not isinstance(shown, dict):
            return Doubt("looking at it shows no record")
        named = id_text(shown.get(resource.id_name))
        if isinstance(named, str) and named.lower() != record.lower():
            return Doubt("reading it shows another one", evidence=True)
        older = self._seconds_older(resource, own, shown, response)
        if older is not None and older > SLACK and not _is_in_another_zone(older):
            reason = f"it was created {older:.0f} seconds before this run asked for it, or shows a wrong time"
            return Doubt(reason, evidence=True)
        is_new = older is not None and abs(older) <= NEAR
        if self._marks.is_on(shown) or (not own.marked and (is_new or _reads_as_sent(own.sent, shown))):
            return None
        return Doubt(f"it doesn't carry the mark of run {self._marks.run}", evidence=True, is_new=is_new)

    # ---------------------------------------------------------------- looking
    def _by_reading(
        self, record: str, own: OwnRecord, resource: Resource, ask: Ask, pause: Callable[[float], object]
    ) -> Doubt | None:
        read = resource.read
        if read is None:
            return Doubt("no operation reads it")
        arguments = {**own.arguments, resource.parameter: record}
        response = ask(read, arguments, {})
        for seconds in () if read.id in self._waited_in_vain else PATIENCE:
            if response.status_code not in GONE:
                break
            pause(seconds)
            response = ask(read, arguments, {})
        if response.status_code in GONE:
            self._waited_in_vain.add(read.id)
        if not succeeded(response):
            return Doubt(f"reading it answers {response.status_code}")
        return self.doubt(record, own, content_of(response), response)

    def _by_list(
        self, record: str, own: OwnRecord, resource: Resource, ask: Ask, _pause: Callable[[float], object]
    ) -> Doubt | None:
        if resource.list is None:
            return Doubt("no list shows it")
        reader = ListReader(self._surface, resource.list)
        search = reader.search_any(self._marks.searches(resource.create)) if own.marked else {}
        query = {**search, **reader.newest_first, **reader.paging(1, reader.largest_page)}
        response = ask(resource.list, own.arguments, query)
        row = next((one for one in reader.rows(response) if id_text(one.get(resource.id_name)) == record), None)
        return Doubt("no list shows it") if row is None else self.doubt(record, own, row, response)

    # ---------------------------------------------------------------- clocks
    def _seconds_older(
        self, resource: Resource, own: OwnRecord, shown: Mapping[str, Any], response: requests.Response
    ) -> float | None:
        """The seconds by which a record is older than the request for it, by the clock of the instance that says the
        least; None if the record doesn't tell."""
        names = (name for name, schema in self._properties(resource).items() if _is_time_of_creation(name, schema))
        created = next((moment for name in names if (moment := _moment(shown.get(name))) is not None), None)
        if created is None or own.asked_at is None:
            return None
        now = self._clock.now()
        clocks = clocks_of(response, now, self.ahead())
        return min((clock - (now - own.asked_at) - created for clock in clocks), key=abs)

    def _properties(self, resource: Resource) -> dict[str, Mapping[str, Any]]:
        """The properties that reading shows, or the list."""
        if resource.create.id not in self._shown:
            row = ListReader(self._surface, resource.list).row if resource.list else {}
            read = self._surface.properties(resource.read.operation, "2") if resource.read else {}
            self._shown[resource.create.id] = {**row, **read}
        return self._shown[resource.create.id]


def clocks_of(response: requests.Response, now: float, ahead: Iterable[float]) -> list[float]:
    """What the clocks of an instance showed when it answered: that of its answers, ours if they don't tell, and those
    of its tokens, which are so much `ahead` of ours."""
    return [_date(response) or now, *(now + seconds for seconds in ahead)]


def content_of(response: requests.Response) -> Any:
    """The JSON of a response, or its text."""
    try:
        return response.json()
    except ValueError:
        return response.text


def _is_time_of_creation(name: str, schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "date-time" and "creat" in name.lower()


def _is_in_another_zone(seconds: float) -> bool:
    """Whether a clock in the wrong time zone explains so much, as whoever writes local times has it."""
    zones = round(seconds / ZONE)
    return zones <= MOST_ZONES and abs(seconds - zones * ZONE) <= NEAR


def _reads_as_sent(sent: Any, shown: Mapping[str, Any]) -> bool:
    """Whether a record shows what was sent: something at least, and nothing that differs."""
    if isinstance(sent, dict) and len(sent) == 1 and not sent.keys() & shown.keys():
        (sent,) = sent.values()
    names = sent.keys() & shown.keys() if isinstance(sent, dict) else ()
    return bool(names) and all(sent[name] == shown[name] for name in names)


def _moment(text: Any) -> float | None:
    """A moment; one without an offset is taken for UTC."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _date(response: requests.Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
