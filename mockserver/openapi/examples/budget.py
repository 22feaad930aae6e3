"""What making one value may cost, so that no contract of a few bytes asks for gigabytes or minutes.

Whoever writes or tries something for a value says so beforehand. The same value costs the same in every process.
"""

MOST = 1_000_000  # characters and steps for one value, all drafts and failed tries counted
LONGEST = 250_000  # characters and steps for one text in it
A_VALUE = 100  # steps: of each value that is made inside of it
_A_PATTERN = 500  # steps: of each pattern that is read, beside ten for each of its characters


class BudgetExceeded(Exception):
    """The value asks for more than making it may cost."""


class Budget:
    """What is left for one value: characters and steps, which count alike."""

    def __init__(self, most: int = MOST) -> None:
        self.left = most
        self._read: set[str] = set()

    def spend(self, amount: int) -> None:
        """Take so many characters or steps, before they are written or made. Raises BudgetExceeded if there aren't as many."""
        self.left -= amount
        if self.left < 0:
            raise BudgetExceeded("it would be too large, or take too long")

    def spend_on_reading(self, pattern: str) -> None:
        """Read a pattern, which costs something the first time."""
        if pattern not in self._read:
            self._read.add(pattern)
            self.spend(_A_PATTERN + 10 * len(pattern))
