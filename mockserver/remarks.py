"""Remarks: what the mock says about a response, to its client by headers, to people by journal and log."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

LONGEST_TEXT = 500  # characters; a header must not grow with what it tells


class Remarks(NamedTuple):
    """What there is to say. The headers are made of it when the response is sent, and nowhere else.

    `hint` tells why a request was refused; `violation` is the report of the response validator, if the response leaves
    the contract. `fault` tells which fault made it: its `faultId`, and its `name` and `effect` if it has them.
    """

    hint: str = ""
    violation: str | None = None
    fault: Mapping[str, object] | None = None

    def headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers that say so."""
        if self.hint:
            yield b"x-mock-hint", _line(self.hint)
        if self.violation is not None:
            yield b"x-mock-contract-violation", _line(self.violation)
        if self.fault:
            yield b"x-mock-fault", _line(str(self.fault["faultId"]))


NO_REMARKS = Remarks()  # of nearly every response


def _line(text: str) -> bytes:
    """A text as the value of a header: one line of printable ASCII, LONGEST_TEXT characters at most."""
    return re.sub(r"[^ -~]", "?", text[:LONGEST_TEXT]).encode()
