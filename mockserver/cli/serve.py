"""`mockserver serve`: start the mock. Every setting is an option and an environment variable."""

import asyncio
import gc
import json
import logging
import shlex
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.cli.exposure import warning
from mockserver.cli.settings_options import log_to_stderr, settings_options
from mockserver.cli.until_closed import end_when_closed, until_closed_option
from mockserver.escaping import MASK, visible
from mockserver.logs import JsonFormatter
from mockserver.settings import Settings
from mockserver.signing import Scheme

if TYPE_CHECKING:
    from mockserver.openapi.contract import Contract
    from mockserver.world import World

STORAGE_LINE = "  storage   PostgreSQL; recorded requests stay in this replica   (docs/replicas.md)"
_ANSWERS = {True: "what was created is remembered, else examples", False: "declared examples, else generated"}
SECRETS = [setting.name for setting in fields(Settings) if setting.metadata["secret"]]


@click.command()
@settings_options
@until_closed_option
def serve(until_closed: int | None, **options: Any) -> None:
    """Serve the mock until Ctrl-C.

    \b
    Examples:
      mockserver serve
      MOCKSERVER_PORT=9000 mockserver serve --log-level warning
      mockserver serve --spec petstore.yaml --watch
    """
    settings = Settings(**options)
    log_to_stderr(settings)
    if until_closed is not None:
        end_when_closed(until_closed)
    _serve(settings)


def _serve(settings: Settings) -> None:
    gc.disable()  # what a start makes stays: collecting in between only costs time
    # Imported here: `--help` and `--version` needn't wait for all of it.
    from mockserver.app import create_engine
    from mockserver.http.server import address, listen, serve
    from mockserver.http.tls import server_context
    from mockserver.openapi.cache import Cache
    from mockserver.openapi.contract import Contract
    from mockserver.world import World

    tls = server_context(settings.tls_cert, settings.tls_key)
    contract = Contract.load(settings.spec, Cache(settings.cache_dir), settings.spec_root, settings.overlay)
    world = World.build(settings, contract)
    if world.initial is not None:
        asyncio.run(_seed(world))  # here, so that a state that doesn't fit is told before anything is served
    with listen(settings.host, settings.port) as listener:
        world.deliveries.egress_policy.add_own_address(*listener.getsockname()[:2])
        app = create_engine(world)
        gc.freeze()
        gc.enable()
        gc.set_threshold(50_000, 20, 20)
        url = address(listener, tls)
        served = None if contract.is_ours else Served.of(contract)
        shown = (
            _start_line(settings, url, contract, world.ids.seed)
            if settings.log_format == "json"
            else visible(announcement(settings, url, world.ids.seed, served), kept="\n")
        )
        in_tasks = settings.is_shared  # what asks a database waits anyway, and may need a task from the start
        serve(app, listener, lambda: click.echo(shown, err=True), settings.client_timeout, tls, in_tasks=in_tasks)


async def _seed(world: "World") -> None:
    await world.state.open()
    try:
        await world.seed()
    finally:
        await world.state.close()


class Served(NamedTuple):
    """What a start tells of another contract than ours: the path that all its operations share, how many there are,
    how many webhooks, and the path of the documentation."""

    title: str
    base_path: str
    operations: int
    webhooks: int = 0
    docs: str = "/docs"

    @classmethod
    def of(cls, contract: "Contract") -> "Served":
        """What it tells of this contract."""
        from mockserver.app.builtin_routes import documentation_path

        docs = documentation_path(contract)
        return cls(contract.title, contract.base_path, len(contract.routes()), len(contract.event_names), docs)

    @property
    def extent(self) -> str:
        """How much is served."""
        if self.operations or not self.webhooks:
            return f"operations: {self.operations}"
        return f"no operations, so nothing to call: it describes webhooks only, {self.webhooks} of them"


def announcement(settings: Settings, url: str, seed: int, served: Served | None = None) -> str:
    """Text of the start: a warning if needed, then the banner. `served` is another contract than ours."""
    warned = warning(settings, urlsplit(url).hostname or "", has_users=served is None)
    shown = banner(settings, url, seed) if served is None else _banner_of(settings, served, url, seed)
    return f"{warned}\n{shown}" if warned else shown


def _start_line(settings: Settings, url: str, contract: "Contract", seed: int) -> str:
    """The start as a line of JSON, with the warning if there is one."""
    warned = warning(settings, urlsplit(url).hostname or "", has_users=contract.is_ours)
    record = logging.makeLogRecord({"levelname": "WARNING" if warned else "INFO"})
    told = {"url": url, "version": __version__, "contract": contract.title, "seed": str(seed)}
    return JsonFormatter().line(record, {"message": "The mock has started.", **told, "warning": warned or None})


def _banner_of(settings: Settings, served: Served, url: str, seed: int) -> str:
    """Banner of another contract than ours, whose responses are examples."""
    lines = [
        f"Mock {__version__} of {visible(served.title)} on {url}",
        f"  API       {url}{visible(served.base_path)}   ({served.extent})",
        f"  docs      {url}{served.docs}   (contract: {url}/openapi.yaml)",
        *_page_line(settings, url),
        f"  answers   {_ANSWERS[settings.memory]}; steer them by `Prefer: code=404, example=NAME, delay=2`",
        *([_events_line(settings, served.webhooks)] if served.webhooks and settings.control else []),
        f"  seed      {seed}",
        f"  control   {f'{url}/_mock   (docs/control-plane.md)' if settings.control else 'off'}",
        *([STORAGE_LINE] if settings.is_shared else []),
    ]
    return "\n".join(lines)


def _events_line(settings: Settings, number: int) -> str:
    scheme = Scheme.chosen(settings.webhook_signing, is_ours=False)
    signed = {Scheme.VENDOR: "signed as Open Loyalty does", Scheme.NONE: "not signed"}
    how = signed.get(scheme, "signed by Standard Webhooks")
    return f"  events    {number}, {how}   (`mockserver listen`; `mockserver trigger EVENT --to URL`)"


def banner(settings: Settings, url: str, seed: int) -> str:
    """Banner of our contract: default credentials in clear, as everybody knows them; others masked."""
    shown = {name: _shown(settings, name) for name in SECRETS}
    body = json.dumps({"username": settings.admin_username, "password": shown["admin_password"]}, separators=(",", ":"))
    curl = f"curl --cacert {shlex.quote(settings.tls_cert)}" if settings.tls_cert else "curl"
    login = f"{url}/api/admin/login_check -H 'Content-Type: application/json' --data-binary {shlex.quote(body)}"
    steering = f"{url}/_mock   (docs/control-plane.md; `mockserver listen` shows every webhook)"
    control = steering if settings.control else "off"
    lines = [
        f"Open Loyalty mock {__version__} on {url}",
        f"  docs      {url}/docs   (contract: {url}/openapi.yaml)",
        *_page_line(settings, url),
        f"  admin     {settings.admin_username} / {shown['admin_password']}",
        f"  member    {settings.member_username} / {shown['member_password']}",
        f"  API key   X-AUTH-TOKEN: {shown['api_key']}",
        f"  stores    {', '.join(settings.stores)}",
        f"  seed      {seed}",
        f"  control   {control}",
        *(["  engine    connexion   (docs/connexion.md)"] if settings.engine == "connexion" else []),
        *([STORAGE_LINE] if settings.is_shared else []),
        "Try it:",
        f"  {curl} {login}",
    ]
    return "\n".join(lines)


def _page_line(settings: Settings, url: str) -> list[str]:
    return [f"  page      {url}/_mock/ui   (what happens: deliveries, requests, an inbox)"] if settings.control else []


def _shown(settings: Settings, name: str) -> str:
    value: str = getattr(settings, name)
    return value if value == Settings.default(name) else MASK
