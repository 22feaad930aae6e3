"""mockserver.openapi.contract: what is wrong with a value that may be one of several."""

from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.violations import Violation, dotted

CARD = {
    "type": "object",
    "required": ["number"],
    "properties": {"kind": {"enum": ["card"]}, "number": {"type": "string"}, "pin": {"type": "integer"}},
    "additionalProperties": False,
}
TRANSFER = {
    "type": "object",
    "required": ["iban", "name"],
    "properties": {"kind": {"enum": ["transfer"]}, "iban": {"type": "string"}, "name": {"type": "string"}},
    "additionalProperties": False,
}
INLINE = {"oneOf": [CARD, TRANSFER]}
DOCUMENT: dict[str, Any] = {
    "card": CARD,
    "transfer": TRANSFER,
    "payment": {"oneOf": [{"$ref": "#/card"}, {"$ref": "#/transfer"}]},
    "order": {"type": "object", "required": ["by"], "properties": {"by": INLINE, "total": {"type": "integer"}}},
    "list": {"type": "array", "items": {"anyOf": [{"$ref": "#/order/properties/by/oneOf/0"}, {"type": "string"}]}},
    "exclusive": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "told": {"discriminator": {"propertyName": "a"}, "oneOf": [{"type": "integer"}, {"type": "number"}]},
    "denied": {"not": {"type": "string"}, "anyOf": [{"type": "string"}, {"type": "integer"}]},
    "deep": {"oneOf": [{"allOf": [INLINE, {"required": ["pin"]}]}, {"type": "null"}]},
}
WRONG = {
    "nearest by its keys": ("payment", {"number": 1}, ["number: This value should be of type string."]),
    "nearest by its tag": (
        "payment",
        {"kind": "transfer", "number": "1"},
        [
            "iban: This value should not be blank.",
            "name: This value should not be blank.",
            "number: This field was not expected.",
        ],
    ),
    "beside other errors": (
        "order",
        {"by": {"iban": 1, "name": "x"}, "total": "1"},
        ["by.iban: This value should be of type string.", "total: This value should be of type integer."],
    ),
    "in a list": ("list", ["a", {"number": 1}], ["[1].number: This value should be of type string."]),
    "no object": ("payment", 1, [": This value should be of type object."]),
    "more than one": ("exclusive", 1, [": This value is not valid."]),
    "fits, but is denied": ("denied", "a", [": This value is not valid."]),
    "alternatives in alternatives": ("deep", {"number": 1, "pin": 2}, ["number: This value should be of type string."]),
}
RIGHT = [("payment", {"number": "1"}), ("order", {"by": {"number": "1"}}), ("list", ["a"]), ("told", 1), ("denied", 1)]


@pytest.fixture(scope="module")
def contract() -> Contract:
    """All the schemas."""
    return Contract(b"", DOCUMENT)


def _said(found: list[Violation]) -> list[str]:
    return sorted(f"{dotted(one.path)}: {one.message}" for one in found)


@pytest.mark.parametrize(("name", "value", "expected"), WRONG.values(), ids=WRONG)
def test_the_likeliest_alternative_tells_what_is_wrong(
    contract: Contract, name: str, value: object, expected: list[str]
) -> None:
    """An object is compared by its keys and tags, everything else by the number of errors."""
    assert _said(contract.validator(f"/{name}").violations(value)) == expected


@pytest.mark.parametrize(("name", "value", "expected"), WRONG.values(), ids=WRONG)
def test_one_violation_is_found_of_a_large_value(
    contract: Contract, name: str, value: object, expected: list[str]
) -> None:
    """It is one of all."""
    (first,) = _said(contract.validator(f"/{name}").first_violation(value))

    assert first in expected


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_what_fits_has_no_violation(contract: Contract, name: str, value: object) -> None:
    """A valid value has no violations."""
    validator = contract.validator(f"/{name}")

    assert validator.is_valid(value)
    assert validator.violations(value) == validator.first_violation(value) == []


def test_nesting_takes_no_longer_than_its_levels() -> None:
    """Two alternatives that look alike on each of 40 levels don't cost 2 ** 40 searches."""
    branches = [{"type": "object", "properties": {"in": {"$ref": "#/node"}}, "required": [name]} for name in "ab"]
    contract = Contract(b"", {"node": {"oneOf": branches}})
    value: dict[str, Any] = {}
    for _ in range(40):
        value = {"in": value}

    assert len(contract.validator("/node").violations(value)) == 41
    assert len(contract.validator("/node").first_violation(value)) == 1


def test_an_alternative_that_fits_hides_no_other_error(contract: Contract) -> None:
    """The first violation may be beside alternatives that are valid."""
    (first,) = contract.validator("/order").first_violation({"by": {"number": "1"}, "total": "1"})

    assert first.path == ("total",)


@pytest.mark.parametrize("end", ["/oneOf/9", "/oneOf/x", "/oneOf/0/type/deep", "/anyOf/0"])
def test_a_reference_into_alternatives_that_leads_nowhere_is_told(end: str) -> None:
    """Such a reference is a ContractError, like any other that leads nowhere."""
    contract = Contract(b"", {"a": INLINE, "b": {"properties": {"x": {"$ref": f"#/a{end}"}}}})

    with pytest.raises(ContractError):
        contract.validator("/b")
