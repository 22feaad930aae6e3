"""Hostile bodies: of another type, broken, wrong, large, or made to harm who gets them later."""

import gzip
from collections.abc import Iterator

import orjson

from mockserver.http.messages import MAX_BODY
from tests.hostile.inputs import (
    ADMIN,
    CLOSED,
    JSON,
    KEY,
    LOGIN,
    MEMBER,
    ONE,
    REFUSED,
    SERVED,
    SUBSCRIBE,
    SUBSCRIPTION,
    TRANSACTION,
    Input,
    lines,
    request,
    shown,
)

WITH_BODY = (LOGIN, SUBSCRIPTION, MEMBER, TRANSACTION)
NOT_TAKEN = frozenset({400, 415})
TOO_LARGE = frozenset({400, 413, CLOSED})


def nested(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    """JSON that is so many levels deep."""
    return opening * levels + b"1" + closing * levels


MEDIA_TYPES = [
    *lines(r"""
text/plain
text/json
application/xml
application/x-www-form-urlencoded
multipart/form-data
application/octet-stream
garbage
/
;
application/
*/*
application/*
application/jsonp
multipart/form-data; boundary=
\xff\xfe
application/json2
application / json
"""),
    *(b"", b"a" * 30_000, b"application/x-www-form-urlencoded;" + b"a=b;" * 9_000),
]
ODD_MEDIA_TYPES = lines("""
APPLICATION/JSON
application/json;charset=utf-8
application/json ; a=b
application/json;
""")


def media_types() -> Iterator[Input]:
    """Bodies that aren't declared as JSON, and bodies that say they are compressed."""
    for target, body in ((LOGIN, ADMIN), (SUBSCRIPTION, SUBSCRIBE)):
        for header in (b"", *(b"Content-Type: %s\r\n" % media_type for media_type in MEDIA_TYPES)):
            name = f"{shown(header)} {shown(target)}"
            yield Input("other media type", name, (request(b"POST", target, KEY + header, body),), NOT_TAKEN)
        two = request(b"POST", target, KEY + JSON + b"Content-Type: text/plain\r\n", body)
        yield Input("other media type", f"two {shown(target)}", (two,), NOT_TAKEN | SERVED)
    for media_type in ODD_MEDIA_TYPES:
        piece = request(b"POST", LOGIN, b"Content-Type: %s\r\n" % media_type, ADMIN)
        yield Input("media type that is odd, but JSON", shown(media_type), (piece,), SERVED)
    for encoding in (b"gzip", b"br", b"x", b"identity, gzip"):
        headers = JSON + b"Content-Encoding: %s\r\n" % encoding
        piece = request(b"POST", LOGIN, headers, gzip.compress(ADMIN, mtime=0))
        yield Input("compressed body", encoding.decode(), (piece,), NOT_TAKEN)


BROKEN = [
    *lines(r"""
{
}
[
"
{]
nul
{'a':1}
{a:1}
{"a":1,}
[1,]
{"a" 1}
{"a":}
{}{}
{} x
//\n{}
/* */{}
NaN
Infinity
-Infinity
{"username":NaN}
01
0x10
1.
.5
+1
1e
"\\x41"
"\\u00"
"\\ud800"
{"username":"\\ud800","password":"x"}
"\x00"
{"a":"\n"}
\x00
\xff
{"username":"\xff"}
{"username":"\xc0\xaf"}
{"username":"\xed\xa0\x80"}
"""),
    *(b"", b" ", b"\xef\xbb\xbf" + ADMIN, gzip.compress(ADMIN, mtime=0)),
    *(ADMIN.decode().encode("utf-16"), ADMIN.decode().encode("utf-32")),
    *(nested(300), nested(300, b'{"a":', b"}"), nested(100_000), nested(100_000, b'{"a":', b"}"), b"[" * 100_000),
]
WRONG = [
    *lines(r"""
null
true
1
-0
"x"
""
[]
[[]]
[null]
[{}]
1e999
-1e-999
{"username":1e999}
{"username":[]}
{"username":{}}
{"":""}
{"username":null,"password":null}
{"username":true}
{"__proto__":{"a":1}}
{"$ref":"#/"}
{"a":1,"a":2}
{"webhookSubscription":null}
{"webhookSubscription":[]}
{"webhookSubscription":"x"}
{"webhookSubscription":{}}
{"webhookSubscription":{"eventName":"CustomerRegistered","url":"http://localhost:9/","headers":[null]}}
{"webhookSubscription":{"eventName":"\\u0000","url":"http://localhost:9/"}}
{"webhookSubscription":{"eventName":["CustomerRegistered"],"url":{"a":"b"}}}
{"customer":null}
{"customer":[]}
{"customer":{"email":"\\u0000"}}
{"customer":{"email":"a@b","birthDate":"x"}}
{"customer":{"email":"a@example.com","birthDate":"2026-02-30"}}
{"transaction":null}
{"transaction":{"items":{}}}
{"transaction":{"header":[],"items":[null]}}
"""),
    *(b"9" * 5_000, b'{"username":' + b"9" * 5_000 + b"}", b'{"username":' + nested(300) + b"}"),
    *(b'{"username":' + nested(60) + b"}", b'{"username":' + nested(60, b'{"a":', b"}") + b"}"),
]
ODD = [ADMIN[:-1] + b',"username":"admin"}', b" \r\n\t" + ADMIN + b"\n", ADMIN.replace(b"admin", b"\\u0061dmin")]


def json_bodies() -> Iterator[Input]:
    """JSON that is broken, JSON that doesn't fit, and some that is odd, but fits."""
    for target in WITH_BODY:
        for kind, bodies in (("body that is no JSON", BROKEN), ("JSON that doesn't fit", WRONG)):
            for body in bodies:
                piece = request(b"POST", target, KEY + JSON, body)
                yield Input(kind, f"{shown(body)} {shown(target)}", (piece,), REFUSED)
    for body in ODD:
        yield Input("JSON that is odd, but fits", shown(body), (request(b"POST", LOGIN, JSON, body),), SERVED)


def large_bodies() -> Iterator[Input]:
    """Bodies up to the limit that take long to read or to judge, and bodies beyond it."""
    large = {
        "list of 300,000 objects": b"[%s]" % b",".join([b"{}"] * 300_000),
        "60,000 properties": orjson.dumps({f"p{number}": 1 for number in range(60_000)}),
        "60,000 equal properties": b"{%s}" % b",".join([b'"a":1'] * 60_000),
        "long text": orjson.dumps({"username": "a" * 900_000}),
        "long name": orjson.dumps({"a" * 900_000: 1}),
        "150,000 escapes": b'{"username":"%s"}' % (b"\\u0000" * 150_000),
        "300,000 items": b'{"transaction":{"header":{},"items":[%s]}}' % b",".join([b"{}"] * 300_000),
        "spaces": b" " * MAX_BODY,
    }
    for target in WITH_BODY:
        for name, body in large.items():
            piece = request(b"POST", target, KEY + JSON, body)
            yield Input("large body", f"{name} {shown(target)}", (piece,), frozenset({400, 401}))
        for length in (MAX_BODY + 1, 2**31, 2**63 - 1):
            piece = request(b"POST", target, KEY + JSON + b"Content-Length: %d\r\n" % length)
            yield Input("oversized body, announced", f"{length} {shown(target)}", (piece, b" " * 1_000), TOO_LARGE)
        head = request(b"POST", target, KEY + JSON + b"Transfer-Encoding: chunked\r\n")
        chunks = [b"%x\r\n%s\r\n" % (2**16, b" " * 2**16)] * 20
        yield Input("oversized body, in chunks", shown(target), (head, *chunks, b"0\r\n\r\n"), TOO_LARGE)
        whole = request(b"POST", target, KEY + JSON, b" " * (2 * MAX_BODY))
        yield Input("oversized body, sent", shown(target), (whole,), TOO_LARGE)


VALUES = lines(r"""
a\\r\\nX-Evil: 1
a\\nb
a\\rb
\\u0000
a\\u0000
\\u2028
\\ud800
\\u0085
\\u000b
\xc4\x80
\\u007f
""")
NAMES = [
    *VALUES,
    *lines("""
a b
a:b
(a)
 a
"""),
    b"",
    b" ",
    b"X-\xc3\xa9",
    b"a" * 70_000,
]
URLS = [
    *lines(r"""
x
/x
//x
javascript:alert(1)
file:///etc/passwd
http://
http:///x
http://[
http://[::1
http://a b/
http://a:b/
http://a\\r\\nX: 1/
http://a/\\u0000
ftp://a/
http://\\ud800/
http://?
http://#
http://@
\\u0000http://a/
http:a
gopher://a:70/_x
HTTP//a
"""),
    *(b"", b" "),
]
SHAPE = b'{"webhookSubscription":{"eventName":"CustomerRegistered","url":"http://localhost:9/",%s}}'
HEADERS = (b'"headers":[{"headerName":"%s","headerValue":"%s"}]', b'"headerName":"%s","headerValue":"%s"')


def subscriptions() -> Iterator[Input]:
    """Texts of a subscription that would later reach somebody's HTTP client."""
    for method, target in ((b"POST", SUBSCRIPTION), (b"PUT", ONE)):
        for headers in HEADERS:
            for name in NAMES:
                yield _subscription("header name", method, target, SHAPE % (headers % (name, b"b")))
            for value in VALUES:
                yield _subscription("header value", method, target, SHAPE % (headers % (b"X-A", value)))
        for url in URLS:
            body = SHAPE.replace(b"http://localhost:9/", url) % b'"headers":[]'
            yield _subscription("url", method, target, body)


def _subscription(what: str, method: bytes, target: bytes, body: bytes) -> Input:
    name = f"{method.decode()} {shown(body[58:])}"
    piece = request(method, target, KEY + JSON, body)
    return Input(f"subscription with a hostile {what}", name, (piece,), REFUSED)
