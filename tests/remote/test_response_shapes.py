"""mockserver.remote.response_shapes: what is of a type, and what isn't; and the types of the API's answers."""

from typing import Any, Literal, NotRequired, TypedDict, get_type_hints

import pytest

from mockserver.openapi.contract import Contract
from mockserver.remote import api_answers
from mockserver.remote.response_shapes import fits
from tests.remote.contract_types import Types, annotation


class _Inner(TypedDict):
    kind: Literal["a", "b"]


class _Outer(TypedDict):
    items: list[_Inner]
    named: NotRequired[str]
    more: dict[str, int]
    seconds: float | None


GOOD: Any = {"items": [{"kind": "a"}], "more": {"x": 1}, "seconds": None}


@pytest.mark.parametrize(
    "other",
    [{}, {"named": "x"}, {"unknown": 1}, {"items": []}, {"items": [{"kind": "newer"}]}, {"seconds": 1}],
    ids=str,
)
def test_what_is_of_the_type_fits(other: dict[str, Any]) -> None:
    """Optional properties may be missing, others be there; a newer mock may say what nobody knows."""
    assert fits({**GOOD, **other}, _Outer)


@pytest.mark.parametrize(
    "other",
    [
        {"items": None},
        {"items": [{}]},
        {"items": [{"kind": 1}]},
        {"items": {"kind": "a"}},
        {"named": None},
        {"more": {"x": True}},
        {"more": []},
        {"seconds": "1"},
        {"seconds": True},
    ],
    ids=str,
)
def test_what_is_of_another_type_does_not(other: dict[str, Any]) -> None:
    """A value of another type doesn't fit; booleans are no numbers."""
    assert not fits({**GOOD, **other}, _Outer)


@pytest.mark.parametrize("name", GOOD)
def test_what_lacks_something_does_not(name: str) -> None:
    """A value has to be there, even if it may be null."""
    assert not fits({other: value for other, value in GOOD.items() if other != name}, _Outer)


@pytest.mark.parametrize(("value", "kind"), [(None, None), (None, object), (True, Any), ({"a": 1}, dict[str, Any])])
def test_plain_types_fit(value: Any, kind: Any) -> None:
    """Where anything is allowed, anything fits."""
    assert fits(value, kind)


@pytest.mark.parametrize(
    ("name", "operation_id"),
    [
        ("TokensJson", "adminLoginCheck"),
        ("EventNamesJson", "webhookEventGetList"),
        ("SubscriptionCreatedJson", "webhookSubscriptionPost"),
    ],
)
def test_answers_of_the_api_are_those_of_its_contract(name: str, operation_id: str) -> None:
    """A type of the API's answers has properties that the contract has, and requires none that may be missing."""
    contract = Contract.load()
    types, kind = Types(contract.document), getattr(api_answers, name)
    (operation,) = (
        operation
        for item in contract.document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == contract.operation_named(operation_id)
    )
    schema = types.resolved(operation["responses"]["200"]["content"]["application/json"]["schema"])

    hints = {key: annotation(hint) for key, hint in get_type_hints(kind).items()}
    assert hints == {key: types.of(schema["properties"][key]) for key in hints}
    assert kind.__required_keys__ <= set(schema["required"])
