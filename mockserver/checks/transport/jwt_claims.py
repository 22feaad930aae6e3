"""The claims of a JWT, read without verifying it: the text is untrusted, and may hold anything."""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from mockserver.nesting import is_deeper

LONGEST_TOKEN = 16_384  # characters; servers take no longer headers
LATEST = 253_402_300_799  # seconds: the end of the year 9999
_SENDABLE = re.compile(r"[!-~]+")  # what a header takes, without blanks
_DEEPEST = 20
TIMES = ("iat", "exp", "nbf")


@dataclass(frozen=True)
class Claims:
    """The claims of a JWT, unverified; `content` is empty if it is none.

    A time is a number of seconds since 1970 (RFC 7519); what else stands there counts as unknown, and is in `odd`.
    """

    content: dict[str, Any] = field(default_factory=dict)

    @property
    def issued(self) -> float | None:
        """When it was issued."""
        return _time(self.content.get("iat"))

    @property
    def expires(self) -> float | None:
        """When it ends."""
        return _time(self.content.get("exp"))

    @property
    def lifetime(self) -> float | None:
        """Seconds between the two; below zero if it ended before it began."""
        issued, expires = self.issued, self.expires
        return None if issued is None or expires is None else expires - issued

    @property
    def odd(self) -> list[str]:
        """The claims that should be times, and are none."""
        return [name for name in TIMES if name in self.content and _time(self.content[name]) is None]


def claims(token: str) -> Claims:
    """The claims of a token; none if it is no JWT. Raises nothing."""
    try:
        payload = token.split(".")[1] if len(token) <= LONGEST_TOKEN else ""
        content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return Claims()
    return Claims(content) if isinstance(content, dict) and not is_deeper(content, _DEEPEST) else Claims()


def usable(token: object) -> str | None:
    """A token that can be sent; None for anything else."""
    fits = isinstance(token, str) and len(token) <= LONGEST_TOKEN and _SENDABLE.fullmatch(token)
    return str(token) if fits else None


def _time(value: object) -> float | None:
    """A moment; None for what is none: NaN, infinite, negative or huge numbers, and what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= LATEST else None
