"""Completion in shells: names of events, what a running mock knows, files and folders.

A running mock is asked briefly. Where there is none, or one that refuses, nothing is offered and nothing is said: a
prompt is no place for errors.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from mockserver.errors import MockserverError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mockserver.client.running_mock import Remote

PATIENCE = 0.5  # seconds that a mock may take
OFFERED = 50  # deliveries, the latest
Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def events(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The events of the shipped contract whose names begin like that, in any case."""
    return _items(name for name in _event_names() if name.lower().startswith(incomplete.lower()))


def event_lists(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The same for names that are separated by commas; those that were named already aren't offered again."""
    before, comma, last = incomplete.rpartition(",")
    names = (name for name in _event_names() if name not in before.split(","))
    return _items(before + comma + name for name in names if name.lower().startswith(last.lower()))


def stores(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The codes of a running mock's stores that begin like that."""
    found = _asked(context, lambda remote: remote.config()["settings"]["stores"])
    return _items(str(code) for code in found if str(code).startswith(incomplete))


def delivered(field: str) -> Complete:
    """The completion by a field of a running mock's latest deliveries, newest first; a help tells event and state."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        latest = _asked(context, lambda remote: remote.latest({}, OFFERED)["items"])
        found = {str(each.get(field)): f"{each['eventName']} {each['status']}" for each in latest}
        names = (name for name in reversed(found) if name.startswith(incomplete))
        return [CompletionItem(name, help=found[name]) for name in names]

    return complete


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The shell's own completion of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def folders(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The shell's own completion of folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def _items(values: Iterable[str]) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(value) for value in values]


def _event_names() -> list[str]:
    from mockserver.openapi.cache import Cache
    from mockserver.openapi.contract import Contract
    from mockserver.settings import Settings

    return Contract.load(None, Cache(Settings.default("cache_dir"))).event_names


def _asked(context: click.Context, ask: "Callable[[Remote], Iterable[Any]]") -> list[Any]:
    """What the mock that the command is for tells; nothing if there is none, or if it doesn't tell."""
    from mockserver.client.running_mock import Remote

    given = context.params
    try:
        with Remote(given["server"], given.get("control_token"), given.get("ca_file"), timeout=PATIENCE) as remote:
            return list(ask(remote))
    except MockserverError:
        return []
