"""`mockserver check drift`: is a live instance still like the mock?"""

from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.ending import Ending, report_options
from mockserver.cli.target import live_options, load_settings, require_extra

if TYPE_CHECKING:
    from mockserver.checks.drift.options import DriftOptions

POSITIVE = click.FloatRange(min=0, min_open=True)
OF_MOCK = ("mock_username", "mock_password", "mock_api_key", "mock_member_username", "mock_member_password")


@click.command()
@click.option("--mock", "mock_url", help="The mock: the part of its address before /api.")
@live_options
@click.option("--member-username", envvar="OL_MEMBER_USERNAME", show_envvar=True, help="A member, for more requests.")
@click.option("--member-password", envvar="OL_MEMBER_PASSWORD", show_envvar=True, help="The member's password.")
@click.option(
    "--mock-username", envvar="OL_MOCK_USERNAME", show_envvar=True, help="The mock's admin.  [default: admin]"
)
@click.option("--mock-password", envvar="OL_MOCK_PASSWORD", show_envvar=True, help="Password.  [default: password]")
@click.option(
    "--mock-api-key", envvar="OL_MOCK_API_KEY", show_envvar=True, help="The mock's key.  [default: mock-api-key]"
)
@click.option(
    "--mock-member-username", envvar="OL_MOCK_MEMBER_USERNAME", show_envvar=True, help="Member.  [default: member]"
)
@click.option("--mock-member-password", envvar="OL_MOCK_MEMBER_PASSWORD", show_envvar=True, help="[default: password]")
@click.option("--mock-store", help="Code of the mock's store, if it isn't that of live.")
@click.option("--plan", is_flag=True, default=None, help="Show what would be asked, and stop.")
@click.option("--read-only", is_flag=True, default=None, help="Send reads and logins only.")
@click.option("--seed", type=int, help="Seed of the generated requests; random if left out, and reported.")
@click.option("--max-time", type=POSITIVE, help="Seconds after which to stop.  [default: 540 unless live is here]")
@click.option("--max-requests", type=click.IntRange(min=1), help="Requests to live after which to stop.")
@click.option(
    "--max-examples",
    type=click.IntRange(min=1),
    help="Generated requests of each operation.  [default: 20; 5 elsewhere]",
)
@click.option("--operation", multiple=True, help="Only this operationId; repeat for more.")
@click.option("--tag", multiple=True, help="Only operations with this tag; repeat for more.")
@click.option("--allow-residue", multiple=True, help="Create these although they can't be deleted: member,transaction.")
@click.option("--allow-revoke", is_flag=True, default=None, help="Log both accounts out everywhere, colleagues too.")
@click.option("--hostile/--no-hostile", default=None, help="Methods that don't exist.  [default: this machine]")
@report_options("mockserver-report/drift")
def drift(**given: Any) -> None:
    """Is a live instance still like the mock?

    Asks both the same, each with records of its own, and compares the answers: statuses, headers, fields, types,
    values, order. Differences are grouped into causes, each with both answers, its line in the contract, and the patch
    by which the contract would hold for live. What the run makes on either side is deleted at the end.
    Exit codes: 0 no difference, 1 differences, 2 could not judge, 130 interrupted.

    \b
    Examples:
      mockserver check drift --mock http://127.0.0.1:8181 --live http://127.0.0.1:8182
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com --plan
      mockserver check drift --mock http://127.0.0.1:8181 --live https://ol.staging.example.com \\
          --yes-host ol.staging.example.com --compare mockserver-report/drift/report.json
    """
    require_extra()
    from mockserver.checks.drift import run as judge
    from mockserver.cli.generator_tables import kept_apart

    ending, options = Ending.of(given), _options(given)
    if options.live.plan or not (options.live.is_here and options.mock.is_here):
        lines = judge.summary(judge.plan(options), options)
        ending.planned(options.live.url, lines, is_all=bool(options.live.plan))
    if not options.live.plan:
        judge.prepare(options)
        with kept_apart():
            _compare(options, ending)


def _options(given: dict[str, Any]) -> "DriftOptions":
    """The options of both sides. Raises SettingsError."""
    from mockserver.checks.drift.options import REPORTS, DriftOptions, LiveOptions, usual_credentials
    from mockserver.checks.transport.session import Credentials

    mock_url, store = given.pop("mock_url"), given.pop("mock_store")
    own = [given.pop(name) for name in OF_MOCK]
    usual = usual_credentials()
    defaults = (usual.username, usual.password, usual.api_key, usual.member_username, usual.member_password)
    admin, password, key, member, secret = (one or other for one, other in zip(own, defaults, strict=True))
    credentials = Credentials(admin, password, key, member, secret)
    live = LiveOptions(**({"report_dir": REPORTS} | load_settings(given, LiveOptions.url_option)))
    return DriftOptions.of(live, mock_url or "", credentials, store)


def _compare(options: "DriftOptions", ending: Ending) -> None:
    """Run a plan, and end with what came of it, in a folder that is the run's own."""
    from mockserver.checks.drift import run as judge
    from mockserver.checks.drift.patch_files import write_patches
    from mockserver.checks.live.report_folder import own_folder
    from mockserver.checks.live.run import sweep_line
    from mockserver.clock import Ids

    run = Ids.from_chance().hex(8)
    with own_folder(options.live, run) as (live, elsewhere):
        if elsewhere:
            ending.screen.announce(f"Note: {elsewhere}.", ())
        chosen = options.with_live(live)
        with ending.screen.progress(judge.EXPECTED) as progress:
            outcome = judge.check(judge.plan(chosen), chosen, progress.tick, run=run, watch=progress.watch)
        outcome.report.notes += [elsewhere] if elsewhere else []
        outcome.report.notes += [f"patches of the contract: {path}" for path in write_patches(outcome, live.report_dir)]
        ending.leave(outcome, live.report_dir, sweep_line(live.ledger_path, live.url, live))
