"""The steps that stories about a record are made of: create, read, delete, and compare.

What is compared comes from the contract: a property that is sent and that reading declares must read back as sent. A
property of the answer to creating that reading doesn't declare is a secret: it is shown once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import Listing
from mockserver.checks.live.scenarios.context import Bench, Json, inner
from mockserver.checks.transport.ledger import is_id
from mockserver.openapi.resources import Call, Resource, properties


class Steps:
    """Steps with the records of one resource, in one store."""

    def __init__(self, bench: Bench, resource: Resource, tenant: Mapping[str, str]) -> None:
        self.bench, self.resource, self.tenant = bench, resource, dict(tenant)
        self.judge = bench.judge
        read = resource.read
        self.shown = bench.surface.properties(read.operation, "2") if read else {}
        created = bench.surface.properties(resource.create.operation, "2")
        self.secret = next((name for name in created if name not in self.shown and name != resource.id_name), None)
        self.secrets: set[str] = set()

    def create(self, body: Any) -> tuple[requests.Response, str | None]:
        """The answer to creating, and the new id; None if there is none."""
        create = self.resource.create
        answer = self.bench.send(create, self.tenant, json=body)
        record = self.bench.value(answer, self.resource.id_name)
        if not is_id(record):
            self.broken(
                create, Promise.EXAMPLES_WORK, answer, "an example of the contract is refused", "a success, and an id"
            )
            return answer, None
        self.note_secret(create, answer)
        self.fits(str(record), answer)
        return answer, str(record)

    def fits(self, record: str, answer: requests.Response) -> None:
        """A new id is one that the operations on the record take."""
        create, delete = self.resource.create, self.resource.delete
        parameter = next(one for one in delete.operation.parameters if one.name == self.resource.parameter)
        if not self.bench.surface.contract.validator(parameter.pointer).is_valid(record):
            where, _ = self.judge.places.of_value(create, str(answer.status_code), [self.resource.id_name])
            message = "the id of a new record isn't one that other operations take"
            self.broken(create, Promise.IDS_FIT, answer, message, str(parameter.schema.get("pattern", "")), where=where)

    def reads_back(self, body: Any, read: requests.Response, what: str) -> None:
        """What was sent is what reading shows."""
        call = self.resource.read
        for name, sent in inner(body, self.shown).items():
            got = self.bench.value(read, name)
            if name in self.shown and call is not None and not same(sent, got):
                where, mark = self.judge.places.of_value(call, "200", [name])
                message = f"{name} doesn't read back as {what}"
                self.broken(
                    call, Promise.READS_BACK, read, message, repr(sent), got=repr(got), where=where, assumption=mark
                )

    def is_listed(self, record: str, body: Any, read: requests.Response | None) -> None:
        """A record is in the list as it was sent, and as it is read."""
        call, listing, answer, row = self._row(record)
        if call is None or listing is None or answer is None:
            return
        if row is None:
            if len(listing.rows(answer)) < listing.largest_page:
                self.broken(call, Promise.LIST_IS_CURRENT, answer, "a new record isn't in the list", "the record")
            return
        wanted = {name: self.bench.value(read, name) for name in listing.row} if read is not None else {}
        wanted |= {name: sent for name, sent in inner(body, listing.row).items() if name in listing.row}
        for name, value in wanted.items():
            if value is not None and not same(value, row.get(name)):
                where, mark = self.judge.places.of_value(call, "200", [listing.rows_name, 0, name])
                details = {"got": repr(row.get(name)), "where": where, "assumption": mark}
                message = f"{name} in the list isn't what was sent, or is read"
                self.broken(call, Promise.LIST_IS_CURRENT, answer, message, repr(value), **details)

    def is_unlisted(self, record: str) -> None:
        """A record isn't in the list any more."""
        call, _, answer, row = self._row(record)
        if call is not None and answer is not None and row is not None:
            self.broken(call, Promise.LIST_IS_CURRENT, answer, "a deleted record is still in the list", "no such row")

    def _row(self, record: str) -> tuple[Call | None, Listing | None, requests.Response | None, Json | None]:
        """The row of a record in the list, if there is a list."""
        call = self.resource.list
        if call is None or not self.bench.can(call):
            return None, None, None, None
        listing = Listing(self.bench.surface, call)
        query = {**self.search(call), **listing.paging(1, listing.largest_page)}
        answer = self.bench.send(call, self.tenant, params=query)
        rows = listing.rows(answer)
        return call, listing, answer, next((row for row in rows if row.get(self.resource.id_name) == record), None)

    def note_secret(self, call: Call, answer: requests.Response) -> None:
        """Every secret is a new one."""
        secret = self.bench.value(answer, str(self.secret))
        if isinstance(secret, str):
            if secret in self.secrets:
                self.broken(
                    call, Promise.SECRET_IS_NEW, answer, "a secret was issued before", "a new one", severity="critical"
                )
            self.secrets.add(secret)

    def takes(self, call: Call | None) -> dict[str, Mapping[str, Any]]:
        """The properties that a body may have, without the root key that wraps them."""
        found: dict[str, Mapping[str, Any]] = {}
        for schema in self._bodies(call):
            found |= properties(self.bench.surface.contract, schema)
        return found

    def branch(self, call: Call | None, sent: Mapping[str, Any]) -> set[str]:
        """The properties that a body may have, given what is sent: those of the alternative that fits."""
        contract = self.bench.surface.contract
        for schema in self._bodies(call):
            for alternative in schema.get("oneOf", schema.get("anyOf", [schema])):
                found, needed = properties(contract, alternative), contract.resolved(alternative).get("required", ())
                if set(needed) <= sent.keys() <= found.keys():
                    return set(found)
        return set()

    def _bodies(self, call: Call | None) -> Iterator[Mapping[str, Any]]:
        contract = self.bench.surface.contract
        for pointer in call.operation.media_types.values() if call else ():
            outer = properties(contract, contract.at(pointer))
            yield contract.at(pointer) if len(outer) != 1 else contract.resolved(next(iter(outer.values())))

    def of(self, record: str) -> dict[str, str]:
        """The path parameters that name a record."""
        return self.bench.of(self.resource, record, self.tenant)

    def read(self, record: str) -> requests.Response | None:
        """A record that must be there; None if it isn't, or can't be read at all."""
        call = self.resource.read
        if call is None or not self.bench.can(call):
            return None
        answer = self.bench.send(call, self.of(record))
        if not answer.ok:
            self.broken(
                call, Promise.READS_BACK, answer, "a record that exists can't be read", "200", severity="critical"
            )
            return None
        if self.bench.value(answer, self.resource.id_name) != record:
            self.broken(call, Promise.READS_BACK, answer, "another record is read than the one that was named", record)
        return answer

    def delete(self, record: str) -> requests.Response:
        """The answer to deleting."""
        return self.bench.send(self.resource.delete, self.of(record))

    def search(self, call: Call) -> dict[str, str]:
        """The query for records of this run, if the operation is a list that can be searched."""
        if call.record is not None:
            return {}
        listing = Listing(self.bench.surface, call)
        marks = self.bench.ownership.marks
        queries = (listing.search(name, marks.host) for name in sorted(marks.searchable(self.resource.create)))
        return next((query for query in queries if query), {})

    def broken(
        self, call: Call, promise: Promise, answer: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        """A promise that isn't kept."""
        self.judge.broken(call, promise, answer, expected=expected, message=message, **details)


def named_examples(bench: Bench, call: Call) -> list[tuple[str, Any]]:
    """The bodies that the contract shows for an operation, with their names."""
    contract = bench.surface.contract
    content = contract.resolved(call.declared.get("requestBody", {})).get("content", {})
    names = [name for media_type in content.values() for name in media_type.get("examples", {"example": None})]
    return list(zip(names, bench.examples(call), strict=False))


def same(sent: Any, got: Any) -> bool:
    """Whether a value read back is the one that was sent; objects may have gained properties that are null."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(same(value, got.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(same(*pair) for pair in zip(sent, got, strict=True))
    return bool(sent == got)


def answer_examples(bench: Bench, call: Call, status: str) -> dict[str, Any]:
    """The bodies that the contract shows for an answer, by name."""
    contract = bench.surface.contract
    content = contract.resolved(call.declared["responses"].get(status, {})).get("content", {})
    shown = (media_type.get("examples", {}) for media_type in content.values())
    return {name: contract.resolved(entry).get("value") for examples in shown for name, entry in examples.items()}
