"""`mockserver check drift`: is a live instance still like the mock?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal
from mockserver.cli.target import live_options, load_settings, require_extra

if TYPE_CHECKING:
    from mockserver.checks.drift.options import DriftOptions
    from mockserver.checks.drift.run import DriftOutcome
    from mockserver.checks.reporting.terminal import TerminalReport

POSITIVE = click.FloatRange(min=0, min_open=True)
OF_MOCK = ("mock_username", "mock_password", "mock_api_key", "mock_member_username", "mock_member_password")


@click.command()
@click.option("--mock", "mock_url", help="The mock: the part of its address before /api.")
@live_options
@click.option("--member-username", envvar="OL_MEMBER_USERNAME", show_envvar=True, help="A member, for more requests.")
@click.option("--member-password", envvar="OL_MEMBER_PASSWORD", show_envvar=True, help="The member's password.")
@click.option(
    "--mock-username", envvar="OL_MOCK_USERNAME", show_envvar=True, help="The mock's admin.  [default: admin]"
)
@click.option("--mock-password", envvar="OL_MOCK_PASSWORD", show_envvar=True, help="Password.  [default: password]")
@click.option(
    "--mock-api-key", envvar="OL_MOCK_API_KEY", show_envvar=True, help="The mock's key.  [default: mock-api-key]"
)
@click.option(
    "--mock-member-username", envvar="OL_MOCK_MEMBER_USERNAME", show_envvar=True, help="Member.  [default: member]"
)
@click.option("--mock-member-password", envvar="OL_MOCK_MEMBER_PASSWORD", show_envvar=True, help="[default: password]")
@click.option("--mock-store", help="Code of the mock's store, if it isn't that of live.")
@click.option("--plan", is_flag=True, default=None, help="Show what would be asked, and stop.")
@click.option("--read-only", is_flag=True, default=None, help="Send reads and logins only.")
@click.option("--seed", type=int, help="Seed of the generated requests; random if left out, and reported.")
@click.option("--max-time", type=POSITIVE, help="Seconds after which to stop.  [default: 540 unless live is here]")
@click.option("--max-requests", type=click.IntRange(min=1), help="Requests to live after which to stop.")
@click.option(
    "--max-examples",
    type=click.IntRange(min=1),
    help="Generated requests of each operation.  [default: 20; 5 elsewhere]",
)
@click.option("--operation", multiple=True, help="Only this operationId; repeat for more.")
@click.option("--tag", multiple=True, help="Only operations with this tag; repeat for more.")
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--allow-revoke", is_flag=True, default=None, help="Log both accounts out everywhere, colleagues too.")
@click.option("--hostile/--no-hostile", default=None, help="Methods that don't exist.  [default: this machine]")
@click.option("--baseline", shell_complete=completion.files, help="A TOML file of differences that are known.")
@click.option("--compare", shell_complete=completion.files, help="The report.json of an earlier run: what is new?")
@click.option(
    "--report-dir", shell_complete=completion.folders, help="Folder for reports.  [default: mockserver-report/drift]"
)
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Least severity that fails.  [default: low]",
)
@click.option("--github", is_flag=True, envvar="GITHUB_ACTIONS", help="Annotate, as GitHub Actions has it.")
@click.option("--step-summary", envvar="GITHUB_STEP_SUMMARY", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, and nothing else.")
def drift(as_json: bool, github: bool, step_summary: str | None, **given: Any) -> None:  # noqa: FBT001 (click options)
    """Is a live instance still like the mock?

    Asks both the same, each with records of its own, and compares the answers: statuses, headers, fields, types,
    values, order. Differences are grouped into causes, each with both answers, its line in the contract, and the patch by which
    the contract would hold for live. What the run makes on either side is deleted at the end.
    Exit codes: 0 no difference, 1 differences, 2 could not judge, 130 interrupted.

    \b
    Examples:
      mockserver check drift --mock http://127.0.0.1:8181 --live http://127.0.0.1:8182
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com --plan
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com \\
          --yes-host ol.staging.example.com --compare mockserver-report/drift/report.json
    """
    require_extra()
    from mockserver.checks.reporting.terminal import TerminalReport
    from mockserver.cli.generator_tables import kept_apart

    screen, options = TerminalReport(quiet=as_json), _options(given)
    with kept_apart():
        outcome = _compared(options, screen)
    if outcome is None:
        return
    if github:
        _annotate(outcome, screen, step_summary)
    if as_json:
        terminal.print_json(outcome.report.as_json(), indent=2)
    sys.exit(outcome.report.verdict.exit_code)


def _annotate(outcome: "DriftOutcome", screen: "TerminalReport", summary: str | None) -> None:
    from mockserver.checks.reporting.writing import add_summary

    screen.annotate(outcome.report)
    add_summary(outcome.report, summary)


def _options(given: dict[str, Any]) -> "DriftOptions":
    """The options of both sides. Raises SettingsError."""
    from mockserver.checks.drift.options import REPORTS, DriftOptions, usual_credentials
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.transport.session import Credentials

    mock_url, store = given.pop("mock_url"), given.pop("mock_store")
    own = [given.pop(name) for name in OF_MOCK]
    usual = usual_credentials()
    defaults = (usual.username, usual.password, usual.api_key, usual.member_username, usual.member_password)
    credentials = Credentials(*(one or other for one, other in zip(own, defaults, strict=True)))
    live = Options(**({"report_dir": REPORTS} | load_settings(given)))
    return DriftOptions.of(live, mock_url or "", credentials, store)


def _compared(options: "DriftOptions", screen: "TerminalReport") -> "DriftOutcome | None":
    """Plan a run, and compare; None if it is only planned."""
    from mockserver.checks.drift import run as judge

    if options.live.plan or not (options.live.is_here and options.mock.is_here):
        screen.announce(f"Plan for {options.live.url}", judge.summary(judge.plan(options), options))
    if options.live.plan:
        return None
    judge.prepare(options)
    return _judged(options, screen)


def _judged(options: "DriftOptions", screen: "TerminalReport") -> "DriftOutcome":
    """Run a plan, show what came of it, and write it to a folder that is the run's own."""
    from mockserver.checks.drift import run as judge
    from mockserver.checks.drift.patch_files import write_patches
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.checks.live.run import sweep_line
    from mockserver.checks.reporting.writing import write_reports
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(options.live, run) as (live, elsewhere):
        if elsewhere:
            screen.announce(f"Note: {elsewhere}.", ())
        chosen = options.with_live(live)
        with screen.progress(judge.EXPECTED) as progress:
            outcome = judge.check(judge.plan(chosen), chosen, progress.tick, run=run, watch=progress.watch)
        outcome.report.notes += [elsewhere] if elsewhere else []
        folder = Path(live.report_dir)
        written = [*write_reports(outcome, folder), *write_patches(outcome, folder)]
    screen.show(outcome.report, written, sweep_line(live.ledger_path, live.url))
    return outcome
