"""The budget for generating one value, so that no contract of a few bytes costs gigabytes or minutes.

Each step is charged before it is taken. The same value costs the same in every process.
"""

MOST = 1_000_000  # characters and steps for one value, all drafts and failed tries counted
LONGEST = 250_000  # characters and steps for one text in it
A_VALUE = 100  # steps: of each value that is made inside of it
_A_PATTERN = 500  # steps: of each pattern that is read, beside ten for each of its characters


class BudgetExceeded(Exception):
    """A value costs more than its budget."""


class Budget:
    """The characters and steps that are left for one value; both count alike."""

    def __init__(self, most: int = MOST) -> None:
        self.left = most
        self._read: set[str] = set()

    def spend(self, amount: int) -> None:
        """Charge characters or steps before they are made. Raises BudgetExceeded if too few are left."""
        self.left -= amount
        if self.left < 0:
            raise BudgetExceeded("it would be too large, or take too long")

    def spend_on_reading(self, pattern: str) -> None:
        """Charge the reading of a pattern, the first time."""
        if pattern not in self._read:
            self._read.add(pattern)
            self.spend(_A_PATTERN + 10 * len(pattern))
