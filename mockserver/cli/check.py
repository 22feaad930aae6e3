"""`mockserver check …`: commands that judge other servers."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal
from mockserver.cli.drift import drift
from mockserver.cli.receiver import receiver
from mockserver.cli.replay import replay
from mockserver.cli.sender import sender
from mockserver.cli.target import load_settings, require_extra, target_options

if TYPE_CHECKING:
    from mockserver.checks.findings.outcome import Outcome
    from mockserver.checks.live.planning.forecast import Forecast
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.live.planning.plan import Plan
    from mockserver.checks.reporting.terminal import TerminalReport

POSITIVE = click.FloatRange(min=0, min_open=True)


@click.group()
def check() -> None:
    """Judge other servers by the contract.

    \b
    Examples:
      mockserver check live --url http://127.0.0.1:8181     with OL_USERNAME and OL_PASSWORD set
      mockserver check live --help
      mockserver check receiver --url http://127.0.0.1:3000/webhooks     with MOCKSERVER_WEBHOOK_SECRET set
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com     still the same?
      mockserver check replay 3f9a1c2b7d40                  is this finding still there?
    """


check.add_command(replay)
check.add_command(receiver)
check.add_command(sender)
check.add_command(drift)


@check.command()
@target_options
@click.option("--member-username", envvar="OL_MEMBER_USERNAME", show_envvar=True, help="A member, for more checks.")
@click.option("--member-password", envvar="OL_MEMBER_PASSWORD", show_envvar=True, help="The member's password.")
@click.option("--expired-token", envvar="OL_EXPIRED_TOKEN", show_envvar=True, help="A JWT that was good once.")
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
@click.option("--baseline", shell_complete=completion.files, help="A TOML file of findings that are known.")
@click.option(
    "--compare",
    shell_complete=completion.files,
    help="The report.json of an earlier run: what is new, gone, still there?",
)
@click.option(
    "--report-dir", shell_complete=completion.folders, help="Folder for the reports.  [default: mockserver-report]"
)
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--allow-revoke", is_flag=True, default=None, help="Log the account out everywhere, colleagues too.")
@click.option(
    "--hostile/--no-hostile", default=None, help="Null bytes, wrong methods, huge bodies.  [default: this machine]"
)
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Least severity that fails.  [default: low]",
)
@click.option("--github", is_flag=True, envvar="GITHUB_ACTIONS", help="Annotate, as GitHub Actions has it.")
@click.option("--step-summary", envvar="GITHUB_STEP_SUMMARY", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, and nothing else.")
def live(as_json: bool, github: bool, step_summary: str | None, **given: Any) -> None:  # noqa: FBT001 (click options)
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
    from mockserver.checks.reporting.terminal import TerminalReport
    from mockserver.cli.generator_tables import kept_apart

    options = Options(**load_settings(given))
    with kept_apart():
        _live(options, TerminalReport(quiet=as_json), as_json=as_json, summary=step_summary, github=github)


def _live(options: "Options", screen: "TerminalReport", *, as_json: bool, summary: str | None, github: bool) -> None:
    """Plan a run, judge, and leave with the exit code of its verdict."""
    from mockserver.checks.live import run as judge
    from mockserver.checks.reporting.writing import add_summary

    plan = judge.plan(options)
    expected = judge.expected(plan)
    if options.plan or not options.is_here:
        screen.announce(f"Plan for {options.url}", plan.summary(expected))
    if options.plan:
        return
    judge.prepare(options)
    outcome = _judged(plan, screen, expected)
    if github:
        screen.annotate(outcome.report)
        add_summary(outcome.report, summary)
    if as_json:
        terminal.print_json(outcome.report.as_json(), indent=2)
    sys.exit(outcome.report.verdict.exit_code)


def _judged(plan: "Plan", screen: "TerminalReport", expected: "Forecast") -> "Outcome":
    """Run a plan, show what came of it beside what was expected, and write it to a folder that is the run's own."""
    from mockserver.checks.live import run as judge
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.checks.reporting.writing import write_reports
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(plan.options, run) as (options, elsewhere):
        if elsewhere:
            screen.announce(f"Note: {elsewhere}.", ())
        with screen.progress(expected.requests) as progress:
            judged = judge.check(replace(plan, options=options), progress.tick, run=run, watch=progress.watch)
        outcome = judge.beside(judged, expected)
        outcome.report.notes += [elsewhere] if elsewhere else []
        written = write_reports(outcome, Path(options.report_dir))
    screen.show(outcome.report, written, judge.sweep_line(options.ledger_path, options.url))
    return outcome
