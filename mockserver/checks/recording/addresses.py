"""The addresses of recorded calls, without what was sent in them: a path tells ids, telephone numbers, and whose store
it is. In place of such values stands the contract's own path."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from mockserver.checks.recording import words
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.parameter_values import fields_of
from mockserver.escaping import MASK

MOST_FIELDS = 8  # of a query
_WORDS = re.compile(r"(?=.{2,30}$)[a-z]+(?:[A-Z][a-z]+)*(?:[-_][a-z]+)*", re.ASCII)


def call_address(entry: Entry, path: str) -> str:
    """The URL of a call, with the path of the contract from where that begins, and the names in its query."""
    try:
        parts = urlsplit(entry.url)
    except ValueError:
        return words.HIDDEN
    own = path.strip("/").split("/")
    before = parts.path.rstrip("/").split("/")[: -len(own)]
    base = words.address(f"{entry.origin}{'/'.join(before)}")
    fields = [f"{words.named(name)}={MASK}" for name in fields_of(parts.query)]
    more = [words.HIDDEN] if len(fields) > MOST_FIELDS else []
    query = "&".join([*fields[:MOST_FIELDS], *more])
    return f"{base}/{'/'.join(own)}{'?' if query else ''}{query}"


class ContractPaths:
    """The paths of a contract, as far as one that it doesn't have is like them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = [path.strip("/").split("/") for path in paths]

    def likened(self, path: str) -> str:
        """A path in which values are the contract's parameters where it begins like one of the contract, and elsewhere
        `{id}`."""
        like, shown = self._paths, [""]
        for at, step in enumerate(path.strip("/").split("/")):
            longer = [one for one in like if len(one) > at]
            like = [one for one in longer if one[at] == step]
            if not like:
                like = [one for one in longer if "{" in one[at]]
                shown.append(like[0][at] if like else step if _WORDS.fullmatch(step) else "{id}")
            else:
                shown.append(step)
        return "/".join(shown)
