"""The secrets that a recording holds: no report shows them, wherever else they stand in it.

Reports show no recorded values but names and forms. What is secret by its name is looked for in those, too.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mockserver.archive_words import is_placeholder
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.parameter_values import fields_of
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import SECRET
from mockserver.escaping import is_secret

MOST = 3_000  # secrets; more take longer to hide than a recording to judge
SHORTEST = 6  # characters; what is shorter may be a part of any word
LONGEST = 4_096
_IN_JSON = re.compile(
    rb'"([\w-]{0,40}(?:pass|passwd|password|secret|token|key|jwt|authorization))"\s*:\s*"([^"\\]{6,4096})"',
    re.IGNORECASE,
)


class SpokenSecrets:
    """The secrets of recordings, each told to those that hide them once."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._known: set[str] = set()

    def take(self, entry: Entry) -> None:
        """Hide the secrets of an entry from now on."""
        for value in _spoken(entry):
            is_new = value not in self._known and not is_placeholder(value)
            if is_new and SHORTEST <= len(value) <= LONGEST and len(self._known) < MOST:
                self._known.add(value)
                self._secrets.add(value, SECRET)


def _spoken(entry: Entry) -> Iterator[str]:
    for name, value in (*entry.headers, *entry.answer_headers):
        if name in ("cookie", "set-cookie"):
            yield from (part.partition("=")[2].strip() for part in re.split(r"[;\n]", value) if "=" in part)
        elif is_secret(name):
            yield value.rpartition(" ")[2]
    if entry.address and (entry.address.query or entry.address.password):
        fields = fields_of(entry.address.query)
        yield from (text for name, texts in fields.items() if is_secret(name) for text in texts)
        yield unquote(entry.address.password or "")
    for body in (entry.sent.content, entry.answer.content):
        for name, found in _IN_JSON.findall(body):
            if is_secret(name.decode()):
                yield found.decode("utf-8", "replace")
