"""Words of our HTTP Archives (HAR) for what isn't in them: bodies that were left out or cut, secrets that were hidden.

Who writes an archive and who judges one have them from here, so that nobody is blamed for what we left out ourselves.
"""

import re
from enum import StrEnum
from typing import Any

from mockserver.escaping import MASK

_LEFT_OUT = "left out, as "
_BEGINNING = "the beginning of "
_PLACEHOLDER = re.compile(rf"\$OL_[A-Z_]+|{re.escape(MASK)}")  # which stand in place of secrets


class Why(StrEnum):
    """Why a body was left out, as the end of a sentence."""

    TOO_LARGE = "it is over 1 MiB"
    NO_TEXT = "it is no text"
    TOO_MUCH_WAITS = "too much waited to be written"
    NOT_ENDED = "not all of it came"


def left_out(why: Why) -> dict[str, str]:
    """What an archive says in place of a body. A `text` isn't there, as an empty one would be an empty body."""
    return {"comment": f"{_LEFT_OUT}{why}"}


def beginning(size: int) -> dict[str, str]:
    """What an archive says beside the beginning of a body of so many bytes."""
    return {"comment": f"{_BEGINNING}{size} bytes"}


def why_left_out(comment: str) -> Why | None:
    """Why a body isn't there, by the comment on it; None if that doesn't say so."""
    return next((why for why in Why if comment == f"{_LEFT_OUT}{why}"), None)


def is_beginning(comment: str) -> bool:
    """Whether a comment says that a body is the beginning of a longer one."""
    return comment.startswith(_BEGINNING)


def is_placeholder(value: Any) -> bool:
    """Whether a value isn't the one that was there, as a secret was taken out of it."""
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def holds_placeholder(value: Any) -> bool:
    """Whether a secret was taken out of a value, or of anything in it. It may not be nested deep."""
    if isinstance(value, dict):
        return any(map(holds_placeholder, value.values()))
    return any(map(holds_placeholder, value)) if isinstance(value, list) else is_placeholder(value)
