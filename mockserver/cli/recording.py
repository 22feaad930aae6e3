"""`mockserver check recording`: does what was recorded keep to the contract?"""

from functools import partial
from pathlib import Path
from typing import Any

import click

from mockserver.cli import completion
from mockserver.cli.ending import Ending, report_options
from mockserver.cli.target import overlay_option, require_extra

_file = partial(click.option, shell_complete=completion.files)


@click.command()
@click.argument("files", metavar="FILE.har…", nargs=-1, required=True, shell_complete=completion.files)
@click.option(
    "--base-url", "base_urls", multiple=True, help="Where the contract's paths begin; repeatable.  [default: found]"
)
@click.option("--only", multiple=True, help="Only this operationId, or this check; repeat for more.")
@_file("--spec", help="Path or URL of another contract than that of Open Loyalty.")
@click.option("--spec-root", shell_complete=completion.folders, help="Folder that --spec may refer to.")
@overlay_option
@report_options("mockserver-report/recording")
def recording(**given: Any) -> None:
    """Hold what somebody has recorded against the contract. Nothing is sent.

    Takes HTTP Archives (HAR): of a browser's network panel, of a proxy, of `check live`. Requests are judged, too: what
    was accepted has to be declared. Reports show no recorded value, but the names, forms and types of what is wrong.
    Exit codes: 0 inside the contract, 1 findings, 2 could not judge, such as a recording without a call of the
    contract.

    \b
    Examples:
      mockserver check recording staging.har
      mockserver check recording monday.har tuesday.har --report-dir reports
      mockserver check recording staging.har --base-url https://api.example.com/v1 --spec petstore.yaml
      mockserver check recording mockserver-report/exchanges.har --only response_schema_conformance
    """
    require_extra()
    from mockserver.checks.recording.options import RecordingOptions
    from mockserver.checks.recording.run import check_recording

    ending = Ending.of(given)
    files = tuple(map(Path, given.pop("files")))
    options = RecordingOptions(files, **{name: value for name, value in given.items() if value not in (None, ())})
    ending.leave(check_recording(options), options.report_dir)
