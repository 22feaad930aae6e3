"""Refusals: the statuses by which a contract refuses what is wrong.

The vendor's API refuses a body with 400 and a stranger with 401. Others say 422 for a body that they can read, and 403
for whoever isn't known: what an operation declares counts.
"""

from mockserver.openapi.resources import Call

_INSTEAD = {"400": ("422",), "401": ("403",), "415": ("400", "422"), "413": ("400", "422")}
_RANGES = ("4XX", "4xx", "default")


def refusals(call: Call, usual: str) -> tuple[str, ...]:
    """The statuses by which an operation may say what `usual` says, that one first; empty if it declares none of them.
    A range, or `default`, declares all."""
    possible = (usual, *_INSTEAD.get(usual, ()))
    declared = tuple(status for status in possible if status in call.operation.responses)
    is_open = any(name in call.operation.responses for name in _RANGES)
    return declared or (possible if is_open else ())


def is_refusal(call: Call, usual: str, status: int) -> bool:
    """Whether an answer says what `usual` says: by a status that the operation declares for it, or by any of the usual
    ones, if it declares none."""
    return str(status) in (refusals(call, usual) or (usual, *_INSTEAD.get(usual, ())))
