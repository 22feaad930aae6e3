"""The common mistakes of receivers, the likely ones first.

A mistake is listed if an idiom of a language or framework leads to it, or the environment of a receiver: a proxy in
front of it, or a secret in an environment variable. A new one is a row here and a test of its own.
"""

import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mockserver.signing import SECRET_PREFIX
from mockserver.webhooks.signature_diagnosis.computation import Evidence, as_bytes, hex_sha256, hmac_sha256, join
from mockserver.webhooks.signature_diagnosis.json_style import (
    COMPACT,
    ESCAPED,
    INDENTED,
    JAVASCRIPT,
    PHP,
    SORTED,
    SPACED,
    UNESCAPED,
    JsonStyle,
    respaced,
)

Values = Callable[[Evidence], Iterable[Any]]

RAW = (
    "Hash the bytes as they arrive, before anything parses them: `request.get_data()` in Flask, `request.body` in "
    "Django, `await request.body()` in Starlette, `express.raw()` in Express, `php://input` in PHP."
)
SUBSCRIBED = (
    "Build the lines from the subscribed URL, kept in the receiver's configuration, not from what the request says "
    "behind a proxy."
)
SENT = "Take the text of X-Webhook-Timestamp as it is; don't compute a time of your own."
LINES = "Join the six lines by one line feed each, the character and not a backslash and an n, with none at the end."
MAC = "Use HMAC-SHA256: the secret's text is the key, the canonical string is the message."

ADVICE = {  # for a field, where a mistake has none of its own
    "key": "The key is the text of 64 characters behind `whsec_`, as ASCII bytes; it only looks like hex.",
    "body": RAW,
    "host": f"The host is in lower case and without scheme and port. {SUBSCRIBED}",
    "path": f"The path is as the subscribed URL has it, without query string. {SUBSCRIBED}",
    "timestamp": SENT,
    "request_id": "Take the text of X-Webhook-Request-Id as it is. It changes with each attempt; `messageId` doesn't.",
    "digest": "The fourth line is the SHA-256 of the raw body, in lower-case hex.",
    "measure": "Host and path have their length in bytes and a colon before them, as in `11:example.com`.",
    "assemble": LINES,
    "mac": MAC,
    "encode": "The signature is the HMAC in lower-case hex, 64 characters, without a prefix.",
}
STEPS = frozenset({"digest", "measure", "assemble", "mac", "encode"})  # what only code gets wrong, no captured request

BOM = b"\xef\xbb\xbf"
DEFAULT_PORTS = {"http": 80, "https": 443}
BEFORE, AFTER = 10, 60  # seconds around the sending in which a receiver may have looked at its clock
NO_HEADER = ("", "undefined", "None", "null")  # what languages make of a header that isn't there
TIMESTAMP, REQUEST_ID = 4, 5  # their lines


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake: one field of the computation has a wrong value.

    `values` gives the wrong values; it raises ValueError or RecursionError where none can be made. `change` completes
    the sentence "it matches with …". `own_advice` replaces the advice for the field.
    """

    name: str
    field: str
    change: str
    values: Values
    own_advice: str = ""
    open_to_doubt: bool = False  # the documentation leaves it open: the sender may do it

    @property
    def advice(self) -> str:
        """The advice for the receiver's code."""
        return self.own_advice or ADVICE[self.field]

    @property
    def by_sender(self) -> bool:
        """Whether a captured signature that has this mistake was computed by a sender that deviates."""
        return self.open_to_doubt or self.field in STEPS


def _always(*values: Any) -> Values:
    return lambda _: values


def _not_empty(*texts: str) -> list[str]:
    return [text for text in texts if text]


# ---------------------------------------------------------------- the key
def _bare(secret: str) -> str:
    return secret.strip().removeprefix(SECRET_PREFIX)


def _decoded(decode: Callable[[str], bytes]) -> Values:
    return lambda evidence: [decode(_bare(evidence.secret))]


def _with_blanks(evidence: Evidence) -> list[bytes]:
    bare = _bare(evidence.secret)
    texts = (text + blank for text in (bare, SECRET_PREFIX + bare) for blank in ("\n", "\r\n", " "))
    return [as_bytes(text) for text in (bare, f" {bare}", *texts)]


# ---------------------------------------------------------------- the body
def _changed(*changes: Callable[[bytes], bytes]) -> Values:
    return lambda evidence: [change(evidence.capture.body) for change in changes]


def _respaced(separators: tuple[str, str]) -> Values:
    return _changed(partial(respaced, separators=separators))


def _rewritten(*styles: JsonStyle) -> Values:
    return _changed(*(style.rewrite for style in styles))


def _unescaped(evidence: Evidence) -> list[bytes]:
    """The body without escapes; nothing where it has none, as then only the spaces would change."""
    body = evidence.capture.body
    return [style.rewrite(body) for style in UNESCAPED] if b"\\u" in body or b"\\/" in body else []


def _printed(evidence: Evidence) -> list[bytes]:
    return [as_bytes(repr(json.loads(evidence.capture.body))), b"[object Object]"]


def _encoded_twice(evidence: Evidence) -> list[bytes]:
    text = evidence.capture.body.decode("utf-8", "replace")
    return [as_bytes(json.dumps(text, ensure_ascii=ascii_only)) for ascii_only in (False, True)]


def _in_other_encodings(evidence: Evidence) -> list[bytes]:
    """The body, decoded and encoded with different encodings."""
    body = evidence.capture.body
    text = body.decode("utf-8", "replace")
    written = [text.encode(encoding, "replace") for encoding in ("latin-1", "ascii", "utf-16-le")]
    return [*written, body.decode("latin-1").encode()]


# ---------------------------------------------------------------- host and path
def _with_port(evidence: Evidence) -> list[str]:
    url = urlsplit(evidence.url)
    return [url.netloc.rpartition("@")[2].lower(), f"{evidence.right.host}:{DEFAULT_PORTS[url.scheme]}"]


def _of_headers(evidence: Evidence) -> list[str]:
    """The hosts with and without the port; in a list of proxies the first host counts."""
    headers = (evidence.capture.header(name) for name in ("X-Forwarded-Host", "Host"))
    hosts = [value.split(",")[0].strip().lower() for value in headers if value]
    return [*hosts, *(host.partition(":")[0] for host in hosts)]


def _in_other_encoding(evidence: Evidence) -> list[str]:
    path = evidence.right.path
    return [unquote(path), quote(path, safe="/%")]


def _with_other_slash(evidence: Evidence) -> list[str]:
    path = evidence.right.path
    return _not_empty(path[:-1] if path.endswith("/") else path + "/")


def _without_first_slash(evidence: Evidence) -> list[str]:
    """The path as Laravel's `$request->path()` gives it."""
    return _not_empty(evidence.right.path[1:])


def _with_query(evidence: Evidence) -> list[str]:
    queries = {urlsplit(evidence.url).query, evidence.capture.target.partition("?")[2]} - {""}
    return [f"{evidence.right.path}?{query}" for query in sorted(queries)]


def _of_request(evidence: Evidence) -> list[str]:
    """The path of the request line, and the path with the prefix that a proxy removed."""
    target, prefix = evidence.capture.target, evidence.capture.header("X-Forwarded-Prefix").rstrip("/")
    return [*([target, target.partition("?")[0]] if target else []), prefix + evidence.right.path]


def _shortened(evidence: Evidence) -> list[str]:
    """The path without the prefix at which an application is mounted, or that a proxy removes."""
    segments = evidence.right.path.split("/")[1:]
    return ["/" + "/".join(segments[taken:]) for taken in range(1, len(segments) + 1)]


# ---------------------------------------------------------------- timestamp and request id
def _in_milliseconds(evidence: Evidence) -> list[str]:
    """The timestamp in milliseconds, or in seconds if milliseconds were captured."""
    sent_at = int(evidence.right.timestamp)
    return [str(sent_at * 1000), str(sent_at // 1000)]


def _of_own_clock(evidence: Evidence) -> list[str]:
    """The seconds around the sending, and around now."""
    sent_at, now = int(evidence.right.timestamp), int(evidence.now)
    return [str(moment) for moment in (*range(sent_at - BEFORE, sent_at + AFTER), *range(now - 5, now + 6))]


def _of_message(evidence: Evidence) -> list[str]:
    return _not_empty(evidence.member("messageId"))


def _of_frameworks(evidence: Evidence) -> list[str]:
    return _not_empty(evidence.member("requestId"), evidence.capture.header("X-Request-Id"))


# ---------------------------------------------------------------- what only code gets wrong, never a captured request
def _of_others(evidence: Evidence) -> list[Callable[[list[bytes]], bytes]]:
    """The schemes of GitHub (the body), Stripe (`timestamp.body`) and Standard Webhooks (`id.timestamp.body`)."""
    body = evidence.capture.body
    return [
        lambda _: body,
        lambda lines: b".".join((lines[TIMESTAMP], body)),
        lambda lines: b".".join((lines[REQUEST_ID], lines[TIMESTAMP], body)),
    ]


def _hmac_by(algorithm: str) -> Callable[[bytes, bytes], bytes]:
    return lambda key, message: hmac.digest(key, message, algorithm)


def _base64(mac: bytes) -> str:
    return b64encode(mac).decode()


def _base64_for_urls(mac: bytes) -> str:
    return urlsafe_b64encode(mac).decode().rstrip("=")


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "key-older",
        "key",
        "an older secret",
        lambda evidence: [as_bytes(_bare(secret)) for secret in evidence.old_secrets],
        "A rotation takes effect at once: put the secret that the last rotation returned into the receiver.",
    ),
    Mistake(
        "key-prefix-kept",
        "key",
        "the prefix `whsec_` left in the key",
        lambda evidence: [as_bytes(SECRET_PREFIX + _bare(evidence.secret))],
        "Take `whsec_` off the secret before using it as the key.",
        open_to_doubt=True,
    ),
    Mistake("key-hex-decoded", "key", "the key decoded from hex", _decoded(bytes.fromhex), open_to_doubt=True),
    Mistake("key-base64-decoded", "key", "the key decoded from Base64", _decoded(b64decode), open_to_doubt=True),
    Mistake(
        "key-whitespace",
        "key",
        "white space around the secret added or taken away",
        _with_blanks,
        "Strip the secret after reading it from a file or an environment variable.",
    ),
    Mistake(
        "key-empty",
        "key",
        "an empty key",
        _always(b""),
        "The secret did not reach the code: look at the name of the environment variable or setting.",
    ),
    Mistake(
        "body-newline-stripped",
        "body",
        "the body without the line end behind it",
        _changed(lambda body: body.removesuffix(b"\n"), bytes.rstrip),
        f"The captured body ends in a newline that was not sent, or was cut off: editors and `echo` add one. {RAW}",
    ),
    Mistake(
        "body-newline-added",
        "body",
        "a newline added to the body",
        _changed(lambda body: body + b"\n", lambda body: body + b"\r\n"),
        f"Sign what is sent, without a newline at the end that `echo` or a template adds. {RAW}",
    ),
    Mistake(
        "body-empty",
        "body",
        "an empty body",
        _always(b""),
        f"Something had read the stream before the signature was checked, so nothing was left of it. {RAW}",
    ),
    Mistake(
        "body-bom",
        "body",
        "a byte order mark added or taken away",
        _changed(lambda body: BOM + body, lambda body: body.removeprefix(BOM)),
        f"An editor on Windows adds such a mark. {RAW}",
    ),
    Mistake("body-compact", "body", "the body written anew as JSON without spaces", _respaced(COMPACT)),
    Mistake("body-spaced", "body", "the body written anew as JSON with spaces", _respaced(SPACED)),
    Mistake("body-unescaped", "body", "the body written anew as JSON without escapes", _unescaped),
    Mistake(
        "body-escaped",
        "body",
        "the body written anew as JSON in ASCII, other characters as \\uXXXX",
        _rewritten(*ESCAPED),
    ),
    Mistake(
        "body-by-php", "body", "the body written anew as PHP's json_encode does, with \\/ for slashes", _rewritten(*PHP)
    ),
    Mistake("body-indented", "body", "the body written anew as indented JSON", _rewritten(*INDENTED)),
    Mistake("body-sorted", "body", "the body written anew as JSON with sorted keys", _rewritten(*SORTED)),
    Mistake("body-numbers", "body", "the body written anew with 10.0 as 10", _rewritten(JAVASCRIPT)),
    Mistake("body-repr", "body", "the parsed body as Python or JavaScript prints it", _printed),
    Mistake("body-encoded-twice", "body", "the body encoded as a JSON string once more", _encoded_twice),
    Mistake("body-encoding", "body", "the body in another encoding than UTF-8", _in_other_encodings),
    Mistake(
        "hash-upper-case", "digest", "the body's hash in upper case", _always(lambda body: hex_sha256(body).upper())
    ),
    Mistake(
        "hash-base64", "digest", "the body's hash in Base64", _always(lambda body: b64encode(sha256(body).digest()))
    ),
    Mistake("hash-binary", "digest", "the body's hash as 32 bytes", _always(lambda body: sha256(body).digest())),
    Mistake("body-unhashed", "digest", "the raw body in place of its hash", _always(bytes)),
    Mistake("host-with-port", "host", "the port behind the host", _with_port, open_to_doubt=True),
    Mistake("host-of-headers", "host", "the host that a header of the request names", _of_headers),
    Mistake("path-with-query", "path", "the query string behind the path", _with_query, open_to_doubt=True),
    Mistake("path-empty", "path", "an empty path", _always(""), "An empty path is signed as `/`.", open_to_doubt=True),
    Mistake("path-trailing-slash", "path", "a slash at the end of the path added or taken away", _with_other_slash),
    Mistake("path-decoded", "path", "the percent-encoding of the path undone or done again", _in_other_encoding),
    Mistake("path-of-request", "path", "the path that the request line or a proxy's header names", _of_request),
    Mistake("path-shortened", "path", "the path without its first segments", _shortened),
    Mistake("path-slashes", "path", "the path without the slash before it", _without_first_slash),
    Mistake(
        "timestamp-unit",
        "timestamp",
        "the timestamp in another unit than seconds",
        _in_milliseconds,
        f"The timestamp is in seconds; JavaScript's `Date.now()` and Java's clock give milliseconds. {SENT}",
    ),
    Mistake("timestamp-own-clock", "timestamp", "the time of the receiver's clock as the timestamp", _of_own_clock),
    Mistake("timestamp-missing", "timestamp", "no timestamp in its line", _always(*NO_HEADER)),
    Mistake("request-id-of-message", "request_id", "`messageId` of the body as the request id", _of_message),
    Mistake("request-id-of-request", "request_id", "another request id that the request names", _of_frameworks),
    Mistake("request-id-missing", "request_id", "no request id in its line", _always(*NO_HEADER)),
    Mistake(
        "lines-newline-at-end",
        "assemble",
        "a newline at the end of the canonical string",
        _always(lambda lines: join(lines) + b"\n", lambda lines: b"\r\n".join(lines) + b"\r\n"),
    ),
    Mistake("lines-crlf", "assemble", "the lines joined by CRLF", _always(b"\r\n".join)),
    Mistake(
        "lines-literal-newline",
        "assemble",
        "a backslash and an n between the lines",
        _always(rb"\n".join),
        f"In PHP write \"\\n\", not '\\n'. {LINES}",
    ),
    Mistake(
        "scheme-of-others",
        "assemble",
        "the body alone, or with a dot before it, signed",
        _of_others,
        "This is how other vendors sign. Open Loyalty signs six lines; see docs/webhook-signatures.md.",
    ),
    Mistake("lengths-omitted", "measure", "no lengths before host and path", _always(as_bytes)),
    Mistake(
        "mac-swapped",
        "mac",
        "key and message in each other's place",
        _always(lambda key, message: hmac_sha256(message, key)),
        f"Look at the order of the arguments. {MAC}",
    ),
    Mistake(
        "mac-algorithm", "mac", "another hash than SHA-256 in the HMAC", _always(*map(_hmac_by, ("sha1", "sha512")))
    ),
    Mistake("signature-upper-case", "encode", "the signature in upper case", _always(lambda mac: mac.hex().upper())),
    Mistake("signature-base64", "encode", "the signature in Base64", _always(_base64, _base64_for_urls)),
)
