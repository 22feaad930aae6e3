"""Isolation of stores: an unknown store is a 404, and no store sees or changes the records of another."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.context import Scenario, inner
from mockserver.checks.live.scenarios.effects import Effects
from mockserver.checks.live.scenarios.list_pages import judge_unfiltered_count
from mockserver.checks.live.scenarios.record_scenarios import GONE, IS_GONE, RecordScenarios
from mockserver.checks.transport.ledger import is_id
from mockserver.checks.transport.record_ids import id_text
from mockserver.checks.transport.refusals import refusals
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call

MOST_PAGES = 40  # of a list that is searched for a record of another store
NO_STORE = "a store that doesn't exist isn't refused"
NEWEST = 4  # pages of the newest rows, which are looked at, too: a search may be broken


class StoreIsolationScenarios(RecordScenarios):
    """Scenarios of one resource in a store that doesn't exist, and in two that do."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        yield "unknown store", self._unknown_store
        if self._in_other_case not in (self.tenant, self._there) and self.context.can_call(self.resource.read):
            yield "store in other case", self._store_in_other_case
        if self.context.plan.options.other_store:
            yield "other store", self._other_store

    def _unknown_store(self) -> None:
        store = self.context.ownership.marks.prefix + "store"
        tenant = dict.fromkeys(self.tenant, store)
        for call in filter(None, (self.resource.list, self.resource.create)):
            if tenant and refusals(call, "404") and self.context.can_call(call):
                example = next(iter(self.context.examples(call)), None)
                response = self.context.send(call, tenant, json=example)
                if response.status_code != requests.codes.not_found:
                    mark = self.collector.locations.assumptions_of_response(call, "404")
                    self.broken_promise(call, Promise.UNKNOWN_STORE, response, NO_STORE, "404", assumption=mark)

    @property
    def _in_other_case(self) -> dict[str, str]:
        return {name: value.swapcase() for name, value in self.tenant.items()}

    def _store_in_other_case(self) -> None:
        """The code of a store in other case is that of another one. There may be such a store: only a record of this
        one proves that it is the same."""
        call = self.resource.read
        _, record = self.create(next(iter(self.context.examples(self.resource.create)), {}))
        if record is None or call is None:
            return
        response = self.context.send(call, self._arguments(record, self._in_other_case))
        if Effects(self.context, self.resource).tells(response, record):
            mark = self.collector.locations.assumptions_of_response(call, "404")
            self.broken_promise(call, Promise.UNKNOWN_STORE, response, NO_STORE, "404", assumption=mark)
        self.delete(record)

    # ---------------------------------------------------------------- two stores
    @property
    def _there(self) -> dict[str, str]:
        return dict.fromkeys(self.tenant, str(self.context.plan.options.other_store))

    def _other_store(self) -> None:
        """Stores share nothing: a record of one isn't found in another, and can't be changed from there."""
        body = self._signed_body()
        response = self._ask(self.resource.create, self._there, json=body)
        stranger = self.context.record_id(response, self.resource.id_name)
        if not is_id(stranger):
            message = f"creating a {self.resource.create.kind} there answers {response.status_code}: does it exist?"
            store = self.context.plan.options.other_store
            self.collector.not_judged(f"whether stores see each other, as for --other-store {store}", message)
            return
        try:
            self._is_hidden(str(stranger), self.tenant)
            self._not_listed_in(self.tenant, str(stranger))
            self._is_out_of_reach(body)
        finally:
            self.context.ask(self.resource.delete, self._arguments(str(stranger), self._there))

    def _signed_body(self) -> Any:
        """The example that makes the most of a record: with a secret, if there is one."""
        bodies = self.context.examples(self.resource.create) or [{}]
        return next(
            (body for body in bodies if any(one is True for one in inner(body, self.shown).values())), bodies[0]
        )

    def _is_out_of_reach(self, body: Any) -> None:
        """No operation under the other store reaches a record of this one."""
        _, record = self.create(body)
        if record is None:
            return
        try:
            before = self.read(record)
            self._is_hidden(record, self._there)
            changes = (self.resource.update, *self.resource.others, self.resource.delete)
            refused = [self._is_refused(one, record) for one in changes if one and self.context.can_call(one)]
            self._not_listed_in(self._there, record)
            if not all(refused):
                return  # what reading shows now only follows
            after = self.read(record)
            if before is not None and after is not None and self.differ(before, after) and self.resource.update:
                message = "a record differs after requests to another store"
                self._breach(self.resource.update, after, message, before.text)
        finally:
            self.delete(record)

    def _is_hidden(self, record: str, tenant: Mapping[str, str]) -> None:
        """Reading in another store doesn't find a record."""
        call = self.resource.read
        if call is None or not self.context.can_call(call):
            return
        response = self._ask(call, self._arguments(record, tenant))
        if Effects(self.context, self.resource).tells(response, record):
            self._breach(call, response, "a record of one store is read in another", condition=IS_GONE)
        else:
            self._has_another_status(call, response)

    def _is_refused(self, call: Call, record: str) -> bool:
        """Whether a change under another store isn't carried out; one that is, is reported."""
        effects, here = Effects(self.context, self.resource), self.arguments_of(record)
        body, text = effects.telling_body(call)
        response = self._ask(call, self._arguments(record, self._there), json=body)
        if effects.seen(call, response, here, text):
            message = f"a record of one store is changed from another ({call.method})"
            self._breach(call, response, message, condition=IS_GONE)
            return False
        self._has_another_status(call, response)
        return True

    def _breach(
        self, call: Call, response: requests.Response, message: str, expected: str = "404", **details: Any
    ) -> None:
        details |= {"severity": "critical"}
        self.broken_promise(call, Promise.STORES_ARE_APART, response, message, expected, **details)

    def _has_another_status(self, call: Call, response: requests.Response) -> None:
        """A refusal in other words, or a success that does nothing, is no breach."""
        if response.status_code not in GONE and "404" in call.operation.responses:
            message = f"a record that isn't in this store is a {response.status_code}, without an effect"
            self.broken_promise(
                call, Promise.STATUS_CODE_CONFORMANCE, response, message, "404", severity="low", condition=IS_GONE
            )

    # ---------------------------------------------------------------- lists
    def _not_listed_in(self, there: Mapping[str, str], record: str) -> None:
        """No list of a store shows a record of another: not among the rows with our mark, or all rows if it can't be
        searched, and not among the newest; nor does it count any. A list that is too long for that, or fails, isn't
        judged."""
        call = self.resource.list
        if call is None or not self.context.can_call(call):
            return
        reader = ListReader(self.context.surface, call)
        ended, failed = False, ""
        newest_first = reader.newest_first
        for query, most in (({**self.search(call), **newest_first}, MOST_PAGES), (newest_first, NEWEST)):
            pages = self._pages(reader, there, query, most)
            for response, is_last in pages:
                if any(id_text(row.get(self.resource.id_name)) == record for row in reader.rows(response)):
                    self._breach(call, response, "a list shows a record of another store", "no such row")
                    return
                ended = ended or is_last
                failed = failed if succeeded(response) else f"its list answered {response.status_code}, so"
            if query == newest_first:
                first = {**query, **reader.paging(1, reader.largest_page)}
                judge_unfiltered_count(self.context, reader, response, partial(self._ask, call, there, params=first))
        if not ended:
            reason = failed or f"after {MOST_PAGES * reader.largest_page} rows"
            self.collector.not_judged(call.id, f"{reason} it isn't known whether it shows another store's")

    def _pages(
        self, reader: ListReader, there: Mapping[str, str], query: Mapping[str, str], most: int
    ) -> Iterator[tuple[requests.Response, bool]]:
        """The pages of a list, and of each whether it is the last one."""
        for page in range(1, most + 1):
            params = {**query, **reader.paging(page, reader.largest_page)}
            response = self._ask(reader.call, there, params=params)
            is_full = len(reader.rows(response)) >= reader.largest_page and reader.page is not None
            yield response, succeeded(response) and not is_full
            if not is_full:
                return

    def _ask(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
        """The response to the run itself about two stores: a 403 says what it may do there, and nothing else."""
        return self.context.send(call, arguments, headers=self.context.headers, **options)

    def _arguments(self, record: str, tenant: Mapping[str, str]) -> dict[str, str]:
        return self.context.arguments_of(self.resource, record, tenant)
