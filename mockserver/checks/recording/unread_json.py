"""JSON that can't be judged, and isn't wrong: RFC 8259 allows numbers of any size, any depth, and half a character."""

import json
from math import isinf
from typing import NoReturn

TOO_LARGE_A_NUMBER = "has a number that is too large to be judged"
HALF_A_CHARACTER = "has half of a character (a lone surrogate)"
NESTED_TOO_DEEP = "is nested too deep to be judged"


def why_unread(content: bytes) -> str:
    """Why the reader of bodies refuses this one, as the end of `a body that …`; empty if it is no JSON."""
    large: list[str] = []

    def number(text: str) -> None:
        if isinf(float(text)):
            large.append(text)

    try:
        json.loads(content.decode(), parse_int=number, parse_float=number, parse_constant=_refuse)
    except RecursionError:
        return NESTED_TOO_DEEP
    except ValueError:
        return ""
    return TOO_LARGE_A_NUMBER if large else HALF_A_CHARACTER


def _refuse(text: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(text)
