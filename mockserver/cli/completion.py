"""Completion in shells: names of events, what a running mock knows, files and folders.

A running mock is asked briefly. Where there is none, or one that refuses, nothing is offered and nothing is said: a
prompt is no place for errors. What it tells was written by others, and bash inserts what is offered as it stands: only
what no shell reads as more than text is offered.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from mockserver.errors import MockserverError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mockserver.client.running_mock import Remote
    from mockserver.openapi.contract import Contract

PATIENCE = 0.5  # seconds that a mock may take
OFFERED = 50  # deliveries, the latest
# Text that means itself to every shell: no quote, expansion, pattern, comment, blank or line break. It is no option.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~:/@%+,=-]*")
Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def events(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The events of the shipped contract whose names begin like that, in any case."""
    return _items(name for name in _event_names() if name.lower().startswith(incomplete.lower()))


def event_lists(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The same for names that are separated by commas; those that were named already aren't offered again."""
    before, comma, last = incomplete.rpartition(",")
    names = (name for name in _event_names() if name not in before.split(","))
    return _items(before + comma + name for name in names if name.lower().startswith(last.lower()))


def operations(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The operations, in any case, of the contract that `--spec` names, or of the shipped one."""
    try:
        known = _contract(context.params.get("spec")).operation_ids
    except MockserverError:
        return []
    names = {name: "" for name in known if name.lower().startswith(incomplete.lower())}
    return plain_items(names, "")


def stores(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The codes of a running mock's stores that begin like that."""
    found = _asked(context, lambda remote: remote.config()["settings"]["stores"])
    return plain_items({str(code): "" for code in found}, incomplete)


def delivered(field: str) -> Complete:
    """The completion by a field of a running mock's latest deliveries, newest first; a help tells event and state."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        latest = _asked(context, lambda remote: remote.latest({}, OFFERED)["items"])
        found = {str(each.get(field)): f"{each.get('eventName')} {each.get('status')}" for each in latest}
        return plain_items(dict(reversed(found.items())), incomplete)

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


def plain_items(found: dict[str, str], incomplete: str) -> "list[CompletionItem]":
    """What a mock tells, each with its help, as far as it begins like that and is plain; a help that isn't is left out.

    In the protocol of the shells a line break ends a value, so it would begin another one in a help, too.
    """
    from click.shell_completion import CompletionItem

    names = (name for name in found if name.startswith(incomplete) and _PLAIN.fullmatch(name))
    return [CompletionItem(name, help=found[name] if _is_plain(found[name]) else None) for name in names]


def _is_plain(text: str) -> bool:
    return all(map(_PLAIN.fullmatch, text.split(" ")))


def _event_names() -> list[str]:
    return _contract(None).event_names


def _contract(spec: str | None) -> "Contract":
    from mockserver.openapi.cache import Cache
    from mockserver.openapi.contract import Contract
    from mockserver.settings import Settings

    return Contract.load(spec, Cache(Settings.default("cache_dir")))


def _asked(context: click.Context, ask: "Callable[[Remote], Iterable[Any]]") -> list[Any]:
    """What the mock that the command is for tells; nothing if there is none, or if it doesn't tell."""
    from mockserver.client.running_mock import Remote

    given = context.params
    try:
        with Remote(given["server"], given.get("control_token"), given.get("ca_file"), timeout=PATIENCE) as remote:
            return list(ask(remote))
    except MockserverError:
        return []
