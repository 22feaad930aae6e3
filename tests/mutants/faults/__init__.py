"""The mutants: each file holds the faults of one kind."""

from tests.mutants.faults import access, inputs, keys, lifecycle, lists, shapes, statuses, subtle
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant for module in (statuses, shapes, keys, lists, lifecycle, access, inputs, subtle) for mutant in module.MUTANTS
)
