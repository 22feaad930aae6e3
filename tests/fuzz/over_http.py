"""`make fuzz`: Schemathesis on a mock over HTTP, with all checks and phases. Exit code 1 if the verdict is red."""

import sys
import time

import click
import httpx2
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.fuzz.gate import declared, verdict
from tests.fuzz.harness import Json, Report, declared_links, fuzz


@click.command()
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the generated cases.")
@click.option("--examples", type=int, default=200, show_default=True, help="Generated cases for each operation.")
def main(seed: int, examples: int) -> None:
    """Fuzz a mock of our own on loopback and say what was seen."""
    started = time.monotonic()
    with MockServer(Settings(port=0, seed=seed, log_level="warning")) as mock:

        def load(configuration: Json) -> BaseSchema:
            config = SchemathesisConfig.from_dict(configuration)
            return schemathesis.openapi.from_url(f"{mock.url}/openapi.json", config=config)

        login = {"username": "admin", "password": "password"}
        token = httpx2.post(f"{mock.url}/api/admin/login_check", json=login).json()["token"]
        report = fuzz(load, token, seed, examples)
        schema = load({})
        problems = verdict(report, schema)
    for problem in problems:
        click.echo(problem)
    click.echo(_summary(report, schema, seed, time.monotonic() - started))
    sys.exit(1 if problems else 0)


def _summary(report: Report, schema: BaseSchema, seed: int, seconds: float) -> str:
    statuses, links = declared(schema), declared_links(schema)
    return (
        f"seed {seed}: {report.cases} cases in {seconds:.0f} s, {report.failures.total()} failures, "
        f"{report.server_errors} answers with 5xx, {len(report.links)} of {len(links)} links followed, "
        f"{len(statuses & set(report.statuses))} of {len(statuses)} statuses by Schemathesis, the rest by probes"
    )


if __name__ == "__main__":
    main()
