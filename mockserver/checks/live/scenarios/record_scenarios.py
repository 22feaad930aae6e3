"""The base of scenarios about records: create, read, delete, and compare.

The contract says what to compare: a property that is sent and that reading declares must read back as sent. A property
of the response to creating that reading doesn't declare is a secret: it is shown once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.step import Condition
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.answer_shapes import required_of, schema_of
from mockserver.checks.live.scenarios.context import Json, ScenarioContext, inner
from mockserver.checks.live.scenarios.sameness import reads_as_sent
from mockserver.checks.transport.ledger import is_id
from mockserver.checks.transport.record_ids import RecordKey, id_text, typed_id
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call, Resource, properties
from mockserver.openapi.shown_bodies import shown_bodies

GONE = (404, 410)
IS_GONE = Condition(allowed=tuple(map(str, GONE)))
LACKS = "page 1 lacks rows that the total counts"
_Look = tuple[Call, ListReader, requests.Response, Json | None]


class RecordScenarios:
    """The steps of scenarios with the records of one resource, in one store."""

    def __init__(self, context: ScenarioContext, resource: Resource, tenant: Mapping[str, str]) -> None:
        self.context, self.resource, self.tenant = context, resource, dict(tenant)
        self.collector = context.collector
        read = resource.read
        self.shown = context.surface.properties(read.operation, "2") if read else {}
        created = context.surface.properties(resource.create.operation, "2")
        self.secret = next((name for name in created if name not in self.shown and name != resource.id_name), None)

    def create(self, body: Any) -> tuple[requests.Response, str | None]:
        """The response to creating, and the new id; None if there is none that other operations take, which is told."""
        create = self.resource.create
        response = self.context.send(create, self.tenant, json=body)
        if response.status_code == requests.codes.conflict:  # that of an earlier scenario may be in the way
            response = self.context.send(create, self.tenant, json=self.context.fresh(create, body))
        record = self.context.record_id(response, self.resource.id_name)
        if not is_id(record):
            self._without_id(response)
            return response, None
        self.note_secret(create, response)
        return response, str(record) if self.fits(str(record), response) else None

    def _without_id(self, response: requests.Response) -> None:
        """Report a response to creating that is no success, or names no record in a way that paths can."""
        create, name, status = self.resource.create, self.resource.id_name, str(response.status_code)
        message, details = "an example of the contract is refused", dict[str, Any]()
        if record := self.context.record_id(response, name):
            where, _ = self.collector.locations.of_value(create, status, [name])
            message = "the id of a new record can't be one step of a path"
            expected = "short visible text without white space, `/`, `?`, `#`, `%` or a backslash"
            self.broken_promise(create, Promise.IDS_FIT, response, message, expected, got=repr(record), where=where)
            return
        if succeeded(response):
            message = f"the answer to creating has no {name}"
            details["where"], details["assumption"] = self.collector.locations.of_missing(create, status, [], name)
        self.broken_promise(create, Promise.EXAMPLES_WORK, response, message, "a success, and an id", **details)

    def fits(self, record: str, response: requests.Response) -> bool:
        """Whether the operations on the record take a new id; one that they don't take is reported."""
        create, delete = self.resource.create, self.resource.delete
        parameter = next(one for one in delete.operation.parameters if one.name == self.resource.parameter)
        is_taken = self.context.surface.contract.validator(parameter.pointer).is_valid(
            typed_id(record, parameter.schema)
        )
        if not is_taken:
            where, _ = self.collector.locations.of_value(create, str(response.status_code), [self.resource.id_name])
            message = "the id of a new record isn't one that other operations take"
            self.broken_promise(
                create, Promise.IDS_FIT, response, message, str(parameter.schema.get("pattern", "")), where=where
            )
        return bool(is_taken)

    def reads_back(self, body: Any, read: requests.Response, what: str) -> None:
        """Report each property that doesn't read as it was sent."""
        call = self.resource.read
        told = self._needed(call) - self.context.content(read).keys()
        for name, sent in inner(body, self.shown).items():
            got = self.context.value(read, name)
            if name not in self.shown or call is None or name in told:
                continue
            if not reads_as_sent(self.context.surface.contract, call, read, [name], (sent, got)):
                where, mark = self.collector.locations.of_value(call, "200", [name])
                message = f"{name} doesn't read back as {what}"
                self.broken_promise(
                    call, Promise.READS_BACK, read, message, repr(sent), got=repr(got), where=where, assumption=mark
                )

    def is_listed(self, record: str, body: Any, read: requests.Response | None) -> None:
        """Report a record that isn't in the list, or not as it was sent and is read."""
        seen = self._looked_for(record, listed=True)
        if seen is None:
            return
        call, reader, response, row = seen
        if row is None:
            self._is_missing(call, reader, response)
            return
        shown = self.context.content(read) if read is not None else {}
        wanted = {name: shown[name] for name in reader.row if name in shown}
        wanted |= {name: sent for name, sent in inner(body, reader.row).items() if name in reader.row}
        told = self._needed(call, reader.rows_name) - row.keys()
        place: list[str | int] = [*filter(None, [reader.rows_name]), reader.rows(response).index(row)]
        for name, value in wanted.items():
            contract, values = self.context.surface.contract, (value, row.get(name))
            if name not in told and not reads_as_sent(contract, call, response, [*place, name], values):
                where, mark = self.collector.locations.of_value(call, "200", [reader.rows_name, 0, name])
                details = {"got": repr(row.get(name)), "where": where, "assumption": mark}
                message = f"{name} in the list isn't what was sent, or is read"
                self.broken_promise(call, Promise.LIST_IS_CURRENT, response, message, repr(value), **details)

    def _needed(self, call: Call | None, rows_name: str = "") -> set[str]:
        """The properties that a record, or a row of it, has to have: one without them breaks its schema, which is told
        by itself."""
        contract = self.context.surface.contract
        schema = schema_of(self.context.surface, call, "200") if call else {}
        rows = properties(contract, schema).get(rows_name, {})
        return required_of(contract, contract.resolved(rows.get("items", {})) if rows_name else schema)

    def _is_missing(self, call: Call, reader: ListReader, response: requests.Response) -> None:
        """Report a list without a record that could be on this page; or its first page, if it leaves out all rows that
        the list itself counts."""
        rows = reader.rows(response)
        if reader.hides_rows(response, self.resource.id_name):
            return  # which breaks its schema
        if reader.page is not None and not rows and reader.total(response).get("filtered"):
            name, locations = reader.page.name, self.collector.locations
            place = {
                "where": locations.of_parameter(call, name),
                "assumption": locations.assumptions_of_parameter(call, name),
            }
            self.broken_promise(call, Promise.LIST_PAGES, response, LACKS, "the record", cause=name, **place)
        elif len(rows) < reader.largest_page:
            message = "a new record isn't in the list"
            self.broken_promise(call, Promise.LIST_IS_CURRENT, response, message, "the record")

    def is_unlisted(self, record: str) -> None:
        """Report a deleted record that is still in the list."""
        seen = self._looked_for(record, listed=False)
        if seen is not None and seen[-1] is not None:
            call, _, response, _ = seen
            self.broken_promise(
                call, Promise.LIST_IS_CURRENT, response, "a deleted record is still in the list", "no such row"
            )

    def _looked_for(self, record: str, *, listed: bool) -> _Look | None:
        """The list, and the row of a record in it, after some patience until it is as it should be; None if there is
        no list. One that lags is told as such."""
        call = self.resource.list
        if call is None or not self.context.can_call(call):
            return None
        looks: list[_Look] = []

        def agrees() -> bool:
            looks.append(self._row(call, record))
            _, reader, response, row = looks[-1]
            full = len(reader.rows(response)) >= reader.largest_page
            return not succeeded(response) or (row is not None) == listed or (listed and full)

        report_lag(self.context, call, self.context.seconds_until(call, agrees), looks[-1][2])
        return looks[-1]

    def _row(self, call: Call, record: str) -> _Look:
        """The row of a record in a list; None if it isn't there."""
        reader = ListReader(self.context.surface, call)
        query = {**self.search(call), **reader.paging(1, reader.largest_page)}
        response = self.context.send(call, self.tenant, params=query)
        rows = reader.rows(response)
        row = next((row for row in rows if id_text(row.get(self.resource.id_name)) == record), None)
        return call, reader, response, row

    def note_secret(self, call: Call, response: requests.Response) -> None:
        """Report a secret that was issued before."""
        secret = self.context.value(response, str(self.secret))
        if isinstance(secret, str):
            if secret in self.context.issued_secrets:
                self.broken_promise(
                    call,
                    Promise.SECRET_IS_NEW,
                    response,
                    "a secret was issued before",
                    "a new one",
                    severity="critical",
                )
            self.context.issued_secrets.add(secret)

    def takes(self, call: Call | None) -> dict[str, Mapping[str, Any]]:
        """The properties that a body may have, without the root key that wraps them."""
        found: dict[str, Mapping[str, Any]] = {}
        for schema in self._bodies(call):
            found |= properties(self.context.surface.contract, schema)
        return found

    def branch(self, call: Call | None, sent: Mapping[str, Any]) -> set[str]:
        """The properties that a body may have, given what is sent: those of the alternative that fits."""
        contract = self.context.surface.contract
        for schema in self._bodies(call):
            for alternative in schema.get("oneOf", schema.get("anyOf", [schema])):
                found, needed = properties(contract, alternative), contract.resolved(alternative).get("required", ())
                if set(needed) <= sent.keys() <= found.keys():
                    return set(found)
        return set()

    def _bodies(self, call: Call | None) -> Iterator[Mapping[str, Any]]:
        contract = self.context.surface.contract
        for pointer in call.operation.media_types.values() if call else ():
            outer = properties(contract, contract.at(pointer))
            yield contract.at(pointer) if len(outer) != 1 else contract.resolved(next(iter(outer.values())))

    def arguments_of(self, record: str) -> dict[str, str]:
        """The path parameters that name a record."""
        return self.context.arguments_of(self.resource, record, self.tenant)

    def read(self, record: str) -> requests.Response | None:
        """A record that must be there; None if it isn't, or can't be read at all."""
        call = self.resource.read
        if call is None or not self.context.can_call(call):
            return None
        response = self.context.send(call, self.arguments_of(record))
        if not succeeded(response):
            self.broken_promise(
                call, Promise.READS_BACK, response, "a record that exists can't be read", "200", severity="critical"
            )
            return None
        if self.context.record_id(response, self.resource.id_name) != record:
            self.broken_promise(
                call, Promise.READS_BACK, response, "another record is read than the one that was named", record
            )
        return response

    def differ(self, before: requests.Response, after: requests.Response) -> bool:
        """Whether a record is shown in two ways: in what the contract knows of it, as the rest may be about the answer,
        such as its time."""
        return any(self.context.value(before, name) != self.context.value(after, name) for name in self.shown)

    def is_there(self, record: str) -> bool:
        """Whether a new record is there, as far as it can be read; that it isn't is told."""
        can_read = self.resource.read is not None and self.context.can_call(self.resource.read)
        return not can_read or self.read(record) is not None

    def are_ours(self, *records: str) -> bool:
        """Whether nothing shows new records to be somebody else's, or each other; that one is, is told. Comparing it
        says nothing, as its owner may change it at any time. Those that aren't proven are looked at."""
        context, ownership = self.context, self.context.ownership
        keys = [RecordKey(self.resource.create.id, record) for record in records]
        for key in keys:
            if key in ownership.records and not ownership.records[key].proven:
                ownership.prove(key, context.ask, context.pause)
        return not any(map(ownership.may_be_foreign, keys))

    def delete(self, record: str) -> requests.Response:
        """The response to deleting."""
        return self.context.send(self.resource.delete, self.arguments_of(record))

    def search(self, call: Call) -> dict[str, str]:
        """The query for records of this run, if the operation is a list that can be searched."""
        if call.record is not None:
            return {}
        reader = ListReader(self.context.surface, call)
        return reader.search_any(self.context.ownership.marks.searches(self.resource.create))

    def broken_promise(
        self, call: Call, promise: Promise, response: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        """Report a promise that isn't kept."""
        self.collector.broken_promise(call, promise, response, expected=expected, message=message, **details)


def report_lag(context: ScenarioContext, call: Call, seconds: float | None, response: requests.Response) -> None:
    """Tell that a list shows a change only after a while: no record is lost, but a reader may be misled."""
    if seconds:
        message = "the list lags behind what was created or deleted"
        details = {"message": message, "severity": "low", "got": f"about {seconds:g} s later", "cause": "lags"}
        context.collector.broken_promise(call, Promise.LIST_IS_CURRENT, response, expected="at once", **details)


def named_examples(context: ScenarioContext, call: Call) -> list[tuple[str, Any]]:
    """The bodies that the contract shows for an operation, with their names."""
    names = shown_bodies(context.surface.contract, call)
    return list(zip(names, context.examples(call), strict=True))


def response_examples(context: ScenarioContext, call: Call, status: str) -> dict[str, Any]:
    """The bodies that the contract shows for a response, by name."""
    contract = context.surface.contract
    content = contract.resolved(call.declared["responses"].get(status, {})).get("content", {})
    shown = (media_type.get("examples", {}) for media_type in content.values())
    return {name: contract.resolved(entry).get("value") for examples in shown for name, entry in examples.items()}
