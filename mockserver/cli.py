"""The command line. Exit codes: 0 ok, 1 findings, 2 usage or environment, 130 interrupted."""

import sys

import click

from mockserver import __version__
from mockserver.commands.check import check
from mockserver.commands.serve import serve
from mockserver.commands.sweep import sweep
from mockserver.errors import MockserverError, SettingsError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """A mock of the Open Loyalty REST API, driven by its OpenAPI contract.

    \b
    Examples:
      mockserver serve                            start the mock on http://127.0.0.1:8181
      mockserver serve --port 9000 --stores A,B   another port, two stores
      mockserver serve --login-rate-limit 20      refuse logins as the vendor does
      mockserver serve --spec petstore.yaml       serve another OpenAPI 3.0 contract
      mockserver check live --url URL             hold a running instance against the contract
    """


for command in (serve, check, sweep):
    cli.add_command(command)


def main() -> None:
    """Run a command; every expected error is one line on stderr."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(SettingsError.exit_code)
    except MockserverError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
