"""`mockserver check sender`: does a live instance send the webhooks that its contract describes?"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion
from mockserver.cli.ending import Ending, report_options
from mockserver.cli.target import load_settings, require_extra, target_options

if TYPE_CHECKING:
    from mockserver.checks.sender.causing import Run
    from mockserver.checks.sender.options import SenderOptions

SECONDS = click.FloatRange(min=0, min_open=True)
OWN = ("events", "catcher_url", "catcher_listen", "trigger_command", "wait", "wait_repeats", "wait_quiet")
OF_CAPTURED = ("spec", "spec_root", "overlay", "baseline", "compare", "fail_on", "report_dir")


@click.command()
@target_options
@click.option("--event", "events", multiple=True, help="Only this event; repeat for more.  [default: all]")
@click.option("--catcher-url", help="The address by which the instance reaches this machine, such as that of a tunnel.")
@click.option("--catcher-listen", help="Host and port to listen on.  [default: 127.0.0.1:0, any free port]")
@click.option("--trigger-command", help="A command that causes an event: {event} and {store} stand for the names.")
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--wait", type=SECONDS, help="Seconds in which a delivery has to come.  [default: 10]")
@click.option("--wait-repeats", type=SECONDS, help="Seconds in which a repeat has to come.  [default: 10, no finding]")
@click.option("--wait-quiet", type=SECONDS, help="Seconds of silence at the end.  [default: 10; 2.5 on this machine]")
@click.option("--captured", shell_complete=completion.files, help="Judge the requests in this file (HAR, or raw HTTP).")
@click.option(
    "--secret", envvar="MOCKSERVER_WEBHOOK_SECRET", show_envvar=True, help="With --captured: whsec_…, that signed them."
)
@click.option(
    "--old-secret",
    "old_secrets",
    multiple=True,
    envvar="MOCKSERVER_OLD_WEBHOOK_SECRETS",
    show_envvar=True,
    help="With --captured: a secret from before a rotation; repeatable.",
)
@click.option("--plan", is_flag=True, default=None, help="Show what would be done, and stop.")
@report_options("mockserver-report/sender; with --captured mockserver-report/captured")
def sender(**given: Any) -> None:
    """Does a live instance send the webhooks that its contract describes?

    Subscribes a catcher of its own, causes events, and judges what comes: payload, envelope, headers, signature, ids,
    order, repeats, and what must not come. Subscriptions are deleted at the end. Events that take a member or a
    transaction, which stay, need --allow-residue; all others a --trigger-command.
    Exit codes: 0 nothing wrong was found, 1 findings, 2 could not judge, 130 interrupted.

    \b
    Examples:
      mockserver check sender --url http://127.0.0.1:8181 --allow-residue member,transaction
      mockserver check sender --url http://127.0.0.1:8181 --trigger-command 'mockserver trigger {event} --no-wait'
      mockserver check sender --url https://ol.staging.example.com --catcher-url https://hooks.example.com \\
          --catcher-listen 127.0.0.1:8000 --allow-residue member --plan
      mockserver check sender --captured deliveries.har
    """
    require_extra()
    ending = Ending.of(given)
    secrets = (given.pop("secret"), *given.pop("old_secrets"))
    captured = given.pop("captured")
    keys = tuple(filter(None, reversed(secrets)))
    if captured is None:
        _send(_options(given), ending)
    else:
        _captured(captured, keys, ending, given)


def _options(given: dict[str, Any]) -> "SenderOptions":
    """The options of a run, whose reports have a folder of their own. Raises SettingsError."""
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.sender.options import REPORTS, SenderOptions

    own = {name: value for name in OWN if (value := given.pop(name)) not in (None, ())}
    return SenderOptions(Options(**({"report_dir": REPORTS} | load_settings(given))), **own)


# ---------------------------------------------------------------- a live instance
def _send(options: "SenderOptions", ending: Ending) -> None:
    """Plan a run, and judge, unless it is only planned."""
    from mockserver.checks.sender import run as judge

    if options.target.plan or not options.target.is_here:
        lines = judge.summary(judge.plan(options), options)
        ending.planned(options.target.url, lines, is_all=bool(options.target.plan))
    if not options.target.plan:
        judge.prepare(options)
        _judge(options, ending)


def _judge(options: "SenderOptions", ending: Ending) -> None:
    """Run a plan, and end with what came of it, in a folder that is the run's own."""
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.checks.live.run import sweep_line
    from mockserver.checks.sender import run as judge
    from mockserver.checks.sender.forecast import forecast
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(options.target, run) as (target, elsewhere):
        if elsewhere:
            ending.screen.announce(f"Note: {elsewhere}.", ())
        options = replace(options, target=target)
        planned = judge.plan(options)
        with ending.screen.progress(forecast(planned, options).requests) as progress:
            outcome = judge.check(
                planned, options, progress.tick, run=run, command=_command(target.url), watch=progress.watch
            )
        outcome.report.notes += [elsewhere] if elsewhere else []
        ending.leave(outcome, target.report_dir, sweep_line(target.ledger_path, target.url, target))


def _command(url: str) -> "Run":
    """What runs a trigger command: `mockserver trigger`, and all that knows the variable, finds the instance by it."""
    from mockserver.checks.sender.causing import run_command

    return partial(run_command, environment=os.environ | {"MOCKSERVER_URL": url})


# ---------------------------------------------------------------- what was captured
def _captured(file: str, keys: tuple[str, ...], ending: Ending, given: dict[str, Any]) -> None:
    """Judge what was captured; `keys` are the secrets, the newest last."""
    from mockserver.checks.sender.captured_run import CapturedOptions, check_captured

    chosen = {name: given[name] for name in OF_CAPTURED if given[name] is not None}
    options = CapturedOptions(Path(file), keys, given["catcher_url"], **chosen)
    ending.leave(check_captured(options), options.report_dir)
