"""mockserver.world.request_match: which requests fit a `match`, and what doesn't fit."""

from time import perf_counter  # noqa: TID251 (that matching takes no time)
from typing import Any

import orjson
import pytest

from mockserver.errors import BadRequest
from mockserver.http.messages import Request
from mockserver.violations import dotted
from mockserver.world.request_facts import FORM, RequestFacts
from mockserver.world.request_match import (
    LONGEST_TEXT,
    MOST_CONDITIONS,
    ONE_NAME,
    Misfit,
    Patterns,
    compile_match,
    match_problems,
)

ORDER = {
    "customer": {"email": "jane@x.example", "age": 30, "isVip": True, "note": None},
    "lines": [{"sku": "A", "n": 1}, {"sku": "B", "tags": ["a", "b"]}],
}


def _facts(
    body: object = ORDER,
    query: bytes = b"_page=2&url%5Blike%5D=a+b&tag=x&tag=y&n=1&n=2&empty=",
    agent: bytes = b"A Firefox",
) -> RequestFacts:
    headers = {b"x-tenant": b"north", b"authorization": b"Bearer abc", b"user-agent": agent}
    request = Request("POST", b"/api/NORTH/transaction?" + query, headers, None)
    request.path_parameters = {"storeCode": "NORTH"}
    request.body = body if isinstance(body, bytes) else orjson.dumps(body)
    return RequestFacts(request, "transactionPost", 200)


FITTING: list[dict[str, Any]] = [
    {},
    {"operationId": "transactionPost", "method": "post", "storeCode": "NORTH", "status": 200},
    {"path": "/api/NORTH/transaction"},
    {"path": {"matches": "^/api/[A-Z]+/"}},
    {"query": {"_page": "2"}},
    {"query": {"_page": 2}},
    {"query": {"url[like]": "a b", "tag": "y", "empty": ""}},
    {"query": {"n": {"equals": 2}, "_page": 2}},
    {"query": {"n": {"matches": "^[0-9]$", "contains": 2}}},
    {"method": "POST", "path": "/api/{storeCode}/transaction"},
    {"path": {"equals": "/api/NORTH/transaction", "contains": "/"}},
    {"query": {"tag": ["x", "y"], "other": []}},
    {"query": {"_page": {"matches": "^[0-9]+$", "contains": "2"}}},
    {"query": {"other": {"absent": True}, "_page": {"absent": False}}},
    {"headers": {"X-Tenant": "north", "authorization": {"contains": "Bearer "}, "cookie": {"absent": True}}},
    {"headers": {"User-Agent": {"contains": "Firefox"}, "X-None": {"absent": True}}},
    {"body": {"customer": {"email": "jane@x.example"}}},
    {"body": {"customer": {"email": {"contains": "@"}, "phone": {"absent": True}, "age": {"matches": "^30$"}}}},
    {"body": {"$['customer'][\"email\"]": {"contains": "@"}}},
    {"body": {"$.lines[1].tags": {"contains": "b"}, "$.lines[1]['tags']": ["a", "b"]}},
    {"body": {"$.lines[1].sku": "B", "$.lines[-1].sku": "B", "$.lines[2].sku": {"absent": True}}},
    {"body": {"$.lines[*].sku": "B", "$.customer.age": 30.0, "$.customer.email": {"absent": False}}},
    {"body": {"$.lines[0]": {"equals": {"sku": "A", "n": 1}}}},
    {"body": {"lines": [{"sku": "A"}, {}], "customer": {"note": None}}},
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
    ({"path": "/api/{storeCode}"}, Misfit("path", "/api/{storeCode}", ["/api/NORTH/transaction"])),
    ({"path": "/api"}, Misfit("path", "/api", ["/api/NORTH/transaction"])),
    ({"status": 201}, Misfit("status", 201, [200])),
    ({"query": {"_page": 1}}, Misfit("query._page", 1, ["2"])),
    ({"query": {"tag": ["x"]}}, Misfit("query.tag", ["x"], ["x", "y"])),
    ({"query": {"other": ""}}, Misfit("query.other", "", [])),
    ({"query": {"tag": {"absent": True}}}, Misfit("query.tag", {"absent": True}, ["x", "y"])),
    ({"headers": {"X-Tenant": "south"}}, Misfit("headers.x-tenant", "south", ["north"])),
    ({"query": {"n": {"absent": True}}}, Misfit("query.n", {"absent": True}, ["1", "2"])),
    ({"query": {"other": {"absent": False}}}, Misfit("query.other", {"absent": False}, [])),
    ({"headers": {"user-agent": {"matches": "^Firefox"}}},
     Misfit("headers.user-agent", {"matches": "^Firefox"}, ["A Firefox"])),
    ({"headers": {"cookie": {"absent": False}}}, Misfit("headers.cookie", {"absent": False}, [])),
    ({"body": {"customer": {"email": "x"}}}, Misfit("body.customer.email", "x", ["jane@x.example"])),
    ({"body": {"customer": {"isVip": 1}}}, Misfit("body.customer.isVip", 1, [True])),
    ({"body": {"customer": {"age": True}}}, Misfit("body.customer.age", expected=True, actual=[30])),
    ({"body": {"lines": []}}, Misfit("body.lines", [], [ORDER["lines"]])),
    ({"body": {"$.lines[0]": {"equals": {"sku": "A"}}}},
     Misfit("body.lines[0]", {"equals": {"sku": "A"}}, [{"sku": "A", "n": 1}])),
    ({"body": {"$.customer.age": "30"}}, Misfit("body.customer.age", "30", [30])),
    ({"body": {"customer": {"email": {"contains": "#"}}}},
     Misfit("body.customer.email", {"contains": "#"}, ["jane@x.example"])),
    ({"body": {"$.customer.email": {"absent": True}}},
     Misfit("body.customer.email", {"absent": True}, ["jane@x.example"])),
    ({"body": {"$.lines[2].sku": {"absent": False}}}, Misfit("body.lines[2].sku", {"absent": False}, [])),
    ({"body": {"$.lines[*].sku": "C"}}, Misfit("body.lines[*].sku", "C", ["A", "B"])),
    ({"body": {"$.customer.age": {"contains": "3"}}}, Misfit("body.customer.age", {"contains": "3"}, [30])),
    ({"body": {"$.lines": {"matches": "A"}}}, Misfit("body.lines", {"matches": "A"}, [ORDER["lines"]])),
    ({"body": {"customer": {}, "more": {}}}, Misfit("body.more", {}, [])),
    ({"body": None}, Misfit("body", None, [ORDER])),
    ({"body": {"customer.email": "jane@x.example"}},
     Misfit("body['customer.email']", "jane@x.example", [], ONE_NAME.format(path="$.customer.email"))),
    ({"body": {"customer": {"note.x": 1}}}, Misfit("body.customer['note.x']", 1, [])),
    ({"body": {"it's": 1}}, Misfit('body["it\'s"]', 1, [])),
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
    assert compile_match({"body": None}).fits(RequestFacts(empty))


@pytest.mark.parametrize(
    ("sent", "body", "fits"),
    [
        (b"a=1&b=2", {"$": {"contains": "b=2"}}, True),
        (b"a=1&b=2", {"$.a": {"absent": True}}, True),
        (b"", {"$": {"absent": True}}, True),
        (b"", {"$": {"contains": ""}}, False),
        (b"a=1&b=2", {"contains": "b=2"}, True),
        (b"", {"absent": True}, True),
        (b'{"contains": "a"}', {"contains": "a"}, False),
        (b'{"contains": "a"}', {"equals": {"contains": "a"}}, True),
        (b'[{"contains": "a"}]', [{"contains": "a"}], True),
        (b"", {"$": None}, False),
        (b"", None, True),
        (b"null", {"$": None}, True),
        (b"null", {"$": {"absent": True}}, False),
        (b"null", None, True),
        (b"{}", None, False),
        (b"[]", {}, False),
        (b"\xff", {"$": {"matches": "^.$"}}, True),
    ],
)
def test_nothing_null_and_texts_are_told_apart(sent: bytes, body: Any, *, fits: bool) -> None:
    """What isn't JSON is a text as a whole, and has nothing inside; no body is no value."""
    assert compile_match({"body": body}).fits(_facts(sent)) is fits


@pytest.mark.parametrize(
    ("wanted", "path", "fits"),
    [
        ("/api/{storeCode}/member", "/api/DEFAULT/member", True),
        ("/api/{storeCode}/member", "/api/a/b/member", False),
        ("/api/{storeCode}/member", "/api//member", False),
        ("/api/{storeCode}/member", "/api/DEFAULT/member/1", False),
        ("/api/*", "/api/a/b/c", True),
        ("/api/*/member", "/api/a/b/member", True),
        ("*/member", "/api/a/member", True),
        ("*", "/", True),
        ("/{name}.json", "/openapi.json", True),
        ("/a.c", "/abc", False),
        ("/a+(b)[c]{", "/a+(b)[c]{", True),
        ("/caf%C3%A9", "/caf%C3%A9", True),
        ("/" + "{a}" * 340, "/" + "a" * 340, True),
    ],
)
def test_paths(wanted: str, path: str, *, fits: bool) -> None:
    """`{name}` is a segment or a part of one, `*` anything, and everything else itself, as it was sent."""
    facts = RequestFacts(Request("GET", path.encode(), {}, None))

    assert compile_match({"path": wanted}).fits(facts) is fits


def test_only_a_wanted_body_is_read() -> None:
    """Whether the body has to be there is known from the match."""
    assert compile_match({"body": None}).reads_body
    assert not compile_match({"query": {"body": 1}}).reads_body


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


@pytest.mark.parametrize(
    ("match", "path", "told"),
    [
        ({"path": "/a?b=1"}, "path", "in query"),
        ({"path": "/" + "{a}" * 20_000}, "path", "too large"),
        ({"path": "api"}, "path", "begins with /"),
        ({"path": 5}, "path", "begins with /"),
        ({"path": {}}, "path", "an object with equals"),
        ({"query": {"a": None}}, "query.a", "Give a text"),
        ({"query": {"a": [None]}}, "query.a", "Give a text"),
        ({"query": {"a": {"equals": None}}}, "query.a", "Give a text"),
        ({"headers": {"a": ["b"]}}, "headers.a", "Give a text"),
        ({"headers": {"a": {}}}, "headers.a", "an object with equals, contains"),
        ({"headers": {"a": {"matches": "("}}}, "headers.a.matches", "expression"),
        ({"headers": {"a": {"matches": "a" * 1_025}}}, "headers.a.matches", "too large"),
        ({"query": {"a": {"matches": r"(a)\1"}}}, "query.a.matches", "references back"),
        ({"body": {"$": {"matches": "(?=a)"}}}, "body.$.matches", "look-around"),
        ({"body": {"$": {"matches": 5}}}, "body.$.matches", "expression"),
        ({"body": {"$..a": 1}}, "body.$..a", "$.items[0].sku"),
        ({"body": {"a": {"b": {"matches": "("}}}}, "body.a.b.matches", "expression"),
        ({"body": {"$.a": {"absent": 1}}}, "body.$.a.absent", "true"),
        ({"query": {"a": {"absent": True, "equals": 1}}}, "query.a.absent", "leave"),
        ({"body": dict.fromkeys(map(str, range(MOST_CONDITIONS + 1)))}, "", "500 conditions"),
    ],
)
def test_what_is_wrong_is_told(match: dict[str, Any], path: str, told: str) -> None:
    """Each problem stands at its place, and says what to do."""
    (found,) = match_problems(match, ())

    assert dotted(found.path) == path
    assert told in found.message


def test_all_patterns_together_are_bounded() -> None:
    """Each of many patterns may be small enough, and all together be too large: the first that is too much is told."""
    match = {"query": {f"p{n}": {"matches": r"\p{L}{6}"} for n in range(8)}}

    (found,) = match_problems(match, ())

    assert dotted(found.path) == "query.p7.matches"
    assert "too large together" in found.message


def test_matches_that_are_tried_together_share_a_weight() -> None:
    """The patterns of all steps of a sequence are bounded as those of one match are."""
    patterns = Patterns()
    for _ in range(7):
        compile_match({"query": {"p": {"matches": r"\p{L}{6}"}}}, patterns=patterns)

    with pytest.raises(BadRequest):
        compile_match({"query": {"p": {"matches": r"\p{L}{6}"}}}, patterns=patterns)


@pytest.mark.parametrize(("pattern", "most"), [("z", LONGEST_TEXT * 64 // 65), ("b{960}|z", LONGEST_TEXT * 64 // 1026)])
def test_a_pattern_looks_at_less_the_heavier_it_is(pattern: str, most: int) -> None:
    """What stands beyond that isn't seen, in one value or in several together."""
    match = compile_match({"body": {"$.a[*]": {"matches": pattern}}})
    half = "a" * (most // 2)
    rest = "a" * (most - len(half) - 1)

    assert match.fits(_facts({"a": [half, rest + "z"]}))
    assert not match.fits(_facts({"a": [half, rest + "az"]}))
    assert not match.fits(_facts({"a": [half + rest + "a", "z"]}))


def test_what_could_never_fit_is_refused() -> None:
    """An expression that needs a longer text than it would look at is no use; one that just fits is."""
    fitting, useless = ({"body": {"$.a": {"matches": f"^b{{{times}}}$"}}} for times in (2_000, 2_100))

    assert compile_match(fitting).fits(_facts({"a": "b" * 2_000}))
    assert [dotted(found.path) for found in match_problems(useless, ())] == ["body.$.a.matches"]


def test_empty_texts_count_as_well() -> None:
    """A list of nothing but empty texts isn't gone through to its end."""
    match = compile_match({"body": {"$.a[*]": {"matches": "z"}}})

    assert match.fits(_facts({"a": [""] * 60_000 + ["z"]}))
    assert not match.fits(_facts({"a": [""] * 70_000 + ["z"]}))


def test_the_end_of_a_text_is_not_where_it_is_cut() -> None:
    """An expression for a whole text doesn't fit if only the beginning of the text does."""
    match = compile_match({"body": {"$.a": {"matches": "^a*$"}}})

    assert match.fits(_facts({"a": "a" * 50_000}))
    assert not match.fits(_facts({"a": "a" * 100_000 + "b"}))


def test_no_pattern_makes_a_large_body_slow() -> None:
    """The heaviest pattern on the largest body is over soon."""
    match = compile_match({"body": {"$.x": {"matches": "a[abcd]{2000}z"}}})
    facts = _facts({"x": "abdc" * 250_000 + "z"})
    assert facts.body
    started = perf_counter()

    assert not match.fits(facts)
    assert perf_counter() - started < 1


def test_no_request_makes_an_expression_slow() -> None:
    """An expression that others need ages for is over at once."""
    match = compile_match({"headers": {"user-agent": {"matches": "^(a+)+$"}}, "path": "*" * 100 + "z"})
    slow = Request("GET", b"/" + b"a" * 5_000, {b"user-agent": b"a" * 50_000 + b"!"}, None)
    started = perf_counter()

    assert [misfit.part for misfit in match.misfits(RequestFacts(slow))] == ["path", "headers.user-agent"]
    assert perf_counter() - started < 1


def test_what_is_wrong_with_a_huge_match_is_bounded() -> None:
    """However many paths of a match can't be read, it isn't gone through to its end."""
    match = {"body": {f"$..{n}": 1 for n in range(100_000)}}

    assert len(match_problems(match)) == MOST_CONDITIONS + 2
