"""How events are caused: through the API by records of the run, or by a command of the user's; or why not at all."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.sender.options import SenderOptions
from mockserver.errors import SettingsError
from mockserver.openapi.contract import operation_named
from mockserver.openapi.resources import Call

MEMBER, TRANSACTION = "_memberPost", "_transactionPost"
CAUSED_BY: Mapping[str, tuple[str, ...]] = {  # by the descriptions of the contract's operations
    "CustomerRegistered": (MEMBER,),
    "TransactionRegistered": (TRANSACTION,),
    "TransactionAssignedToCustomer": (MEMBER, TRANSACTION),
}
LONGEST_COMMAND = 60.0  # seconds
Run = Callable[[Sequence[str]], str]  # runs a command; what went wrong, or nothing


@dataclass(frozen=True)
class EventPlan:
    """An event, with the operations or the command that cause it, or why nothing does. `asked`: by its name."""

    event: str
    operations: tuple[str, ...] = ()
    by_command: bool = False
    reason: str = ""
    asked: bool = False


def event_plans(planned: Plan, options: SenderOptions) -> list[EventPlan]:
    """A plan for each event that is to be judged. Raises SettingsError for an event that the contract doesn't have."""
    names = planned.surface.contract.event_names
    if not names:
        raise SettingsError(
            "The contract has no events, so there is nothing to send: it needs webhooks, or callbacks of operations."
        )
    for event in options.events:
        if event not in names:
            raise SettingsError(f"The contract has no event {event!r}; it has {', '.join(names)}.")
    return [_planned(planned, options, event) for event in options.events or names]


def probe_of(caused: Sequence[EventPlan]) -> EventPlan:
    """The event that shows repeats, order, rotation and deletion: one that a single record causes, if there is one."""
    return next((one for one in caused if len(one.operations) == 1), caused[0])


def call_named(planned: Plan, name: str) -> Call | None:
    """The operation with an id, with or without its underscore."""
    found = operation_named(name, [*planned.surface.calls])
    return None if found is None else planned.surface.calls[found]


def _planned(planned: Plan, options: SenderOptions, event: str) -> EventPlan:
    asked = event in options.events
    calls = [call_named(planned, name) for name in CAUSED_BY.get(event, ())]
    found = [one for one in calls if one is not None]
    refused = [one for one in found if planned.policy.left_out(planned.surface, one)]
    if found and len(found) == len(calls) and not refused:
        return EventPlan(event, tuple(one.id for one in found), asked=asked)
    if options.command:
        return EventPlan(event, by_command=True, asked=asked)
    if found:
        kinds = ",".join(one.kind for one in found)
        reason = f"what causes it creates records that can't be deleted (--allow-residue {kinds})"
    else:
        reason = "no operation of the contract causes it (--trigger-command)"
    return EventPlan(event, reason=reason, asked=asked)


def command_for(words: Sequence[str], event: str, store: str) -> list[str]:
    """The words of a command, with the event and the store in their places; the event comes last if it has none."""
    filled = [word.replace("{event}", event).replace("{store}", store) for word in words]
    return filled if any("{event}" in word for word in words) else [*filled, event]


def run_command(words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command, without a shell, in an environment, if not that of this process; what went wrong, in words, or
    nothing."""
    try:
        done = subprocess.run(  # noqa: S603 (the user's own words)
            list(words),
            capture_output=True,
            text=True,
            timeout=LONGEST_COMMAND,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except OSError as error:
        return f"the trigger command can't be run: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"the trigger command took more than {LONGEST_COMMAND:g} seconds"
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    last = f": {said[-1]}" if said else ""
    return f"the trigger command ended with {done.returncode}{last}" if done.returncode else ""
