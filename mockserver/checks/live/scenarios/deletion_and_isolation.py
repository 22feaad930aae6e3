"""What is deleted is gone, secrets can be renewed, and stores are apart."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import Listing
from mockserver.checks.live.scenarios.record_steps import Steps
from mockserver.openapi.resources import Call

GONE = (404, 410)


class Lifecycle(Steps):
    """Stories about how records of one resource end, and where they aren't seen."""

    def stories(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and attempts."""
        resource, bench = self.resource, self.bench
        body: Any = next(iter(bench.examples(resource.create)), {})
        yield "deleted", partial(self._deleted, body)
        yield "several of a kind", partial(self._siblings, body)
        for other in resource.others:
            if bench.can(other) and self.secret:
                yield other.kind, partial(self._renewed, other)
        yield "unknown store", self._unknown_store
        if bench.plan.options.other_store:
            yield "other store", self._other_store

    # ---------------------------------------------------------------- deleted
    def _deleted(self, body: Any) -> None:
        _, record = self.create(body)
        if record is None:
            return
        answer = self.delete(record)
        if not answer.ok:
            self.broken(self.resource.delete, Promise.DELETE_DELETES, answer, "a record can't be deleted", "a success")
        for call in (self.resource.read, self.resource.update, *self.resource.others, self.resource.delete):
            if call is not None and self.bench.can(call):
                example = next(iter(self.bench.examples(call)), None)
                after = self.bench.send(call, self.of(record), json=example)
                if after.status_code not in GONE:
                    message = f"after deleting, {call.method} still answers {after.status_code}"
                    self.broken(call, Promise.DELETE_DELETES, after, message, "404", severity="critical")
        self.is_unlisted(record)

    def _siblings(self, body: Any) -> None:
        """The same body makes another record each time, and deleting one leaves the others."""
        made = [self.create(body) for _ in range(3)]
        records = [record for _, record in made if record is not None]
        if len(set(records)) < len(made):
            message = "the same body doesn't make another record each time"
            self.broken(
                self.resource.create, Promise.IDS_ARE_NEW, made[-1][0], message, "three ids", got=str(len(set(records)))
            )
            return
        self.delete(records[1])
        for record in (records[0], records[2]):
            answer = self.bench.send(self.resource.read, self.of(record)) if self.resource.read else None
            if answer is not None and not answer.ok:
                message = "deleting one record removed another"
                self.broken(self.resource.delete, Promise.DELETE_DELETES, answer, message, "200", severity="critical")
            self.delete(record)

    # ---------------------------------------------------------------- updated
    # ---------------------------------------------------------------- renewed
    def _renewed(self, call: Call) -> None:
        """An operation that issues another secret issues a new one; the limit that it declares holds; without a secret
        there is nothing to renew."""
        for body in self.bench.examples(self.resource.create):
            created, record = self.create(body)
            if record is None:
                continue
            has_secret = self.bench.value(created, str(self.secret)) is not None
            answer = self.bench.send(call, self.of(record))
            if has_secret and not answer.ok:
                self.broken(call, Promise.RENEWING_WORKS, answer, "a secret can't be renewed", "a success")
            elif has_secret:
                self.note_secret(call, answer)
                self._is_limited(call, record)
            elif answer.ok:
                mark = self.judge.places.assumption_of_call(call)
                self.broken(
                    call,
                    Promise.RENEWING_WORKS,
                    answer,
                    "a secret that doesn't exist is renewed",
                    "400",
                    assumption=mark,
                )
            self.delete(record)

    def _is_limited(self, call: Call, record: str) -> None:
        if "429" in call.operation.responses:
            again = self.bench.send(call, self.of(record))
            if again.status_code != requests.codes.too_many_requests:
                mark = self.judge.places.assumption_of_response(call, "429")
                message = "the limit that the contract declares doesn't hold"
                self.broken(call, Promise.LIMIT_HOLDS, again, message, "429 with Retry-After", assumption=mark)

    # ---------------------------------------------------------------- stores
    def _unknown_store(self) -> None:
        store = self.bench.ownership.marks.prefix + "store"
        tenant = dict.fromkeys(self.tenant, store)
        for call in filter(None, (self.resource.list, self.resource.create)):
            if tenant and self.bench.can(call):
                example = next(iter(self.bench.examples(call)), None)
                answer = self.bench.send(call, tenant, json=example)
                if answer.status_code != requests.codes.not_found:
                    mark = self.judge.places.assumption_of_response(call, "404")
                    message = "a store that doesn't exist isn't refused"
                    self.broken(call, Promise.UNKNOWN_STORE, answer, message, "404", assumption=mark)

    def _other_store(self) -> None:
        """Stores share nothing: a record of one isn't found in another, and can't be changed from there."""
        body: Any = next(iter(self.bench.examples(self.resource.create)), {})
        _, record = self.create(body)
        if record is None:
            return
        there = self.bench.of(
            self.resource, record, dict.fromkeys(self.tenant, str(self.bench.plan.options.other_store))
        )
        for call in (self.resource.read, self.resource.update, *self.resource.others, self.resource.delete):
            if call is not None and self.bench.can(call):
                answer = self.bench.send(call, there, json=next(iter(self.bench.examples(call)), None))
                if answer.status_code not in GONE:
                    message = "a record of one store is reached from another"
                    self.broken(call, Promise.STORES_ARE_APART, answer, message, "404", severity="critical")
        self._not_listed_in(there, record)
        self.read(record)
        self.delete(record)
        self._strangers(body)

    def _strangers(self, body: Any) -> None:
        """A record of the other store isn't in the list of this one."""
        there = dict.fromkeys(self.tenant, str(self.bench.plan.options.other_store))
        answer = self.bench.send(self.resource.create, there, json=body)
        record = self.bench.value(answer, self.resource.id_name)
        if isinstance(record, str):
            self._not_listed_in(self.tenant, record)
            self.bench.send(self.resource.delete, self.bench.of(self.resource, record, there))

    def _not_listed_in(self, there: Mapping[str, str], record: str) -> None:
        call = self.resource.list
        if call is not None and self.bench.can(call):
            listing = Listing(self.bench.surface, call)
            query = {**self.search(call), **listing.paging(1, listing.largest_page)}
            tenant = {name: value for name, value in there.items() if name in self.tenant}
            answer = self.bench.send(call, tenant, params=query)
            if any(row.get(self.resource.id_name) == record for row in listing.rows(answer)):
                message = "a list shows a record of another store"
                self.broken(call, Promise.STORES_ARE_APART, answer, message, "no such row", severity="critical")

    # ---------------------------------------------------------------- steps
