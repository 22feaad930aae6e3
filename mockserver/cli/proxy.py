"""`mockserver proxy`: stand before a live instance, pass everything through, and judge it by the contract."""

import gc
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.cli import completion, terminal
from mockserver.cli.exposure import warning
from mockserver.cli.settings_options import log_to_stderr, options_of
from mockserver.cli.until_closed import end_when_closed, until_closed_option
from mockserver.errors import SettingsError
from mockserver.settings import HIGHEST_PORT, Settings

if TYPE_CHECKING:
    from mockserver.proxy.start import Proxy, ProxySettings
    from mockserver.proxy.tally import ViolationGroup, ViolationTally

PORT = 8182
OTHER_PORT = "`mockserver proxy --port 8282`, with the other options as they are"
INSTANCE = ("whoever wants the instance:", "it passes on all that reaches it; take --host 127.0.0.1")
MOST_SHOWN = 50  # groups of violations at the end
# The settings of the mock that a proxy has, too.
SETTINGS = (
    *("host", "tls_cert", "tls_key", "spec", "spec_root", "overlay", "stores", "client_timeout", "control"),
    *("control_token", "control_origin", "cache_dir", "log_level", "log_format"),
)
INSECURE = "Warning: --insecure: whoever is between here and the instance can read and change everything that passes."
logger = logging.getLogger("mockserver")


@click.command()
@click.option("--to", required=True, metavar="URL", help="The instance: the part of its address before /api.")
@click.option("--port", type=click.IntRange(0, HIGHEST_PORT), default=PORT, show_default=True,
              help="Port of the proxy; 0 lets the system choose.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Answer 502, with the violation, where the contract is left.")
@click.option("--fallback", type=click.Choice(["mock"]), help="Who answers operations that the instance lacks.")
@click.option("--fallback-for", multiple=True, metavar="OPERATION_ID", shell_complete=completion.operations,
              help="An operation that the mock answers always; repeat for more. Brings --fallback mock.")  # fmt: skip
@click.option("--har", metavar="FILE", shell_complete=completion.files,
              help="Write all exchanges with the instance to this file, without secrets; it begins anew.")  # fmt: skip
@click.option("--ca-file", shell_complete=completion.files,
              help="Certificates (PEM) to check that of the instance against.  [default: the system's]")  # fmt: skip
@click.option("--insecure", is_flag=True, help="Don't check the certificate of the instance.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True,
              help="Seconds to wait for an answer to begin, and to go on.")  # fmt: skip
@options_of(*SETTINGS)
@until_closed_option
def proxy(until_closed: int | None, **options: Any) -> None:
    """Stand before a live instance: pass all requests on, and judge them and the answers by the contract.

    What passes is not changed. Violations are shown, marked in the header X-Mock-Contract-Violation, and listed by
    cause at the end and under /_mock/violations. The page /_mock/ui shows what passes. What is sent reaches the
    instance, and changes it: this is no mock.

    \b
    Examples:
      mockserver proxy --to https://staging.example.com
      mockserver proxy --to https://staging.example.com --har today.har
      mockserver proxy --to http://localhost:8080 --strict
      mockserver proxy --to https://staging.example.com --fallback mock
      mockserver proxy --to https://staging.example.com --fallback-for webhookSubscriptionPost
    """
    settings = Settings(port=options.pop("port"), **{name: options.pop(name) for name in SETTINGS})
    log_to_stderr(settings)
    if until_closed is not None:
        end_when_closed(until_closed)
    _serve(settings, options)


def _serve(settings: Settings, options: dict[str, Any]) -> None:
    from mockserver.http.server import address, listen, serve
    from mockserver.http.tls import server_context
    from mockserver.proxy.start import Proxy, ProxySettings

    gc.disable()
    tls = server_context(settings.tls_cert, settings.tls_key)
    _require_https(options)
    own = ProxySettings(**options | {"fallback": options["fallback"] is not None})
    with listen(settings.host, settings.port, OTHER_PORT) as listener:
        made = Proxy.build(settings, own, listener.getsockname()[:2])
        made.application.tally.observers.add(_log_group)
        made.application.ended.add(_tell_all)
        gc.freeze()
        gc.enable()
        told = banner(settings, address(listener, tls), made, own)

        def say_so() -> None:
            terminal.say(told, err=True)

        serve(made.application, listener, say_so, settings.client_timeout, tls, in_tasks=True)


def _require_https(options: dict[str, Any]) -> None:
    given = [name for name in ("ca_file", "insecure") if options[name]]
    if given and not options["to"].lower().startswith("https:"):
        named = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        raise SettingsError(f"{named} is for an instance with https; --to names one without. Leave it out.")


def banner(settings: Settings, url: str, made: "Proxy", own: "ProxySettings") -> str:
    """Text of the start: warnings if needed, then where it listens and what it does."""
    warned = warning(settings, urlsplit(url).hostname or "", has_users=False, openings=[INSTANCE], what="proxy")
    lines = [
        *([warned] if warned else []),
        *([INSECURE] if own.insecure else []),
        f"Proxy {__version__} to {made.address.url} on {url}",
        f"  contract  {made.world.contract.title}",
        *(["  strict    what leaves the contract is a 502"] if own.strict else []),
        *([f"  page      {url}/_mock/ui   (what passes)"] if settings.control else []),
        *([f"  found     {url}/_mock/violations"] if settings.control else []),
        *([f"  fallback  {_fallback(own)}"] if made.has_mock else []),
        *([f"  har       {own.har}"] if own.har else []),
        *_of_base_path(made),
    ]
    return "\n".join(lines)


def _fallback(own: "ProxySettings") -> str:
    named = ", ".join(own.fallback_for)
    return f"the mock answers what the instance lacks{f', and always {named}' if named else ''}"


def _of_base_path(made: "Proxy") -> list[str]:
    base = made.world.contract.base_path
    if base and made.address.base_path.endswith(base):
        return [f"Note: --to ends in {base}, with which the contract's paths begin already. Probably that is too much."]
    return []


def _log_group(group: "ViolationGroup") -> None:
    """Tell of a violation with a new cause, as it is found."""
    logger.warning("%s: %s %s", group.operation_id, group.side, f"{group.example.where}: {group.example.message}")


def _tell_all(tally: "ViolationTally") -> None:
    """Tell what was found, whether Ctrl-C or a signal has ended the proxy."""
    for line in summary(tally):
        terminal.say(line, err=True)


def summary(tally: "ViolationTally") -> list[str]:
    """What was found, for the end: a line for each cause, those with the most violations first."""
    lines = [f"{tally.passed} passed, {tally.judged} of them judged; {_violations(tally)}."]
    for group in tally.groups[:MOST_SHOWN]:
        statuses = ", ".join(str(status) for status in sorted(group.statuses))
        lines.append(
            f"  {group.count:>5} x  {group.operation_id}  {group.side} {group.place}  ({group.keyword}, {statuses})"
        )
        lines.append(f"           such as {group.example.where}: {group.example.message}")
    more = len(tally.groups) - MOST_SHOWN
    lines += [f"  … and {more} more causes"] if more > 0 else []
    lines += [f"  {count:>5} x  not judged: {why}" for why, count in tally.unjudged.most_common()]
    lines += [f"  {count:>5} x  not in the contract: {name}" for name, count in tally.unknown.most_common(MOST_SHOWN)]
    lines += [f"  {count:>5} x  answered by the mock: {name}" for name, count in tally.fallbacks.most_common()]
    lines += [f"--har: {complaint}" for complaint in tally.complaints]
    return lines


def _violations(tally: "ViolationTally") -> str:
    causes = len(tally.groups)
    if not causes:
        return "no violations"
    return f"{tally.violations} violation{'s' * (tally.violations != 1)} with {causes} cause{'s' * (causes != 1)}"
