"""Faults: rules by which responses and deliveries go wrong on purpose.

`rules` has those that are there, and says which one strikes. What only rules with conditions or templates need is
loaded with the first of them: `world.request_match` says which requests a rule is for, `templates` fills what was asked
into its answer, and `checks` finds what is wrong with a rule that somebody wants.
"""

from mockserver.world.faults.rules import STALE, Fault, FaultRules

__all__ = ["STALE", "Fault", "FaultRules"]
