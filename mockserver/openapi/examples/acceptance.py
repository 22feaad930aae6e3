"""Examples: values are drafted, validated by the contract, and drafted again where they are invalid.

The drafter is imported with the first example, as a mock whose operations have handlers rarely needs one.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from mockserver.errors import NoExample
from mockserver.openapi.contract import Contract
from mockserver.violations import Violation, dotted

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
        drafter = self._drafter(f"{self._seed}:{pointer}", variation)
        return self._accepted(pointer, partial(drafter.draft, pointer), drafter.revise, strict=strict)

    def varied(self, pointer: str, model: object, variation: str) -> object:
        """A value like `model`, a valid one of the schema at a pointer, as another record of its kind would have it:
        names are numbered, amounts and moments differ. The first one, whose variation ends with 1, is the model itself,
        and so is one that can't differ. Raises ContractError if the schema can't be used at all.
        """
        pointer = pointer.removeprefix("#")
        drafter = self._drafter(f"{self._seed}:{pointer}", variation)
        try:
            return self._accepted(pointer, partial(drafter.varied, pointer, model), drafter.revise, strict=True)
        except NoExample:
            return model

    def _accepted(
        self, pointer: str, draft: Callable[[], object], revise: Callable[[list[Violation]], None], *, strict: bool
    ) -> object:
        """The first draft that is valid. Raises NoExample if there is none, and ContractError."""
        validator = self._contract.validator(pointer, strict=strict)
        for _ in range(ROUNDS):
            value = draft()
            if validator.is_valid(value):
                return value
            violations = validator.violations(value)
            revise(violations)
        raise NoExample(f"No example found for #{pointer}: {dotted(violations[0].path)}: {violations[0].message}")

    @cached_property
    def _drafter(self) -> "Callable[[str, str], Drafter]":
        """The constructor of a drafter from a seed and a variation."""
        from mockserver.openapi.examples.drafts import Drafter
        from mockserver.openapi.normalization import SchemaNormalizer

        return partial(Drafter, SchemaNormalizer(self._contract.document))
