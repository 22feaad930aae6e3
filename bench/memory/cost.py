"""What remembering costs: reading, listing and creating a pet, beside peers that keep what they are sent.

    python -m bench.memory.cost [--rounds 5] [--seconds 2] [--records 100000]

The mock gets an OpenAPI document and nothing else. The peers can't derive it, so each is told in its own way: Scalar by
`x-handler` in the document, Mockoon by a CRUD route on a data bucket, json-server by a file. Who doesn't read back what
was created takes no part. The page goes to bench/results/memory-cost.md; leave the machine alone meanwhile.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import click

from bench.contestants import peers
from bench.contestants.roster import PRODUCTION
from bench.memory import pets
from bench.shared import load
from bench.shared.client import burst
from bench.shared.machine import machine
from bench.shared.request import Request
from bench.shared.servers import DidNotStart, Server
from bench.shared.table import spread
from mockserver import __version__

RESULT = Path(__file__).parents[1] / "results" / "memory-cost.md"
LISTED = 20  # pets that there are while reading and listing
POSTS = 1_000  # of a round: few, as each makes the store larger
READ, LIST, POST = "GET one", "GET 20", "POST"
OK, CREATED = 200, 201
QUIET = ("--disable-log-to-file", "--disable-admin-api")


class Keeper(NamedTuple):
    """A server that keeps pets: its version, its command, how it was told to, and how a list of 20 is asked for."""

    name: str
    version: str
    command: tuple[str, ...]
    told: str
    listing: str = f"{pets.PATH}?limit={LISTED}"


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Interleaved rounds.")
@click.option("--seconds", default=2.0, show_default=True, help="Seconds of a turn.")
@click.option("--records", default=100_000, show_default=True, help="Records whose memory is measured.")
@click.option("--note", default="", help="What is to be said of the machine during the run.")
@click.option("--out", default=str(RESULT), help="The page.  [default: bench/results/memory-cost.md]")
def main(*, rounds: int, seconds: float, records: int, note: str, out: str) -> None:
    """Measure side by side, and write the page.

    \b
    Examples:
      python -m bench.memory.cost
      python -m bench.memory.cost --rounds 1 --seconds 1 --records 1000 --out /tmp/cost.md
    """
    if reason := load.missing():
        sys.exit(f"SKIPPED: {reason}.")
    keepers, missing = contestants()
    rates = raced(keepers, rounds, seconds, missing).rates
    before, after = weighed(ours(), records)
    text = page(keepers, rates, missing, Weight(records, before, after), note)
    Path(out).write_text(text, encoding="utf-8")
    click.echo(text)


def ours() -> Keeper:
    """The mock of the document."""
    words = ("serve", "--port", "{port}", "--log-level", "warning", "--seed", "1", "--spec", str(pets.document()))
    return Keeper("mock", __version__, (sys.executable, "-m", "mockserver", *words), "nothing: it is derived")


def contestants() -> tuple[list[Keeper], dict[str, str]]:
    """Who keeps pets, and who can't be had, with the reason."""
    mock = ours()
    stateless = Keeper("mock --no-memory", __version__, (*mock.command, "--no-memory"), "examples, for comparison")
    if reason := peers.install():
        return [mock, stateless], dict.fromkeys(("Scalar mock-server", "Mockoon", "json-server"), reason)
    scalar = ("node", str(peers.NODE / "scalar.mjs"), str(pets.scalar()), "{port}")
    program = str(peers.MODULES / "@mockoon" / "cli" / "bin" / "run.js")
    mockoon = ("node", program, "start", "--data", str(pets.mockoon()), "--port", "{port}", *QUIET)
    program = str(peers.MODULES / "json-server" / "lib" / "cli" / "bin.js")
    server = ("node", program, "--quiet", "--host", "127.0.0.1", "--port", "{port}", str(pets.file()))
    by_file, listing = "a JSON file, which it writes; no validation", f"{pets.PATH}?_limit={LISTED}"
    return [
        mock,
        stateless,
        Keeper("Scalar mock-server", peers.version("@scalar/mock-server"), scalar, "`x-handler` at each operation"),
        Keeper("Mockoon", peers.version("@mockoon/cli"), mockoon, "a CRUD route on a data bucket; no validation"),
        Keeper("json-server", peers.version("json-server"), server, by_file, listing),
    ], {}


# ---------------------------------------------------------------- measuring
Turn = Callable[[], tuple[float, float]]  # answers a second, and as many as there were, or µs of CPU time of one


class Raced(NamedTuple):
    """By row, then by server, a figure for each round: answers a second, and µs of the server's CPU time of one."""

    rates: dict[str, dict[str, list[float]]]
    cpu: dict[str, dict[str, list[float]]]


def raced(keepers: list[Keeper], rounds: int, seconds: float, missing: dict[str, str]) -> Raced:
    """All servers in interleaved rounds; who can't keep a pet goes to `missing`."""
    with ExitStack() as stack:
        ready: dict[str, dict[str, Turn]] = {}
        for keeper in keepers:
            server = stack.enter_context(Server(f"memory {keeper.name}", keeper.command, PRODUCTION))
            try:
                server.start(Request(pets.PATH))
                ready[keeper.name] = dict(_turns(server, keeper, seconds))
            except (DidNotStart, OSError, load.Refused) as error:
                missing[keeper.name] = str(error)[:160]
            server.rest()
            if keeper.name in ready:
                ready[keeper.name] = {row: _awake(server, turn) for row, turn in ready[keeper.name].items()}
        found = Raced(_nothing_yet(ready), _nothing_yet(ready))
        for row in found.rates:
            for _ in range(rounds):
                for name, turns in ready.items():
                    rate, cost = turns[row]()
                    found.rates[row][name].append(rate)
                    found.cpu[row][name].append(cost)
    return found


def _nothing_yet(names: Iterable[str]) -> dict[str, dict[str, list[float]]]:
    return {row: {name: [] for name in names} for row in (READ, LIST, POST)}


def _awake(server: Server, turn: Turn) -> Turn:
    """A turn in which the server is awake; it tells what an answer costs in place of how many there were."""

    def run() -> tuple[float, float]:
        with server.awake():
            before = server.cpu()
            rate, answers = turn()
            return rate, 1e6 * (server.cpu() - before) / answers

    return run


def _turns(server: Server, keeper: Keeper, seconds: float) -> Iterator[tuple[str, Turn]]:
    """What is measured of a server, ready to go. Raises Refused if it doesn't keep what it is sent."""
    key, listing = _made(server), Request(keeper.listing)
    if "--no-memory" not in keeper.command:
        shown = server.ask(Request(f"{pets.PATH}/{key}")).json()
        if not isinstance(shown, dict) or shown.get("name") != pets.NEW["name"]:
            raise load.Refused(f"what was created reads as {json.dumps(shown)[:100]}")
        for _ in range(LISTED):
            _made(server)
        if (shown := len(server.ask(listing).json())) != LISTED:
            raise load.Refused(f"a list of {LISTED} pets has {shown}")
    one = Request(f"{pets.PATH}/{key}")
    post = Request.post(pets.PATH, pets.NEW, {}).raw()
    yield READ, lambda: load.maximum(server, one, seconds, OK)
    yield LIST, lambda: load.maximum(server, listing, seconds, OK)
    yield POST, lambda: _posted(server, post, POSTS)


def _made(server: Server) -> Any:
    """The id of a new pet. Raises Refused if there is none."""
    answer = server.ask(Request.post(pets.PATH, pets.NEW, {}))
    made = answer.json()
    if answer.status != CREATED or not isinstance(made, dict) or "id" not in made:
        raise load.Refused(f"creating is answered {answer.status}")
    return made["id"]


def _posted(server: Server, request: bytes, times: int) -> tuple[float, int]:
    found = burst(server.port, [request] * times, expected=CREATED)
    return found.answers / found.seconds, found.answers


def weighed(keeper: Keeper, records: int) -> tuple[float, float]:
    """MiB of a server before and after it got so many records."""
    with Server("memory, weighed", keeper.command) as server:
        server.start(Request(pets.PATH))
        _posted(server, Request.post(pets.PATH, pets.NEW, {}).raw(), 1_000)
        before = server.memory()
        _posted(server, Request.post(pets.PATH, pets.NEW, {}).raw(), records)
        return before, server.memory()


# ---------------------------------------------------------------- the page
class Weight(NamedTuple):
    """The memory of records, in MiB."""

    records: int
    before: float
    after: float

    def told(self) -> str:
        """The sentence about it."""
        each = (self.after - self.before) * 1024 * 1024 / self.records
        return (
            f"{self.records:,} records of the mock take {self.after - self.before:.0f} MiB, {each:,.0f} bytes each "
            f"({self.before:.0f} MiB before, {self.after:.0f} after)."
        )


def page(
    keepers: list[Keeper],
    rates: dict[str, dict[str, list[float]]],
    missing: dict[str, str],
    weight: Weight,
    note: str = "",
) -> str:
    """The page about what remembering costs."""
    lines = [
        "# What remembering costs",
        "",
        "What `python -m bench.memory.cost` measured: answers a second of servers that keep pets, on one core, by wrk",
        "(POST: 1,000 a round, by a client of our own, as each makes the store larger), in interleaved rounds; the",
        "median, the least and the most. Ratios are to the mock, medians of rounds.",
        "",
        f"{'; '.join(f'{name}: {value}' for name, value in machine().items())}.{f' **{note}**' if note else ''}",
        "",
        f"| server | {' | '.join(f'{row}/s | least-most | ratio' for row in rates)} |",
        "|---|" + "--:|--:|--:|" * len(rates),
        *(_line(keeper, rates) for keeper in keepers if keeper.name in rates[READ]),
        "",
        weight.told(),
        "",
        "## Who takes part",
        "",
        *(f"- {keeper.name} {keeper.version}: told by {keeper.told}" for keeper in keepers),
        *(f"- left out: {name}: {why}" for name, why in missing.items()),
        "",
    ]
    return "\n".join(lines)


def _line(keeper: Keeper, rates: dict[str, dict[str, list[float]]]) -> str:
    cells = []
    for found in rates.values():
        own, mock = found[keeper.name], found["mock"]
        ratio = statistics.median(a / b for a, b in zip(own, mock, strict=True))
        cells += [f"{statistics.median(own):,.0f}", spread(own), f"{ratio:.2f}"]
    return f"| {keeper.name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
