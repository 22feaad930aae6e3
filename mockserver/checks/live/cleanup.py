"""The sweep: it deletes every record that a ledger names, and checks that each is gone.

Records of one kind are deleted at the same time, kinds one after the other: those that came last, and may refer to
others, first. A record leaves the ledger when it was seen to be gone, so whatever ends a sweep, the next one goes on.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from mockserver.checks.live.list_reader import NEWEST_PAGES, ListReader
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.proof import OwnRecord, content_of
from mockserver.checks.transport.guarded_transport import RequestRefused, Stopped
from mockserver.checks.transport.ledger import Intent, Ledger, is_id
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.record_ids import RecordKey, id_text
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.transport.successes import denies, succeeded
from mockserver.checks.transport.throttling import is_throttled
from mockserver.clock import moment
from mockserver.errors import MockserverError
from mockserver.openapi.resources import Call, Resource

PAUSES = (0.0, 0.25, 1.0)  # seconds before each attempt: a record may show for a while, a host recover
PAGES = 2  # of a list that shows this run's records alone
MOST_SILENCES = 3  # before the sweep gives up
GONE = (404, 410)
Tenant = tuple[tuple[str, str], ...]
Record = tuple[Resource, Tenant, str]
RecordLocation = tuple[str, Tenant, str]  # what created a record, where, and its id, which may be there elsewhere, too


class Sweeper:
    """A sweep of the records of one run, with so many requests on the way `at_once`. It adopts each in `ownership`, as
    the transport would refuse the request else."""

    def __init__(
        self,
        ownership: Ownership,
        client: OperationClient,
        headers: Mapping[str, str],
        ledger: Ledger,
        at_once: Callable[[], int] = lambda: 1,
    ) -> None:
        self._client, self._headers, self._ledger = client, dict(headers), ledger
        self._surface, self.marks, self._ownership = ownership.surface, ownership.marks, ownership
        self._at_once = at_once
        self.kept: list[str] = []
        self._silences, self._lock = 0, threading.Lock()
        self._shown_marked: set[RecordLocation] = set()
        self._lasting: set[object] = set()  # what another attempt doesn't change
        self._is_last = True

    def found_by_mark(self, left: dict[object, str]) -> Iterator[Record]:
        """The records with the mark of the run in the lists of every tenant where it tried to create any. `left` takes
        the kinds of which a list can't be read to its end, unless all that was tried there was refused; what it showed
        before is found, and the other lists are read."""
        intents = self._ledger.history.intents.values()
        refused = {(one.operation, _tenant(one)): True for one in intents}
        for one in intents:
            refused[one.operation, _tenant(one)] &= one.settled and one.record is None
        for resource in self._surface.resources:
            for (operation, tenant), is_refused in sorted(refused.items()):
                if operation == resource.create.id and resource.list is not None:
                    try:
                        for record in self._marked(resource, resource.list, tenant, is_proof=not is_refused):
                            self._shown_marked.add((operation, tenant, record))
                            yield resource, tenant, record
                    except Stopped:
                        raise
                    except requests.RequestException as error:
                        left["lists", operation] = f"the lists can't be searched: {error}"

    def _marked(self, resource: Resource, call: Call, tenant: Tenant, *, is_proof: bool) -> Iterator[str]:
        reader = ListReader(self._surface, call)
        query = reader.search_any(self.marks.searches(resource.create))
        rows = reader.everything(self._client, dict(tenant), self._headers, query, is_proof=is_proof)
        found = (str(row.get(resource.id_name)) for row in rows if self.marks.is_on(row))
        return (record for record in found if is_id(record))

    def sweep(self) -> list[str]:
        """Delete all records; returns those that may be left, in words. Raises KeyboardInterrupt alone, when nothing is
        on the way any more. Records that can't be deleted at all are in `kept` afterwards."""
        left: dict[object, str] = {}
        for seconds in PAUSES:
            self._is_last = seconds == PAUSES[-1]
            if seconds:
                self._client.pause(seconds)
            left, self._silences = {}, 0
            self._sweep_once(left)
            if self._silences > MOST_SILENCES or left.keys() <= self._lasting:
                break
        return sorted(left.values())

    def _sweep_once(self, left: dict[object, str]) -> None:
        """Delete what the ledger names, then what the lists show beside; `left` takes what may be left."""
        seen: set[RecordLocation] = set()
        for records in self._by_kind(self._named(), seen):
            left |= self._remove_all(records)
        if self._silences > MOST_SILENCES:
            left["lists"] = "the lists aren't searched, as nothing answers"
            return
        shown: list[Record] = []
        try:
            shown.extend(self.found_by_mark(left))  # what was found before the lists broke off is kept
        except (requests.RequestException, MockserverError) as error:
            left["lists"] = f"the lists can't be searched: {error}"
        for records in self._by_kind(shown, seen):
            left |= self._remove_all(records)
        if "lists" not in left:
            self._settle(left)

    def _by_kind(self, found: Iterable[Record], seen: set[RecordLocation]) -> list[list[Record]]:
        """The records to delete, each once, by their kind: that of the last one comes first."""
        kinds: dict[str, list[Record]] = {}
        for resource, tenant, record in found:
            place = (resource.create.id, tenant, record)
            if place not in seen and not self._ledger.history.was_there(resource.create.id, record):
                seen.add(place)
                kinds.setdefault(resource.create.id, []).append((resource, tenant, record))
        return list(reversed(kinds.values()))

    def _remove_all(self, records: list[Record]) -> dict[object, str]:
        """Delete records at the same time; those that may be left, in words. What ends it early ends what is on the
        way, too."""
        with ThreadPoolExecutor(self._at_once(), "sweep") as pool:
            try:
                problems = list(pool.map(lambda record: self.remove(*record), records))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._client.stop("the sweep was interrupted")
                raise
        return {
            (resource.create.id, tenant, record): f"{resource.create.kind} {record}: {problem}"
            for (resource, tenant, record), problem in zip(records, problems, strict=True)
            if problem
        }

    def _named(self) -> Iterator[Record]:
        resources = {resource.create.id: resource for resource in self._surface.resources}
        for intent in self._ledger.history.remaining:
            if intent.operation not in resources:
                call = self._surface.calls.get(intent.operation)
                what = intent.record or f"without an answer, at {intent.at}"
                self.kept.append(f"{call.kind if call else intent.operation} {what}: can't be deleted")
                self._ledger.kept(intent)
            elif intent.record is not None:
                yield resources[intent.operation], _tenant(intent), intent.record

    def _settle(self, left: dict[object, str]) -> None:
        """Note that requests without an answer created nothing, where that is known by now."""
        kept = {place[0] for place in left if isinstance(place, tuple)}
        for intent in self._ledger.history.remaining:
            is_searched = ("lists", intent.operation) not in left
            if intent.record is None and not intent.settled and is_searched:
                if intent.marked or self._has_nothing_new(intent):
                    if intent.operation not in kept:
                        self._ledger.nothing(intent, 0)
                else:
                    unknown = f"#{intent.number}"
                    self._lasting.add(unknown)
                    left[unknown] = (
                        f"{intent.operation} at {intent.at} had no answer, and its body no place for a mark; "
                        "it was invalid, so there should be nothing"
                    )

    def _has_nothing_new(self, intent: Intent) -> bool:
        """Whether the list where a record would be shows only records that are older than the run: all of it, or
        its newest rows. Fewer of these are looked at than the run has noted, as others may have deleted some."""
        lists = (one for one in self._surface.resources if one.create.id == intent.operation and one.list is not None)
        for resource in lists:
            reader, tenant = ListReader(self._surface, resource.list or resource.create), dict(intent.arguments)
            try:
                shown = succeeded(self._client.send(reader.call, tenant, headers=self._headers))
                rows, is_enough = self._newest(reader, tenant)
                records = [id_text(row.get(resource.id_name)) for row in rows]
                was_there = self._ledger.history.was_there
                return shown and is_enough and all(was_there(resource.create.id, record) for record in records)
            except (requests.RequestException, MockserverError):
                return False
        return False

    def _newest(self, reader: ListReader, tenant: Mapping[str, str]) -> tuple[list[dict[str, Any]], bool]:
        """The newest rows of a list, and whether a new one would be among them."""
        rows = list[dict[str, Any]]()
        try:
            most = NEWEST_PAGES - 1
            rows.extend(reader.everything(self._client, tenant, self._headers, {}, is_proof=True, most=most))
        except requests.HTTPError:
            return rows, reader.are_newest_first(rows)
        return rows, True

    def remove(self, resource: Resource, tenant: Tenant, record: str) -> str:
        """Delete a record if it is one of the run's, and check that it is gone; returns the reason why it may be there,
        or nothing."""
        if self._silences > MOST_SILENCES:
            return "not tried, as nothing answers"
        try:
            problem = self._removed(resource, tenant, record)
        except (RequestRefused, Stopped) as error:
            return str(error)
        except NoLogin as error:
            self._silences = MOST_SILENCES + 1
            return f"no login: {error}"
        except requests.RequestException as error:
            self._note_silence(silent=True)
            return f"no answer ({type(error).__name__})"
        if not problem:
            self._ledger.gone(resource.create.id, dict(tenant), record)
        return problem

    def _note_silence(self, *, silent: bool) -> None:
        """Count answers that don't come one after the other."""
        with self._lock:
            self._silences = self._silences + 1 if silent else 0

    def _removed(self, resource: Resource, tenant: Tenant, record: str) -> str:
        """Read a record, delete it if it is ours, and read it once more; why it may still be there, or nothing."""
        arguments = {**dict(tenant), resource.parameter: record}
        known = self._own(resource, tenant, record)
        if known is None or not (known.proven and known.alive):
            before = self._read(resource, arguments)
            if before is not None and (before.status_code in GONE or self._was_deleted(resource, record, before)):
                return (
                    ""
                    if self._is_believed(known)
                    else f"reading it answers {before.status_code}, and nobody deleted it"
                )
            if problem := self._foreign(resource, tenant, record, before):
                if before is None or succeeded(before):
                    self._lasting.add((resource.create.id, tenant, record))
                return problem
        self._ownership.adopt(resource.create, dict(tenant), record)
        deleted = self._client.send(resource.delete, arguments, headers=self._headers)
        read = self._read(resource, arguments)
        stays = record == self._ownership.undeletable.get(resource.create.id)
        if not succeeded(deleted) and (stays or (resource.create.id, tenant, record) in self._shown_marked):
            return f"deleting it answers {deleted.status_code}, {'as before' if stays else 'and the list shows it'}"
        after = deleted if read is None else read  # a response that is an error is false, too
        if after.status_code in GONE or (succeeded(deleted) and (resource.read is None or _is_refused(after))):
            return ""
        self._ownership.records[RecordKey(resource.create.id, record)].alive = True  # whatever deleting it answered
        return f"after deleting it, {'reading' if resource.read else 'deleting'} it answers {after.status_code}"

    def _was_deleted(self, resource: Resource, record: str, response: requests.Response) -> bool:
        """Whether this process has deleted a record, and reading it is refused, as by who says 403 for 404."""
        known = self._ownership.records.get(RecordKey(resource.create.id, record))
        return denies(response) and known is not None and not known.alive

    def _read(self, resource: Resource, arguments: Mapping[str, str]) -> requests.Response | None:
        """The record as it is; None if the contract has no operation for that."""
        if resource.read is None:
            return None
        response = self._client.send(resource.read, arguments, headers=self._headers)
        self._note_silence(silent=is_throttled(response))
        return response

    def _foreign(self, resource: Resource, tenant: Tenant, record: str, response: requests.Response | None) -> str:
        """The reason why a record may be somebody else's; empty if it is proven to be ours, or if this process created
        it and nobody can read it. A ledger alone is no proof: anybody can have written it."""
        known = self._own(resource, tenant, record)
        created_here = known is not None
        if response is None:
            proven = created_here or (resource.create.id, tenant, record) in self._shown_marked
            return "" if proven else "left, as the contract has no operation that reads it, to see whose it is"
        if not succeeded(response):
            shown = created_here and (resource.create.id, tenant, record) in self._shown_marked
            return "" if shown else f"left, as reading it, to see whose it is, answers {response.status_code}"
        own = known or OwnRecord(resource.create, dict(tenant), asked_at=self._asked_at(record))
        proof = self._ownership.proof
        doubt = proof.doubt(record, own, content_of(response), response)
        if doubt is not None and doubt.evidence:  # a list may show what reading doesn't
            doubt = own.doubt = proof.seek(record, own, self._ask, self._client.pause)
        return f"left, as it isn't proven to be ours: {doubt.reason}" if doubt else ""

    def _ask(self, call: Call, arguments: Mapping[str, str], query: Mapping[str, str]) -> requests.Response:
        return self._client.send(call, arguments, headers=self._headers, params=query)

    def _own(self, resource: Resource, tenant: Tenant, record: str) -> OwnRecord | None:
        """What this process knows of a record that it created."""
        ownership, key = self._ownership, RecordKey(resource.create.id, record)
        return ownership.records[key] if ownership.has(resource.create, dict(tenant), record) else None

    def _asked_at(self, record: str) -> float | None:
        """The time at which an earlier run asked for a record, or for its first one; None if no ledger tells."""
        intents = [one for one in self._ledger.history.intents.values() if one.at]
        named = [one.at for one in intents if one.record == record] or [one.at for one in intents]
        try:
            return min(map(moment, named), default=None)
        except ValueError:
            return None

    def _is_believed(self, known: OwnRecord | None) -> bool:
        """Whether an answer that a record is gone is taken at its word. Of one that was never seen, and that nobody
        deleted, it may only be late: it is looked for once more."""
        return known is None or known.proven or not known.alive or self._is_last


def requests_for(ownership: Ownership, ledger: Ledger) -> int:
    """The number of requests that a sweep takes: each record is read, unless it is proven, deleted and read, or only
    read if it is gone already; then the lists are searched wherever something was created."""
    records = list(ownership.records.values())
    deletable = [one for one in records if ownership.surface.deletable(one.call)]
    tenants = {(one.operation, _tenant(one)) for one in list(ledger.history.intents.values())}
    return sum(3 - one.proven if one.alive else 1 for one in deletable) + PAGES * len(tenants)


def _tenant(intent: Intent) -> Tenant:
    return tuple(sorted(intent.arguments.items()))


def _is_refused(response: requests.Response) -> bool:
    """Whether the instance refuses to show a record, as one that says 403 for 404 does; a 5xx may pass."""
    return response.status_code < 500 and denies(response)  # noqa: PLR2004 (a 5xx)
