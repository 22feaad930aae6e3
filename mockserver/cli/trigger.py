"""`mockserver trigger`: fire an event of a running mock, and show its deliveries."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, TypedDict

import click

from mockserver.cli import completion, terminal
from mockserver.errors import RemoteError, SettingsError

if TYPE_CHECKING:
    from mockserver.client.running_mock import Remote

Json = dict[str, Any]
WITHIN = "data."  # prefix of the paths in errors


class _Choices(TypedDict):
    """What could have been given."""

    choices: list[str]


class _UnknownName(TypedDict):
    """The error about a name that doesn't exist."""

    parameters: _Choices


@click.command()
@click.argument("event", metavar="EVENT", shell_complete=completion.events)
@click.option(
    "--store",
    shell_complete=completion.stores,
    help="The store in which it happens.  [default: the first of the mock]",
)
@click.option("--data", type=click.File("rb"), help="A JSON object to merge into the payload's data; `-`: from stdin.")
@click.option(
    "--set", "settings", metavar="PATH=VALUE", multiple=True,
    help="A value in the data, such as customer.email=jo@example.com; repeatable.",
)  # fmt: skip
@click.option("--to", metavar="URL", help="A URL that gets it, and nobody else; it needn't be subscribed.")
@click.option(
    "--secret", envvar="MOCKSERVER_WEBHOOK_SECRET", show_envvar=True,
    help="What --to gets is signed with.  [default: that of the mock's receivers]",
)  # fmt: skip
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How often it happens.")
@terminal.wait_options
@terminal.remote_options
def trigger(event: str, **options: Any) -> None:
    """Fire EVENT at a running mock, and show its deliveries until they are finished.

    The mock makes the payload up from the contract; --data and --set change it. A PATH leads through objects by name,
    and through lists by number: items.0.name. A VALUE that is JSON counts as such, anything else as text. Of a list
    the payload has only what you give.

    Exit code 0: all delivered, or nobody has subscribed. 1: some not. 2: it can't be asked for.

    \b
    Examples:
      mockserver trigger CustomerRegistered
      mockserver trigger CustomerRegistered --set customerData.email=jo@example.com
      mockserver trigger orderShipped --to http://localhost:3000/webhooks
      mockserver trigger MemberAchievementProgressWasChanged --store NORTH --count 10 --no-wait
      echo '{"customer": {"customerId": "7239e6f7-e52e-466b-8c24-699709b64076"}}' |
          mockserver trigger AvailablePointsAmountChanged --data - --json
    """
    from mockserver.client.running_mock import Remote

    given = _data(options["data"])
    changed(given, options["settings"])  # what is wrong is told before a mock is asked
    with Remote(options["server"], options["control_token"], options["ca_file"]) as remote:
        settings = terminal.introduce(remote, as_json=options["as_json"])
        data = changed(given, options["settings"], _prefix(remote, event, options["settings"]))
        store = options["store"] or settings["stores"][0]
        with _receiver(remote, event, store, options) as receiver:
            caused = _triggered(remote, event, store, data, options["count"], receiver)
            deliveries = caused["items"]
            if options["wait"]:
                filters = {"eventName": event, "storeCode": store}
                deliveries = remote.finished(deliveries, filters, options["timeout"])
    if options["as_json"]:
        terminal.print_json(caused | {"items": deliveries}, indent=2)
    elif deliveries:
        terminal.show(deliveries)
        _say_more(caused["total"] - len(deliveries))
    else:
        terminal.say(_no_subscription(event, store, settings))
    terminal.exit_by_status(deliveries, waited=options["wait"])


@contextmanager
def _receiver(remote: "Remote", event: str, store: str, options: Json) -> Iterator[str | None]:
    """The id of the receiver of --to, which is there until the end of the context; None without that option. Raises
    SettingsError."""
    if options["to"] is None:
        yield None
        return
    if not options["wait"]:
        raise SettingsError("--to sends to a URL while it waits for the deliveries: leave out --no-wait.")
    with _names_explained(remote, event, store):
        added = remote.receivers.add(event, options["to"], store, options["secret"] or None)
    try:
        yield added["receiverId"]
    finally:
        with suppress(RemoteError):  # it has gone, or was reset
            remote.receivers.remove(added["receiverId"], store)


def _no_subscription(event: str, store: str, settings: Mapping[str, Any]) -> str:
    if settings.get("spec"):
        return (
            f"{event} happened, but nobody is there to get it. Name a URL: mockserver trigger {event} --to URL\n"
            "or see what comes, in another terminal: mockserver listen"
        )
    return (
        f"{event} happened in {store}, but nobody has subscribed to it there. Run in another terminal\n"
        f"  mockserver listen --store {store} --events {event}\n"
        f"or subscribe a URL: POST /api/{store}/webhook/subscription, as docs/first-webhook.md shows."
    )


def _say_more(others: int) -> None:
    if others:
        terminal.say(f"… and {others} more, which are not waited for.", err=True)


def _triggered(  # noqa: PLR0913, PLR0917 (all that the mock is told)
    remote: "Remote", event: str, store: str, data: Json | None, count: int, receiver: str | None
) -> Json:
    """Response of the mock. Raises SettingsError if it doesn't know the event or the store."""
    with _names_explained(remote, event, store):
        if receiver is None:
            return remote.trigger(event, store, data, count)
        return remote.trigger_for(receiver, event, store, data, count)


@contextmanager
def _names_explained(remote: "Remote", event: str, store: str) -> Iterator[None]:
    """A block in which the mock may not know the event or the store. Raises SettingsError then."""
    from mockserver.errors import Refused
    from mockserver.remote.response_shapes import fits

    try:
        yield
    except Refused as refused:
        for error in refused.errors:
            if error.get("path") == "eventName" and fits(error, _UnknownName):
                raise SettingsError(terminal.unknown_event(event, error["parameters"]["choices"])) from refused
            if error.get("path") == "storeCode":
                stores = ", ".join(remote.config()["settings"]["stores"])
                raise SettingsError(f"There is no store {store!r}; the mock has {stores}.") from refused
        raise


# ---------------------------------------------------------------- data of the event
def _data(file: IO[bytes] | None) -> Json | None:
    if file is None:
        return None
    try:
        data = json.loads(file.read())
    except ValueError as error:
        raise SettingsError(f"--data takes a JSON object; this is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise SettingsError("--data takes a JSON object.")
    return data


def _prefix(remote: "Remote", event: str, settings: tuple[str, ...]) -> str:
    """What may stand before the paths of --set: in an envelope `data.`, where a payload has none nothing."""
    if not any(setting.startswith(WITHIN) for setting in settings):
        return WITHIN
    known = {one["eventName"]: one["hasEnvelope"] for one in remote.events()["items"]}
    return WITHIN if known.get(event, True) else ""


def changed(data: Json | None, settings: tuple[str, ...], prefix: str = WITHIN) -> Json | None:
    """A copy of the data with these values set, each given as `PATH=VALUE`, whose path may begin with a prefix. Raises
    SettingsError for a bad one."""
    for setting in settings:
        path, equals, text = setting.partition("=")
        steps = path.removeprefix(prefix).split(".")
        if not (equals and all(steps)):
            raise SettingsError(f"--set takes PATH=VALUE, such as customer.email=jo@example.com, not {setting!r}.")
        data = _with(data, steps, _value(text), setting)
    return data


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _with(node: Any, steps: list[str], value: Any, setting: str) -> Any:
    """A copy of the node, or a new node, with the value at the end of the steps."""
    if not steps:
        return value
    step, *rest = steps
    if node is None:
        node = [] if step.isdecimal() else {}
    if isinstance(node, dict):
        return node | {step: _with(node.get(step), rest, value, setting)}
    if isinstance(node, list) and step.isdecimal() and int(step) <= len(node):
        place = int(step)
        return [
            *node[:place],
            _with(node[place] if place < len(node) else None, rest, value, setting),
            *node[place + 1 :],
        ]
    what = "set the elements of a list from 0 on" if isinstance(node, list) else "there is a plain value on its way"
    raise SettingsError(f"--set {setting!r} leads nowhere: {what}.")
