"""Output of commands, and the options and the view of deliveries that commands for a running mock share.

All output passes `say`, `line`, `console` or `print_json`, which escape everything that could control a terminal: so no
command has to know which of its texts are untrusted.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from mockserver.cli import completion
from mockserver.escaping import screen, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from mockserver.client.running_mock import Remote

Json = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])
CLOSE = 0.8  # how alike names have to be, from 0 to 1
FINDINGS = 1  # the exit code
STYLES = {"delivered": "green", "failed": "red", "blocked": "yellow", "attempted": "cyan", "pending": "dim"}
NONE = "-"
_EVENT = 36  # columns: enough for most names

server = click.option(
    "--server", envvar="MOCKSERVER_URL", default="http://127.0.0.1:8181", show_default=True, show_envvar=True,
    help="The running mock.",
)  # fmt: skip
control_token = click.option(
    "--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", show_envvar=True, help="What the mock asks for."
)
ca_file = click.option(
    "--ca-file", envvar="MOCKSERVER_CA_FILE", show_envvar=True, shell_complete=completion.files,
    help="Certificates (PEM) to check that of an https mock against.  [default: the system's]",
)  # fmt: skip


def remote_options(command: Command) -> Command:
    """Add the options of a command that calls a running mock, and prints text or JSON."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return server(ca_file(control_token(as_json(command))))


def introduce(remote: "Remote", *, as_json: bool = False) -> Json:
    """Print which mock is asked, to stderr and for people alone; returns its settings. Raises RemoteError if it is
    none."""
    config = remote.config()
    if not as_json:
        version, contract = config.get("version"), config.get("contract")
        say(" of ".join(filter(None, [f"Mock {version or ''}".strip(), contract])) + f" at {remote.url}", err=True)
    settings: Json = config["settings"]
    return settings


def wait_options(command: Command) -> Command:
    """Add the options of a command that waits for deliveries."""
    wait = click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until all are finished.")
    timeout = click.option("--timeout", type=click.FloatRange(0), default=60, show_default=True,
                           help="Seconds to wait, at most.")  # fmt: skip
    return wait(timeout(command))


def unknown_event(event: str, known: list[str]) -> str:
    """Message about an unknown event: similar names, else names that contain it, else all."""
    names = {name.lower(): name for name in known}
    alike = [names[name] for name in difflib.get_close_matches(event.lower(), names, cutoff=CLOSE)]
    alike = alike or [name for lower, name in names.items() if event.lower() in lower]
    if alike:
        return f"There is no event {event!r}. Did you mean {' or '.join(alike)}?"
    return f"There is no event {event!r}. There are: {', '.join(known)}."


def say(text: str, *, err: bool = False) -> None:
    """Print lines for people, to stdout or stderr."""
    click.echo(visible(text, kept="\n"), err=err)


def console() -> "Console":
    """A console for people: colours on a terminal only, and no line wrapping."""
    return screen()


def line(*parts: str | tuple[str, str]) -> "Text":
    """A line of texts, each plain or with a style as (text, style)."""
    from rich.text import Text

    return Text.assemble(*(visible(part) if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts))


def print_json(value: object, indent: int | None = None) -> None:
    """Print one JSON value in plain ASCII, in one line or indented; flushed at once, for readers of a stream."""
    click.echo(json.dumps(value, indent=indent).replace("\x7f", "\\u007f"))


def print_script(text: str) -> None:
    """Print a script as it is: whoever wrote it has escaped what isn't ours, and a shell has to read the rest."""
    click.echo(text, nl=False)


# ---------------------------------------------------------------- deliveries
def heading() -> "Text":
    """Names of the columns of `row`."""
    return line((f"{'TIME':<19}  {'EVENT':<{_EVENT}}  {'STATUS':<9}  TRIES  HTTP  {'ID':<7}  URL", "dim"))


def row(delivery: Json) -> "Text":
    """A delivery in a line."""
    attempts, status = delivery["attempts"], delivery["status"]
    answer = attempts[-1]["response"] if attempts else None
    time, http = delivery["createdAt"][:19].replace("T", " "), answer["status"] if answer else NONE
    return line(
        f"{time:<19}  {delivery['eventName']:<{_EVENT}}  ",
        (f"{status:<9}", STYLES.get(status, "")),
        f"  {len(attempts):>5}  {http:>4}  {delivery['deliveryId']:<7}  {visible(delivery['url'])}",
    )


def exit_by_status(deliveries: Sequence[Json], *, waited: bool) -> NoReturn:
    """Exit with 0 if all of these were delivered; with 1 if one was not, or not in time. Without `waited`, unfinished
    ones count as good."""
    states = {delivery["status"] for delivery in deliveries}
    bad = states - {"delivered"} if waited else states & {"failed", "blocked"}
    if waited and states & {"pending", "attempted"}:
        say("Not all are finished yet; `mockserver deliveries --follow` goes on watching.", err=True)
    raise click.exceptions.Exit(FINDINGS if bad else 0)


def show(deliveries: Sequence[Json]) -> None:
    """Print a line for each delivery, and one more for the reason if it has failed or is blocked."""
    out = console()
    for delivery in deliveries:
        out.print(row(delivery), *reason(delivery), sep="\n")


def reason(delivery: Json) -> "list[Text]":
    """The line with the reason why a delivery has failed or is blocked, if it has one."""
    return [line(f"{'':21}{visible(delivery['reason'])}")] if delivery.get("reason") else []


def details(delivery: Json) -> "Iterable[Text]":
    """Lines with all details of a delivery."""
    yield line((delivery["eventName"], "bold"), "  ", (delivery["status"], STYLES.get(delivery["status"], "")))
    names = ("deliveryId", "messageId", "storeCode", "subscriptionId", "url", "createdAt", "retryAt", "reason")
    yield from (line(f"  {name:<14}  {delivery[name]}") for name in names if delivery.get(name))
    for attempt in delivery["attempts"]:
        yield from _attempt(attempt)


def _attempt(attempt: Json) -> "Iterable[Text]":
    request, answer = attempt["request"], attempt["response"]
    yield line()
    yield line((f"Attempt {attempt['number']}", "bold"), f"  {attempt['at']}  {1000 * attempt['seconds']:.0f} ms")
    yield from _message(f"{request['method']} {request['url']}", request)
    if answer:
        yield line()
        yield from _message(f"answer {answer['status']}", answer)
    else:
        yield line()
        yield line("  ", (f"no answer: {attempt['error'] or 'nothing was sent'}", "red"))
    if attempt.get("canonical"):
        yield line()
        yield line("  signed lines")
        yield from (line(f"    {text}") for text in attempt["canonical"])


def _message(first: str, message: Json) -> "Iterable[Text]":
    yield line(f"  {first}")
    yield from (line(f"    {one['name']}: {one['value']}") for one in message["headers"])
    if message["body"]:
        yield line()
        yield line(f"    {message['body']}")
