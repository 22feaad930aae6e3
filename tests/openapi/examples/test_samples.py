"""mockserver.openapi.examples.samples: texts and numbers are plausible, by format and by name."""

import re

import pytest

from tests.openapi.examples.schemas import INTEGER, STRING, array, made, record

FORMATS = {
    "date": r"2026-\d\d-\d\d",
    "date-time": r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00",
    "time": r"\d\d:\d\d:\d\dZ",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "email": r"[a-z]+@example\.com",
    "uri": r"https://example\.com/[a-z]+",
    "url": r"https://example\.com/[a-z]+",
    "uri-reference": r"/[a-z]+",
    "hostname": r"[a-z]+\.example\.com",
    "ipv4": r"192\.0\.2\.\d+",
    "ipv6": r"2001:db8::\d+",
    "byte": r"[A-Za-z0-9+/]+=*",
    "binary": ".+",
    "password": ".+",
    "int64": r"\d+",
    "something-else": ".+",
}


@pytest.mark.parametrize(("name", "looks"), FORMATS.items(), ids=FORMATS)
def test_a_format_is_kept(name: str, looks: str) -> None:
    """A text looks as its format says; what the contract calls by a format that nobody knows is a text of any kind."""
    assert re.fullmatch(looks, made({**STRING, "format": name}))


NAMES = {
    "firstName": "[A-Z][a-z]+",
    "last_name": "[A-Z][a-z]+",
    "contactEmail": r"\w+@example\.com",
    "phoneNumber": r"\+\d+",
    "billingCity": "[A-Z][a-z]+",
    "country": "[A-Z]{2}",
    "currency_code": "[A-Z]{3}",
    "avatarUrl": "https://.*",
    "createdAt": r"2026-0[1-7]-\d\dT.*",
    "updated_at": r"2026-(0[7-9]|1[0-2])-\d\dT.*",
    "storeId": "[0-9a-f]{12}",
    "status": "[a-z]+",
    "totalPrice": r"\d+\.\d\d",
    "urls": "https://.*",
}


@pytest.mark.parametrize(("name", "looks"), NAMES.items(), ids=NAMES)
def test_a_name_suggests_the_value(name: str, looks: str) -> None:
    """A text without a format looks like what its property's name promises."""
    assert re.fullmatch(looks, made(record(**{name: array(STRING, minItems=1)}))[name][0])


def test_numbers_suit_their_names() -> None:
    """Quantities are small, prices have no more than cents, moments are of 2026."""
    names = record(quantity=INTEGER, unitPrice={"type": "number"}, createdAt=INTEGER, year=INTEGER)

    value = made(names)

    assert value["quantity"] in range(1, 11)
    assert round(value["unitPrice"], 2) == value["unitPrice"]
    assert 1767225600 <= value["createdAt"] < 1798761600
    assert value["year"] == 2026
