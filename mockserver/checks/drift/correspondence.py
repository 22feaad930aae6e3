"""The correspondence of both sides: which value of live stands where the mock has made up another one.

It is learnt from pairs of answers: where a value identifies something, what the mock has there and what live has are
one. From then on each stands for the other, in requests and in answers, and never for a third.
"""

from typing import Any

SHORTEST_PART = 8  # characters of a value that is looked for in the midst of a text


class Correspondence:
    """Values of the mock, each with that of live."""

    def __init__(self) -> None:
        self._live: dict[str, str] = {}
        self._mock: dict[str, str] = {}
        self._learns = True

    def untaught(self) -> "Correspondence":
        """The same, which learns nothing any more."""
        known = Correspondence()
        known._live, known._mock, known._learns = self._live, self._mock, False
        return known

    def bind(self, mock: str, live: str) -> bool:
        """Take two values for one; False if one of them stands for another value already."""
        if self._live.get(mock, live) != live or self._mock.get(live, mock) != mock:
            return False
        if self._learns:
            self._live[mock], self._mock[live] = live, mock
        return True

    def knows_mock(self, value: Any) -> bool:
        """Whether a value of the mock is known."""
        return isinstance(value, str) and value in self._live

    def knows_live(self, value: Any) -> bool:
        """Whether a value of live is known."""
        return isinstance(value, str) and value in self._mock

    def of(self, value: Any) -> Any:
        """A value of the mock as live has it, at all depths: texts that are known, and those that have one in them."""
        if isinstance(value, dict):
            return {self.of(name): self.of(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text in self._live:
            return self._live[text]
        for mock, live in self._live.items():
            if len(mock) >= SHORTEST_PART and mock != live and mock in text:
                text = text.replace(mock, live)
        return text
