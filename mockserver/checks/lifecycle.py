"""The life of a record: created, read, listed, updated, deleted; and what the contract promises at each step.

What is compared comes from the contract: a property that is sent and that reading declares must read back as sent, and
one that updating can't take must stay. A property of the answer to creating that reading doesn't declare is a secret:
it is shown once.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.bench import Bench
from mockserver.checks.listing import Listing
from mockserver.checks.surface import Call, Resource, properties

SHORTEST_SECRET = 8  # characters; what is shorter is found everywhere
GONE = (404, 410)
Json = dict[str, Any]


class Lifecycle:
    """Stories about the records of one resource, in one store."""

    def __init__(self, bench: Bench, resource: Resource, tenant: Mapping[str, str]) -> None:
        self._bench, self._resource, self._tenant = bench, resource, dict(tenant)
        self._judge = bench.judge
        read = resource.read
        self._shown = bench.surface.properties(read.operation, "2") if read else {}
        created = bench.surface.properties(resource.create.operation, "2")
        self._secret = next((name for name in created if name not in self._shown and name != resource.id_name), None)
        self._secrets: set[str] = set()

    def stories(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and attempts."""
        resource, bench = self._resource, self._bench
        for index, (name, body) in enumerate(named_examples(bench, resource.create)):
            yield f"{name} is created and read", partial(self._created, name, body)
            if index == 0:
                yield "deleted", partial(self._deleted, body)
                yield "two of a kind", partial(self._twins, body)
        if resource.update is not None and bench.can(resource.update):
            for name, body in named_examples(bench, resource.update):
                yield f"updated by {name}", partial(self._updated, body)
        for other in resource.others:
            if bench.can(other) and self._secret:
                yield other.kind, partial(self._renewed, other)
        yield "unknown store", self._unknown_store
        if bench.plan.options.other_store:
            yield "other store", self._other_store

    # ---------------------------------------------------------------- created
    def _created(self, name: str, body: Any) -> None:
        answer, record = self._create(body)
        if record is None:
            return
        self._keeps_example(name, answer)
        read = self._read(record)
        if read is not None:
            self._reads_back(body, read, "what was sent when creating")
            self._is_fresh(read)
        self._hides(body, answer)
        self._is_listed(record, body, listed=True)
        self._delete(record)

    def _create(self, body: Any) -> tuple[requests.Response, str | None]:
        create = self._resource.create
        answer = self._bench.send(create, self._tenant, json=body)
        record = self._bench.value(answer, self._resource.id_name)
        if not isinstance(record, str):
            self._broken(
                create, "examples_work", answer, "an example of the contract is refused", "a success, and an id"
            )
            return answer, None
        self._note_secret(create, answer)
        return answer, record

    def _keeps_example(self, name: str, answer: requests.Response) -> None:
        """An answer has what the contract's example of the same name has, and no more."""
        create = self._resource.create
        shown = _answer_examples(self._bench, create, str(answer.status_code))
        if name in shown and isinstance(shown[name], dict) and isinstance(answer.json(), dict):
            missing = sorted(shown[name].keys() - answer.json().keys())
            if missing:
                where, mark = self._judge.places.of_value(create, str(answer.status_code), [missing[0]])
                message = f"the answer to the example `{name}` lacks {missing[0]}"
                self._broken(create, "examples_work", answer, message, f"{missing[0]}", where=where, assumption=mark)

    def _reads_back(self, body: Any, read: requests.Response, what: str) -> None:
        call = self._resource.read
        for name, sent in inner(body, self._shown).items():
            got = self._bench.value(read, name)
            if name in self._shown and call is not None and not _same(sent, got):
                where, mark = self._judge.places.of_value(call, "200", [name])
                message = f"{name} doesn't read back as {what}"
                self._broken(call, "reads_back", read, message, repr(sent), got=repr(got), where=where, assumption=mark)

    def _is_fresh(self, read: requests.Response) -> None:
        """The time at which a record was created is about the server's time."""
        call = self._resource.read
        for name, schema in self._shown.items():
            if schema.get("format") == "date-time" and "creat" in name.lower() and call is not None:
                seconds = self._bench.seconds_before(self._bench.value(read, name), read)
                if seconds is not None and abs(seconds) > 300:  # noqa: PLR2004 (five minutes)
                    where, mark = self._judge.places.of_value(call, "200", [name])
                    message = f"{name} of a new record is {seconds:.0f} seconds before the server's time"
                    self._broken(
                        call, "time_of_creation", read, message, "now", where=where, assumption=mark, cause=name
                    )

    def _hides(self, body: Any, created: requests.Response) -> None:
        """Secrets are shown once, and what reading doesn't declare isn't shown at all."""
        record = str(self._bench.value(created, self._resource.id_name))
        secrets = [self._bench.value(created, self._secret)] if self._secret else []
        unshown = [value for name, value in inner(body, self._shown).items() if name not in self._shown]
        hidden = [value for value in (*secrets, *unshown) if isinstance(value, str) and len(value) >= SHORTEST_SECRET]
        for call in (self._resource.read, self._resource.list):
            if call is not None and self._bench.can(call):
                arguments = self._of(record) if call.record else self._tenant
                answer = self._bench.send(call, arguments, params=self._search(call))
                if any(secret in answer.text for secret in hidden):
                    message = "a value that is write-only, or shown once, is shown again"
                    self._broken(call, "secrets_stay_secret", answer, message, "no secret", severity="critical")

    def _is_listed(self, record: str, body: Any, *, listed: bool) -> None:
        call = self._resource.list
        if call is None or not self._bench.can(call):
            return
        listing = Listing(self._bench.surface, call)
        query = {**self._search(call), **listing.paging(1, listing.largest_page)}
        answer = self._bench.send(call, self._tenant, params=query)
        row = next((row for row in listing.rows(answer) if row.get(self._resource.id_name) == record), None)
        if (row is not None) != listed and len(listing.rows(answer)) < listing.largest_page:
            message = "a new record isn't in the list" if listed else "a deleted record is still in the list"
            self._broken(call, "list_is_current", answer, message, "the record" if listed else "no such row")
        elif row is not None:
            for name, sent in inner(body, listing.row).items():
                if name in listing.row and not _same(sent, row.get(name)):
                    where, mark = self._judge.places.of_value(call, "200", [listing.rows_name, 0, name])
                    message = f"{name} in the list isn't what was sent"
                    got = repr(row.get(name))
                    self._broken(
                        call, "list_is_current", answer, message, repr(sent), got=got, where=where, assumption=mark
                    )

    # ---------------------------------------------------------------- deleted
    def _deleted(self, body: Any) -> None:
        _, record = self._create(body)
        if record is None:
            return
        answer = self._delete(record)
        if not answer.ok:
            self._broken(self._resource.delete, "delete_deletes", answer, "a record can't be deleted", "a success")
        for call in (self._resource.read, self._resource.update, *self._resource.others, self._resource.delete):
            if call is not None and self._bench.can(call):
                example = next(iter(self._bench.examples(call)), None)
                after = self._bench.send(call, self._of(record), json=example)
                if after.status_code not in GONE:
                    message = f"after deleting, {call.method} still answers {after.status_code}"
                    self._broken(call, "delete_deletes", after, message, "404", severity="critical")
        self._is_listed(record, body, listed=False)

    def _twins(self, body: Any) -> None:
        """The same body twice makes two records, and deleting one leaves the other."""
        (first, one), (_, other) = self._create(body), self._create(body)
        if one is None or other is None:
            return
        if one == other:
            self._broken(self._resource.create, "ids_are_new", first, "two records have the same id", "two ids")
            return
        self._delete(one)
        if self._resource.read is not None:
            answer = self._bench.send(self._resource.read, self._of(other))
            if not answer.ok:
                message = "deleting one record removed another"
                self._broken(self._resource.delete, "delete_deletes", answer, message, "200", severity="critical")
        self._delete(other)

    # ---------------------------------------------------------------- updated
    def _updated(self, body: Any) -> None:
        """An update shows at once, keeps what it can't change, and issues a secret only where it switches that on."""
        fullest: Any = max(
            self._bench.examples(self._resource.create), key=lambda example: len(str(example)), default={}
        )
        plainest: Any = next(iter(self._bench.examples(self._resource.create)), {})
        for start in (plainest, fullest):
            _, record = self._create(start)
            before = self._read(record) if record else None
            if record is None or before is None:
                return
            self._update(record, body, before)
            self._delete(record)

    def _update(self, record: str, body: Any, before: requests.Response) -> None:
        update, read = self._resource.update, self._resource.read
        if update is None or read is None:
            return
        answer = self._bench.send(update, self._of(record), json=body)
        if not answer.ok:
            self._broken(update, "examples_work", answer, "an example of the contract is refused", "a success")
            return
        after = self._read(record)
        if after is None:
            return
        self._reads_back(body, after, "what was sent when updating")
        self._stays(before, after)
        self._empties(body, after)
        self._issues(answer, before, after)
        again = self._read(record)
        if again is not None and again.text != after.text:
            self._broken(read, "reads_back", again, "the same record reads differently twice in a row", after.text)

    def _stays(self, before: requests.Response, after: requests.Response) -> None:
        """What updating doesn't take is what it was."""
        update, taken = self._resource.update, self._taken
        for name in self._shown:
            old, new = self._bench.value(before, name), self._bench.value(after, name)
            if update is not None and name not in taken and old != new:
                message = f"an update changes {name}, which it doesn't take"
                self._broken(update, "update_keeps", after, message, repr(old), got=repr(new))

    def _empties(self, body: Any, after: requests.Response) -> None:
        """A list that a PUT leaves out is empty afterwards: it replaces the whole."""
        update = self._resource.update
        for name, schema in self._taken.items():
            if (
                update is not None
                and name in self._shown
                and schema.get("type") == "array"
                and name not in inner(body, self._shown)
            ):
                got = self._bench.value(after, name)
                if got not in ([], None):
                    mark = schema.get("x-assumption")
                    message = f"{name} was left out of a PUT, and is still there"
                    self._broken(update, "update_replaces", after, message, "[]", got=repr(got), assumption=mark)

    @property
    def _taken(self) -> dict[str, Mapping[str, Any]]:
        """What updating takes."""
        update, contract = self._resource.update, self._bench.surface.contract
        found: dict[str, Mapping[str, Any]] = {}
        for pointer in update.operation.media_types.values() if update else ():
            outer = properties(contract, contract.at(pointer))
            found |= outer if len(outer) != 1 else properties(contract, next(iter(outer.values())))
        return found

    def _issues(self, answer: requests.Response, before: requests.Response, after: requests.Response) -> None:
        """The answer with a secret comes when a switch was turned on, and only then."""
        update = self._resource.update
        if update is None or self._secret is None:
            return
        issuing = [
            code for code in update.operation.responses if code.startswith("2") and self._secret_in(update, code)
        ]
        flags = [
            name for name, schema in self._shown.items() if schema.get("type") == "boolean" and name in self._taken
        ]
        if not issuing or not flags:
            return
        switched = any(self._bench.value(after, flag) and not self._bench.value(before, flag) for flag in flags)
        if switched != (str(answer.status_code) in issuing):
            mark = self._judge.places.assumption_of_response(update, issuing[0])
            where = self._judge.places.of_response(update, issuing[0])
            words = (
                "switches signing on, but shows no secret" if switched else "shows a secret, but switched nothing on"
            )
            expected = issuing[0] if switched else "another success"
            self._broken(
                update, "secret_when_issued", answer, f"an update {words}", expected, where=where, assumption=mark
            )
        elif switched:
            self._note_secret(update, answer)

    def _secret_in(self, call: Call, status: str) -> bool:
        return self._secret in self._bench.surface.properties(call.operation, status)

    # ---------------------------------------------------------------- renewed
    def _renewed(self, call: Call) -> None:
        """An operation that issues another secret issues a new one; the limit that it declares holds; without a secret
        there is nothing to renew."""
        for body in self._bench.examples(self._resource.create):
            created, record = self._create(body)
            if record is None:
                continue
            has_secret = self._bench.value(created, str(self._secret)) is not None
            answer = self._bench.send(call, self._of(record))
            if has_secret and not answer.ok:
                self._broken(call, "renewing_works", answer, "a secret can't be renewed", "a success")
            elif has_secret:
                self._note_secret(call, answer)
                self._is_limited(call, record)
            elif answer.ok:
                mark = self._judge.places.assumption_of_call(call)
                self._broken(
                    call, "renewing_works", answer, "a secret that doesn't exist is renewed", "400", assumption=mark
                )
            self._delete(record)

    def _is_limited(self, call: Call, record: str) -> None:
        if "429" in call.operation.responses:
            again = self._bench.send(call, self._of(record))
            if again.status_code != requests.codes.too_many_requests:
                mark = self._judge.places.assumption_of_response(call, "429")
                message = "the limit that the contract declares doesn't hold"
                self._broken(call, "limit_holds", again, message, "429 with Retry-After", assumption=mark)

    def _note_secret(self, call: Call, answer: requests.Response) -> None:
        secret = self._bench.value(answer, str(self._secret))
        if isinstance(secret, str):
            if secret in self._secrets:
                self._broken(
                    call, "secret_is_new", answer, "a secret was issued before", "a new one", severity="critical"
                )
            self._secrets.add(secret)

    # ---------------------------------------------------------------- stores
    def _unknown_store(self) -> None:
        store = self._bench.ownership.marks.prefix + "store"
        tenant = dict.fromkeys(self._tenant, store)
        for call in filter(None, (self._resource.list, self._resource.create)):
            if tenant and self._bench.can(call):
                example = next(iter(self._bench.examples(call)), None)
                answer = self._bench.send(call, tenant, json=example)
                if answer.status_code != requests.codes.not_found:
                    mark = self._judge.places.assumption_of_response(call, "404")
                    message = "a store that doesn't exist isn't refused"
                    self._broken(call, "unknown_store", answer, message, "404", assumption=mark)

    def _other_store(self) -> None:
        """Stores share nothing: a record of one isn't found in another, and can't be changed from there."""
        body: Any = next(iter(self._bench.examples(self._resource.create)), {})
        _, record = self._create(body)
        if record is None:
            return
        there = self._bench.of(
            self._resource, record, dict.fromkeys(self._tenant, str(self._bench.plan.options.other_store))
        )
        for call in (self._resource.read, self._resource.update, *self._resource.others, self._resource.delete):
            if call is not None and self._bench.can(call):
                answer = self._bench.send(call, there, json=next(iter(self._bench.examples(call)), None))
                if answer.status_code not in GONE:
                    message = "a record of one store is reached from another"
                    self._broken(call, "stores_are_apart", answer, message, "404", severity="critical")
        self._not_listed_in(there, record)
        self._read(record)
        self._delete(record)

    def _not_listed_in(self, there: Mapping[str, str], record: str) -> None:
        call = self._resource.list
        if call is not None and self._bench.can(call):
            listing = Listing(self._bench.surface, call)
            query = {**self._search(call), **listing.paging(1, listing.largest_page)}
            tenant = {name: value for name, value in there.items() if name in self._tenant}
            answer = self._bench.send(call, tenant, params=query)
            if any(row.get(self._resource.id_name) == record for row in listing.rows(answer)):
                message = "a list shows a record of another store"
                self._broken(call, "stores_are_apart", answer, message, "no such row", severity="critical")

    # ---------------------------------------------------------------- steps
    def _of(self, record: str) -> dict[str, str]:
        return self._bench.of(self._resource, record, self._tenant)

    def _read(self, record: str) -> requests.Response | None:
        """A record that must be there; None if it isn't, or can't be read at all."""
        call = self._resource.read
        if call is None or not self._bench.can(call):
            return None
        answer = self._bench.send(call, self._of(record))
        if not answer.ok:
            self._broken(call, "reads_back", answer, "a record that exists can't be read", "200", severity="critical")
            return None
        if self._bench.value(answer, self._resource.id_name) not in (record, None):
            self._broken(call, "reads_back", answer, "another record is read than the one that was named", record)
        return answer

    def _delete(self, record: str) -> requests.Response:
        return self._bench.send(self._resource.delete, self._of(record))

    def _search(self, call: Call) -> dict[str, str]:
        if call.record is not None:
            return {}
        listing = Listing(self._bench.surface, call)
        marks = self._bench.ownership.marks
        queries = (listing.search(name, marks.host) for name in sorted(marks.searchable(self._resource.create)))
        return next((query for query in queries if query), {})

    def _broken(
        self, call: Call, promise: str, answer: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        self._judge.broken(call, promise, answer, expected=expected, message=message, **details)


def named_examples(bench: Bench, call: Call) -> list[tuple[str, Any]]:
    """The bodies that the contract shows for an operation, with their names."""
    contract = bench.surface.contract
    content = contract.resolved(call.declared.get("requestBody", {})).get("content", {})
    names = [name for media_type in content.values() for name in media_type.get("examples", {"example": None})]
    return list(zip(names, bench.examples(call), strict=False))


def inner(body: Any, shown: Mapping[str, Any]) -> Json:
    """The properties that were sent, without the root key that wraps them."""
    if isinstance(body, dict) and len(body) == 1 and not body.keys() & shown.keys():
        (value,) = body.values()
        return value if isinstance(value, dict) else {}
    return body if isinstance(body, dict) else {}


def _answer_examples(bench: Bench, call: Call, status: str) -> dict[str, Any]:
    contract = bench.surface.contract
    content = contract.resolved(call.declared["responses"].get(status, {})).get("content", {})
    shown = (media_type.get("examples", {}) for media_type in content.values())
    return {name: contract.resolved(entry).get("value") for examples in shown for name, entry in examples.items()}


def _same(sent: Any, got: Any) -> bool:
    """Whether a value read back is the one that was sent; objects may have gained properties that are null."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(_same(value, got.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(_same(*pair) for pair in zip(sent, got, strict=True))
    return bool(sent == got)
