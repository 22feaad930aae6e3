"""Examples: values are drafted, validated by the contract, and drafted again where they are invalid.

The drafter is imported with the first example, as a mock whose operations have handlers rarely needs one.
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
    """Generates valid values for the schemas of a contract."""

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._seed = seed

    def response(self, pointer: str, *, strict: bool = True, variation: str = "") -> object:
        """A value for the schema at a JSON pointer of the contract, as a server would send it: without `writeOnly`
        properties, unless they are required.

        `strict` chooses the interpretation by which the value is valid (`Contract.validator`). The same pointer always
        gives an equal value for the same `variation`, in a new object that the caller may change. Raises NoExample if
        none can be made, and ContractError if the schema can't be used at all.
        """
        pointer = pointer.removeprefix("#")
        validator = self._contract.validator(pointer, strict=strict)
        drafter = self._drafter(f"{self._seed}:{pointer}{variation and ':'}{variation}")
        for _ in range(ROUNDS):
            value = drafter.draft(pointer)
            if validator.is_valid(value):
                return value
            violations = validator.violations(value)
            drafter.revise(violations)
        raise NoExample(f"No example found for #{pointer}: {dotted(violations[0].path)}: {violations[0].message}")

    @cached_property
    def _drafter(self) -> "Callable[[str], Drafter]":
        """The constructor of a drafter from a seed."""
        from mockserver.openapi.examples.drafts import Drafter
        from mockserver.openapi.normalization import SchemaNormalizer

        return partial(Drafter, SchemaNormalizer(self._contract.document))
