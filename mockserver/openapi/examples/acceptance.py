"""Values that the contract accepts: drafted, judged by it, and drafted again where they were found wrong.

What drafts them is imported with the first, as most starts of a mock that knows how to behave never need one.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from mockserver.errors import NoExample
from mockserver.openapi.contract import Contract
from mockserver.violations import dotted

if TYPE_CHECKING:
    from mockserver.openapi.examples.drafts import Drafter

ROUNDS = 30  # drafts of one value


class Examples:
    """Makes values that a schema of the contract accepts."""

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._seed = seed

    def response(self, pointer: str, *, strict: bool = True) -> object:
        """A value for the schema at a JSON pointer of the contract, as a server would send it: without what is
        writeOnly, unless it is required.

        `strict` says by which reading of the contract it is valid (`Contract.validator`).
        The same pointer always gives the same value, a new one that the caller may change. Raises NoExample if none
        can be made, and ContractError if the schema can't be used at all.
        """
        pointer = pointer.removeprefix("#")
        validator = self._contract.validator(pointer, strict=strict)
        drafter = self._drafter(f"{self._seed}:{pointer}")
        for _ in range(ROUNDS):
            value = drafter.draft(pointer)
            if validator.is_valid(value):
                return value
            violations = validator.violations(value)
            drafter.take_turns(violations)
        raise NoExample(f"No example found for #{pointer}: {dotted(violations[0].path)}: {violations[0].message}")

    @cached_property
    def _drafter(self) -> "Callable[[str], Drafter]":
        """An author by the seed of what is to be drafted."""
        from mockserver.openapi.examples.drafts import Drafter
        from mockserver.openapi.normalization import SchemaNormalizer

        return partial(Drafter, SchemaNormalizer(self._contract.document))
