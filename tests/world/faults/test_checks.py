"""mockserver.world.faults.checks: what is wrong with a fault, and what to give instead."""

from typing import Any

import pytest

from mockserver.errors import BadRequest
from mockserver.violations import dotted
from mockserver.world.faults.checks import problems, refuse_problems

STATUS = {"status": 500}


@pytest.mark.parametrize(
    "wanted",
    [
        {"operationId": "op", "status": 500},
        {"eventName": "Event", "delay": 86_400},
        {"match": {}, "answer": {"status": 500}},
        {"match": {"storeCode": "A"}, "answer": {"effect": "duplicate"}},
        {"match": {"eventName": "Event", "calls": [1, None]}, "answer": {"delay": 86_400}},
        {"match": {"query": {"a": 1, "b": {"absent": True}}, "body": {"$.a": None}}, "answer": {"contentType": "a/b"}},
        {"match": {"body": {"$": {"contains": "a" * 10**6}}}, "answer": {"status": 500}},
        {"match": {"path": "/" + "{a}" * 340}, "answer": {"headers": {"Set-Cookie": ["a=1", "b=2"]}}},
    ],
)
def test_good_faults(wanted: dict[str, Any]) -> None:
    """Nothing is wrong with either form."""
    assert problems(wanted) == []


@pytest.mark.parametrize(
    ("wanted", "path", "told"),
    [
        ({"status": 500}, "operationId", "Name operationId, eventName, or match"),
        ({"operationId": "op", "eventName": "Event", "delay": 1}, "eventName", "not both"),
        ({"operationId": "op"}, "effect", "Say what it does"),
        ({"operationId": "op", "effect": "duplicate"}, "effect", "not a valid choice"),
        ({"eventName": "Event", "effect": "hang"}, "effect", "not a valid choice"),
        ({"eventName": "Event", "status": 500, "delay": 1}, "status", "not expected"),
        ({"operationId": "op", "delay": 31}, "delay", "less than or equal to 30"),
        ({"match": {}}, "answer", "Say what it does"),
        ({"answer": {}}, "match", "{} is every operation"),
        ({"match": {}, "answer": {}}, "answer.effect", "Say what it does"),
        ({"match": {}, "answer": STATUS, "status": 500}, "status", "answer.status"),
        ({"match": {}, "answer": STATUS, "probability": 1}, "probability", "match.probability"),
        ({"match": {"eventName": "E", "path": "/"}, "answer": {"delay": 1}}, "match.path", "of requests"),
        ({"match": {"calls": [3, 2]}, "answer": STATUS}, "match.calls", "[2, null]"),
        ({"match": {"calls": [None, 2]}, "answer": STATUS}, "match.calls", "[2, null]"),
        ({"match": {"path": "/a?b=1"}, "answer": STATUS}, "match.path", "in query"),
        ({"match": {"headers": {"a": {"matches": "("}}}, "answer": STATUS}, "match.headers.a.matches", "expression"),
        ({"match": {"body": {"$": {"matches": "(?=a)"}}}, "answer": STATUS}, "match.body.$.matches", "look-around"),
        ({"match": {"body": {"$..a": 1}}, "answer": STATUS}, "match.body.$..a", "$.items[0].sku"),
        ({"match": {"query": {"a": {"absent": True, "equals": 1}}}, "answer": STATUS}, "match.query.a.absent", "leave"),
        (
            {"match": {}, "answer": {"headers": {"content-length": "1"}}},
            "answer.headers.content-length",
            "can't be set",
        ),
        ({"match": {}, "answer": {"headers": {"X-Mock-Fault": "1"}}}, "answer.headers.X-Mock-Fault", "can't be set"),
        ({"match": {}, "answer": {"headers": {"X: 1\r\nY": "1"}}}, "answer.headers.X: 1\r\nY", "no name"),
        (
            {"match": {}, "answer": {"headers": {"Content-Security-Policy": ""}}},
            "answer.headers.Content-Security-Policy",
            "set",
        ),
        ({"match": {}, "answer": {"headers": {"": "1"}}}, "answer.headers.", "no name"),
        ({"match": {}, "answer": {"template": True, "body": "{{a}}"}}, "answer.body", "Known are"),
        ({"match": {}, "answer": {"template": True, "headers": {"a": "{{a}}"}}}, "answer.body", "Known are"),
    ],
)
def test_what_is_wrong_is_told(wanted: dict[str, Any], path: str, told: str) -> None:
    """Each problem stands at its place, and says what to do."""
    (found,) = problems(wanted)

    assert dotted(found.path) == path
    assert told in found.message


OF_BROWSERS = ["Clear-Site-Data", "service-worker-allowed", "Refresh", "Content-Encoding", "Alt-Svc", "X-Frame-Options"]
OF_ANSWERS = ["Retry-After", "Location", "Cache-Control", "WWW-Authenticate", "ETag", "Link"]
OWN_COOKIES = [
    "mockserver_session=1",
    "mockserver_session = 1; Path=/",
    " mockserver_session=1",
    "=mockserver_session=1",
]
NO_COOKIES = ["", "mockserver_session", "={{request.query.x}}", "{{request.query.x}}=1", "a{{now}}=1"]


def _told(name: str, value: object, **answer: Any) -> list[str]:
    wanted = {"match": {}, "answer": {"status": 500, "headers": {name: value}, **answer}}
    return [found.message for found in problems(wanted)]


@pytest.mark.parametrize("name", [*OF_BROWSERS, "Date", "Server"])
def test_headers_that_act_on_the_browser_are_refused(name: str) -> None:
    """What browsers obey beyond the answer, what frames it, and what the mock itself says can't be set."""
    (message,) = _told(name, "1")

    assert message.startswith("This header can't be set: ")


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_headers_of_answers_can_be_set(name: str) -> None:
    """What is about the one answer can be set."""
    assert _told(name, "1") == []


@pytest.mark.parametrize("value", [*OWN_COOKIES, *NO_COOKIES])
def test_cookie_of_the_page_is_its_own(value: str) -> None:
    """No fault sets the cookie by which the mock's page is known, nor one whose name a request could choose."""
    assert len(_told("set-cookie", ["a=1", value], template=True)) == 1


@pytest.mark.parametrize("value", ["a=1", "mockserver_session2=1; Path=/", "PHP[x]=", "a={{request.query.x}}; Secure"])
def test_other_cookies_can_be_set(value: str) -> None:
    """A login that sets a cookie can be played."""
    assert _told("Set-Cookie", value, template=True) == []


@pytest.mark.parametrize("value", ["application/json;, text/html", "", ["text/html", "a/b,c/d"], "a/{{now}},b"])
def test_content_type_is_one_media_type(value: object) -> None:
    """A header is held to the same form as contentType."""
    assert len(_told("Content-Type", value)) == 1


def test_content_type_may_be_that_of_the_request() -> None:
    """What a template makes of it is judged once it is filled."""
    assert _told("content-type", "{{request.headers.content-type}}", template=True) == []


@pytest.mark.anyio
async def test_snapshots_are_checked_as_a_whole() -> None:
    """A fault that can't be refuses a snapshot, with what else doesn't fit; good ones are no reason."""
    good, bad = {"faultId": "1", "operationId": "op", "status": 500, "chances": 0, "applied": 0}, {"faultId": "2"}
    await refuse_problems({"faults": [good]})

    with pytest.raises(BadRequest) as refused:
        await refuse_problems({"faults": [good, bad | {"chances": 0, "applied": 0}], "stores": ["A", "A"]})

    assert {dotted(found.path) for found in refused.value.violations} == {"faults[1].operationId", "stores[1]"}
