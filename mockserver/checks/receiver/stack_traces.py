"""Stack traces in answers, as a person reads them: as text, in a page, or in a text of JSON."""

import re
from html import unescape

LONGEST = 100_000  # characters that are looked through
_TRACE = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"\n]+\", line \d+|^[^\S\n]+at [\w.$<>/ ]+ ?\([^)\n]*:\d+\)"
    r"|^[^\S\n]+at (?:async )?(?:file://)?/\S+:\d+:\d+|^[^\S\n]+at .+ in \S+:line \d+|#\d+ /\S+\(\d+\)"
    r"|\.php:\d+|\.rb:\d+:in |goroutine \d+ \[",
    re.MULTILINE,
)
_LINE_END = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ESCAPES = str.maketrans({"n": "\n", "r": "\n", "t": "\t"})
_ESCAPE = re.compile(r'\\([nrt"/\\])')


def shows_trace(text: str) -> bool:
    """Whether there is a stack trace in a text."""
    begin = text[:LONGEST]
    return any(_TRACE.search(read) for read in (begin, _of_page(begin), _of_json(begin)))


def _of_page(text: str) -> str:
    """A page as it is shown; frameworks write a trace with `<br>` and `&nbsp;`."""
    return unescape(_TAG.sub("", _LINE_END.sub("\n", text)))


def _of_json(text: str) -> str:
    """The texts of JSON without their escapes."""
    return _ESCAPE.sub(lambda found: found[1].translate(_ESCAPES), text)
