"""The end of a run of a judge, which is the same for all of them: reports in a folder, the terminal, GitHub, JSON, and
the exit code; and the options that say so.

    @click.command()
    @report_options("mockserver-report/receiver")
    def receiver(**given: Any) -> None:
        ending = Ending.of(given)  # takes its own options out of them
        …                          # what is left are those of the judge; `ending.screen` shows plan and progress
        ending.leave(outcome, options.report_dir)
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import click

from mockserver.cli import completion, terminal

if TYPE_CHECKING:
    from mockserver.checks.findings.outcome import Outcome
    from mockserver.checks.reporting.terminal import TerminalReport

Command = TypeVar("Command", bound=Callable[..., Any])
COLUMN = 12  # characters of the first column of a plan
SEVERITIES = ("critical", "high", "medium", "low")
_file = partial(click.option, shell_complete=completion.files)
_folder = partial(click.option, shell_complete=completion.folders)


def report_options(folder: str) -> Callable[[Command], Command]:
    """A decorator that adds the options of reports: `baseline`, `compare`, `fail_on` and `report_dir`, which are the
    judge's, with this folder as the default that its help names; and those that `Ending.of` takes."""
    options = (
        _file("--baseline", help="A TOML file of findings that are known."),
        _file("--compare", help="The report.json of an earlier run: what is new, gone, still there?"),
        click.option("--fail-on", type=click.Choice(SEVERITIES), help="Least severity that fails.  [default: low]"),
        _folder("--report-dir", help=f"Folder for the reports.  [default: {folder}]"),
        click.option("--github", is_flag=True, envvar="GITHUB_ACTIONS", help="Annotate, as GitHub Actions has it."),
        click.option("--step-summary", envvar="GITHUB_STEP_SUMMARY", hidden=True),
        click.option("--json", "as_json", is_flag=True, help="Print the report, or the plan, as JSON alone."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@dataclass(frozen=True)
class Ending:
    """How a run ends: with annotations for GitHub and the summary of a step, or with its report as JSON alone."""

    as_json: bool = False
    github: bool = False
    step_summary: str | None = None

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """The ending that options of the command line ask for. They are taken out of `given`."""
        return cls(given.pop("as_json"), given.pop("github"), given.pop("step_summary"))

    @cached_property
    def screen(self) -> "TerminalReport":
        """The terminal of the run, which is silent where JSON is all that is printed."""
        from mockserver.checks.reporting.terminal import TerminalReport

        return TerminalReport(quiet=self.as_json)

    def planned(self, url: str, lines: Iterable[str], *, is_all: bool) -> None:
        """Show the plan of a run; as JSON where `is_all` that is printed, and nothing is sent. Several lines may have
        the same in their first column."""
        lines = list(lines)
        if is_all and self.as_json:
            terminal.print_json({"url": url, "plan": plan_as_json(lines)}, indent=2)
        else:
            self.screen.announce(f"Plan for {url}", lines)

    def leave(self, outcome: "Outcome", folder: Path | str, sweep: str = "") -> NoReturn:
        """Write the reports of a run to its folder, show them, and leave with the exit code of the verdict. `sweep` is
        the command that removes what an unfinished run left. Raises SettingsError where something can't be written."""
        from mockserver.checks.reporting.writing import add_summary, write_reports

        report = outcome.report
        report.sweep = sweep
        self.screen.show(report, write_reports(outcome, Path(folder)), sweep)
        if self.github:
            self.screen.annotate(report)
            add_summary(report, self.step_summary)
        if self.as_json:
            terminal.print_json(report.as_json(), indent=2)
        sys.exit(report.verdict.exit_code)


def plan_as_json(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines of a plan by what stands in their first column."""
    plan: dict[str, list[str]] = {}
    for line in lines:
        plan.setdefault(line[:COLUMN].strip(), []).append(line[COLUMN:])
    return plan
