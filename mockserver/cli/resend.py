"""`mockserver resend`: send a delivery of a running mock again."""

from typing import Any

import click

from mockserver.cli import completion, terminal


@click.command()
@click.argument("delivery_id", metavar="ID", shell_complete=completion.delivered("deliveryId"))
@terminal.wait_options
@terminal.remote_options
def resend(delivery_id: str, **options: Any) -> None:
    """Send the delivery ID again: the same message with the same messageId, in new attempts.

    `mockserver deliveries` shows the ids. A delivery that is still under way is left alone, and waited for.

    Exit code 0: delivered. 1: not. 2: there is none, or no mock to ask.

    \b
    Examples:
      mockserver resend 17-1
      mockserver resend 17-1 --no-wait --json
    """
    from mockserver.client.running_mock import Remote

    with Remote(options["server"], options["control_token"], options["ca_file"]) as remote:
        terminal.introduce(remote, as_json=options["as_json"])
        deliveries = [remote.redeliver(delivery_id)]
        if options["wait"]:
            deliveries = remote.finished(deliveries, {"deliveryId": delivery_id}, options["timeout"])
    if options["as_json"]:
        terminal.print_json(deliveries[0], indent=2)
    else:
        terminal.show(deliveries)
    terminal.exit_by_status(deliveries, waited=options["wait"])
