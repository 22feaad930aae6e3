"""The sweep: everything that a ledger names is deleted, and found missing."""

from collections.abc import Iterator, Mapping
from itertools import chain

import requests

from mockserver.checks.ledger import Intent, Ledger
from mockserver.checks.limits import Time
from mockserver.checks.listing import Listing
from mockserver.checks.ownership import Ownership
from mockserver.checks.session import NoLogin
from mockserver.checks.surface import Call, Resource
from mockserver.checks.wire import Client, Refused, Stopped
from mockserver.errors import MockserverError

ATTEMPTS = 2
MOST_SILENCES = 3  # before the sweep gives up
Tenant = tuple[tuple[str, str], ...]


class Sweeper:
    """Removes what a run created, and tells `ownership` what that is, or the wire would refuse."""

    def __init__(self, ownership: Ownership, client: Client, headers: Mapping[str, str], ledger: Ledger) -> None:
        self._client, self._headers, self._ledger = client, dict(headers), ledger
        self._surface, self.marks, self._ownership = ownership.surface, ownership.marks, ownership
        self.kept: list[str] = []
        self.deleted = self._silences = 0

    def found_by_mark(self) -> Iterator[tuple[Resource, Tenant, str]]:
        """Records that lists show with the mark of the run, wherever it created any."""
        tenants = {(one.operation, _tenant(one)) for one in self._ledger.history.intents.values()}
        for resource in self._surface.resources:
            for operation, tenant in sorted(tenants):
                if operation == resource.create.id and resource.list is not None:
                    yield from ((resource, tenant, record) for record in self._marked(resource, resource.list, tenant))

    def _marked(self, resource: Resource, call: Call, tenant: Tenant) -> list[str]:
        listing = Listing(self._surface, call)
        queries = [listing.search(name, self.marks.host) for name in self.marks.searchable(resource.create)]
        query = next((found for found in queries if found), {})
        rows = listing.everything(self._client, dict(tenant), self._headers, query)
        return [str(row.get(resource.id_name)) for row in rows if self.marks.is_on(row)]

    def sweep(self, time: Time, seconds: float | None = None) -> list[str]:
        """Delete it all, within so many seconds; what may be left, in words. Nothing is raised.

        What can't be deleted at all is in `kept` afterwards.
        """
        end = None if seconds is None else time.now() + seconds
        left: dict[str, str] = {}
        for _ in range(ATTEMPTS):
            left, self._silences = {}, 0
            for resource, tenant, record in self._remaining(left):
                over = end is not None and time.now() > end
                problem = "" if over else self._remove(resource, tenant, record)
                if over or problem:
                    left[record] = f"{resource.create.kind} {record}: {problem or 'no time'}"
            if not left or self._silences > MOST_SILENCES:
                break
        return sorted(left.values())

    def _remaining(self, left: dict[str, str]) -> Iterator[tuple[Resource, Tenant, str]]:
        """What the ledger names, then what the lists show; each once."""
        seen: set[str] = set()
        for resource, tenant, record in chain(self._named(), self._shown(left)):
            if record not in seen and record not in self._ledger.history.foreign:
                seen.add(record)
                yield resource, tenant, record

    def _named(self) -> Iterator[tuple[Resource, Tenant, str]]:
        resources = {resource.create.id: resource for resource in self._surface.resources}
        for intent in self._ledger.history.remaining:
            if intent.operation not in resources:
                call = self._surface.calls.get(intent.operation)
                what = intent.record or f"without an answer, at {intent.at}"
                self.kept.append(f"{call.kind if call else intent.operation} {what}: can't be deleted")
                self._ledger.kept(intent)
            elif intent.record is not None:
                yield resources[intent.operation], _tenant(intent), intent.record

    def _shown(self, left: dict[str, str]) -> Iterator[tuple[Resource, Tenant, str]]:
        if self._silences > MOST_SILENCES:
            left["lists"] = "the lists aren't searched, as nothing answers"
            return
        try:
            yield from self.found_by_mark()
        except (requests.RequestException, MockserverError) as error:
            left["lists"] = f"the lists can't be searched: {error}"
            return
        for intent in self._ledger.history.remaining:
            if intent.record is None and not intent.settled:
                if intent.marked:
                    self._ledger.nothing(intent, 0)
                else:
                    left[f"#{intent.number}"] = (
                        f"{intent.operation} at {intent.at} had no answer, and its body no place for a mark; "
                        "it was invalid, so there should be nothing"
                    )

    def _deleted_and_read(self, resource: Resource, arguments: Mapping[str, str], record: str) -> requests.Response:
        """The answer to reading a record after it was deleted, by the run already or now."""
        calls = [resource.delete] if self._ownership.records[record].alive or resource.read is None else []
        calls += [resource.read] if resource.read is not None else []
        return [self._client.send(call, arguments, headers=self._headers) for call in calls][-1]

    def _remove(self, resource: Resource, tenant: Tenant, record: str) -> str:
        """Delete a record and look for it; why it may still be there, or nothing."""
        if self._silences > MOST_SILENCES:
            return "not tried, as nothing answers"
        arguments = {**dict(tenant), resource.parameter: record}
        self._ownership.adopt(resource.create, dict(tenant), record)
        try:
            answer = self._deleted_and_read(resource, arguments, record)
        except (Refused, Stopped) as error:
            return str(error)
        except NoLogin as error:
            self._silences = MOST_SILENCES + 1
            return f"no login: {error}"
        except requests.RequestException as error:
            self._silences += 1
            return f"no answer ({type(error).__name__})"
        self._silences = self._silences + 1 if answer.status_code == requests.codes.too_many_requests else 0
        if answer.status_code not in (requests.codes.not_found, requests.codes.gone):
            self._ownership.records[record].alive = True  # whatever deleting it answered
            return f"after deleting it, reading it answers {answer.status_code}"
        self._ledger.gone(record)
        self.deleted += 1
        return ""


def _tenant(intent: Intent) -> Tenant:
    return tuple(sorted(intent.arguments.items()))
