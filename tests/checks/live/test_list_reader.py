"""Reading a list to its end, and what that proves."""

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from hashlib import sha256
from io import BytesIO
from itertools import count
from typing import Any, cast

import pytest
import requests

from mockserver.checks.live.list_reader import MOST_PAGES, MOST_READINGS, ListReader
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface
from tests.checks.live.test_cleanup import Host

SURFACE = Surface(Contract.load())
READER = ListReader(SURFACE, SURFACE.calls["webhookSubscriptionGetList"])
ORDER = "_orderBy[createdAt]"
ROWS = [{"webhookSubscriptionId": str(number)} for number in range(500)]
Rows = list[dict[str, str]]


class Store:
    """A store whose rows have no order unless they are sorted, as `ordered` does that, and which counts so many."""

    def __init__(self, ordered: Callable[[Rows, Mapping[str, str]], Rows], counts: int = len(ROWS)) -> None:
        self._ordered, self._counts = ordered, counts
        self.asked: list[dict[str, str]] = []

    def send(self, _: Call, __: Mapping[str, str], *, params: dict[str, str], **___: Any) -> requests.Response:
        """A page of the list."""
        self.asked.append(params)
        rows = self._ordered(self._in_no_order(), params)
        size, page = int(params["_itemsOnPage"]), int(params["_page"])
        content: dict[str, Any] = {"items": rows[(page - 1) * size : page * size]}
        content |= {"total": {"all": self._counts, "filtered": self._counts, "estimated": False}}
        response = requests.Response()
        response.status_code, response.raw = 200 if rows else 400, BytesIO(json.dumps(content).encode())
        return response

    def _in_no_order(self) -> Rows:
        """Another order for each request."""
        return sorted(ROWS, key=lambda row: sha256(f"{row} {len(self.asked)}".encode()).digest())


def _sorted(rows: Rows, params: Mapping[str, str]) -> Rows:
    return sorted(rows, key=str) if ORDER in params else rows


def _never(rows: Rows, _: Mapping[str, str]) -> Rows:
    return rows


def _refusing(rows: Rows, params: Mapping[str, str]) -> Rows:
    return [] if ORDER in params else sorted(rows, key=str)


def _read(store: Store) -> set[str]:
    rows = READER.everything(cast("OperationClient", store), {}, {}, {}, is_proof=True)
    return {row["webhookSubscriptionId"] for row in rows}


@pytest.mark.parametrize("ordered", [_sorted, _refusing])
def test_a_list_is_read_in_an_order(ordered: Callable[[Rows, Mapping[str, str]], Rows]) -> None:
    """Without one, rows may be missed; a list that refuses to be sorted is read without."""
    store = Store(ordered)

    assert len(_read(store)) == len(ROWS)
    assert store.asked[0][ORDER] == "desc"


def test_a_list_that_counts_more_than_it_shows_proves_nothing() -> None:
    """It is read a few times, and then told."""
    with pytest.raises(requests.HTTPError, match=r"shows \d+ of the 500 rows that it counts"):
        _read(Store(_never))
    store = Store(_sorted, counts=501)
    with pytest.raises(requests.HTTPError, match="shows 500 of the 501 rows"):
        _read(store)
    assert len(store.asked) == MOST_READINGS * (len(ROWS) // READER.largest_page + 1)


def test_a_list_without_an_end_proves_nothing() -> None:
    """What can't be read to its end may show the record on a later page."""
    pages = count()

    class Endless(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            page = next(pages)
            self.listed = (200, {"items": [{"webhookSubscriptionId": f"{page}-{row}"} for row in range(50)]})
            return super().send(call, arguments, **options)

    rows = READER.everything(cast("OperationClient", Endless({})), {}, {}, {}, is_proof=True)

    with pytest.raises(requests.HTTPError, match=f"has no end within {MOST_PAGES} pages"):
        list(rows)


@pytest.mark.parametrize(("counts", "whole"), [(2, True), (5000, False)])
def test_a_page_that_is_not_there_ends_a_list_whose_rows_were_seen(counts: int, whole: bool) -> None:  # noqa: FBT001
    """One that breaks off in the middle proves nothing about what it counted before."""
    row = {"webhookSubscriptionId": "a"}, {"webhookSubscriptionId": "b"}
    total = {"filtered": counts, "estimated": False}
    answers = iter([(200, {"items": [row[0]]}), (200, {"items": [row[1]], "total": total})])

    class Breaking(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            self.listed = next(answers, (404, {}))
            return super().send(call, arguments, **options)

    rows = READER.everything(cast("OperationClient", Breaking({})), {}, {}, {}, is_proof=True)

    with nullcontext() if whole else pytest.raises(requests.HTTPError, match="shows 2 of the 5000 rows that it counts"):
        assert list(rows) == [*row]


@pytest.mark.parametrize("counts", [True, False])
def test_smaller_pages_than_were_asked_for_are_read_to_the_end(counts: bool) -> None:  # noqa: FBT001
    """A host that has smaller pages is read on, and where it counts its rows, not beyond the last one."""
    pages = iter([["a", "b"], ["c", "d"], ["e"], []])

    class Capped(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            rows = [{"webhookSubscriptionId": name} for name in next(pages)]
            total = {"all": 9, "filtered": 5, "estimated": not counts}
            self.listed = (200, {"items": rows, "total": total})
            return super().send(call, arguments, **options)

    rows = READER.everything(cast("OperationClient", Capped({})), {}, {}, {})

    assert [row["webhookSubscriptionId"] for row in rows] == ["a", "b", "c", "d", "e"]
    assert len(list(pages)) == counts
