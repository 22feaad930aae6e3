"""`mockserver check replay`: one finding of a report, repeated."""

import sys
from pathlib import Path
from typing import Any

import click

from mockserver.cli import completion, terminal
from mockserver.cli.target import expired_token_option, load_settings, member_options, require_extra, target_options

REPORT = "mockserver-report/report.json"


@click.command()
@click.argument("finding")
@click.option(
    "--report",
    "path",
    default=REPORT,
    show_default=True,
    shell_complete=completion.files,
    help="The report.json that has the finding.",
)
@click.option(
    "--as", "form", type=click.Choice(["curl", "python", "http"]), help="Print a script of the steps; send nothing."
)
@target_options
@member_options
@expired_token_option
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--allow-revoke", is_flag=True, default=None, help="Log the account out everywhere, colleagues too.")
@click.option(
    "--hostile/--no-hostile", default=None, help="Null bytes, wrong methods, huge bodies.  [default: this machine]"
)
def replay(finding: str, path: str, form: str | None, **given: Any) -> None:
    """Repeat FINDING, which is the id of a finding in a report, and say whether it is still there.

    What it needs is created, and removed again. The instance is that of the report unless --url names another one.
    Exit codes: 0 it is gone, 1 it is still there, 2 it can't be repeated, 130 interrupted. A script of --as ends with
    the same, and asks for OL_YES_HOST unless the host is this machine.

    \b
    Examples:
      mockserver check replay 3f9a1c2b7d40
      mockserver check replay 3f9a1c2b7d40 --report old/report.json --url https://staging.example.com
      mockserver check replay 3f9a1c2b7d40 --as curl > steps.sh
    """
    require_extra()
    from mockserver.checks.findings import saved_report
    from mockserver.checks.live import replay as judge
    from mockserver.checks.live import run
    from mockserver.cli.generator_tables import kept_apart

    report = saved_report.read(Path(path))
    saved = report.finding(finding)
    planned = run.plan(_options(report, Path(path), given, needs_login=form is None))
    if form is not None:
        from mockserver.checks.reporting import scripts
        from mockserver.checks.reporting.story import story

        options = planned.options
        consent = "" if options.is_here else options.host
        told = story(saved, options.url, planned.surface, options.store, consent=consent)
        terminal.print_script(scripts.FORMATS[form](told))
        return
    planned.options.check_consent()
    sweep = run.sweep_line(planned.options.ledger_path, planned.options.url, planned.options)
    with kept_apart():
        _say(saved.id, judge.replay(planned, report, saved), sweep)


def _options(report: Any, path: Path, given: dict[str, Any], *, needs_login: bool) -> Any:
    """The options of the command line and of settings files, then those of the report."""
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.transport.session import Credentials

    settings = load_settings(given)
    saved = {name: report.options[name] for name in ("store", "other_store", "timeout") if name in report.options}
    settings = {"url": report.url, "ledger": str(path.with_name("replay-ledger.jsonl")), **saved, **settings}
    if not needs_login:
        settings["credentials"] = Credentials(api_key="unused")
    return Options(**settings)


def _say(name: str, replayed: Any, sweep: str) -> None:
    """Print the verdict, what is left with the command that removes it, and exit with the verdict."""
    words = {0: "is gone.", 1: "is still there.", 2: "can't be repeated.", 130: "was interrupted."}
    terminal.say(f"{name} {words[replayed.verdict]}")
    for line in replayed.lines:
        terminal.say(f"  {line}")
    for line in replayed.left:
        terminal.say(f"left: {line}")
    if replayed.unfinished:
        terminal.say(f"Finish the sweep: {sweep}")
    sys.exit(replayed.exit_code)
