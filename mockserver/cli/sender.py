"""`mockserver check sender`: does a live instance send the webhooks that its contract describes?"""

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal
from mockserver.cli.target import load_settings, require_extra, target_options

if TYPE_CHECKING:
    from mockserver.checks.findings.outcome import Outcome
    from mockserver.checks.reporting.terminal import TerminalReport
    from mockserver.checks.sender.causing import Run
    from mockserver.checks.sender.options import SenderOptions

SECONDS = click.FloatRange(min=0, min_open=True)
OWN = ("events", "catcher_url", "catcher_listen", "trigger_command", "wait", "wait_repeats", "wait_quiet")
OF_CAPTURED = ("spec", "spec_root", "baseline", "compare", "fail_on", "report_dir")


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
@click.option("--baseline", shell_complete=completion.files, help="A TOML file of findings that are known.")
@click.option("--compare", shell_complete=completion.files, help="The report.json of an earlier run: what is new?")
@click.option(
    "--report-dir", shell_complete=completion.folders, help="Folder for reports.  [default: mockserver-report/sender]"
)
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Least severity that fails.  [default: low]",
)
@click.option("--github", is_flag=True, envvar="GITHUB_ACTIONS", help="Annotate, as GitHub Actions has it.")
@click.option("--step-summary", envvar="GITHUB_STEP_SUMMARY", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, and nothing else.")
def sender(as_json: bool, github: bool, step_summary: str | None, **given: Any) -> None:  # noqa: FBT001 (click options)
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
    from mockserver.checks.reporting.terminal import TerminalReport

    screen = TerminalReport(quiet=as_json)
    secrets = (given.pop("secret"), *given.pop("old_secrets"))
    captured = given.pop("captured")
    keys = tuple(filter(None, reversed(secrets)))
    outcome = _sent(_options(given), screen) if captured is None else _captured(captured, keys, screen, given)
    if outcome is None:
        return
    if github:
        _annotate(outcome, screen, step_summary)
    if as_json:
        terminal.print_json(outcome.report.as_json(), indent=2)
    sys.exit(outcome.report.verdict.exit_code)


def _annotate(outcome: "Outcome", screen: "TerminalReport", summary: str | None) -> None:
    from mockserver.checks.reporting.writing import add_summary

    screen.annotate(outcome.report)
    add_summary(outcome.report, summary)


def _options(given: dict[str, Any]) -> "SenderOptions":
    """The options of a run, whose reports have a folder of their own. Raises SettingsError."""
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.sender.options import REPORTS, SenderOptions

    own = {name: value for name in OWN if (value := given.pop(name)) not in (None, ())}
    return SenderOptions(Options(**({"report_dir": REPORTS} | load_settings(given))), **own)


# ---------------------------------------------------------------- a live instance
def _sent(options: "SenderOptions", screen: "TerminalReport") -> "Outcome | None":
    """Plan a run, and judge; None if it is only planned."""
    from mockserver.checks.sender import run as judge

    if options.target.plan or not options.target.is_here:
        screen.announce(f"Plan for {options.target.url}", judge.summary(judge.plan(options), options))
    if options.target.plan:
        return None
    judge.prepare(options)
    return _judged(options, screen)


def _judged(options: "SenderOptions", screen: "TerminalReport") -> "Outcome":
    """Run a plan, show what came of it, and write it to a folder that is the run's own."""
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.checks.live.run import sweep_line
    from mockserver.checks.reporting.writing import write_reports
    from mockserver.checks.sender import run as judge
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(options.target, run) as (target, elsewhere):
        if elsewhere:
            screen.announce(f"Note: {elsewhere}.", ())
        options = replace(options, target=target)
        planned = judge.plan(options)
        with screen.progress(judge.requests(planned, options)) as progress:
            outcome = judge.check(
                planned, options, progress.tick, run=run, command=_command(target.url), watch=progress.watch
            )
        outcome.report.notes += [elsewhere] if elsewhere else []
        written = write_reports(outcome, Path(target.report_dir))
    screen.show(outcome.report, written, sweep_line(target.ledger_path, target.url))
    return outcome


def _command(url: str) -> "Run":
    """What runs a trigger command: `mockserver trigger`, and all that knows the variable, finds the instance by it."""
    from mockserver.checks.sender.causing import run_command

    return partial(run_command, environment=os.environ | {"MOCKSERVER_URL": url})


# ---------------------------------------------------------------- what was captured
def _captured(file: str, keys: tuple[str, ...], screen: "TerminalReport", given: dict[str, Any]) -> "Outcome":
    """Judge what was captured; `keys` are the secrets, the newest last."""
    from mockserver.checks.reporting.writing import write_reports
    from mockserver.checks.sender.captured_run import CapturedOptions, check_captured

    chosen = {name: given[name] for name in OF_CAPTURED if given[name] is not None}
    options = CapturedOptions(Path(file), keys, given["catcher_url"], **chosen)
    outcome = check_captured(options)
    screen.show(outcome.report, write_reports(outcome, Path(options.report_dir)), "")
    return outcome
