"""Options and settings files that are common to the commands that judge a server."""

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from mockserver.cli import completion
from mockserver.errors import MissingExtra

_SECRETS = ("username", "password", "api_key", "member_username", "member_password", "expired_token", "basic")

_file = partial(click.option, shell_complete=completion.files)
_folder = partial(click.option, shell_complete=completion.folders)
overlay_option = _file("--overlay", help="Path or URL of an OpenAPI Overlay that corrects --spec first, as a mock's.")
_PLACES = (
    click.option("--store", help="Code of the store to work in.  [default: DEFAULT; in a replay that of the report]"),
    click.option("--other-store", help="Another store of the instance, for more checks."),
    click.option("--path-value", multiple=True, help="NAME=VALUE in paths of another contract; repeat for more."),
)


class HeaderLines(click.types.StringParamType):
    """Texts that stand in a variable of the environment one to a line."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines."""
        return [line for line in rv.splitlines() if line.strip()]


def target_options(command: Any) -> Any:
    """Add the options that name an instance and its credentials, which may come from the environment, too."""
    return _named(click.option("--url", help="The instance: the part of its address before /api."), command)


def live_options(command: Any) -> Any:
    """Add the same options to a command that compares an instance: it is `--live`, and its host `url` all the same."""
    return _named(click.option("--live", "url", help="The instance: the part of its address before /api."), command)


def _named(url: Any, command: Any) -> Any:
    options = (
        url,
        click.option("--username", envvar="OL_USERNAME", show_envvar=True, help="User name of an admin."),
        click.option("--password", envvar="OL_PASSWORD", show_envvar=True, help="The admin's password."),
        click.option("--api-key", envvar="OL_API_KEY", show_envvar=True, help="A permanent API key, in place of both."),
        click.option(
            "--header",
            multiple=True,
            type=HeaderLines(),
            envvar="OL_HEADER",
            show_envvar=True,
            help="'Name: value' for every request, for what stands in front of the instance; repeat for more.",
        ),
        click.option(
            "--basic", envvar="OL_BASIC", show_envvar=True, help="name:password of a gate in front of the instance."
        ),
        click.option("--proxy", help="A proxy.  [default: that of HTTPS_PROXY; none to this machine]"),
        _file("--ca-file", help="Certificates (PEM) to check that of the instance against."),
        click.option("--insecure", is_flag=True, default=None, help="Don't check its certificate; the report says so."),
        *_PLACES,
        click.option(
            "--spec", shell_complete=completion.files, help="Path or URL of another contract than that of Open Loyalty."
        ),
        _folder("--spec-root", help="Folder that --spec may refer to; the one that it is in if left out."),
        overlay_option,
        _file("--ledger", help="File that keeps what was created.  [default: ledger.jsonl among the reports]"),
        click.option("--rate", help="Most requests in a time: 10/s, 90/m.  [default: 10/s unless it is this machine]"),
        click.option("--yes-host", multiple=True, help="Agree to this host; needed unless it is this machine."),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            help="Seconds to wait for an answer.  [default: 10]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def member_options(command: Any) -> Any:
    """Add the options that name a member of the instance."""
    name = click.option("--member-username", envvar="OL_MEMBER_USERNAME", show_envvar=True, help="A member's name.")
    secret = click.option(
        "--member-password", envvar="OL_MEMBER_PASSWORD", show_envvar=True, help="The member's password."
    )
    return name(secret(command))


def expired_token_option(command: Any) -> Any:
    """Add the option that names an old token."""
    named = click.option(
        "--expired-token", envvar="OL_EXPIRED_TOKEN", show_envvar=True, help="A JWT that was good once."
    )
    return named(command)


def load_settings(given: dict[str, Any], url_option: str = "--url") -> dict[str, Any]:
    """Settings from the file, overridden by those of the command line, and the credentials. Raises SettingsError."""
    from mockserver.checks.live.planning.options import combined, from_files
    from mockserver.checks.transport.access_options import parse_headers
    from mockserver.checks.transport.session import Credentials

    secrets = {name: given.pop(name) for name in _SECRETS if name in given}
    credentials = Credentials(**secrets, headers=parse_headers(given.pop("header", ())))
    chosen = {name: _each(value) for name, value in given.items() if value is not None and value != ()}
    settings = combined(from_files(Path.cwd()), chosen, url_option)
    if settings.get("spec") and not any(secrets.values()):  # another contract may ask nobody who they are
        credentials = replace(credentials, is_open=True)
    return {**settings, "credentials": credentials}


def _each(value: Any) -> Any:
    """Values of an option; one that may be repeated also takes several values with commas between them."""
    return tuple(part for entry in value for part in entry.split(",")) if isinstance(value, tuple) else value


def require_extra() -> None:
    """Check that the extra `check` is installed. Raises MissingExtra."""
    if find_spec("schemathesis") is None:
        raise MissingExtra("This needs Schemathesis. Install it: pip install 'openloyalty-mockserver[check]'")
