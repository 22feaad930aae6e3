"""Preferences of a client for one response: `Prefer: code=404, example=NAME, delay=SECONDS` (RFC 7240)."""

import re
from typing import NamedTuple

from mockserver.errors import BadRequest
from mockserver.http.messages import Header, Response
from mockserver.pipeline.declared_responses import DeclaredResponses

LONGEST_DELAY = 30.0  # seconds
FAULTS = "docs/control-plane.md#faults"
# Possessive quantifiers: the time is linear in the length of the header.
_PREFERENCE = r'(?:^|[,;])\s*+([A-Za-z]++)\s*+=\s*+(?:"([^"]*+)"|([^\s",;]*+))\s*+(?=[,;]|$)'
_DELAY = r"[0-9]{1,4}(\.[0-9]{1,6})?"
_CODE = r"[2-5][0-9][0-9]"  # after a 1xx the client would wait for the final response


class Preference(NamedTuple):
    """The preferences that this mock supports; others are ignored, as RFC 7240 demands."""

    code: int | None = None
    example: str | None = None
    delay: float = 0.0

    @classmethod
    def read(cls, header: bytes) -> "Preference":
        """The preferences of a `Prefer` header. Raises BadRequest for an unusable value."""
        wanted = {
            name.lower(): quoted or plain for name, quoted, plain in re.findall(_PREFERENCE, header.decode("latin-1"))
        }
        code, delay = wanted.get("code"), wanted.get("delay", "0")
        if code is not None and not re.fullmatch(_CODE, code):
            raise BadRequest(
                message=f"Prefer: code={code} can't be answered; give 200 to 599, such as code=404; "
                f"a fault can break a connection off: {FAULTS}."
            )
        if not re.fullmatch(_DELAY, delay) or float(delay) > LONGEST_DELAY:
            raise BadRequest(
                message=f"Prefer: delay={delay} must be a number of seconds, {LONGEST_DELAY:g} at most; "
                f"a fault can leave a call without an answer: {FAULTS}."
            )
        return cls(None if code is None else int(code), wanted.get("example"), float(delay))

    @property
    def chooses(self) -> bool:
        """Whether a certain response is wanted, and not a delay alone."""
        return self.code is not None or self.example is not None

    def applied(self) -> Header:
        """The header `Preference-Applied`."""
        parts = [f"code={self.code}"] if self.code is not None else []
        parts += [f"example={self.example}"] if self.example is not None else []
        parts += [f"delay={self.delay:g}"] if self.delay else []
        return b"preference-applied", ", ".join(parts).encode("latin-1", "replace")

    def choose(self, responses: DeclaredResponses) -> Response:
        """The declared response that is wanted. Raises BadRequest, which lists what is declared, if there is none."""
        code = self.code
        if code is None and self.example is not None:
            code = responses.status_of(self.example)
        response = None if code is None else responses.with_status(code, self.example)
        if response is None:
            examples = ", ".join(responses.examples()) or "none"
            raise BadRequest(
                message=f"This operation can't meet {self.applied()[1].decode('latin-1')}. "
                f"It declares the codes {', '.join(responses.statuses())}, and the examples {examples}; "
                f"a fault can give any other answer: {FAULTS}."
            )
        return response
