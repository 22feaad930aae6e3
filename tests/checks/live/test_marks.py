"""What makes a record recognisable as one of a run: addresses and names of its own."""

from typing import Any

import pytest

from mockserver.checks.live.marks import Marks, lengthened
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.support.contracts_of import json_body, surface_of

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
        (f"https://{HOST}aaaa", f"https://{HOST}"),
        (f"https://crm.example.com/{HOST}", f"https://{HOST}/{HOST}"),
        ("sam@example.com", f"https://{HOST} sam example.com"),
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


def test_a_long_host_becomes_a_long_path() -> None:
    """What is added to an address doesn't change where it leads."""
    long = MARKS.body(CREATE, _body("https://" + "x" * 300))

    assert long == _body(f"https://{HOST}/".ljust(308, "a"))
    assert MARKS.wrong(CREATE, long) == ""
    assert lengthened("sam@example.com", 18) == "samaaa@example.com"


@pytest.mark.parametrize(
    "rest",
    ["aaaa", ".example.com/x", "@evil.example/", ":1@evil.example", "\t.example.com", " a@evil.example", "\\@b.c"],
)
def test_a_mark_that_is_not_the_host_is_none(rest: str) -> None:
    """An address leads to its host, wherever else the mark may stand in it."""
    assert MARKS.wrong(CREATE, _body(f"https://{HOST}{rest}")) == f"https://{HOST}{rest}"


def test_what_the_run_listens_at_is_an_address_of_its_own() -> None:
    """It has the mark in its path, and only what was said to be one is believed."""
    marks = Marks("run1", SURFACE)
    ours, others = (_body(f"http://{name}.example.com/{HOST}/c0ffee") for name in ("ours", "others"))
    marks.catchers.add(ours["webhookSubscription"]["url"])

    assert (marks.body(CREATE, ours), marks.wrong(CREATE, ours)) == (ours, "")
    assert marks.wrong(CREATE, others) == others["webhookSubscription"]["url"]


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


NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 40}
EMAIL: dict[str, Any] = {"type": "string", "pattern": "^[^@]+@[a-z0-9.-]+$"}


def _creating(properties: dict[str, Any], *required: str) -> Surface:
    """Another contract, which creates a record of these."""
    schema = {"type": "object", "required": list(required), "properties": properties}
    answer = {"type": "object", "properties": {"id": {"type": "integer"}}}
    create = {"operationId": "one", "requestBody": json_body(schema), "responses": {"201": json_body(answer)}}
    delete = {"operationId": "two", "responses": {"204": {"description": ""}}}
    return surface_of({"/pets": {"post": create}, "/pets/{id}": {"delete": delete}})


def _marked(properties: dict[str, Any], body: dict[str, Any], *required: str) -> dict[str, Any]:
    """A body of that, with its mark."""
    surface = _creating(properties, *required)
    marked: dict[str, Any] = Marks("run1", surface).body(surface.calls["one"], body)
    return marked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Rex", "mockserver-check-run1-Rex"),
        ("x" * 40, "mockserver-check-run1-" + "x" * 18),
        ("", ""),
        ("x" * 41, "mockserver-check-run1-" + "x" * 41),
    ],
)
def test_a_mark_keeps_to_the_length_that_is_allowed(text: str, marked: str) -> None:
    """What is allowed stays allowed, what is too short or too long stays wrong."""
    assert _marked({"name": NAME}, {"name": text}, "name") == {"name": marked}


def test_an_email_is_known_by_its_name() -> None:
    """Many contracts have a pattern for it, and no format."""
    for email in ("sam@example.com", f"sam@{HOST}", f"sam@{HOST}.example.com", f"sam@x{HOST}"):
        assert _marked({"workEmail": EMAIL}, {"workEmail": email}) == {"workEmail": f"sam@{HOST}"}


def test_what_has_to_be_there_is_marked() -> None:
    """A mark at what may be left out is none where it is."""
    properties = {"home": {"type": "string", "format": "uri"}, "title": {"type": "string"}}

    assert _marked(properties, {"title": "News"}, "title") == {"title": "mockserver-check-run1-News"}


def test_a_search_is_for_what_every_record_carries() -> None:
    """A name has another mark than an address, and what may be left out comes last."""
    surface = _creating({"home": {"type": "string", "format": "uri"}, "title": {"type": "string"}}, "title")

    assert list(MARKS.searches(CREATE).items()) == [("url", HOST)]
    assert list(Marks("run1", surface).searches(surface.calls["one"]).items()) == [("title", "run1"), ("home", HOST)]


def test_choices_and_moments_name_no_record() -> None:
    """What a body shares with one that creates the record that it may name is marked, but for what no mark fits."""
    kind, at = {"type": "string", "enum": ["a", "b"]}, {"type": "string", "format": "date-time"}
    shown = {"type": "object", "properties": {"id": {"type": "integer"}, "kind": kind, "at": at, "name": NAME}}
    create = {"operationId": "one", "requestBody": json_body(shown), "responses": {"201": json_body(shown)}}
    update = {"operationId": "two", "requestBody": json_body(shown), "responses": {"200": json_body(shown)}}
    surface = surface_of(
        {
            "/pets": {"post": create},
            "/pets/{id}": {"put": update, "delete": {"responses": {"204": {"description": ""}}}},
        }
    )
    body = {"kind": "a", "at": "2026-01-15T10:30:00Z", "name": "Rex"}

    assert Marks("run1", surface).body(surface.calls["two"], body) == {**body, "name": "mockserver-check-run1-Rex"}


def test_addresses_are_known_by_their_property() -> None:
    """What has another text in its place is still no identifier that could be made fresh."""
    assert MARKS.is_address(CREATE, "url")
    assert not MARKS.is_address(CREATE, "eventName")
