"""`mockserver deliveries`: list, show or follow the deliveries of a running mock."""

from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal

if TYPE_CHECKING:
    from mockserver.client.running_mock import Remote

FILTERS = {
    "event": "eventName",
    "store": "storeCode",
    "status": "status",
    "subscription": "subscriptionId",
    "message": "messageId",
    "url": "url",
}
MOST_REMEMBERED = 10_000  # deliveries in `shown`
STATES = ("pending", "attempted", "delivered", "failed", "blocked")


@click.command()
@click.argument("delivery_id", metavar="[ID]", required=False, shell_complete=completion.delivered("deliveryId"))
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@click.option("--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to begin with.")
@click.option("--event", shell_complete=completion.events, help="Those of this event.")
@click.option("--store", shell_complete=completion.stores, help="Those of this store.")
@click.option("--status", type=click.Choice(STATES), help="Those in this state.")
@click.option(
    "--subscription",
    shell_complete=completion.delivered("subscriptionId"),
    help="Those to the subscription with this id.",
)
@click.option("--message", shell_complete=completion.delivered("messageId"), help="That of the message with this id.")
@click.option("--url", shell_complete=completion.delivered("url"), help="Those to this URL.")
@terminal.remote_options
def deliveries(delivery_id: str | None, **options: Any) -> None:
    """List the latest deliveries of a running mock, or show the one with this ID in full.

    In full are: each attempt with the request as it was sent, the answer, and the lines that were signed.

    With --json the list is one object as GET /_mock/deliveries answers it; with --follow a line for each delivery, and
    again for each change of one.

    \b
    Examples:
      mockserver deliveries
      mockserver deliveries --status failed --event CustomerRegistered
      mockserver deliveries --follow
      mockserver deliveries 17-1
    """
    from mockserver.client.running_mock import Remote

    if delivery_id and (options["follow"] or any(options[name] for name in FILTERS)):
        raise click.UsageError("An ID names one delivery; it goes with neither --follow nor filters.")
    filters = {name: options[option] for option, name in FILTERS.items() if options[option] is not None}
    with Remote(options["server"], options["control_token"], options["ca_file"]) as remote:
        terminal.introduce(remote, as_json=options["as_json"])
        if delivery_id:
            _show(remote.delivery(delivery_id), as_json=options["as_json"])
        elif options["follow"]:
            _follow(remote, filters, options["last"], as_json=options["as_json"])
        else:
            _list(remote.latest(filters, options["last"]), as_json=options["as_json"])


def _show(delivery: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(delivery, indent=2)
    else:
        terminal.console().print(*terminal.details(delivery), sep="\n")


def _list(page: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(page, indent=2)
    elif page["items"]:
        terminal.console().print(terminal.heading(), *map(terminal.row, page["items"]), sep="\n")
    else:
        terminal.say("No deliveries. `mockserver listen` subscribes to all events, `mockserver trigger` fires one.")


def _follow(remote: "Remote", filters: dict[str, Any], last: int, *, as_json: bool) -> None:
    """Show the latest deliveries, then every change until Ctrl-C."""
    from mockserver.client.running_mock import LONGEST_POLL

    shown: dict[str, Any] = {}
    page = remote.latest(filters, last)
    if not as_json:
        terminal.console().print(terminal.heading())
    _print_new(page["items"], shown, as_json=as_json)
    revision = page["revision"]
    while True:
        changes = remote.changes(filters, revision, LONGEST_POLL)
        if changes.emptied:
            shown.clear()
        _print_new(changes.deliveries, shown, as_json=as_json)
        revision = changes.revision


def _print_new(found: Any, shown: dict[str, Any], *, as_json: bool) -> None:
    """Print the deliveries whose state differs from the one in `shown`, and update `shown`."""
    for delivery in found:
        state = (delivery["messageId"], delivery["status"], len(delivery["attempts"]))
        if shown.get(delivery["deliveryId"]) != state:
            shown[delivery["deliveryId"]] = state
            if len(shown) > MOST_REMEMBERED:
                del shown[next(iter(shown))]
            if as_json:
                terminal.print_json(delivery)
            else:
                terminal.show([delivery])
