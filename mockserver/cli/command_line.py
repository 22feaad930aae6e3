"""Entry point of the command line. Exit codes: 0 ok, 1 findings, 2 usage or environment, 130 interrupted."""

import gc
import signal
import sys
from importlib import import_module

import click

from mockserver import __version__
from mockserver.errors import MockserverError, SettingsError
from mockserver.escaping import visible

INTERRUPTED = 130
COMMANDS = {
    "serve": "mockserver.cli.serve",
    "proxy": "mockserver.cli.proxy",
    "delivery-worker": "mockserver.cli.delivery_worker",
    "listen": "mockserver.cli.listen",
    "trigger": "mockserver.cli.trigger",
    "deliveries": "mockserver.cli.deliveries",
    "resend": "mockserver.cli.resend",
    "verify-signature": "mockserver.cli.verify_signature",
    "check": "mockserver.cli.check",
    "sweep": "mockserver.cli.sweep",
    "spec": "mockserver.cli.spec",
}


class Commands(click.Group):
    """A group that imports a command with its first use, so that `serve` starts without the modules of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names of the commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (the same)
        """The command of this name, or None. Its function in the module has the same name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        gc.freeze()  # what was imported stays, so the first collection needn't look at it
        gc.enable()  # `__main__` has disabled it
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """A mock of the Open Loyalty REST API, driven by its OpenAPI contract.

    \b
    Examples:
      mockserver serve                            start the mock on http://127.0.0.1:8181
      mockserver serve --port 9000 --stores A,B   another port, two stores
      mockserver serve --login-rate-limit 20      refuse logins as the vendor does
      mockserver serve --spec petstore.yaml       serve another OpenAPI contract
      mockserver proxy --to https://staging.test  judge what passes between an application and an instance
      mockserver delivery-worker --storage URL    make the deliveries of mocks that share a database
      mockserver listen                           show every webhook that a running mock sends
      mockserver trigger CustomerRegistered       let it send one
      mockserver deliveries --follow              watch what becomes of them
      mockserver resend 17-1                      send one again
      mockserver spec lint petstore.yaml          what is wrong with a contract
      mockserver spec diff old.yaml new.yaml      what changed, and what that breaks
      mockserver verify-signature --help          why does the signature of a webhook not match?
      mockserver check live --url URL             hold a running instance against the contract
    """


def main() -> None:
    """Run a command; every expected error is one line on stderr."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a TERM signal ends a command as Ctrl-C does
    try:
        exit_code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(SettingsError.exit_code)
    except MockserverError as error:
        click.echo(f"Error: {visible(str(error))}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    if exit_code:  # the exit code that a command has set; click returns it
        sys.exit(exit_code)
