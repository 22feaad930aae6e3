"""The life of a record: created, read, listed, deleted; and what the contract promises at each step."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.bench import Bench
from mockserver.checks.listing import Listing
from mockserver.checks.steps import Steps, inner, named_examples, same
from mockserver.checks.surface import Call

SHORTEST_SECRET = 8  # characters; what is shorter is found everywhere
GONE = (404, 410)


class Lifecycle(Steps):
    """Stories about the records of one resource, in one store."""

    def stories(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and attempts."""
        resource, bench = self.resource, self.bench
        for index, (name, body) in enumerate(named_examples(bench, resource.create)):
            yield f"{name} is created and read", partial(self._created, name, body)
            if index == 0:
                yield "deleted", partial(self._deleted, body)
                yield "two of a kind", partial(self._twins, body)
        for other in resource.others:
            if bench.can(other) and self.secret:
                yield other.kind, partial(self._renewed, other)
        yield "unknown store", self._unknown_store
        if bench.plan.options.other_store:
            yield "other store", self._other_store

    # ---------------------------------------------------------------- created
    def _created(self, name: str, body: Any) -> None:
        answer, record = self.create(body)
        if record is None:
            return
        self._keeps_example(name, answer)
        read = self.read(record)
        if read is not None:
            self.reads_back(body, read, "what was sent when creating")
            self._is_fresh(read)
        self._hides(body, answer)
        self._is_listed(record, body, listed=True)
        self.delete(record)

    def _keeps_example(self, name: str, answer: requests.Response) -> None:
        """An answer has what the contract's example of the same name has, and no more."""
        create = self.resource.create
        shown = _answer_examples(self.bench, create, str(answer.status_code))
        if name in shown and isinstance(shown[name], dict) and isinstance(answer.json(), dict):
            missing = sorted(shown[name].keys() - answer.json().keys())
            if missing:
                where, mark = self.judge.places.of_value(create, str(answer.status_code), [missing[0]])
                message = f"the answer to the example `{name}` lacks {missing[0]}"
                self.broken(create, "examples_work", answer, message, f"{missing[0]}", where=where, assumption=mark)

    def _is_fresh(self, read: requests.Response) -> None:
        """The time at which a record was created is about the server's time."""
        call = self.resource.read
        for name, schema in self.shown.items():
            if schema.get("format") == "date-time" and "creat" in name.lower() and call is not None:
                seconds = self.bench.seconds_before(self.bench.value(read, name), read)
                if seconds is not None and abs(seconds) > 300:  # noqa: PLR2004 (five minutes)
                    where, mark = self.judge.places.of_value(call, "200", [name])
                    message = f"{name} of a new record is {seconds:.0f} seconds before the server's time"
                    self.broken(
                        call, "time_of_creation", read, message, "now", where=where, assumption=mark, cause=name
                    )

    def _hides(self, body: Any, created: requests.Response) -> None:
        """Secrets are shown once, and what reading doesn't declare isn't shown at all."""
        record = str(self.bench.value(created, self.resource.id_name))
        secrets = [self.bench.value(created, self.secret)] if self.secret else []
        unshown = [value for name, value in inner(body, self.shown).items() if name not in self.shown]
        hidden = [value for value in (*secrets, *unshown) if isinstance(value, str) and len(value) >= SHORTEST_SECRET]
        for call in (self.resource.read, self.resource.list):
            if call is not None and self.bench.can(call):
                arguments = self.of(record) if call.record else self.tenant
                answer = self.bench.send(call, arguments, params=self.search(call))
                if any(secret in answer.text for secret in hidden):
                    message = "a value that is write-only, or shown once, is shown again"
                    self.broken(call, "secrets_stay_secret", answer, message, "no secret", severity="critical")

    def _is_listed(self, record: str, body: Any, *, listed: bool) -> None:
        call = self.resource.list
        if call is None or not self.bench.can(call):
            return
        listing = Listing(self.bench.surface, call)
        query = {**self.search(call), **listing.paging(1, listing.largest_page)}
        answer = self.bench.send(call, self.tenant, params=query)
        row = next((row for row in listing.rows(answer) if row.get(self.resource.id_name) == record), None)
        if (row is not None) != listed and len(listing.rows(answer)) < listing.largest_page:
            message = "a new record isn't in the list" if listed else "a deleted record is still in the list"
            self.broken(call, "list_is_current", answer, message, "the record" if listed else "no such row")
        elif row is not None:
            for name, sent in inner(body, listing.row).items():
                if name in listing.row and not same(sent, row.get(name)):
                    where, mark = self.judge.places.of_value(call, "200", [listing.rows_name, 0, name])
                    message = f"{name} in the list isn't what was sent"
                    got = repr(row.get(name))
                    self.broken(
                        call, "list_is_current", answer, message, repr(sent), got=got, where=where, assumption=mark
                    )

    # ---------------------------------------------------------------- deleted
    def _deleted(self, body: Any) -> None:
        _, record = self.create(body)
        if record is None:
            return
        answer = self.delete(record)
        if not answer.ok:
            self.broken(self.resource.delete, "delete_deletes", answer, "a record can't be deleted", "a success")
        for call in (self.resource.read, self.resource.update, *self.resource.others, self.resource.delete):
            if call is not None and self.bench.can(call):
                example = next(iter(self.bench.examples(call)), None)
                after = self.bench.send(call, self.of(record), json=example)
                if after.status_code not in GONE:
                    message = f"after deleting, {call.method} still answers {after.status_code}"
                    self.broken(call, "delete_deletes", after, message, "404", severity="critical")
        self._is_listed(record, body, listed=False)

    def _twins(self, body: Any) -> None:
        """The same body twice makes two records, and deleting one leaves the other."""
        (first, one), (_, other) = self.create(body), self.create(body)
        if one is None or other is None:
            return
        if one == other:
            self.broken(self.resource.create, "ids_are_new", first, "two records have the same id", "two ids")
            return
        self.delete(one)
        if self.resource.read is not None:
            answer = self.bench.send(self.resource.read, self.of(other))
            if not answer.ok:
                message = "deleting one record removed another"
                self.broken(self.resource.delete, "delete_deletes", answer, message, "200", severity="critical")
        self.delete(other)

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
                self.broken(call, "renewing_works", answer, "a secret can't be renewed", "a success")
            elif has_secret:
                self.note_secret(call, answer)
                self._is_limited(call, record)
            elif answer.ok:
                mark = self.judge.places.assumption_of_call(call)
                self.broken(
                    call, "renewing_works", answer, "a secret that doesn't exist is renewed", "400", assumption=mark
                )
            self.delete(record)

    def _is_limited(self, call: Call, record: str) -> None:
        if "429" in call.operation.responses:
            again = self.bench.send(call, self.of(record))
            if again.status_code != requests.codes.too_many_requests:
                mark = self.judge.places.assumption_of_response(call, "429")
                message = "the limit that the contract declares doesn't hold"
                self.broken(call, "limit_holds", again, message, "429 with Retry-After", assumption=mark)

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
                    self.broken(call, "unknown_store", answer, message, "404", assumption=mark)

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
                    self.broken(call, "stores_are_apart", answer, message, "404", severity="critical")
        self._not_listed_in(there, record)
        self.read(record)
        self.delete(record)

    def _not_listed_in(self, there: Mapping[str, str], record: str) -> None:
        call = self.resource.list
        if call is not None and self.bench.can(call):
            listing = Listing(self.bench.surface, call)
            query = {**self.search(call), **listing.paging(1, listing.largest_page)}
            tenant = {name: value for name, value in there.items() if name in self.tenant}
            answer = self.bench.send(call, tenant, params=query)
            if any(row.get(self.resource.id_name) == record for row in listing.rows(answer)):
                message = "a list shows a record of another store"
                self.broken(call, "stores_are_apart", answer, message, "no such row", severity="critical")

    # ---------------------------------------------------------------- steps


def _answer_examples(bench: Bench, call: Call, status: str) -> dict[str, Any]:
    contract = bench.surface.contract
    content = contract.resolved(call.declared["responses"].get(status, {})).get("content", {})
    shown = (media_type.get("examples", {}) for media_type in content.values())
    return {name: contract.resolved(entry).get("value") for examples in shown for name, entry in examples.items()}
