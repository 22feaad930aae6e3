"""Hostile framing: where a request begins and ends, and bytes that are none."""

from collections.abc import Iterator

from tests.hostile.bodies import nested
from tests.hostile.inputs import (
    ADMIN,
    CLOSED,
    EVENTS,
    JSON,
    KEY,
    LOGIN,
    NO_HTTP,
    ONE,
    REFUSED,
    SERVED,
    Input,
    lines,
    request,
    shown,
    words,
)

MAY = frozenset({200, 400, 401, 413, 415, 501, CLOSED})
LENGTHS = [
    *lines(r"""
-1
+42
4_2
0x2A
42.0
abc
42,42
42 42
99999999999999999999
\xd9\xa4
42;
42\r\nContent-Length: 42
42\r\nContent-Length: 41
0\r\nContent-Length: 42
42\x00
1e2
"""),
    *(b"", b" ", b"9" * 400),
]
ENCODINGS = [
    *lines(r"""
chunked
Chunked
xchunked
identity
gzip
chunked, identity
identity, chunked
chunked, chunked
\x0bchunked
 chunked
chunked\r\nTransfer-Encoding: x
x\r\nTransfer-Encoding: chunked
gzip, chunked
"""),
    b"",
]
CHUNKS = [
    *words(r"""
    -1\r\n 0x2A\r\n FFFFFFFFFFFFFFFFF\r\n 7FFFFFFFFFFFFFFF\r\n g\r\n \r\n\r\n 0\r\nX-A:b\r\n\r\n 0\r\n
    """),
    *(b"2a;" + b"a" * 20_000 + b"\r\n", b"2 a\r\n", b"2a \r\n", b"1\r\n{\r\n" * 50, b"2a\r\n" + ADMIN),
    *(b"2a\n" + ADMIN + b"\n0\n\n", b"2a\r\n" + ADMIN + b"XX0\r\n\r\n", b"2a\r\n" + ADMIN + b"\r\n"),
    b"2a\r\n" + ADMIN + b"\r\n0\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n",
]


def lengths() -> Iterator[Input]:
    """Bodies whose length or chunks can be misread, as those that smuggle requests are."""
    for length in LENGTHS:
        yield _framed("odd length", shown(length), b"Content-Length: %s\r\n" % length, ADMIN)
    for encoding in ENCODINGS:
        for extra in (b"", b"Content-Length: 42\r\n", b"Content-Length: 6\r\n"):
            header = b"%sTransfer-Encoding: %s\r\n" % (extra, encoding)
            yield _framed("odd transfer encoding", shown(header), header, b"2a\r\n%s\r\n0\r\n\r\n" % ADMIN)
    for chunk in CHUNKS:
        yield _framed("odd chunks", shown(chunk), b"Transfer-Encoding: chunked\r\n", chunk)
    for method, target in ((b"GET", EVENTS), (b"DELETE", ONE), (b"HEAD", EVENTS)):
        piece = request(method, target, KEY, ADMIN)
        yield Input("body where none belongs", method.decode(), (piece,), frozenset({200, 400, 404}))


def _framed(kind: str, name: str, headers: bytes, body: bytes) -> Input:
    return Input(kind, name, (request(b"POST", LOGIN, JSON + headers), body), MAY, ends=True, is_http=False)


LINES = lines(r"""
GET
GET /
GET / HTTP
GET / HTTP/
GET / HTTP/1
GET / HTTP/9.9
GET / HTTP/2.0
GET / HTTP/1.10
GET / http/1.1
GET  /  HTTP/1.1
GET\t/\tHTTP/1.1
GET / HTTP/1.1 x
/ HTTP/1.1
 GET / HTTP/1.1
GET / ICE/1.0
HTTP/1.1 200 OK
GET / HTTP/-1.1
GET / HTTP/1.\xff
GET http://[ HTTP/1.1
GET / HTTP/0.9
GET /\r HTTP/1.1
""")
JUNK = {
    "nothing": b"",
    "one byte": b"G",
    "zeros": b"\x00" * 1_000,
    "line ends": b"\r\n" * 50_000,
    "TLS": bytes.fromhex("16030100a5010000a10303") + b"\xaa" * 160,
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "SMTP": b"EHLO mock\r\n",
    "JSON": b'{"a":1}\n',
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "SMB": b"\x00\x00\x00\x85\xffSMB" + b"\x00" * 130,
    "all bytes": bytes(range(256)) * 20,
    "ones": b"\xff" * 100_000,
    "PROXY": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n\r\n",
}


HOSTS = {
    "none, as HTTP/1.0 has it": (b"1.0", b"", 200),
    "one of HTTP/1.0": (b"1.0", b"Host: a\r\n", 200),
    "two of HTTP/1.0": (b"1.0", b"Host: a\r\nHost: a\r\n", 400),
    "none": (b"1.1", b"", 400),
    "two": (b"1.1", b"Host: a\r\nHost: b\r\n", 400),
    "twice the same": (b"1.1", b"Host: a\r\nX-A: b\r\nhost: a\r\n", 400),
    "an empty one and another": (b"1.1", b"Host:\r\nHost: a\r\n", 400),
    "a user": (b"1.1", b"Host: a@b\r\n", 400),
    "a path": (b"1.1", b"Host: a/b\r\n", 400),
    "two in one": (b"1.1", b"Host: a, b\r\n", 400),
    "no port": (b"1.1", b"Host: a:b\r\n", 400),
}


def no_http() -> Iterator[Input]:
    """Request lines that are broken, and other protocols."""
    may = NO_HTTP | {200, 302, 404, 505}
    for line in LINES:
        pieces = (line + b"\r\nHost: mock\r\n\r\n",)
        yield Input("request line out of shape", shown(line), pieces, may, ends=True, is_http=False)
    for name, junk in JUNK.items():
        yield Input("no HTTP at all", name, (junk,), NO_HTTP, ends=True, is_http=False)
    for name, (version, hosts, status) in HOSTS.items():
        piece = b"GET %s HTTP/%s\r\n%s%s\r\n" % (EVENTS, version, hosts, KEY)
        yield Input("host that is missing, or there twice", name, (piece,), frozenset({status}))


def several() -> Iterator[Input]:
    """Several requests on one connection, sent at once."""
    good = request(b"GET", EVENTS)
    login = request(b"POST", LOGIN, JSON, ADMIN)
    many = {"2": good * 2, "50": good * 50, "1,000": good * 1_000, "20 with bodies": login * 20}
    for name, requests in many.items():
        yield Input("pipelined requests", name, (requests,), SERVED)
    yield Input("pipelined requests", "one, byte by byte", tuple(bytes([byte]) for byte in good), SERVED)
    refused = {"missing": request(b"GET", b"/nowhere"), "deep": request(b"POST", LOGIN, JSON, nested(100_000))}
    for name, other in (refused | {"no HTTP": b"\x00\r\n\r\n", "no method": b"BREW / HTTP/1.1\r\n\r\n"}).items():
        may = frozenset({200, 400, 404})
        yield Input("pipelined requests", f"good, {name}", (good + other,), may, is_http=False)
        yield Input("pipelined requests", f"{name}, good", (other + good,), may, is_http=False)
    headers = JSON + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"
    smuggling = request(b"POST", LOGIN, headers) + b"0\r\n\r\nG"
    yield Input("pipelined requests", "smuggled", (smuggling, good), REFUSED, is_http=False)


UPGRADES = lines(r"""
Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__
Connection: keep-alive, Upgrade\r\nUpgrade: websocket
connection: upgrade\r\nUPGRADE: TLS/1.0, HTTP/1.1
Upgrade: h2c\r\nConnection: Upgrade, close
Connection: Upgrade\r\nUpgrade: nonsense
""")


def upgrades() -> Iterator[Input]:
    """Requests that ask for another protocol, and have a body, which may come later."""
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ADMIN), ADMIN)
    bodies = {"length": (b"Content-Length: %d" % len(ADMIN), ADMIN), "chunks": (b"Transfer-Encoding: chunked", chunked)}
    for upgrade in UPGRADES:
        for name, (framing, body) in bodies.items():
            head = request(b"POST", LOGIN, JSON + b"%s\r\n%s\r\n" % (upgrade, framing))
            for how, pieces in {
                "one": (head + body,),
                "two": (head, body),
                "three": (head, body[:5], body[5:]),
            }.items():
                yield Input("request that asks for an upgrade", f"{shown(upgrade)} {name} {how}", pieces, SERVED)


def parts() -> Iterator[Input]:
    """Requests that end too soon, and clients that have sent all, say so, and listen."""
    whole = request(b"POST", LOGIN, JSON, ADMIN)
    for end in (1, 10, 40, len(whole) - len(ADMIN) - 2, len(whole) - len(ADMIN), len(whole) - 1):
        name = f"{end} of {len(whole)} bytes"
        yield Input("request that ends too soon", name, (whole[:end],), NO_HTTP, ends=True, is_http=False)
    slow = request(b"GET", EVENTS, KEY + b"Prefer: delay=0.1\r\n")
    listening = [whole, slow, slow * 3, *(request(b"GET", path) for path in (EVENTS, b"/docs", b"/openapi.yaml"))]
    for piece in listening:
        yield Input("client that sends no more, but listens", shown(piece), (piece,), SERVED, ends=True)
    waiting = request(b"POST", LOGIN, JSON + b"Expect: 100-continue\r\n", ADMIN)
    yield Input("client that awaits a 100, and sends", "", (waiting,), SERVED)
