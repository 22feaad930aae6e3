"""Hostile request lines: methods, paths, queries."""

from collections.abc import Iterator

from tests.hostile.inputs import (
    ANALYTICS,
    EVENTS,
    KEY,
    LOGIN,
    NOWHERE,
    ONE,
    REFUSED,
    SERVED,
    SUBSCRIPTION,
    Input,
    lines,
    request,
    shown,
    words,
)

NO_METHOD = frozenset({400, 404, 405, 501})
METHODS = words("""
    HEAD OPTIONS TRACE PUT PATCH DELETE PROPFIND PURGE MKCOL REPORT LINK SEARCH M-SEARCH NOTIFY SUBSCRIBE ACL COPY LOCK
""")
NO_METHODS = [*words(r"get BREW G\x00T G\xc3\x89T GET/ QUERY"), b"A" * 10_000]


def methods() -> Iterator[Input]:
    """Methods where none of them belongs, and words that are none."""
    for target in (EVENTS, LOGIN, ONE, b"/_mock/health", b"/nowhere"):
        for method in METHODS:
            name = f"{method.decode()} {shown(target)}"
            yield Input("unexpected method", name, (request(method, target),), NO_METHOD | {200, 204})
        for method in NO_METHODS:
            name = f"{shown(method)} {shown(target)}"
            yield Input("method that doesn't exist", name, (request(method, target),), NO_METHOD, is_http=False)
    connect = request(b"CONNECT", b"mock:443")
    yield Input("unexpected method", "CONNECT", (connect,), NO_METHOD, is_http=False)


SEGMENTS = [
    *words(r"""
    %00 %0A %0D%0A %2F %5C %2e%2e .. . %2e%2e%2f%2e%2e%2fetc%2fpasswd ;a=b %ZZ % %1 %C0%AF %FF %ED%A0%80 %F4%90%80%80
    %E2%80%AE %u0041 %25%32%66 %20 + %7F %F0%9F%92%A5 {storeCode} [ | ^ ` ' " <script> \\ * $(id) %24%7Bjndi%7D
    DEFAULT%00 DEFAULT%0A %44EFAULT/x None null undefined -1 1e999 NaN __proto__ %D9%A3
    """),
    *(b"a" * 10_000, b"a" * 60_000, b"a/" * 3_000, b"%00" * 9_000, b"9" * 400),
]
PLACES = {
    "as store": b"/api/%s/webhook/event",
    "as id": SUBSCRIPTION + b"/%s",
    "after an id": ONE + b"/%s",
    "as root": b"/%s",
}
NO_PATHS = lines(r"""
/api/\xff
/api/\xc3\xa9
/api/a\tb
/api/a b
/api/\x00
/api/\x7f
/api/\x1b[31m
api/DEFAULT
?
#
//
///api
/#x
/?#
http://
http:///x
mock:80
*
http://other/api/nowhere
/api//DEFAULT//x
/../../etc/passwd
\\api
/api/DEFAULT?/x
""")


def paths() -> Iterator[Input]:
    """Odd segments in all places, and targets that are no path. Dots and escapes name nothing: nobody resolves them."""
    for where, place in PLACES.items():
        for segment in SEGMENTS:
            piece = request(b"GET", place.replace(b"%s", segment))
            yield Input(f"odd path, {where}", shown(segment), (piece,), NOWHERE)
    for target in NO_PATHS:
        piece = request(b"GET", target)
        yield Input("target that is no path", shown(target), (piece,), NOWHERE | {200, 302}, is_http=False)


NUMBERS = [
    *words(r"""
    5_0 %205 5%20 %D9%A3 1.0 1e1 0x1 %2B1 +1 01 -1 0 NaN 99999999999999999999 null true [] {} %00 1%00 1%0A %FF -0
    Infinity 1,2 %EF%BC%91 1;2 % %ZZ
    """),
    *(b"", b"9" * 5_000),
]
TRUTHS = [*words("yes 1 True %00 null %FF true%0A truefalse []"), b""]
DATES = [
    *words("""
    now 2026 2026-02-30T00:00:00Z 2026-01-15T10:30:00 2026-01-15T25:00:00Z 0000-00-00T00:00:00Z 2026-01-15T10:30:0,Z
    2026-01-15%2010:30:00Z 1e9 99999-01-01T00:00:00Z -001-01-01T00:00:00Z 2026-01-15T10:30:00%2B99:99
    %D9%A2026-01-15T10:30:00Z 2026-01-15T10:30:00Z%00 2026-01-15T10:30:00Z%0A
    """),
    *(b"", b"2026-01-15T10:30:00." + b"0" * 50_000),
]
NO_QUERIES = [
    *words("""
    a=b = ? _page[]=1 _page[a]=1 _page[[]]=1 [_page]=1 %FF=1 %00=1 _orderBy=desc _orderBy[createdAt]=up
    _orderBy[nothing]=asc _orderBy[createdAt]]=asc _orderBy[]=asc _PAGE=1
    """),
    *(b"&".join([b"a=b"] * 2_000), b"a" * 50_000, b"a[" * 5_000, b"%" * 30_000),
]
ODD_QUERIES = [
    *words("_page=1&_page=2 url=%F0%9F%92%A5 url[like]=%25%25 &_page=1& &&& %5Fpage=1"),
    *(b"url=" + b"%0A" * 1_000, b"url[like]=" + b"a" * 50_000),
]


def queries() -> Iterator[Input]:
    """Queries whose values are none of their type, queries out of shape, and some that are odd, but valid."""
    for name in (b"_page", b"_itemsOnPage"):
        for number in NUMBERS:
            yield _query("number that is none", SUBSCRIPTION, b"%s=%s" % (name, number))
    for target, name in ((SUBSCRIPTION, b"legacy"), (ANALYTICS, b"withTransaction")):
        for truth in TRUTHS:
            empty = SERVED if not truth else frozenset()  # some say that they may be empty
            yield _query("truth value that is none", target, b"%s=%s" % (name, truth), REFUSED | empty)
    for name in (b"createdAt", b"createdAt[gte]"):
        for date in DATES:
            may = REFUSED | SERVED if date.startswith(b"2026-01-15T10:30:00.") else REFUSED
            yield _query("date that is none", SUBSCRIPTION, b"%s=%s" % (name, date), may)
    for query in NO_QUERIES:
        yield _query("query out of shape", SUBSCRIPTION, query)
    for query in ODD_QUERIES:
        yield _query("query that is odd, but valid", SUBSCRIPTION, query, SERVED)
    yield _query("query out of shape", SUBSCRIPTION, b"_page=1&" * 2_000, REFUSED | SERVED)


def _query(kind: str, target: bytes, query: bytes, may: frozenset[int] = REFUSED) -> Input:
    return Input(kind, shown(query), (request(b"GET", b"%s?%s" % (target, query), KEY),), may)
