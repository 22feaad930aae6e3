"""mockserver.checks.live.scenarios.sameness: what reads back in another type is judged by the answer's schema."""

import io
import json
from typing import Any

import pytest
import requests

from mockserver.checks.live.scenarios.sameness import reads_as_sent, same
from tests.support.contracts_of import json_body, surface_of

AMOUNT = {"type": "object", "properties": {"price": {"type": "string", "pattern": r"^\d+(\.\d+)?$"}}}
ANY = {"type": "object", "properties": {"price": {"type": ["string", "number"]}}}
PRICES = {"type": "object", "properties": {"rows": {"type": "array", "items": AMOUNT}}}


def _reads(schema: dict[str, Any], content: Any, path: list[str | int], values: tuple[Any, Any]) -> bool:
    operation = {"operationId": "read", "responses": {"200": json_body(schema)}}
    surface = surface_of({"/rooms": {"get": operation}})
    response = requests.Response()
    response.status_code, response.raw = 200, io.BytesIO(json.dumps(content).encode())
    return reads_as_sent(surface.contract, surface.calls["read"], response, path, values)


@pytest.mark.parametrize(
    ("schema", "sent", "got", "is_same"),
    [
        (AMOUNT, 12.5, "12.50", True),
        (AMOUNT, 12.5, "13", False),
        (AMOUNT, "12.5", "13", False),
        (AMOUNT, True, "1", True),  # nothing is known of this
        (ANY, 12.5, "12.5", False),
        (ANY, 12.5, 12.5, True),
        (AMOUNT, 12.5, 13, False),  # which the schema refuses, too
    ],
)
def test_a_decimal_reads_back_as_a_text(schema: dict[str, Any], sent: Any, got: Any, is_same: bool) -> None:  # noqa: FBT001
    """A number is the text of it where the answer's schema allows no number, and only there."""
    assert _reads(schema, {"price": got}, ["price"], (sent, got)) is is_same


def test_rows_are_judged_by_their_own_schema() -> None:
    """A list has its rows deeper."""
    content = {"rows": [{"price": "1"}, {"price": "2"}]}

    assert _reads(PRICES, content, ["rows", 1, "price"], (2, "2"))
    assert not _reads(PRICES, content, ["rows", 1, "price"], (3, "2"))
    assert not _reads({}, content, ["rows", 1, "price"], (2, "2"))


def test_objects_and_lists_are_compared_throughout() -> None:
    """Properties that were gained don't count; the length of a list does."""
    assert same({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": None}], "d": 1})
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"a": "1"})
    assert same({"a": [1, "x"]}, {"a": ["1", "x"]}, is_converted=True)
    assert same(1, "one", is_converted=True)
    assert not same({"a": [1, "x"]}, {"a": ["1", "y"]}, is_converted=True)
