"""Reading a list to its end, and what that proves."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any, cast

import pytest
import requests

from mockserver.checks.live.list_reader import MOST_READINGS, ListReader
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface

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
