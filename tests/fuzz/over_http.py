"""`make fuzz`: Schemathesis on a mock over HTTP, with all checks and phases, the API and then the control plane. Exit
code 1 if a verdict is red."""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import monotonic  # noqa: TID251 (how long it took is told)

import click
import httpx2
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from mockserver.clock import Ids
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.fuzz import control
from tests.fuzz.gate import Probed, declared, verdict
from tests.fuzz.harness import Json, Load, Report, declared_links, fuzz
from tests.fuzz.probes import probed
from tests.support.postgres import STORAGES, storages

CONTROL_SHARE = 4  # of the cases for the API so many times fewer: there is less to find


@click.command()
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the generated cases.")
@click.option("--examples", type=int, default=200, show_default=True, help="Generated cases for each operation.")
@click.option("--storage", type=click.Choice(STORAGES), default="memory", show_default=True, help="Where the state is.")
def main(seed: int, examples: int, storage: str) -> None:
    """Fuzz a mock of our own on loopback and say what was seen. The mock is strict: an answer that leaves the contract
    is a 500, which is a failure."""
    logging.getLogger("mockserver").setLevel(logging.ERROR)  # deliveries go nowhere, by the thousand
    with storages(storage) as new:
        green = [judge(seed, examples, Settings(port=0, seed=seed, strict=True, storage=new())) for judge in JUDGES]
    sys.exit(0 if all(green) else 1)


def _of_api(seed: int, examples: int, settings: Settings) -> bool:
    # Hypothesis draws texts of our code; who shows the default key beside a bad token is rightly let in.
    own_key = Ids(seed).secret(32)
    with MockServer(replace(settings, api_key=own_key)) as mock:
        login = {"username": "admin", "password": "password"}
        token = httpx2.post(f"{mock.url}/api/admin/login_check", json=login).json()["token"]
        load = _loader(f"{mock.url}/openapi.json")
        return _judge("API", load, probed, lambda: fuzz(load, token, seed, examples))


def _of_control_plane(seed: int, examples: int, settings: Settings) -> bool:
    with MockServer(settings) as mock:
        prepared = control.loader(mock.url)
        few = max(1, examples // CONTROL_SHARE)
        run = partial(fuzz, prepared, "", seed, few, subject=control.CONTROL)
        return _judge("control plane", prepared, control.probed, run)


JUDGES = (_of_api, _of_control_plane)


def _loader(url: str) -> Load:
    def load(configuration: Json) -> BaseSchema:
        return schemathesis.openapi.from_url(url, config=SchemathesisConfig.from_dict(configuration))

    return load


def _judge(name: str, load: Load, probes: Probed, run: Callable[[], Report]) -> bool:
    """Run, and say what was seen; whether that was as it should be."""
    started = monotonic()
    report, schema = run(), load({})
    problems = verdict(report, schema, probes)
    for problem in problems:
        click.echo(problem)
    click.echo(f"{name}: {_summary(report, schema, monotonic() - started)}")
    return not problems


def _summary(report: Report, schema: BaseSchema, seconds: float) -> str:
    statuses, links = declared(schema), declared_links(schema)
    return (
        f"{report.cases} cases in {seconds:.0f} s, {report.failures.total()} failures, "
        f"{report.server_errors} answers with 5xx, {len(links & set(report.links))} of {len(links)} links followed, "
        f"{len(statuses & set(report.statuses))} of {len(statuses)} statuses by Schemathesis, the rest by probes"
    )


if __name__ == "__main__":
    main()
