"""`mockserver check receiver`: is a receiver of webhooks right?"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion
from mockserver.cli.ending import Ending, report_options
from mockserver.cli.target import HeaderLines, overlay_option, require_extra

if TYPE_CHECKING:
    from mockserver.checks.findings.outcome import Outcome
    from mockserver.checks.receiver.run import ReceiverPlan
    from mockserver.client.sending_mock import SubscribingMock

_file = partial(click.option, shell_complete=completion.files)


@click.command()
@click.option("--url", help="The receiver: the address that gets the webhooks.")
@click.option(
    "--secret", envvar="MOCKSERVER_WEBHOOK_SECRET", show_envvar=True, help="whsec_…, by which it verifies; keep it out "
    "of histories.",
)  # fmt: skip
@click.option(
    "--old-secret", "old_secrets", multiple=True, envvar="MOCKSERVER_OLD_WEBHOOK_SECRETS", show_envvar=True,
    help="A secret from before a rotation, which it has to refuse; repeatable.",
)  # fmt: skip
@click.option("--signed-url", help="The URL that was subscribed, if it is another one, as behind a proxy.")
@click.option("--event", help="An event that has an effect.  [default: the first of the contract]")
@click.option(
    "--signing", type=click.Choice(["vendor", "standard-webhooks"]), help="How events are signed.  [default: as Open "
    "Loyalty does for its contract, by Standard Webhooks for others]",
)  # fmt: skip
@click.option("--store", help="The storeCode in events.  [default: DEFAULT]")
@click.option("--effects", help="A URL that tells how many effects there were: an integer, or a JSON list.")
@click.option("--effects-command", help="A command that prints the same.")
@click.option("--effects-wait", type=click.FloatRange(0), help="Seconds until an effect can be seen.  [default: 2]")
@click.option(
    "--state", help="A URL that tells what is known: a JSON list, an item for each record.  [default: --effects]"
)
@click.option("--state-command", help="A command that prints the same.")
@click.option("--break-command", help="A command after which it answers events with a 5xx, for one more check.")
@click.option("--mend-command", help="A command after which it works again.")
@click.option("--against-mock", metavar="URL", help="A running mock, which sends to the receiver, too.")
@click.option(
    "--mock-username", envvar="MOCKSERVER_ADMIN_USERNAME", default="admin", hidden=True, help="An admin of the mock."
)
@click.option("--mock-password", envvar="MOCKSERVER_ADMIN_PASSWORD", default="password", hidden=True)
@click.option("--mock-api-key", envvar="MOCKSERVER_API_KEY", hidden=True)
@click.option("--mock-control-token", envvar="MOCKSERVER_CONTROL_TOKEN", hidden=True)
@click.option("--only", multiple=True, help="Only this check; repeat for more.")
@click.option("--examples", type=click.IntRange(0), help="Generated payloads of each event.  [default: 3]")
@click.option("--seed", type=int, help="Seed of the generated payloads; random if left out, and reported.")
@click.option("--plan", is_flag=True, default=None, help="Show what would be sent, and stop.")
@click.option("--rate", help="Most requests in a time: 10/s, 90/m.  [default: 10/s unless it is this machine]")
@click.option("--hostile/--no-hostile", default=None, help="A body of 5 MB, a burst of 100.  [default: this machine]")
@click.option("--yes-host", multiple=True, help="Agree to this host; needed unless it is this machine.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds for an answer.  [default: 10]")
@click.option(
    "--header", multiple=True, type=HeaderLines(), envvar="MOCKSERVER_RECEIVER_HEADER", show_envvar=True,
    help="'Name: value' for every request, for what stands in front of the receiver; repeat for more.",
)  # fmt: skip
@click.option(
    "--basic", envvar="MOCKSERVER_RECEIVER_BASIC", show_envvar=True, help="name:password of a gate in front of it."
)
@click.option("--proxy", help="A proxy.  [default: that of HTTPS_PROXY; none to this machine]")
@_file("--ca-file", help="Certificates (PEM) to check that of the receiver against.")
@click.option("--insecure", is_flag=True, default=None, help="Don't check its certificate; the report says so.")
@_file("--spec", help="Path or URL of another contract than that of Open Loyalty, with webhooks or callbacks.")
@click.option("--spec-root", shell_complete=completion.folders, help="Folder that --spec may refer to.")
@overlay_option
@report_options("mockserver-report/receiver")
def receiver(**given: Any) -> None:
    """Send signed webhooks to a receiver, right ones and wrong ones, and say what it does rightly.

    Who is in them is made up. The secret is best given in the environment. Exit codes: 0 nothing is wrong, 1 findings,
    2 something that was asked for could not be judged, 130 interrupted.

    \b
    Examples:
      mockserver check receiver --url http://127.0.0.1:3000/webhooks
      mockserver check receiver --url http://127.0.0.1:3000/webhooks --effects http://127.0.0.1:3000/effects
      mockserver check receiver --url http://127.0.0.1:3000/webhooks --only ahead --only raw_body
      mockserver check receiver --url https://staging.example.com/hook --yes-host staging.example.com --plan
    """
    require_extra()
    from mockserver.checks.receiver import run as judge
    from mockserver.checks.receiver.options import ReceiverOptions

    ending = Ending.of(given)
    mock = {name.removeprefix("mock_"): given.pop(name) for name in [*given] if name.startswith("mock_")}
    options = ReceiverOptions(**{name: value for name, value in given.items() if value not in (None, ())})
    planned = judge.plan(options)
    if options.plan or not options.is_here:
        ending.planned(options.url, planned.summary(), is_all=bool(options.plan))
    if options.plan:
        return
    judge.prepare(options)
    ending.leave(_judged(planned, ending, mock), options.report_dir)


def _judged(planned: "ReceiverPlan", ending: Ending, mock: dict[str, Any]) -> "Outcome":
    """Run a plan, and show how far it has come."""
    from mockserver.checks.receiver import run as judge
    from mockserver.cli.generator_tables import kept_apart

    progress_shown = ending.screen.progress(planned.requests + planned.deliveries)
    with kept_apart(), _sending_mock(planned, mock) as sending, progress_shown as progress:
        return judge.check(planned, progress.tick, mock=sending, watch=progress.watch)


@contextmanager
def _sending_mock(planned: "ReceiverPlan", given: dict[str, Any]) -> Iterator["SubscribingMock | None"]:
    """The mock of --against-mock, at which the receiver is subscribed until the end of the context."""
    options = planned.options
    if options.against_mock is None:
        yield None
        return
    from mockserver.client.account import Account, AdminCredentials
    from mockserver.client.receiving import ReceiverAccount
    from mockserver.client.sending_mock import MockAgainst, MockSubscriber, SubscribingMock

    with MockAgainst(options.against_mock, given["control_token"]) as remote:
        credentials = AdminCredentials(given["username"], given["password"], given["api_key"])
        by_api = not options.spec or remote.events()["subscribedBy"] == "api"
        account = Account(remote, credentials, options.store) if by_api else ReceiverAccount(remote, options.store)
        url, headers = options.signed_url or options.url, options.credentials.real_headers()
        target = MockSubscriber(url, options.secret, options.store, headers)
        with SubscribingMock(remote, account, target, planned.contract.event_names) as mock:
            yield mock
