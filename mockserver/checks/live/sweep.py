"""The sweep of an earlier run: it deletes what the ledger of that run names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import requests

from mockserver.checks.live.access import sessions, transport_options_of, unreachable
from mockserver.checks.live.cleanup import Sweeper
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.run import plan
from mockserver.checks.transport.guarded_transport import GuardedTransport
from mockserver.checks.transport.ledger import Ledger, LedgerHistory
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.operation_request import as_admin
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.clock import Ids
from mockserver.errors import SettingsError
from mockserver.escaping import visible
from mockserver.openapi.resources import Surface

Tick = Callable[[str], None]


def sweep(options: Options, tick: Tick = lambda _: None, time: MonotonicTime | None = None) -> list[str]:
    """Finish what a run couldn't: delete what its ledger names. Returns what may be left.

    Raises NoLogin, and SettingsError for a ledger that isn't one, or is that of another instance.
    """
    planned, time = plan(options), time or MonotonicTime()
    surface, ids = planned.surface, Ids.from_chance()
    secrets = Secrets(options.credentials)
    with Ledger.reopened(options.ledger_path, secrets.redact) as ledger:
        history = ledger.history
        if history.url != options.url:
            raise SettingsError(f"{options.ledger_path} is the ledger of a run on {history.url}, not {options.url}.")
        _check_against(history, surface, options.ledger_path)
        policy = replace(planned.policy, contexts=history.contexts)
        ownership = Ownership(surface, Marks(history.run, surface), policy, ids)
        limits, transport_options = (
            RateLimiter(options.requests_a_second, time=time),
            transport_options_of(options, ledger, secrets, time, Recording()),
        )
        login_transport = GuardedTransport(transport_options, surface, ownership, ledger, limits)
        transport_options = replace(
            transport_options, sessions=sessions(planned, OperationClient(login_transport), time)
        )
        client = OperationClient(GuardedTransport(transport_options, surface, ownership, ledger, limits))
        headers = as_admin(options.credentials, surface)
        sweeper = Sweeper(ownership, client, headers, ledger, lambda: options.at_once(limits.latency))
        tick("sweeping")
        try:
            for session in transport_options.sessions.values():
                session.token()
        except requests.RequestException as error:
            raise NoLogin(unreachable(options.url, error)) from error
        return [visible(secrets.redact(line)) for line in (*sweeper.sweep(), *sweeper.kept)]


def _check_against(history: LedgerHistory, surface: Surface, path: Path) -> None:
    """Raises SettingsError for a ledger that doesn't fit the contract: it may name only operations that create, with
    the path parameters that the contract has."""
    for intent in history.intents.values():
        call = surface.calls.get(intent.operation)
        if call is None or not call.creates:
            message = f"{path} names {intent.operation!r}, and the contract has nothing of that name that creates."
            raise SettingsError(f"{message} Give the run's --spec, if it had one.")
        names = {one.name for one in call.operation.parameters_in("path")}
        if intent.arguments.keys() != names:
            raise SettingsError(f"{path}: the path of {intent.operation} takes {', '.join(sorted(names))}, no other.")
