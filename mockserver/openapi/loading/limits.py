"""Limits for the size of a contract, and for the numbers in it."""

from math import isfinite

from mockserver.errors import ContractError

DEEPEST = 200  # levels of arrays and objects; JSON writers fail at little more
MOST_VALUES = 2_000_000  # keys and values that are written in all documents of a contract
MOST_NODES = 750_000  # of them in a YAML document, which takes more time and memory to parse
_FEW_COPIES, _MOST_COPIES = 200_000, 10
_LONGEST_NUMBER = 400  # characters


def most_written_out(written: int) -> int:
    """The limit of values of a contract with all shared ones written out: anchors, `<<` merges and replaced references.

    `written` is the number of values in its files.
    """
    return max(_FEW_COPIES, _MOST_COPIES * written)


def too_large(name: str, advice: str = "Leave out what isn't needed") -> ContractError:
    """The error for a document with too many keys and values."""
    return ContractError(f"{name}: there are too many keys and values in it. {advice}.")


def number(text: str) -> int | float:
    """The number of a decimal text in JSON or YAML: an int of 64 bits, or else a float, as for most readers of JSON.

    Raises ValueError for a number that is too long, or too large for a float.
    """
    if len(text) <= _LONGEST_NUMBER:
        exact = int(text) if text.lstrip("+-").isdecimal() else None
        if exact is not None and -(2**63) <= exact < 2**64:
            return exact
        if isfinite(near := float(text)):
            return near
    raise ValueError("a number is too long, or too large")
