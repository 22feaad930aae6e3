"""Pages of a list: each row is on one of them, they go on in the order that was asked for, and the totals count them.

What is wrong with the pages is one finding, whose requests are those for all pages that matter.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Any, Protocol

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.context import ScenarioContext
from mockserver.checks.live.scenarios.list_rows import ROWS, OwnRows, Page, comparable, listed
from mockserver.checks.live.scenarios.record_scenarios import LACKS
from mockserver.checks.transport.successes import succeeded

FIRST_PAGE = 2  # rows
SIZES = (2, 2, 1, 0)  # rows of each page, and of one past the end


class BreachReporter(Protocol):
    """What reports a promise that a list doesn't keep, at a parameter; `seen` is what was expected, and what came."""

    def __call__(
        self,
        promise: Promise,
        parameter: str,
        response: requests.Response,
        message: str,
        seen: tuple[str, str],
        **details: Any,
    ) -> None: ...


class ListPages:
    """The pages of one list, seen in the rows that scenarios made. `report` is told what is wrong with them."""

    def __init__(self, own: OwnRows, report: BreachReporter) -> None:
        self._own, self._reader, self._report = own, own.reader, report

    def attempt(self) -> None:
        """Find all rows at once, then page by page. What comes later means nothing where the first fails."""
        if not self._own.ids:
            return  # that nothing can be created is told
        response, rows = self._own.query({})
        if sorted(self._own.records(rows)) != sorted(self._own.ids):
            self._not_found(response, rows)
            return
        page, size = self._reader.page, self._reader.size
        if page is None or size is None or len(self._own.ids) < ROWS:
            return
        order = self._reader.order(self._reader.sortable[-1], "asc") if self._reader.sortable else {}
        pages = [
            self._own.query({**order, **self._reader.paging(number, FIRST_PAGE)}) for number in range(1, len(SIZES) + 1)
        ]
        if self._are_lists(pages, page.name) and self._are_whole(pages, page.name, size.name):
            self._are_in_order(pages, order)
        if self._counts(pages[0][0], len(rows)):
            own, params = self._own, self._reader.paging(1, FIRST_PAGE)
            ask = partial(own.context.send, own.call, own.tenant, params=params)
            judge_unfiltered_count(own.context, self._reader, ask(), ask)

    def _not_found(self, response: requests.Response, rows: list[dict[str, Any]]) -> None:
        """The query for our rows doesn't find them, or, if the total says that it does, its first page lacks some."""
        missing = [record for record in self._own.ids if record not in self._own.records(rows)]
        if self._reader.hides_rows(response, self._own.resource.id_name):
            return  # which breaks its schema
        if missing and not self._own.is_there(missing[0]):
            return  # that a new record can't be read is told
        seen, counted = self._own.compared(self._own.ids, response, rows), self._reader.total(response).get("filtered")
        if missing and counted == len(self._own.ids) and self._reader.page is not None:
            self._report(Promise.LIST_PAGES, self._reader.page.name, response, LACKS, seen)
        else:
            name = next(iter(self._own.mark))
            message = f"{name} doesn't find exactly the rows that it describes"
            self._report(Promise.LIST_FILTERS, name, response, message, seen)

    def _are_lists(self, pages: list[Page], name: str) -> bool:
        refused = next((response for response, _ in pages if not succeeded(response)), None)
        if refused is not None:
            message = "a page past the end is refused" if refused is pages[-1][0] else "a page is refused"
            self._report(Promise.LIST_PAGES, name, refused, message, ("a list, if an empty one", "no list"))
        return refused is None

    def _are_whole(self, pages: list[Page], page: str, size: str) -> bool:
        """Whether pages have the size that was asked for, and each row once. The first page tells which parameter is to
        blame."""
        records = [self._own.records(rows) for _, rows in pages]
        sizes = tuple(len(one) for one in records)
        if sizes == SIZES and sorted(chain.from_iterable(records)) == sorted(self._own.ids):
            return True
        message = "5 rows make other pages than they should" if sizes != SIZES else "sorted pages repeat or miss rows"
        expected = f"pages of {', '.join(map(str, SIZES[:-1]))} and {SIZES[-1]} rows, each of these once: "
        seen = (expected + listed(self._own.ids), _paged(records))
        parameter = page if sizes[0] == SIZES[0] else size
        self._report(Promise.LIST_PAGES, parameter, pages[-1][0], message, seen, seen_in=_answers(pages))
        return False

    def _are_in_order(self, pages: list[Page], order: Mapping[str, str]) -> None:
        """A page goes on where the one before ended."""
        if not order or self._reader.sort is None:
            return
        name = self._reader.sortable[-1]
        values = [[row.get(name) for row in rows] for _, rows in pages]
        flat = [comparable(value) for one in values for value in one]
        if flat != sorted(flat) and all(one == sorted(one, key=comparable) for one in values):
            message = f"sorting by {name} sorts each page by itself"
            seen = (f"{name} ascending from page to page", _paged(values))
            parameter = self._reader.sort.name
            self._report(Promise.LIST_SORTS, parameter, pages[-1][0], message, seen, seen_in=_answers(pages))

    def _counts(self, response: requests.Response, rows: int) -> bool:
        """Whether the totals count our rows, and there is one more that the query doesn't describe."""
        total = self._reader.total(response)
        everything = total.get("all")
        is_wrong = total and (total.get("filtered") != rows or (isinstance(everything, int) and everything <= rows))
        if is_wrong:
            locations = self._own.context.collector.locations
            where, mark = locations.of_value(self._own.call, "200", ["total", "filtered"])
            seen = (f"filtered {rows}, and more than that in all", json.dumps(dict(total)))
            message = "the totals don't count the rows"
            self._report(Promise.LIST_COUNTS, "", response, message, seen, where=where, assumption=mark)
        return not is_wrong


def judge_unfiltered_count(
    context: ScenarioContext, reader: ListReader, response: requests.Response, again: Callable[[], requests.Response]
) -> None:
    """Tell where a list that isn't filtered counts other rows in all than those that pass. While others create and
    delete, two counts of one answer may differ: only a host that does it twice is told. `again` asks once more."""
    if not _counts_others(reader, response) or not _counts_others(reader, response := again()):
        return
    total = reader.total(response)
    where, mark = context.collector.locations.of_value(reader.call, "200", ["total", "all"])
    details = {"got": str(dict(total)), "where": where, "assumption": mark}
    details |= {"message": "without a filter, a list counts other rows than its own"}
    expected = f"all {total.get('filtered')}"
    context.collector.broken_promise(reader.call, Promise.LIST_COUNTS, response, expected=expected, **details)


def _counts_others(reader: ListReader, response: requests.Response) -> bool:
    total = reader.total(response)
    return isinstance(total.get("all"), int) and total["all"] != total.get("filtered")


def _answers(pages: Iterable[Page]) -> tuple[requests.Response, ...]:
    return tuple(response for response, _ in pages)


def _paged(pages: Iterable[Iterable[Any]]) -> str:
    """What stands on each page, in words."""
    return "; ".join(f"page {number}: {listed(values)}" for number, values in enumerate(pages, start=1))
