"""mockserver.world.request_match: which requests fit a `match`, and what doesn't fit."""

from typing import Any

import orjson
import pytest

from mockserver.errors import BadRequest
from mockserver.http.messages import Request
from mockserver.world.request_match import FORM, Misfit, RequestFacts, compile_match

ORDER = {
    "customer": {"email": "jane@x.example", "age": 30, "isVip": True, "note": None},
    "lines": [{"sku": "A", "n": 1}],
}


def _facts(body: object = ORDER, query: bytes = b"_page=2&url%5Blike%5D=a&tag=x&tag=y&empty=") -> RequestFacts:
    headers = {b"x-tenant": b"north", b"authorization": b"Bearer abc"}
    request = Request("POST", b"/api/NORTH/transaction?" + query, headers, None)
    request.path_parameters = {"storeCode": "NORTH"}
    request.body = orjson.dumps(body)
    return RequestFacts(request, "transactionPost", 200)


FITTING: list[dict[str, Any]] = [
    {},
    {"operationId": "transactionPost", "method": "post", "storeCode": "NORTH", "status": 200},
    {"path": "/api/NORTH/transaction"},
    {"path": {"matches": "^/api/[A-Z]+/"}},
    {"query": {"_page": "2"}},
    {"query": {"_page": 2}},
    {"query": {"url[like]": "a", "tag": "y", "empty": ""}},
    {"query": {"tag": ["x", "y"], "other": []}},
    {"query": {"_page": {"matches": "^[0-9]+$", "contains": "2"}}},
    {"query": {"other": {"absent": True}, "_page": {"absent": False}}},
    {"headers": {"X-Tenant": "north", "authorization": {"contains": "Bearer "}, "cookie": {"absent": True}}},
    {"body": {"customer": {"email": "jane@x.example"}}},
    {"body": {"lines": [{"sku": "A"}], "customer": {"note": None}}},
    {"body": {"$.customer.email": {"matches": "@x[.]example$"}, "$.customer.age": {"equals": 30.0}}},
    {"body": {"$.lines[*].sku": "A", "$.lines": {"contains": {"sku": "A"}}, "$.customer": {"age": 30}}},
    {"body": {"$.customer.phone": {"absent": True}, "customer": {"isVip": True}}},
    {"body": {}},
]


@pytest.mark.parametrize("match", FITTING, ids=str)
def test_request_fits(match: dict[str, Any]) -> None:
    """A request fits if all parts that are given do; what isn't given doesn't matter."""
    assert compile_match(match).fits(_facts())
    assert compile_match(match).misfits(_facts()) == []


PARTS: list[tuple[dict[str, Any], Misfit]] = [
    ({"operationId": "memberPost"}, Misfit("operationId", "memberPost", ["transactionPost"])),
    ({"method": "GET"}, Misfit("method", "GET", ["POST"])),
    ({"storeCode": "SOUTH"}, Misfit("storeCode", "SOUTH", ["NORTH"])),
    ({"path": "/api"}, Misfit("path", "/api", ["/api/NORTH/transaction"])),
    ({"status": 201}, Misfit("status", 201, [200])),
    ({"query": {"_page": 1}}, Misfit("query._page", 1, ["2"])),
    ({"query": {"tag": ["x"]}}, Misfit("query.tag", ["x"], ["x", "y"])),
    ({"query": {"other": ""}}, Misfit("query.other", "", [])),
    ({"query": {"tag": {"absent": True}}}, Misfit("query.tag", {"absent": True}, ["x", "y"])),
    ({"headers": {"X-Tenant": "south"}}, Misfit("headers.x-tenant", "south", ["north"])),
    ({"headers": {"cookie": {"absent": False}}}, Misfit("headers.cookie", {"absent": False}, [])),
    ({"body": {"customer": {"email": "x"}}}, Misfit("body.customer.email", "x", ["jane@x.example"])),
    ({"body": {"customer": {"isVip": 1}}}, Misfit("body.customer.isVip", 1, [True])),
    ({"body": {"customer": {"age": True}}}, Misfit("body.customer.age", expected=True, actual=[30])),
    ({"body": {"lines": []}}, Misfit("body.lines", [], [ORDER["lines"]])),
    ({"body": {"$.lines[0]": {"equals": {"sku": "A"}}}},
     Misfit("body.lines[0]", {"equals": {"sku": "A"}}, [{"sku": "A", "n": 1}])),
    ({"body": {"$.customer.age": {"contains": "3"}}}, Misfit("body.customer.age", {"contains": "3"}, [30])),
    ({"body": {"$.lines": {"matches": "A"}}}, Misfit("body.lines", {"matches": "A"}, [ORDER["lines"]])),
    ({"body": {"customer": {}, "more": {}}}, Misfit("body.more", {}, [])),
    ({"body": None}, Misfit("body", None, [ORDER])),
]  # fmt: skip


@pytest.mark.parametrize(("match", "misfit"), PARTS, ids=str)
def test_misfit_is_named(match: dict[str, Any], misfit: Misfit) -> None:
    """What doesn't fit is named by its part, with the value that was expected and those that are there."""
    compiled = compile_match(match)

    assert not compiled.fits(_facts())
    assert compiled.misfits(_facts()) == [misfit]


def test_misfits_are_shown_without_secrets() -> None:
    """The values of misfits are those of the request that is shown, not those that were compared."""
    shown = _facts(query=b"_page=********")

    (misfit,) = compile_match({"query": {"_page": "3"}}).misfits(_facts(), shown)

    assert misfit.as_json() == {"part": "query._page", "expected": "3", "actual": "********"}


def test_absent_and_several_values_are_shown_as_such() -> None:
    """A misfit shows no actual value where there is none, and a list of several."""
    nothing, several = Misfit("query.a", "1", []), Misfit("query.a", "1", ["2", "3"])

    assert nothing.as_json() == {"part": "query.a", "expected": "1"}
    assert several.as_json()["actual"] == ["2", "3"]


def test_bodies_of_other_forms_are_read() -> None:
    """A form is an object of its fields, other text a text, and no body is null."""
    form, text, empty = (Request("POST", b"/", {}, None) for _ in range(3))
    form.headers, form.body = {b"content-type": FORM + b"; charset=utf-8"}, b"name=a+b&tag=x&tag=y"
    text.body = b"hello"

    assert compile_match({"body": {"name": "a b", "$.tag[1]": "y"}}).fits(RequestFacts(form))
    assert compile_match({"body": "hello"}).fits(RequestFacts(text))
    assert compile_match({"body": {"$": {"contains": "ell"}}}).fits(RequestFacts(text))
    assert compile_match({"body": None, "storeCode": {"absent": True}}).fits(RequestFacts(empty))


def test_all_unusable_expressions_are_refused_together() -> None:
    """A pattern that is none, or too large, and a path that can't be read, are named with their places."""
    match = {
        "path": {"matches": "("},
        "query": {"a": {"matches": r"\p{L}{1000}"}},
        "headers": {"B": {"matches": 5}},
        "body": {"$..c": 1},
    }

    with pytest.raises(BadRequest) as refused:
        compile_match(match)

    assert [error.as_error()["path"] for error in refused.value.violations] == [
        "match.path.matches", "match.query.a.matches", "match.body.$..c",
    ]  # fmt: skip


def test_a_costly_pattern_matches_nothing() -> None:
    """A pattern that would take exponential time gives up: nobody has to wait for it."""
    match = compile_match({"query": {"a": {"matches": r"^(?:(a+)+)\1$"}}})

    assert not match.fits(_facts(query=b"a=" + b"a" * 2_000 + b"!"))
