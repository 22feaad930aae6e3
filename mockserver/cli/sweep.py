"""`mockserver sweep`: delete the records that an interrupted check left behind."""

import sys
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import terminal
from mockserver.cli.target import load_settings, require_extra, target_options
from mockserver.errors import SettingsError

if TYPE_CHECKING:
    from mockserver.checks.live.planning.options import Options

ANY = "any"  # run


@click.command()
@target_options
@click.option("--mark", is_flag=False, flag_value=ANY, metavar="[RUN]", help="Go by marks: of this run, or of any.")
@click.option("--older-than", metavar="AGE", help="With --mark: only records of this age, such as 30m, 12h or 2d.")
@click.option("--yes", is_flag=True, help="With --mark: delete without asking.")
def sweep(mark: str | None, older_than: str | None, yes: bool, **given: Any) -> None:  # noqa: FBT001 (click options)
    """Delete what a check of an instance (live, sender, drift) that was killed left there.

    The ledger names it; only what it names, and what carries the mark of that run, is deleted. Where the ledger is
    lost, --mark looks through the lists of --store and --other-store, shows what it has found, and asks. A record
    without createdAt stays. Exit codes: 0 all is gone, but for what is too young, 1 something may be left, or a list
    could not be read to its end, 2 not possible.

    \b
    Examples:
      mockserver sweep --ledger mockserver-report/ledger.jsonl --url https://staging.example.com
      mockserver sweep --mark --older-than 2d --url https://staging.example.com --yes-host staging.example.com
    """
    require_extra()
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.live.sweep import sweep as finish

    options = Options(**load_settings(given))
    options.check_consent()
    if mark is None and (older_than or yes):
        raise SettingsError("--older-than and --yes are for --mark; a ledger says by itself what to delete.")
    if mark is None:
        left = finish(options)
        good = _all_gone(options)
    else:
        left, good = _by_marks(options, mark, older_than, yes=yes)
    for line in left:
        terminal.say(f"left: {line}")
    terminal.say(good if not left else f"{len(left)} may be left.")
    sys.exit(1 if left else 0)


def _all_gone(options: "Options") -> str:
    """What to say where nothing is left that could be deleted."""
    from mockserver.checks.transport.ledger import read

    stay = sum(one.kept for one in read(options.ledger_path).intents.values())
    said = f"{stay} that can't be deleted {'stays' if stay == 1 else 'stay'}"
    return f"Nothing is left to delete; {said}." if stay else "Nothing is left of what the ledger names."


def _by_marks(options: "Options", mark: str, older_than: str | None, *, yes: bool) -> tuple[list[str], str]:
    """Show what lost runs left, ask, and delete it; returns what may be left of that, and what to say if nothing is."""
    from mockserver.checks.live.mark_sweep import MarkSweep, parse_age

    if mark == ANY and older_than is None:
        raise SettingsError("Give --older-than, such as 2d: there may be runs that go on now.")
    least = parse_age(older_than) if older_than is not None else None
    with MarkSweep(options) as found:
        leftovers = found.found(None if mark == ANY else mark)
        old = [one for one in leftovers if least is None or (one.age is not None and one.age >= least)]
        for one in leftovers:
            terminal.say(f"{'delete' if one in old else 'stays'}: {one}")
        if not old:
            what = f"all {len(leftovers)} stay" if leftovers else "no record carries the mark of a run"
            return found.unread, f"Nothing was deleted: {what}."
        if not yes:
            _ask(len(old))
        return [*found.delete(old), *found.unread], f"{len(old)} deleted."


def _ask(number: int) -> None:
    """Raises SettingsError without a terminal, and Abort if the answer is no."""
    if not sys.stdin.isatty():
        raise SettingsError(f"Nothing was deleted, as nobody can be asked here. Give --yes to delete these {number}.")
    click.confirm(f"Delete these {number}?", abort=True)
