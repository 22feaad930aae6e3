"""bench.cluster.race: of many who try at once at all replicas, as many win as may."""

import asyncio

import pytest

from bench.cluster.race import RACES, SETTINGS, Outcome, page, run
from bench.shared.client import volley
from bench.shared.request import UNIQUE, Request
from mockserver.testing import MockServer
from tools.cluster.cluster import MockCluster, Plan
from tools.programs import Missing

TRIES = 60


@pytest.mark.postgres
@pytest.mark.anyio
async def test_as_many_win_as_may() -> None:
    """Of sixty at once at two replicas one wins what one may have, and a limit holds."""
    try:
        async with MockCluster(Plan(replicas=2, variables=SETTINGS), lambda _: None) as cluster:
            ports = [replica.port for replica in cluster.replicas]
            outcomes = await asyncio.to_thread(lambda: list(run(ports, RACES, TRIES, 1)))
    except Missing as error:
        pytest.skip(str(error))

    assert [one.race.name for one in outcomes if not one.is_right] == [], page(outcomes, TRIES, 2, 1)


def test_volley_sends_each_request_once() -> None:
    """Requests that are sent at once are answered in the order in which they were given, each on its own connection."""
    known = Request("/_mock/health").raw()
    with MockServer() as mock:
        statuses = volley([int(mock.url.rpartition(":")[2])], [known, Request("/nowhere").raw(), known])

    assert statuses == [200, 404, 200]


def test_more_or_fewer_winners_are_wrong() -> None:
    """A race is won by as many as may, in every round."""
    race = RACES[0]

    assert Outcome(race, [1, 1]).is_right
    assert not Outcome(race, [1, 2]).is_right
    assert not Outcome(race, [0]).is_right


def test_each_who_tries_can_have_a_text_of_its_own() -> None:
    """It stands in the body or in a header."""
    request = Request("/", "POST", {"X-Forwarded-For": f"::{UNIQUE}"}, UNIQUE).unique("7")

    assert (request.headers, request.body) == ({"X-Forwarded-For": "::7"}, "7")
