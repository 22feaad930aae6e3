"""What makes a record recognisable as one of a run: addresses and names of its own."""

from typing import Any

import pytest

from mockserver.checks.live.marks import Marks
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

HOST = "run1.mockserver-check.invalid"
SURFACE = Surface(Contract.load())
CREATE, LOGIN = SURFACE.calls["_webhookSubscriptionPost"], SURFACE.calls["adminLoginCheck"]
MARKS = Marks("run1", SURFACE)


def _body(url: Any) -> dict[str, Any]:
    return {"webhookSubscription": {"eventName": "CustomerRegistered", "url": url}}


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        (f"https://{HOST}/Hook", f"https://{HOST}/hOOK"),
        (f"Jane@{HOST}", f"jANE@{HOST}"),
        ("mockserver-check-run1-Card", "mockserver-check-run1-cARD"),
        ("+48 600", "+48 600"),
    ],
)
def test_other_case_keeps_the_mark(text: str, swapped: str) -> None:
    """A text in other case can still be recognised as ours, and is still an address if it was one."""
    assert MARKS.in_other_case(text) == swapped


@pytest.mark.parametrize(
    ("url", "marked"),
    [
        ("https://crm.example.com/hook?x=1", f"https://{HOST}/hook?x=1"),
        ("http://127.0.0.1:8080", f"https://{HOST}"),
        ("no address", f"https://{HOST} no address"),
        (f"https://{HOST}/a", f"https://{HOST}/a"),
        (17, 17),
    ],
)
def test_addresses_lead_nowhere(url: Any, marked: Any) -> None:
    """Every address in a body is one under a host that never resolves; what is no address stays none."""
    assert MARKS.body(CREATE, _body(url)) == _body(marked)


def test_too_long_addresses_stay_too_long() -> None:
    """Marking doesn't make a refused value acceptable."""
    long = "https://crm.example.com/" + "x" * 300

    assert len(MARKS.body(CREATE, _body(long))["webhookSubscription"]["url"]) >= len(long)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (_body(f"https://{HOST}/a"), True),
        ([{"url": f"HTTPS://{HOST.upper()}/A"}], True),
        ("mockserver-check-run1-Card", True),
        (_body("https://run2.mockserver-check.invalid/a"), False),
        ({HOST: "a key is no text"}, False),
    ],
)
def test_marks_are_recognised(shown: Any, *, expected: bool) -> None:
    """A body or a row is known by its own run, wherever the mark stands and in whatever case."""
    assert MARKS.is_on(shown) == expected


def test_what_carries_the_mark_is_told() -> None:
    """A list can be searched by what creating marks; a login is sent as it is."""
    assert MARKS.searchable(CREATE) == {"url"}
    assert MARKS.searchable(LOGIN) == set()


def test_the_first_unmarked_text_is_told() -> None:
    """A body that could name somebody's address isn't sent: the address is named."""
    assert MARKS.wrong(CREATE, _body("https://crm.example.com/")) == "https://crm.example.com/"
    assert MARKS.wrong(CREATE, _body(f"https://{HOST}/a")) == ""
