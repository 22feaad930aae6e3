"""Isolation of stores: an unknown store is a 404, and no store sees the records of another."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.record_scenarios import GONE, RecordScenarios


class StoreIsolationScenarios(RecordScenarios):
    """Scenarios of one resource in a store that doesn't exist, and in two that do."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        yield "unknown store", self._unknown_store
        if self.context.plan.options.other_store:
            yield "other store", self._other_store

    def _unknown_store(self) -> None:
        store = self.context.ownership.marks.prefix + "store"
        tenant = dict.fromkeys(self.tenant, store)
        for call in filter(None, (self.resource.list, self.resource.create)):
            if tenant and self.context.can_call(call):
                example = next(iter(self.context.examples(call)), None)
                response = self.context.send(call, tenant, json=example)
                if response.status_code != requests.codes.not_found:
                    mark = self.collector.locations.assumption_of_response(call, "404")
                    message = "a store that doesn't exist isn't refused"
                    self.broken_promise(call, Promise.UNKNOWN_STORE, response, message, "404", assumption=mark)

    def _other_store(self) -> None:
        """Stores share nothing: a record of one isn't found in another, and can't be changed from there."""
        body: Any = next(iter(self.context.examples(self.resource.create)), {})
        _, record = self.create(body)
        if record is None:
            return
        there = self.context.arguments_of(
            self.resource, record, dict.fromkeys(self.tenant, str(self.context.plan.options.other_store))
        )
        for call in (self.resource.read, self.resource.update, *self.resource.others, self.resource.delete):
            if call is not None and self.context.can_call(call):
                response = self.context.send(call, there, json=next(iter(self.context.examples(call)), None))
                if response.status_code not in GONE:
                    message = "a record of one store is reached from another"
                    self.broken_promise(call, Promise.STORES_ARE_APART, response, message, "404", severity="critical")
        self._not_listed_in(there, record)
        self.read(record)
        self.delete(record)
        self._strangers(body)

    def _strangers(self, body: Any) -> None:
        """A record of the other store isn't in the list of this one."""
        there = dict.fromkeys(self.tenant, str(self.context.plan.options.other_store))
        response = self.context.send(self.resource.create, there, json=body)
        record = self.context.value(response, self.resource.id_name)
        if isinstance(record, str):
            self._not_listed_in(self.tenant, record)
            self.context.send(self.resource.delete, self.context.arguments_of(self.resource, record, there))

    def _not_listed_in(self, there: Mapping[str, str], record: str) -> None:
        call = self.resource.list
        if call is not None and self.context.can_call(call):
            reader = ListReader(self.context.surface, call)
            query = {**self.search(call), **reader.paging(1, reader.largest_page)}
            tenant = {name: value for name, value in there.items() if name in self.tenant}
            response = self.context.send(call, tenant, params=query)
            if any(row.get(self.resource.id_name) == record for row in reader.rows(response)):
                message = "a list shows a record of another store"
                self.broken_promise(
                    call, Promise.STORES_ARE_APART, response, message, "no such row", severity="critical"
                )
