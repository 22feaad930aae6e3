"""The mutants: each file holds the faults of one kind."""

from tests.mutants.faults import access, inputs, keys, lifecycle, lists, shapes, statuses
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant for module in (statuses, shapes, keys, lists, lifecycle, access, inputs) for mutant in module.MUTANTS
)
