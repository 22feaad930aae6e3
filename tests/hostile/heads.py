"""Hostile headers: credentials, preferences, and all others."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import orjson

from tests.hostile.bodies import nested
from tests.hostile.inputs import (
    CLOSED,
    EVENTS,
    KEY,
    NO_HTTP,
    REFUSED,
    SERVED,
    SUBSCRIPTION,
    Input,
    lines,
    request,
    shown,
    words,
)


def _jwt(header: object, claims: object, signature: bytes = b"x") -> bytes:
    parts = (orjson.dumps(header), orjson.dumps(claims), signature)
    return b"Bearer " + b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)


CLAIMS = {"iat": 0, "exp": 9_999_999_999, "roles": ["ROLE_ADMIN"], "username": "admin", "id": "1"}
AUTHORIZATIONS = [
    *lines(r"""
Bearer
bearer x
BEARER x
Bearer a b c
Bearer\tx
x
Basic
Basic !!!
Basic YWRtaW46cGFzc3dvcmQ=
Digest a=b
Negotiate x
Bearer ..
Bearer a.b.c
Bearer \xff\xfe
Bearer %00
Bearer null
Bearer undefined
Bearer,Bearer
Bearer ""
"""),
    *(b"", b" ", b"Bearer ", b"Bearer  ", b"Bearer " + b"." * 9_000, b"Bearer " + b"a" * 50_000),
    _jwt({"alg": "none", "typ": "JWT"}, CLAIMS, b""),
    _jwt({"alg": "HS256", "typ": "JWT"}, CLAIMS),
    _jwt({"alg": "RS256", "kid": "../../etc/passwd"}, CLAIMS),
    _jwt({"alg": "RS256", "kid": {"a": []}}, CLAIMS),
    _jwt({"alg": ["RS256"]}, CLAIMS),
    _jwt({"alg": "RS256", "crit": ["x"]}, CLAIMS),
    _jwt([], []),
    _jwt({"alg": "RS256"}, "x" * 20_000),
    b"Bearer " + urlsafe_b64encode(nested(20_000)) + b".e30.x",
    b"Bearer " + urlsafe_b64encode(b'{"alg":' + b"9" * 6_000 + b"}") + b".e30.x",
    b"Bearer " + urlsafe_b64encode(b'{"alg":"\xff"}') + b".e30.x",
]
KEYS = [
    *words(r"x MOCK-API-KEY \xff \xc3\xa9 null mock-api-key,mock-api-key"),
    *(b"", b" ", b"mock-api-key x", b"a" * 50_000),
]


def credentials() -> Iterator[Input]:
    """Credentials that are none."""
    may = frozenset({401})
    for target in (EVENTS, SUBSCRIPTION):
        for name, values in ((b"Authorization", AUTHORIZATIONS), (b"X-AUTH-TOKEN", KEYS)):
            for value in values:
                piece = request(b"GET", target, b"%s: %s\r\n" % (name, value))
                yield Input(f"hostile {name.decode()}", f"{shown(value)} {shown(target)}", (piece,), may)
    for one, other in (
        (b"Authorization: Bearer x", b"Authorization: Bearer y"),
        (b"Authorization: Bearer x", b"authorization: Bearer x"),
        (b"Authorization:", b"Authorization: Bearer x"),
        (b"X-AUTH-TOKEN: mock-api-key", b"x-auth-token: mock-api-key"),
        (b"X-AUTH-TOKEN: x", b"X-Auth-Token: mock-api-key"),
        (b"Content-Type: application/json", b"Content-Type: text/plain"),
    ):
        piece = request(b"GET", EVENTS, b"%s\r\nAccept: */*\r\n%s\r\n" % (one, other))
        yield Input("single header twice", f"{shown(one)}, {shown(other)}", (piece,), frozenset({400}))


UNMEETABLE = [
    *lines(r"""
code=abc
code=
code=999
code=600
code=-1
code=100
code=101
code=0
code=200200
code=\xff
code=418
code=500
example=nothing
example=\xff
delay=-1
delay=31
delay=1e9
delay=nan
delay=inf
delay=abc
delay=0x1
code=404, code=abc
code=404, delay=99
code=404, example=nothing
code=%34%30%34
CODE=999
"""),
    *(b"example=" + b"a" * 30_000, b"delay=" + b"9" * 5_000),
]
MEANINGLESS = [
    *lines(r"""
;;;,,,
code
code="404
code=4 04
code : 404
return=minimal
respond-async, wait=10
handling=strict
=
==
"
\\
,
"""),
    *(b"", b"a=" * 10_000, b"\xff" * 100, b'x="' + b"\\" * 9_000, b"a" * 60_000, b"a" + b" " * 60_000 + b"b"),
    *(b"a=" + b" " * 60_000 + b'"', b',a="' * 15_000, b",".join([b"code=200"] * 6_000)),
]


def preferences() -> Iterator[Input]:
    """Preferences that can't be met, and some that mean nothing."""
    for value in UNMEETABLE:
        piece = request(b"GET", EVENTS, KEY + b"Prefer: %s\r\n" % value)
        yield Input("preference that can't be met", shown(value), (piece,), REFUSED)
    for value in MEANINGLESS:
        piece = request(b"GET", EVENTS, KEY + b"Prefer: %s\r\n" % value)
        yield Input("preference that means nothing", shown(value), (piece,), SERVED)


ODD = [
    *lines(r"""
Cookie: "
Cookie: \xff=\xff
Accept: garbage
Accept: text/html
Accept:
Accept: */*;q=NaN
Accept-Encoding: gzip;q=x
Accept-Charset: utf-16
Range: bytes=-1
Range: bytes=0-0,1-1,2-2
If-Match: \xff
If-Modified-Since: never
If-None-Match: *
Origin: null
Origin: \xff
Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: \xff
X-HTTP-Method-Override: DELETE
X-Forwarded-For: 127.0.0.1
X-Forwarded-Host: evil.example
Forwarded: for=x;;
X-Original-URL: /admin
Connection: close, keep-alive
Connection: \xff
Keep-Alive: timeout=-1
Te: trailers
Expect: nonsense
Upgrade: x
Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk
Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13
Via: 1.1 x
Host: \xff
Host: a b
Host: evil.example
Max-Forwards: -1
Date: x
X-A: ${jndi:ldap://x}
X-A: {{7*7}}
User-Agent: () { :;}; x
Referer: \x80\x81
Content-Type: x
"""),
    *(b"User-Agent: ", b"Cookie: " + b"a=b;" * 5_000, b"Accept: " + b"a/b," * 10_000, b"X-A: " + b"a" * 40_000),
    *(b"Accept-Encoding: " + b"gzip;" * 9_000, b"Accept-Encoding: ," + b" " * 50_000 + b"x"),
    *(b"\r\n".join([b"X-A: b"] * 2_000), b"\r\n".join(b"X-%d: b" % number for number in range(2_000))),
]
BROKEN = lines(r"""
no colon
: no name
X A: b
X-A : b
X-\xff: b
X-A: a\x00b
X-A: a\rb
\x00: b
X(A): b
 X-A: b
X-A: b\n c
X-A: b\r\n c
X-A: b\r\n\tc
X-A: b\nX-B: c
X-A: a\x1bb
X-A: a\x7fb
X-A:\r b
\tX-A: b
""")
LARGE = {
    "header of 200 KB": b"X-A: " + b"a" * 200_000,
    "20,000 headers": b"\r\n".join([b"X-A: b"] * 20_000),
    "name of 100 KB": b"a" * 100_000 + b": b",
    "cookie of 1 MB": b"Cookie: " + b"a" * 2**20,
}


def headers() -> Iterator[Input]:
    """Headers that are odd, broken or large."""
    odd = frozenset({200, 204, 206, 304, 400, 406, 416, 417})
    for target in (EVENTS, b"/docs"):
        for header in ODD:
            piece = request(b"GET", target, KEY + header + b"\r\n")
            yield Input("odd header", f"{shown(header)} {shown(target)}", (piece,), odd)
        for header in BROKEN:
            piece = request(b"GET", target, KEY + header + b"\r\n")
            name = f"{shown(header)} {shown(target)}"
            yield Input("header that is none", name, (piece,), NO_HTTP | SERVED, is_http=False)
    for count in (1, 100, 1_000, 2_500):
        piece = request(b"GET", EVENTS, KEY + b"".join(b"X-%d:\r\n" % number for number in range(count)))
        yield Input("many headers", f"{count:,}", (piece,), SERVED)
    for count in (5_000, 9_000):
        piece = request(b"GET", EVENTS, KEY + b"".join(b"X-%d:\r\n" % number for number in range(count)))
        yield Input("many headers", f"{count:,}", (piece,), frozenset({431}))
    refused = frozenset({400, 414, 431, CLOSED})
    for name, header in LARGE.items():
        piece = request(b"GET", EVENTS, KEY + header + b"\r\n")
        yield Input("large head", name, (piece,), refused, is_http=False)
    yield Input("large head", "path of 200 KB", (request(b"GET", b"/" + b"a" * 200_000),), refused, is_http=False)
