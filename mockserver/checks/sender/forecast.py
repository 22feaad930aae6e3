"""The forecast of a run: how many requests it sends to the API, and how long it takes with all its waits.

It counts what the course goes by, on a sender that keeps its promises: tests/checks/sender/test_forecast.py holds the
figures to what a run on the mock takes.
"""

from collections import Counter
from dataclasses import dataclass

from mockserver.checks.live.planning.forecast import LATENCY_HERE, USUAL_LATENCY, WORK
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.sender.causing import EventPlan, event_plans, probe_of
from mockserver.checks.sender.deliveries import Role
from mockserver.checks.sender.options import SenderOptions

ENTERING = 1  # the list of subscriptions; logging in is one more
CHANGING = 4  # a key that is rotated and a subscription that is deleted, each after a look whether it's the run's own
DELETING = 3  # requests of the sweep for a subscription
MORE = 2  # times that the event of the probe is caused once more
REPEAT = 1.0  # seconds after which a failed attempt is repeated, by assumption A67
COMMAND_SECONDS = 0.35  # seconds of a trigger command such as `mockserver trigger`


@dataclass(frozen=True)
class SenderForecast:
    """The requests of a run, the records that stay, by the operation that makes them, and its seconds. `commands` is
    how often the trigger command is run."""

    requests: int
    seconds: float
    made: Counter[str]
    commands: int = 0


def forecast(planned: Plan, options: SenderOptions) -> SenderForecast:
    """The forecast for these options. Raises SettingsError for an event that the contract doesn't have."""
    caused = [one for one in event_plans(planned, options) if not one.reason]
    login = planned.options.credentials.can_log_in
    if not caused:
        return SenderForecast(ENTERING + login, 0.0, Counter())
    made, stores = made_by(caused), 1 if planned.options.other_store is None else 2
    subscriptions = len(caused) + len(_others(stores))
    swept = DELETING * (subscriptions - 1) + stores  # one is deleted in the middle
    requests = ENTERING + login + subscriptions + made.total() + CHANGING + swept
    commands = sum(one.by_command for one in caused) + MORE * probe_of(caused).by_command
    waits = REPEAT * (1 + MORE) + options.quiet  # events of a subscription come in order, so their repeats add up
    seconds = requests * _pace(planned) + commands * COMMAND_SECONDS + waits
    return SenderForecast(requests, seconds, made, commands)


def made_by(caused: list[EventPlan]) -> Counter[str]:
    """How many records each operation makes: one of each, and that of the probe some more."""
    made = Counter(dict.fromkeys((name for one in caused for name in one.operations), 1))
    made.update(MORE * probe_of(caused).operations[-1:] if caused else ())
    return made


def _others(stores: int) -> list[Role]:
    """The roles of the subscriptions that the event of the probe has beside."""
    without = {Role.PLAIN, Role.CAPTURED} | ({Role.ELSEWHERE} if stores == 1 else set())
    return [role for role in Role if role not in without]


def _pace(planned: Plan) -> float:
    """Seconds from one request to the next."""
    options = planned.options
    usual = LATENCY_HERE if options.is_here else USUAL_LATENCY
    latency = usual if options.latency is None else options.latency / 1000
    rate = options.requests_a_second
    return max(latency + WORK, 1 / rate if rate else 0.0)
