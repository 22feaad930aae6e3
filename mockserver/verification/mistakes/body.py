"""The body: bytes that are not those that were sent, and other things than their hash."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import md5, sha1, sha256, sha512
from typing import Any

from mockserver.verification.case import NO_JSON, Case, Mistake
from mockserver.verification.computation import Patch, as_bytes, hashed

RAW = (
    "Hash the bytes as they arrive, before anything parses them: `request.get_data()` in Flask, `request.body` in "
    "Django, `await request.body()` in Starlette, `express.raw()` in Express, `php://input` in PHP."
)
HASH = "The fourth line is the SHA-256 of the raw body, in lower-case hex."
COMPACT, SPACED = (",", ":"), (", ", ": ")
ENCODINGS = ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "ascii")
LENGTH = re.compile("[0-9]{1,12}")
BOM = b"\xef\xbb\xbf"

# Styles of `json.dumps`, and what becomes of the text.
AS_IT_IS: dict[str, Any] = {"ensure_ascii": False}
ESCAPED: dict[str, Any] = {"ensure_ascii": True}


def _body(body: bytes) -> Patch:
    return {"content": hashed(body)}


def _written(case: Case, styles: Iterable[dict[str, Any]], escape_slashes: tuple[bool, ...] = (False,)) -> list[Patch]:
    """The body, parsed and written in each style."""
    if case.document is NO_JSON:
        return []
    texts = [json.dumps(case.document, **style) for style in styles]
    return [_body(as_bytes(text.replace("/", "\\/") if slash else text)) for text in texts for slash in escape_slashes]


def _has_escapes(case: Case) -> bool:
    return b"\\u" in case.captured.body or b"\\/" in case.captured.body


def _unescaped(case: Case) -> list[Patch]:
    return (
        _written(case, ({**AS_IT_IS, "separators": style} for style in (COMPACT, SPACED))) if _has_escapes(case) else []
    )


def _plain(case: Case, separators: tuple[str, str]) -> list[Patch]:
    """Only the spaces change: what is escaped stays so."""
    style = ESCAPED if b"\\u" in case.captured.body else AS_IT_IS
    return _written(case, [{**style, "separators": separators}], (b"\\/" in case.captured.body,))


def _escaped(case: Case) -> list[Patch]:
    return _written(case, ({**ESCAPED, "separators": style} for style in (COMPACT, SPACED)))


def _by_php(case: Case) -> list[Patch]:
    return _written(case, ({**style, "separators": COMPACT} for style in (ESCAPED, AS_IT_IS)), (True,))


def _sorted(case: Case) -> list[Patch]:
    styles = ({**style, "separators": separators} for style in (AS_IT_IS, ESCAPED) for separators in (COMPACT, SPACED))
    return _written(case, ({**style, "sort_keys": True} for style in styles), (False, True))


def _indented(case: Case) -> list[Patch]:
    indents: tuple[int | str, ...] = (2, 4, "\t")
    return _written(case, ({**style, "indent": indent} for style in (AS_IT_IS, ESCAPED) for indent in indents))


def _with_other_numbers(case: Case) -> list[Patch]:
    """JavaScript and old PHP write 10.0 as 10."""
    if case.document is NO_JSON:
        return []
    document = json.loads(case.captured.body, parse_float=_whole)
    return [_body(as_bytes(json.dumps(document, ensure_ascii=False, separators=COMPACT)))]


def _whole(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _by_repr(case: Case) -> list[Patch]:
    return [] if case.document is NO_JSON else [_body(as_bytes(repr(case.document)))]


def _encoded_twice(case: Case) -> list[Patch]:
    text = case.captured.body.decode("utf-8", "replace")
    return [_body(as_bytes(json.dumps(text, **style))) for style in (AS_IT_IS, ESCAPED)]


def _in_other_encodings(case: Case) -> list[Patch]:
    """Read in one encoding and written in another."""
    body = case.captured.body
    text = body.decode("utf-8", "replace")
    written = [text.encode(encoding, errors) for encoding in ENCODINGS for errors in ("replace", "ignore")]
    read = [
        body.decode(encoding, errors).encode() for encoding in ("latin-1", "ascii") for errors in ("replace", "ignore")
    ]
    return [_body(data) for data in (*written, *read, as_bytes(text))]


def _cut_at_content_length(case: Case) -> list[Patch]:
    length = case.captured.header("Content-Length")
    return [_body(case.captured.body[: int(length)])] if LENGTH.fullmatch(length) else []


def _changed(*changes: Callable[[bytes], bytes]) -> Callable[[Case], list[Patch]]:
    return lambda case: [_body(change(case.captured.body)) for change in changes]


def _in_place_of_hash(*contents: Callable[[bytes], bytes]) -> Callable[[Case], list[Patch]]:
    return lambda case: [{"content": content(case.captured.body)} for content in contents]


def _hex_by(algorithm: Callable[[bytes], Any], body: bytes) -> bytes:
    return bytes(algorithm(body).hexdigest(), "ascii")


BODY: tuple[Mistake, ...] = (
    Mistake(
        "body-newline-stripped",
        "the body without the line end behind it",
        f"The captured body ends in a newline that was not sent, or was cut off: editors and `echo` add one. {RAW}",
        _changed(lambda body: body.removesuffix(b"\n"), lambda body: body.removesuffix(b"\r\n"), bytes.strip),
    ),
    Mistake(
        "body-newline-added",
        "a newline added to the body",
        f"Sign what is sent, without a newline at the end that `echo` or a template adds. {RAW}",
        _changed(lambda body: body + b"\n", lambda body: body + b"\r\n"),
    ),
    Mistake(
        "body-cut",
        "the body cut at its Content-Length",
        f"More was read or captured than the body. {RAW}",
        _cut_at_content_length,
    ),
    Mistake(
        "body-empty",
        "an empty body",
        f"Something had read the stream before the signature was checked, so nothing was left of it. {RAW}",
        _changed(lambda _: b""),
    ),
    Mistake(
        "body-line-ends",
        "other line ends in the body",
        f"Something turned line feeds into CRLF or back: git, an editor, a text-mode file. {RAW}",
        _changed(
            lambda body: body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
            lambda body: body.replace(b"\r\n", b"\n"),
        ),
    ),
    Mistake(
        "body-bom",
        "a byte order mark added or taken away",
        f"An editor on Windows adds such a mark. {RAW}",
        _changed(lambda body: BOM + body, lambda body: body.removeprefix(BOM)),
    ),
    Mistake("body-compact", "the body written anew as JSON without spaces", RAW, partial(_plain, separators=COMPACT)),
    Mistake("body-spaced", "the body written anew as JSON with spaces", RAW, partial(_plain, separators=SPACED)),
    Mistake("body-unescaped", "the body written anew as JSON without escapes", RAW, _unescaped),
    Mistake("body-escaped", "the body written anew as JSON in ASCII, other characters as \\uXXXX", RAW, _escaped),
    Mistake("body-by-php", "the body written anew as PHP's json_encode does, with \\/ for slashes", RAW, _by_php),
    Mistake("body-indented", "the body written anew as indented JSON", RAW, _indented),
    Mistake("body-sorted", "the body written anew as JSON with sorted keys", RAW, _sorted),
    Mistake("body-numbers", "the body written anew with 10.0 as 10", RAW, _with_other_numbers),
    Mistake("body-repr", "the body as Python prints the parsed JSON", RAW, _by_repr),
    Mistake("body-encoded-twice", "the body encoded as a JSON string once more", RAW, _encoded_twice),
    Mistake("body-encoding", "the body in another encoding than UTF-8", RAW, _in_other_encodings),
    Mistake(
        "hash-upper-case",
        "the body's hash in upper case",
        HASH,
        _in_place_of_hash(lambda body: hashed(body).upper()),
        by_sender=True,
    ),
    Mistake(
        "hash-base64",
        "the body's hash in Base64",
        HASH,
        _in_place_of_hash(lambda body: b64encode(sha256(body).digest())),
        by_sender=True,
    ),
    Mistake(
        "hash-binary",
        "the body's hash as 32 bytes",
        HASH,
        _in_place_of_hash(lambda body: sha256(body).digest()),
        by_sender=True,
    ),
    Mistake("body-unhashed", "the raw body in place of its hash", HASH, _in_place_of_hash(bytes), by_sender=True),
    Mistake(
        "hash-algorithm",
        "another hash of the body than SHA-256",
        HASH,
        _in_place_of_hash(*(partial(_hex_by, algorithm) for algorithm in (sha1, sha512, md5))),
        by_sender=True,
    ),
)
