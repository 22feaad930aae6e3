"""mockserver.world.faults.templates: what of a request gets into an answer."""

from typing import Any

import orjson
import pytest

from mockserver.http.messages import Request
from mockserver.world.faults.templates import LONGEST_FILLED, MOST_PLACES, Template, filled
from mockserver.world.request_facts import RequestFacts

NOW = 1_768_473_000.0


def _facts(body: object = None) -> RequestFacts:
    request = Request("POST", b"/api/DEFAULT/member?x=1&x=2&e=%0d%0a", {b"user-agent": b"test"}, None)
    request.path_parameters = {"storeCode": "DEFAULT"}
    request.body = b"" if body is None else orjson.dumps(body)
    return RequestFacts(request)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{request.method}} {{request.path}}", "POST /api/DEFAULT/member"),
        ("in {{ request.path.storeCode }}", "in DEFAULT"),
        ("{{request.query.x}}", "1"),
        ("{{request.headers.User-Agent}}", "test"),
        ("at {{now}}", "at 2026-01-15T10:30:00+00:00"),
        ("{{request.body.customer.email}}", "ada@example.com"),
        ("{{request.body.items[1]}}", 2),
        ("number {{request.body.items[1]}}", "number 2"),
        ("{{request.body.customer}}", {"email": "ada@example.com"}),
        ("all: {{request.body.customer}}", 'all: {"email":"ada@example.com"}'),
        ("{{request.body.customer['email']}}", "ada@example.com"),
        ("{{request.body.items[-1]}}", 2),
        ("{{request.body.none}}", None),
        ("<{{request.body.items[7]}}{{request.query.none}}>", "<>"),
        ("{not} {{}", "{not} {{}"),
        ({"{{now}}": ["{{request.method}}", 1]}, {"{{now}}": ["POST", 1]}),
    ],
)
def test_places_are_filled(template: Any, expected: Any) -> None:
    """A place alone becomes its value, one within a text its text; keys, and what isn't a place, stay."""
    assert filled(template, _facts({"customer": {"email": "ada@example.com"}, "items": [1, 2]}), NOW) == expected


@pytest.mark.parametrize("template", ["{{request.body}}", "{{request.body.x}}"])
def test_nothing_is_null(template: str) -> None:
    """Where there is no body, its places are null."""
    assert filled(template, _facts(), NOW) is None


def test_what_was_filled_in_is_no_template() -> None:
    """A request can't ask for more than the template does."""
    assert filled("<{{request.body}}>", _facts("{{request.method}}"), NOW) == "<{{request.method}}>"


@pytest.mark.parametrize("body", ["x" * 100_000, ["x" * 100_000], [0] * 100_000])
def test_answers_stay_small(body: object) -> None:
    """However large a value is, so many characters of it are filled in."""
    assert filled("{{request.body}}", _facts(body), NOW) == orjson.dumps(body).decode().strip('"')[:LONGEST_FILLED]
    assert len(filled("-{{request.body}}", _facts(body), NOW)) == 1 + LONGEST_FILLED


@pytest.mark.parametrize(
    "expression",
    [
        "foo",
        "",
        "request",
        "request.query",
        "request.headers",
        "request.cookies.a",
        "request.body..a",
        "request.body.*",
        "uuid",
        "1+1",
    ],
)
def test_unknown_places_are_told(expression: str) -> None:
    """Whatever isn't known is a problem that lists what is."""
    (problem,) = Template({"a": ["{{" + expression + "}}"]}).problems()

    assert problem.startswith("{{" + expression + "}} is not known. Known are: now, ")


def test_places_are_counted() -> None:
    """An answer has a bounded number of places."""
    assert [*Template("{{now}}" * MOST_PLACES).problems()] == []
    assert [*Template("{{now}}" * MOST_PLACES, "{{now}}").problems()]


def test_only_some_need_the_body() -> None:
    """Whether the body has to be read is known from the template."""
    assert Template(["{{ request.body.a }}"]).reads_body
    assert not Template("{{request.query.body}}").reads_body
