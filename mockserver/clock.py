"""Time, ids and chance: all that the world can't decide by itself enters here, so that a test can decide it.

A moment is a float: Unix seconds.
"""

import base64
import binascii
import random
import struct
import time
from datetime import UTC, datetime

_WORDS = "<625I"  # the state of random.Random: 624 words, and the place among them
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


EARLIEST, LATEST = 0.0, 253_370_764_800.0  # 1970-01-01 and 9999-01-01: what a clock may be set to, and run on from


class Clock:
    """The mock's time. It follows the machine's until it is moved or frozen."""

    def __init__(self, frozen_at: float | None = None) -> None:
        self._ahead = 0.0
        self._frozen_at = self._start = frozen_at

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen_at is not None

    def now(self) -> float:
        """The current moment, in Unix seconds."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock, frozen or not."""
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._ahead += seconds

    def set(self, now: float, *, frozen: bool) -> None:
        """Set the clock to a moment, from which it stands still or runs on."""
        self._frozen_at = now if frozen else None
        self._ahead = 0.0 if frozen else now - time.time()

    def reset(self) -> None:
        """Show the time that it would show if nobody had touched it."""
        self._ahead, self._frozen_at = 0.0, self._start


class Ids:
    """Everything random, from one seed. The same seed gives the same ids and secrets in the same order.

    With a seed that others know they are predictable: fine for a mock, and what makes its runs repeatable.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)

    @classmethod
    def from_chance(cls) -> "Ids":
        """Ids from a seed that nobody chose."""
        return cls(random.SystemRandom().getrandbits(64))

    def uuid(self) -> str:
        """A version 4 UUID in lower case."""
        text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"

    def hex(self, length: int) -> str:
        """So many random hexadecimal digits, in lower case."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def happens(self, probability: float) -> bool:
        """Let chance decide. What is certain, one way or the other, uses up no chance."""
        return probability >= 1 or (probability > 0 and self._random.random() < probability)

    def restart(self) -> None:
        """Begin anew: the ids that come are those that came first."""
        self._random.seed(self.seed)

    def state(self) -> str:
        """What decides about all that comes, as an opaque text."""
        _, words, _ = self._random.getstate()
        return base64.b64encode(struct.pack(_WORDS, *words)).decode()

    def restore(self, state: str) -> None:
        """Go on from a state. Raises ValueError, and changes nothing, if the text is none."""
        try:
            words = struct.unpack(_WORDS, base64.b64decode(state, validate=True))
        except (binascii.Error, struct.error) as error:
            raise ValueError("This is no state of a source of ids.") from error
        self._random.setstate((random.Random.VERSION, words, None))


def timestamp(moment: float) -> str:
    """A moment as the API writes it: RFC 3339 in whole seconds with the offset +00:00 (assumption A33)."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def moment(text: str) -> float:
    """An RFC 3339 date-time as a moment.

    What RFC 3339 allows and Python doesn't know counts as its neighbour: a leap second as the second before it, and
    what lies outside of the years 1 to 9999 in UTC as their first or last second.
    """
    if text.startswith("0000-"):
        return _FIRST
    if text[16:19] == ":60":
        text = text[:16] + ":59" + text[19:]
    return min(max((datetime.fromisoformat(text.upper()) - _EPOCH).total_seconds(), _FIRST), _LAST)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
_LAST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()
