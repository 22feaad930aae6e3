"""`mockserver sweep`: delete the records that an interrupted check left behind."""

import sys
from typing import Any

import click

from mockserver.cli import terminal
from mockserver.cli.target import load_settings, require_extra, target_options


@click.command()
@target_options
def sweep(**given: Any) -> None:
    """Delete what a `mockserver check live` that was killed left on an instance.

    The ledger names it; only what it names, and what carries the mark of that run, is deleted. Exit codes: 0 all is
    gone, 1 something is left, 2 not possible.

    \b
    Examples:
      mockserver sweep --ledger mockserver-report/ledger.jsonl --url https://staging.example.com
    """
    require_extra()
    from mockserver.checks.live.planning.options import Options
    from mockserver.checks.live.sweep import sweep as finish

    options = Options(**load_settings(given))
    options.check_consent()
    left = finish(options)
    for line in left:
        terminal.say(f"left: {line}")
    terminal.say("Everything is gone." if not left else f"{len(left)} may be left.")
    sys.exit(1 if left else 0)
