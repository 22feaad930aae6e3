"""How large a contract may be, and the numbers in it."""

from math import isfinite

from mockserver.errors import ContractError

MOST_VALUES = 2_000_000  # keys and values that are written in all documents of a contract
MOST_NODES = 750_000  # of them in a YAML document, as reading those takes more
_FEW_COPIES, _MOST_COPIES = 200_000, 10
_LONGEST_NUMBER = 400  # characters


def most_written_out(written: int) -> int:
    """How many values a contract of so many may have once all is written out that stands in several places: anchors,
    what `<<` brings in, and what references are replaced by."""
    return max(_FEW_COPIES, _MOST_COPIES * written)


def too_large(name: str, advice: str = "Leave out what isn't needed") -> ContractError:
    """What is said of a document with too many keys and values."""
    return ContractError(f"{name}: there are too many keys and values in it. {advice}.")


def number(text: str) -> int | float:
    """The number that JSON or YAML means by a decimal text. One that no 64 bits hold is a float, as for most readers of
    JSON. Raises ValueError for one that is too long, or too large for a float."""
    if len(text) <= _LONGEST_NUMBER:
        exact = int(text) if text.lstrip("+-").isdecimal() else None
        if exact is not None and -(2**63) <= exact < 2**64:
            return exact
        if isfinite(near := float(text)):
            return near
    raise ValueError("a number is too long, or too large")
