"""Shell lines to paste: the shell takes each word as it is, whatever it holds."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.checks.transport.session import BASIC, HEADER, PLACEHOLDERS

_SHOWN_HEADERS = ("authorization", "x-auth-token", "content-type")
PROXY = "$OL_PROXY"
LONGEST_BODY = 65_536  # bytes that a line shows
_PLACEHOLDER = re.compile(
    "|".join(
        [
            *(rf"{re.escape(HEADER)}\d+", rf"{re.escape(PROXY)}\b", r"\$OL_VALUE_\d+"),
            *(re.escape(one) for one in PLACEHOLDERS),
        ]
    )
)
_NAMED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(words: Iterable[str]) -> str:
    """The line that runs these words; a text that looks like a placeholder is no variable."""
    return " ".join(_quoting(word)[0] for word in words)


def command(words: Iterable[str]) -> str:
    """The line that runs these words, in which placeholders are variables."""
    return " ".join(quoted(word) for word in words)


def curl(method: str, url: str, headers: Mapping[str, Any], body: Any, redact: Callable[[str], str]) -> str:
    """A request as a line to paste, with the headers that matter to a reader; secrets are names of variables."""
    words = ["curl", "-sg", *_method(method, body)]
    for name, value in headers.items():
        if name.lower() in _SHOWN_HEADERS or _text(value).startswith((HEADER, f"Basic {BASIC}")):
            words += _header(name, _text(value), redact)
    if body and len(body) > LONGEST_BODY:
        return f"{command([*words, '--data-binary', '@body', redact(url)])} # body: a file of {len(body)} bytes"
    return command([*words, *_data(body, redact), redact(url)])


def whole_curl(  # noqa: PLR0913 (all that a request is)
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Any,
    file: str = "",
    *,
    options: Iterable[str] = ("-sg",),
) -> str:
    """A request as a line of a script, with all headers; without a type of its body, curl makes none up. `file` is one
    that has the body, for a line that would be too long; `options` are those of curl."""
    words = [word for name, value in headers.items() for word in _header(name, value, str)]
    if body and "content-type" not in {name.lower() for name in headers}:
        words += ["-H", "Content-Type:"]
    data = ["--data-binary", f"@{file}"] if file else _data(body, str)
    line = command(["curl", *options, *_method(method, body), *words, *data, url])
    return f"{line} # body: a file of {len(body)} bytes" if file else line


def _method(method: str, body: Any) -> list[str]:
    """The words for a method; after `-X HEAD`, curl waits for a body that never comes."""
    if method == "HEAD" and not body:
        return ["--head"]
    return [] if method == ("POST" if body else "GET") else ["-X", method]


def _header(name: str, value: str, redact: Callable[[str], str]) -> list[str]:
    """The words for a header; curl leaves out one that ends with a colon."""
    if value == f"Basic {BASIC}":
        return ["-u", BASIC]
    return ["-H", redact(f"{name}: {value}" if value else f"{name};")]


def _data(body: Any, redact: Callable[[str], str]) -> list[str]:
    """The words for a body; `--data-binary` would take `@` for the name of a file."""
    return ["--data-raw", redact(_text(body))] if body else []


def quoted(word: str) -> str:
    """A word of a shell in which placeholders are variables."""
    quoting, opening = _quoting(word)
    named = _PLACEHOLDER.sub(lambda found: f'\'"{found[0]}"{opening}', quoting)
    return named.removesuffix(f"{opening}'") if named != "''" else named


def _quoting(word: str) -> tuple[str, str]:
    """A word in quotes where it needs them, and how these begin."""
    return (shlex.quote(word), "'") if word.isprintable() else (_in_ansi_c(word), "$'")


def _in_ansi_c(word: str) -> str:
    """The word as `$'…'`, with escapes for signs that can't be seen, and for single bytes that are no text."""
    return f"$'{''.join(_NAMED.get(char) or (char if char.isprintable() else _named(char)) for char in word)}'"


def _named(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 (what surrogateescape makes of a byte that isn't UTF-8)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\U{code:08x}"  # noqa: PLR2004 (ASCII)


def _text(content: Any) -> str:
    return content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else str(content)
