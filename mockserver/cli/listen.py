"""`mockserver listen`: subscribe to events of a running mock, show the deliveries, and forward them to an
application."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal
from mockserver.cli.terminal import Command
from mockserver.errors import NotRunning, SettingsError
from mockserver.settings import Settings, environment_variable

if TYPE_CHECKING:
    from mockserver.client.forwarding import Forwarder
    from mockserver.client.listener import Arrival, Listener
    from mockserver.client.receiving import Expectations, Subscriber
    from mockserver.client.running_mock import Remote
    from mockserver.signing import Scheme

NO_EVENTS = "The contract of this mock has no webhooks and no callbacks: there is nothing to listen to."
MOST_BREACHES = 5  # that are shown of a payload


def _admin_option(setting: str, option: str, purpose: str) -> Callable[[Command], Command]:
    """An option with the default and the environment variable of a setting of `mockserver serve`."""
    variable, default = environment_variable(setting), Settings.default(setting)
    return click.option(option, envvar=variable, default=default, show_default=True, show_envvar=True, help=purpose)


@click.command()
@click.option("--events", shell_complete=completion.event_lists, help="Names, separated by commas.  [default: all]")
@click.option("--store", shell_complete=completion.stores, help="The store.  [default: the first of the mock]")
@click.option("--forward-to", metavar="URL", help="The application to pass deliveries on to.")
@click.option("--forward-anywhere", is_flag=True, help="Even if that is on another machine.")
@click.option(
    "--secret", envvar="MOCKSERVER_WEBHOOK_SECRET", show_envvar=True,
    help="What passed on deliveries are signed with.  [default: a new one at each start]",
)  # fmt: skip
@click.option("--print", "bodies", is_flag=True, help="Show the bodies, too.")
@_admin_option("admin_username", "--username", "An admin's user name.")
@_admin_option("admin_password", "--password", "The password.")
@click.option("--api-key", envvar="MOCKSERVER_API_KEY", show_envvar=True, help="An admin's key, instead of these two.")
@terminal.remote_options
def listen(**options: Any) -> None:
    """Subscribe to events of a running mock, and show each delivery with a verdict on its payload and signature.

    With --forward-to each one is passed on to your application, signed for its URL with --secret, or else with one that
    is made and shown at the start. The mock gets the application's status as its answer, so that it repeats what the
    application refuses; a signature that was wrong stays wrong. Ctrl-C ends the subscriptions.

    If the mock serves another contract than Open Loyalty's, whose API has no such subscriptions, it is asked for the
    events by its control plane, and no user name is needed.

    The mock has to run on this machine. With --json each delivery is a line, the first line says what is listened to.

    \b
    Examples:
      mockserver listen
      mockserver listen --events CustomerRegistered,TransactionRegistered --print
      mockserver listen --forward-to http://localhost:3000/webhooks
      mockserver listen --forward-to http://localhost:3000/webhooks --secret whsec_of_my_application
    """
    from mockserver.client.listener import Listener
    from mockserver.client.running_mock import Remote

    with Remote(options["server"], options["control_token"], options["ca_file"]) as remote:
        config = terminal.introduce(remote, as_json=options["as_json"])
        account, expected = _subscriber(remote, options, config)
        names = _wanted(options["events"], account.event_names())
        forwarder = _forwarder(options, config["deliveryTimeout"], expected.scheme)
        output = _Json if options["as_json"] else _Text
        display = output(bodies=options["bodies"], has_secret=bool(options["secret"]))
        with Listener(remote, account, names, display.arrived, forwarder, expected) as listener:
            display.started(remote, listener, names, forwarder)
            _watch(remote, listener)


def _subscriber(
    remote: "Remote", options: dict[str, Any], config: Mapping[str, Any]
) -> "tuple[Subscriber, Expectations]":
    """Who subscribes, and what is expected: the API of Open Loyalty's contract, or the control plane for any other."""
    from mockserver.client.account import Account, AdminCredentials
    from mockserver.client.receiving import OurExpectations, ReceiverAccount, RemoteExpectations
    from mockserver.signing import Scheme

    store = options["store"] or config["stores"][0]
    if config.get("spec") and remote.events()["subscribedBy"] == "receivers":
        return ReceiverAccount(remote, store), RemoteExpectations(remote, store)
    credentials = AdminCredentials(options["username"], options["password"], options["api_key"])
    scheme = Scheme.chosen(config.get("webhookSigning"), is_ours=True)
    return Account(remote, credentials, store), OurExpectations(scheme)


def _watch(remote: "Remote", listener: "Listener") -> None:
    try:
        listener.watch(lambda: terminal.say("The mock was reset: subscribed again.", err=True))
    except NotRunning as error:
        raise NotRunning(f"The mock at {remote.url} has ended, and so have the subscriptions.") from error


def _wanted(asked: str | None, known: list[str]) -> list[str]:
    """Names of the events to subscribe to. Raises SettingsError for one that doesn't exist."""
    if not known:
        raise SettingsError(NO_EVENTS)
    if asked is None:
        return known
    names = list(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise SettingsError(terminal.unknown_event(name, known))
    if not names:
        raise SettingsError("--events takes the names of events, separated by commas.")
    return names


def _forwarder(options: dict[str, Any], timeout: float, scheme: "Scheme") -> "Forwarder | None":
    from mockserver import standard_webhooks
    from mockserver.client.forwarding import Forwarder, check_is_local
    from mockserver.clock import Ids
    from mockserver.signing import SECRET_DIGITS, SECRET_PREFIX, Scheme

    secret, source = options["secret"], click.get_current_context().get_parameter_source("secret")
    if not options["forward_to"]:
        if secret and source is click.core.ParameterSource.COMMANDLINE:
            raise SettingsError("--secret signs what is passed on: name the application by --forward-to.")
        return None
    if secret and not (secret.isascii() and secret.isprintable() and secret.strip() == secret):
        raise SettingsError("--secret takes printable ASCII characters, without blanks around them.")
    if secret and scheme is Scheme.STANDARD_WEBHOOKS:
        standard_webhooks.key_of(secret)
    made = SECRET_PREFIX + Ids.from_chance().secret(SECRET_DIGITS)
    forwarder = Forwarder(options["forward_to"], secret or made, timeout)
    if not options["forward_anywhere"]:
        check_is_local(options["forward_to"])
    return forwarder


# ---------------------------------------------------------------- output
class _Text:
    """Output for people."""

    def __init__(self, *, bodies: bool, has_secret: bool) -> None:
        self._bodies, self._has_secret = bodies, has_secret
        self._out = terminal.console()

    def started(self, remote: "Remote", listener: "Listener", names: list[str], forwarder: "Forwarder | None") -> None:
        """Print the address and events, and the secret that was made to sign forwarded deliveries with."""
        what = names[0] if len(names) == 1 else f"{len(names)} events"
        self._out.print(terminal.line((f"Listening to {what} of {remote.url} at {listener.url}", "bold")))
        if forwarder:
            self._out.print(terminal.line(f"  forwarded to  {forwarder.url}"))
            made = (forwarder.secret, "bold"), "  (until this ends)"
            self._out.print(terminal.line("  secret        ", *(["that of --secret"] if self._has_secret else made)))

    def arrived(self, arrival: "Arrival") -> None:
        """Print a delivery in a line, and its problems below."""
        from mockserver.clock import timestamp

        time, delivery_id = timestamp(arrival.at)[11:19], arrival.delivery_id or terminal.NONE
        self._out.print(
            terminal.line(
                f"{time}  {arrival.event_name:<36}  {delivery_id:<7}  ",
                *_verdict("schema", bad=bool(arrival.breaches)),
                *_verdict("signature", bad=bool(arrival.refusal)),
                *_response(arrival),
            )
        )
        breaches = [*arrival.breaches[:MOST_BREACHES], *(["…"] if len(arrival.breaches) > MOST_BREACHES else [])]
        for remark in (*breaches, *filter(None, [arrival.refusal])):
            self._out.print(terminal.line((f"          {remark}", "red")))
        if self._bodies:
            for text in _readable(arrival.body).splitlines():
                self._out.print(terminal.line(f"          {text}"))


def _readable(body: bytes) -> str:
    """A body for people: JSON indented, anything else unchanged, as is what is too deep to be read indented."""
    from mockserver.client.listener import DEEPEST
    from mockserver.nesting import shallow_json

    content = shallow_json(body, DEEPEST)
    return body.decode("utf-8", "replace") if content is None else json.dumps(content, indent=2, ensure_ascii=False)


def _verdict(what: str, *, bad: bool) -> tuple[tuple[str, str], str]:
    return (f"{'✗' if bad else '✓'} {what}", "red" if bad else "green"), "  "


def _response(arrival: "Arrival") -> tuple[str | tuple[str, str], ...]:
    """Parts of the line that show the response of the application."""
    from mockserver.client.listener import UNKNOWN

    forwarded = arrival.forwarded
    if forwarded is None:
        return ("→ ", (f"{arrival.status} not passed on", "red")) if arrival.status == UNKNOWN else ()
    if forwarded.error:
        return "→ ", (f"{arrival.status} {forwarded.error}", "red")
    style = "green" if arrival.status // 100 == 2 else "red"  # noqa: PLR2004 (a 2xx)
    return "→ ", (str(arrival.status), style), f" {1000 * forwarded.seconds:.0f} ms"


class _Json:
    """Output for scripts: a JSON object per line."""

    def __init__(self, *, bodies: bool, has_secret: bool) -> None:
        self._bodies, self._has_secret = bodies, has_secret

    def started(self, remote: "Remote", listener: "Listener", names: list[str], forwarder: "Forwarder | None") -> None:
        """Print the address and events, and the secret that was made to sign forwarded deliveries with."""
        made = {} if self._has_secret or not forwarder else {"secret": forwarder.secret}
        forwarding = {"forwardTo": forwarder.url, **made} if forwarder else {}
        terminal.print_json(
            {"type": "listening", "server": remote.url, "url": listener.url, "events": names} | forwarding
        )

    def arrived(self, arrival: "Arrival") -> None:
        """Print a delivery."""
        from mockserver.clock import timestamp

        forwarded = arrival.forwarded
        terminal.print_json(
            {
                "type": "delivery",
                "at": timestamp(arrival.at),
                "eventName": arrival.event_name,
                "deliveryId": arrival.delivery_id,
                "messageId": arrival.message_id,
                "schema": {"valid": not arrival.breaches, "breaches": arrival.breaches},
                "signature": {"valid": arrival.refusal is None, "refusal": arrival.refusal},
                "status": arrival.status,
                "forwarded": forwarded and {"seconds": round(forwarded.seconds, 6), "error": forwarded.error},
            }
            | ({"body": arrival.body.decode("utf-8", "replace")} if self._bodies else {})
        )
