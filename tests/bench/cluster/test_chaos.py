"""bench.cluster.chaos, in short: replicas are killed under load, and nothing that was answered is lost."""

import pytest

from bench.cluster.chaos import ALL, SETTINGS, Phase, is_broken, run
from bench.cluster.chaos_page import Setting, page
from bench.cluster.disturbances import KILL_REPLICA, RELOAD_BALANCER, RESTART_DATABASE
from tools.cluster.cluster import Plan
from tools.programs import Missing


@pytest.mark.postgres
@pytest.mark.anyio
async def test_nothing_that_was_answered_is_lost() -> None:
    """Replicas are killed, PostgreSQL is restarted in order, and HAProxy reloaded: all effects and deliveries are
    there, in order, and every subscription goes on."""
    phases = [(KILL_REPLICA, 2), (RESTART_DATABASE, 1), (RELOAD_BALANCER, 1)]
    try:
        newcomer, played = await run(phases, Plan(replicas=2, variables=SETTINGS), lambda _: None)
    except Missing as error:
        pytest.skip(str(error))
    text = page(Setting(2, 1, len(ALL)), newcomer, played)

    assert [phase for phase in played if is_broken(phase)] == []
    assert all(phase.deliveries and phase.answers["POST"] for phase in played), text


def test_what_is_lost_breaks_a_phase() -> None:
    """An effect or a delivery that is lost, or out of order, makes a run fail; one that was sent twice doesn't."""
    broken = [Phase("a", 1, lost_effects=["member"]), Phase("b", 1, lost_deliveries=1), Phase("c", 1, disorders=1)]

    assert all(map(is_broken, broken))
    assert not is_broken(Phase("d", 1, sent_twice=3))
