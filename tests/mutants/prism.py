"""`make prism-check`: our judge before an instance that is run by other software, Stoplight's Prism.

Prism answers from the same contract, but keeps nothing and checks no credential: what has to be found is in
docs/judge.md. The contract is served without its `callbacks`, which Prism would fire at fuzzed URLs. Some of what
a fuzzer sends ends Prism's process; it is then started again, and the request that did it gets a 502.

Exit code 0: the judge found what is wrong, or skipped (it says so) because Node.js is missing; 1: it did not.
"""

import asyncio
import copy
import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mockserver.http.server import listen
from mockserver.openapi.contract import Contract
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.judges import CREDENTIALS, live, read_json, run
from tests.mutants.proxy import LOOPBACK, proxy

ROOT = Path(__file__).resolve().parents[2]
PRISM = ROOT / "tools" / ".cache" / "node" / "node_modules" / ".bin" / "prism"
NODE_IS_MISSING = 3
START = 60  # seconds
# What any good judge has to see of a server that keeps nothing and lets everybody in: check, operationId.
EXPECTED = {
    ("ignored_auth", "webhookSubscriptionGetList"),
    ("bad_password", "adminLoginCheck"),
    ("ids_are_new", "_webhookSubscriptionPost"),
    ("reads_back", "webhookSubscriptionGet"),
}


class Prism:
    """A Prism that is started again when it ends."""

    def __init__(self, spec: Path) -> None:
        with listen(LOOPBACK, 0) as chosen:
            self.port = chosen.getsockname()[1]
        self.ends = 0
        self._spec = spec
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it listens. Raises TimeoutError."""
        command: list[str | Path] = [PRISM, "mock", "--host", LOOPBACK, "--port", str(self.port), self._spec]
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
        async with asyncio.timeout(START):
            while not await self._listens():  # noqa: ASYNC110 (another process: nothing tells)
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def forward(self, request: Request, send: Send) -> Answer:
        """A fault for the proxy: none, but that a Prism that ended is started again."""
        try:
            return await send(request)
        except ConnectionError:
            async with self._starting:
                if not await self._listens():
                    self.ends += 1
                    await self.stop()
                    await self.start()
            return Answer.of(502, {"code": 502, "message": "Prism ended."})

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except ConnectionError:
            return False
        writer.close()
        return True


def without_callbacks(document: dict[str, Any]) -> dict[str, Any]:
    """The contract without what Prism would call by itself."""
    document = copy.deepcopy(document)
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("callbacks", None)
    return {name: value for name, value in document.items() if name != "x-webhooks"}


async def judged(folder: Path, options: tuple[object, ...]) -> tuple[dict[str, Any], int]:
    """The judge's report on Prism, and how often Prism ended."""
    spec = folder / "contract.json"
    spec.write_text(json.dumps(without_callbacks(Contract.load().document)), "utf-8")
    prism = Prism(spec)
    await prism.start()
    try:
        async with proxy(prism.url, prism.forward) as url:
            code, output, error, _ = await run(live(url, str(folder), *options), CREDENTIALS, str(folder), 900)
    finally:
        await prism.stop()
    report = read_json(output)
    if not report:
        raise click.ClickException(f"The judge ended with {code}: {error[-2000:]}")
    return report, prism.ends


@click.command()
@click.option("--examples", default=10, show_default=True, help="Generated cases for each operation.")
@click.option("--seed", default=1, show_default=True, help="Seed of the generated cases.")
def main(examples: int, seed: int) -> None:
    """Judge Prism, and print what was found."""
    installed = subprocess.run(["bash", ROOT / "tools" / "pinned" / "install_node_tools.sh"], check=False).returncode  # noqa: S603, S607
    if installed == NODE_IS_MISSING:
        click.echo("SKIPPED: this needs Node.js.")
        return
    with tempfile.TemporaryDirectory() as folder:
        report, ends = asyncio.run(judged(Path(folder), ("--max-examples", examples, "--seed", seed)))
    for finding in report["findings"]:
        click.echo(f"{finding['severity']:9} {finding['operation']:34} {finding['check']}: {_line(finding['message'])}")
    missing = EXPECTED - {(finding["check"], finding["operation"]) for finding in report["findings"]}
    click.echo(f"{len(report['findings'])} findings in {report['cases']} cases; Prism ended {ends} times")
    for check, operation in sorted(missing):
        click.echo(f"MISSED: {check} at {operation}")
    sys.exit(bool(missing))


def _line(text: str) -> str:
    return " ".join(text.split())[:140]


if __name__ == "__main__":
    main()
