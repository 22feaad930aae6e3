"""`mockserver check …`: commands that judge other servers."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.drift import drift
from mockserver.cli.ending import Ending, report_options
from mockserver.cli.receiver import receiver
from mockserver.cli.recording import recording
from mockserver.cli.replay import replay
from mockserver.cli.sender import sender
from mockserver.cli.target import expired_token_option, load_settings, require_extra, target_options

if TYPE_CHECKING:
    from mockserver.checks.live.planning.forecast import Forecast
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.live.planning.plan import Plan

POSITIVE = click.FloatRange(min=0, min_open=True)


@click.group()
def check() -> None:
    """Judge other servers by the contract.

    \b
    Examples:
      mockserver check live --url http://127.0.0.1:8181     with OL_USERNAME and OL_PASSWORD set
      mockserver check live --help
      mockserver check receiver --url http://127.0.0.1:3000/webhooks     with MOCKSERVER_WEBHOOK_SECRET set
      mockserver check recording staging.har                what a browser or a proxy has recorded
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com     still the same?
      mockserver check replay 3f9a1c2b7d40                  is this finding still there?
    """


check.add_command(replay)
check.add_command(receiver)
check.add_command(recording)
check.add_command(sender)
check.add_command(drift)


@check.command()
@target_options
@click.option("--member-username", envvar="OL_MEMBER_USERNAME", show_envvar=True, help="A member, for more checks.")
@click.option("--member-password", envvar="OL_MEMBER_PASSWORD", show_envvar=True, help="The member's password.")
@expired_token_option
@click.option("--read-only", is_flag=True, default=None, help="Send reads and logins only.")
@click.option("--plan", is_flag=True, default=None, help="Show what would be sent, and stop.")
@click.option("--seed", type=int, help="Seed of the generated cases; random if left out, and reported.")
@click.option(
    "--max-time", type=POSITIVE, help="Seconds after which to stop.  [default: 540 unless it is this machine]"
)
@click.option("--max-requests", type=click.IntRange(min=1), help="Requests after which to stop.")
@click.option(
    "--max-examples",
    type=click.IntRange(min=1),
    help="Generated cases for each operation.  [default: 240; 60 elsewhere]",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 16),
    help="Requests on the way at once, never above the rate.  [default: as the answers allow]",
)
@click.option(
    "--latency",
    type=POSITIVE,
    help="Milliseconds of an answer that the plan counts with.  [default: 50; 2 on this machine]",
)
@click.option("--operation", multiple=True, help="Only this operationId; repeat for more.")
@click.option("--tag", multiple=True, help="Only operations with this tag; repeat for more.")
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--allow-revoke", is_flag=True, default=None, help="Log the account out everywhere, colleagues too.")
@click.option(
    "--hostile/--no-hostile", default=None, help="Null bytes, wrong methods, huge bodies.  [default: this machine]"
)
@report_options("mockserver-report")
def live(**given: Any) -> None:
    """Fuzz an instance against the contract, and leave nothing behind.

    Secrets are best given in the environment. Other settings may stand in mockserver-check.toml, or in
    pyproject.toml under [tool.mockserver.check]. Exit codes: 0 inside the contract, 1 findings, 2 could not judge,
    130 interrupted.

    \b
    Examples:
      mockserver check live --url http://127.0.0.1:8181
      mockserver check live --url https://staging.example.com --plan
      mockserver check live --url https://staging.example.com --yes-host staging.example.com --rate 5/s
      mockserver check live --url https://staging.example.com --yes-host staging.example.com --read-only
    """
    require_extra()
    from mockserver.checks.live.planning.options import Options
    from mockserver.cli.generator_tables import kept_apart

    ending = Ending.of(given)
    options = Options(**load_settings(given))
    with kept_apart():
        _live(options, ending)


def _live(options: "Options", ending: Ending) -> None:
    """Plan a run, and judge, unless it is only planned."""
    from mockserver.checks.live import run as judge

    plan = judge.plan(options)
    expected = judge.expected(plan)
    if options.plan or not options.is_here:
        ending.planned(options.url, plan.summary(expected), is_all=bool(options.plan))
    if not options.plan:
        judge.prepare(options)
        _judge(plan, ending, expected)


def _judge(plan: "Plan", ending: Ending, expected: "Forecast") -> None:
    """Run a plan, and end with what came of it beside what was expected, in a folder that is the run's own."""
    from mockserver.checks.live import run as judge
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(plan.options, run) as (options, elsewhere):
        if elsewhere:
            ending.screen.announce(f"Note: {elsewhere}.", ())
        with ending.screen.progress(expected.requests) as progress:
            judged = judge.check(replace(plan, options=options), progress.tick, run=run, watch=progress.watch)
        outcome = judge.beside(judged, expected)
        outcome.report.notes += [elsewhere] if elsewhere else []
        ending.leave(outcome, options.report_dir, judge.sweep_line(options.ledger_path, options.url, options))
