"""`make cluster-race`: many try the same at once at all replicas; how many win? Writes a page of results.

    python -m bench.cluster.race --tries 200 --rounds 5

Each intention of `storage.state.State` that only one may have is tried: all requests are sent at once, each on a
connection of its own, to the replicas in turn. All of it is on loopback.
"""

import asyncio
import http.client
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import click

from bench.cluster.load import ADMIN, KEY, LOGIN, MEMBERS, REFRESH, SILENT, SUBSCRIPTIONS, subscription
from bench.shared.client import volley
from bench.shared.request import UNIQUE, Request
from tools.cluster.cluster import MockCluster, Plan
from tools.programs import Failure, Missing, say

PAGE = Path(__file__).parents[1] / "results" / "cluster-race.md"
LIMIT = 20  # logins a minute
NOWHERE = "http://127.0.0.1:9/"
SETTINGS = {"MOCKSERVER_LOG_LEVEL": "warning", "MOCKSERVER_LOGIN_RATE_LIMIT": str(LIMIT)}
TEXT = """\
# Races

Written by `make cluster-race`: {tries} requests at once, each on a connection of its own, to {replicas} replicas in
turn, all on one machine with PostgreSQL; {rounds} rounds, each about a new record.

| tried at once | may win | winners in each round | answers of all rounds |
|---|---|---|---|
{rows}
"""


class Asking:
    """Requests of one who prepares a race, each as another client, and numbers that nobody had before."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count(1)

    def number(self) -> int:
        """A number that nobody had before."""
        return next(self._numbers)

    def client(self) -> dict[str, str]:
        """The headers of a client of its own, whom the trusted proxy of loopback tells."""
        number = self.number()
        return {"X-Forwarded-For": f"198.51.{number // 256}.{number % 256}"}

    def answer(self, request: Request) -> Any:
        """The content of the answer to a request. Raises Failure if it is no success."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status not in range(200, 300):
            raise Failure(f"{request.method} {request.path}: {answer.status} {content.decode()[:200]}")
        return json.loads(content) if content else {}


@dataclass(frozen=True, slots=True)
class Race:
    """Something that few may win: what, the request for a new round, the status of a winner, and how many there are."""

    name: str
    request: Callable[[Asking], Request]
    wins: int = 200
    winners: int = 1


@dataclass
class Outcome:
    """Winners of each round, and all answers."""

    race: Race
    winners: list[int] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    @property
    def is_right(self) -> bool:
        """Whether as many have won as may, each time."""
        return set(self.winners) == {self.race.winners}


def _member(identifier: str) -> Callable[[Asking], Request]:
    """A member of whom this identifier is the same for all who try; the e-mail, if it is another one, is their own."""

    def request(asking: Asking) -> Request:
        number = asking.number()
        same = {"email": f"m{number}@example.com", "phone": f"+1202{number:07}", "loyaltyCardNumber": f"4{number:09}"}
        customer = {"email": f"m{number}.{UNIQUE}@example.com", identifier: same[identifier]}
        return Request.post(MEMBERS, {"customer": customer}, KEY)

    return request


def _subscribed(asking: Asking, *, signed: bool) -> str:
    body = subscription(SILENT, NOWHERE)
    body["webhookSubscription"]["hmacEnabled"] = signed
    return f"{SUBSCRIPTIONS}/{asking.answer(Request.post(SUBSCRIPTIONS, body, KEY))['webhookSubscriptionId']}"


def _refresh(asking: Asking) -> Request:
    token = asking.answer(Request.post(LOGIN, ADMIN, asking.client()))["refresh_token"]
    # Each is counted as a client of its own: the limit isn't what is raced for.
    others = {"X-Forwarded-For": f"2001:db8:{asking.number():x}::{UNIQUE}"}
    return Request.post(REFRESH, {"refresh_token": token}, others)


def _rotate(asking: Asking) -> Request:
    return Request.post(f"{_subscribed(asking, signed=True)}/rotate-hmac-key", {}, KEY)


def _sign(asking: Asking) -> Request:
    body = json.dumps({"webhookSubscription": {"url": NOWHERE, "hmacEnabled": True}})
    return Request(_subscribed(asking, signed=False), "PUT", {**KEY, "Content-Type": "application/json"}, body)


RACES = (
    Race("use up a refresh token", _refresh),
    Race("add a member with one e-mail address", _member("email")),
    Race("add a member with one phone number", _member("phone")),
    Race("add a member with one card number", _member("loyaltyCardNumber")),
    Race("delete a subscription", lambda asking: Request(_subscribed(asking, signed=False), "DELETE", KEY), wins=204),
    Race("rotate a key", _rotate),
    Race("switch signing on: who gets the key", _sign),
    Race("log in as one client", lambda asking: Request.post(LOGIN, ADMIN, asking.client()), winners=LIMIT),
)


def run(ports: Sequence[int], races: Sequence[Race], tries: int, rounds: int) -> Iterator[Outcome]:
    """The outcome of each race, tried at these replicas."""
    asking = Asking(ports[0])
    for race in races:
        outcome = Outcome(race)
        for _ in range(rounds):
            request = race.request(asking)
            statuses = Counter(volley(ports, [request.unique(str(number)).raw() for number in range(tries)]))
            outcome.winners.append(statuses[race.wins])
            outcome.answers += statuses
        yield outcome


def page(outcomes: Sequence[Outcome], tries: int, replicas: int, rounds: int) -> str:
    """The page, as Markdown."""
    rows = "\n".join(
        f"| {one.race.name} | {one.race.winners} | {', '.join(map(str, one.winners))} | "
        f"{', '.join(f'{status}: {times}' for status, times in sorted(one.answers.items()))} |"
        for one in outcomes
    )
    return TEXT.format(tries=tries, replicas=replicas, rounds=rounds, rows=rows)


async def _raced(plan: Plan, tries: int, rounds: int) -> list[Outcome]:
    async with MockCluster(plan, lambda _: None) as cluster:
        ports = [replica.port for replica in cluster.replicas]
        return await asyncio.to_thread(lambda: list(run(ports, RACES, tries, rounds)))


@click.command()
@click.option("--tries", default=200, show_default=True, help="How many try at once.")
@click.option("--rounds", default=5, show_default=True, help="How often each is tried.")
@click.option("--replicas", default=3, show_default=True, help="How many mocks.")
@click.option("--out", default=PAGE, type=click.Path(path_type=Path), help="The page of results.")
def main(tries: int, rounds: int, replicas: int, out: Path) -> None:
    """Race, write who won, and end with exit code 1 if more or fewer won than may."""
    try:
        outcomes = asyncio.run(_raced(Plan(replicas=replicas, variables=SETTINGS), tries, rounds))
    except Missing as error:
        say(f"cluster-race: SKIPPED: {error}")
        return
    except Failure as error:
        sys.exit(str(error))
    text = page(outcomes, tries, replicas, rounds)
    out.write_text(text, "utf-8")
    say(text)
    sys.exit(not all(one.is_right for one in outcomes))


if __name__ == "__main__":
    main()
