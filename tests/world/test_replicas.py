"""mockserver.world.replicas: two mocks on one database are one to their clients, but for what the guide names."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.clock import Clock
from mockserver.control.clock import advance_clock
from mockserver.control.faults import add_fault, change_fault, delete_fault, list_faults
from mockserver.errors import AuthenticationRequired, BadCredentials, SettingsError, StorageAway, TooManyRequests
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Destination, Member, RefreshToken, SigningState, Subscription, User
from mockserver.storage.state import IdentifierTaken
from mockserver.world import World
from mockserver.world.auth import Principal
from mockserver.world.replicas import Soon
from tests.conftest import NOW
from tests.support.deliveries import PATIENCE

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
TRIES = 200
FAULT = {"eventName": "CustomerRegistered", "effect": "duplicate"}
DELAY = {"delay": 1}
SUBSCRIPTION = Subscription("s1", "DEFAULT", "CustomerRegistered", NOW, Destination("https://a.test"))


@pytest.fixture
def build(settings: Settings, contract: Contract, database: str) -> Build:
    """Builds a replica."""

    def one(**changes: Any) -> World:
        return World.build(replace(settings, storage=database, **changes), contract, Clock(frozen_at=NOW))

    return one


@pytest.fixture
async def replicas(build: Build) -> AsyncIterator[list[World]]:
    """Two replicas that have started, at the same time."""
    found = [build(), build()]
    await asyncio.gather(*(world.start() for world in found))
    yield found
    for world in found:
        await world.stop()


@pytest.fixture
def state_file(tmp_path: Path, settings: Settings, contract: Contract) -> Path:
    """A snapshot with a frozen clock, a minute later, and a fault."""

    async def taken() -> dict[str, Any]:
        world = World.build(settings, contract, Clock(frozen_at=NOW + 60))
        await world.seed()
        world.faults.add(FAULT)
        return await _snapshot(world)

    path = tmp_path / "state.json"
    path.write_bytes(orjson.dumps(asyncio.run(taken())))
    return path


def _id(fault: object) -> str:
    assert isinstance(fault, dict)
    return str(fault["faultId"])


async def _snapshot(world: World) -> dict[str, Any]:
    taken = await world.snapshot()
    return {name: [*part] if hasattr(part, "__next__") else part for name, part in taken.items()}


async def _faults(replicas: list[World]) -> list[int]:
    return [(await list_faults(world, {}))[0]["total"] for world in replicas]  # type: ignore[index]


# ---------------------------------------------------------------- what they share
async def test_replicas_that_start_at_once_are_seeded_once(replicas: list[World]) -> None:
    """However many start at the same time, there is one admin, and one member in each store."""
    assert (await replicas[1].state.sizes())["users"] == 3
    assert await replicas[0].auth.verify_api_key("mock-api-key") == await replicas[1].auth.verify_api_key(
        "mock-api-key"
    )


async def test_tokens_of_one_are_good_at_the_other(build: Build) -> None:
    """Replicas sign with one key, which the first has made; a token of one is refreshed by another, once."""
    worlds = [build(signing_key=None), build(signing_key=None)]
    for world in worlds:
        await world.start()

    tokens = await worlds[0].auth.log_in("admin", None, "admin", "password", "client")
    assert worlds[1].auth.verify_bearer(tokens.token).role == "admin"
    await worlds[1].auth.refresh("admin", None, tokens.refresh_token, "client")

    with pytest.raises(BadCredentials):
        await worlds[0].auth.refresh("admin", None, tokens.refresh_token, "client")
    for world in worlds:
        await world.stop()


async def test_state_file_is_put_in_once(build: Build, state_file: Path) -> None:
    """Of two that start at once with a state file one fills the database; both have its records, clock and faults."""
    worlds = [build(state=str(state_file)) for _ in range(2)]
    await asyncio.gather(*(world.start() for world in worlds))

    counts = [await world.state.count_members("DEFAULT", NOW + 60, with_transaction=None) for world in worlds]

    assert [count.total for count in counts] == [1, 1]
    assert [world.clock.now() for world in worlds] == [NOW + 60] * 2
    assert await _faults(worlds) == [1, 1]
    for world in worlds:
        await world.stop()


class BreaksOff:
    """A state file that is put in halfway."""

    async def apply(self, world: World) -> None:
        """Add a member, and break off as a mock that is killed."""
        await world.state.add_member(Member("m1", "DEFAULT", "a@b.c", None, None, "REF", NOW, {}))
        raise ConnectionAbortedError


async def test_state_file_that_was_not_finished_leaves_nothing(build: Build) -> None:
    """Where the first one ends before the whole file is in, nothing of it is, and the next one begins anew."""
    broken = build()._replace(initial=BreaksOff())  # type: ignore[arg-type]
    with pytest.raises(StorageAway):
        await broken.start()
    await broken.state.close()
    sizes = await _sizes(build)

    assert set(sizes.values()) == {0}


async def _sizes(build: Build) -> dict[str, int]:
    world = build()
    await world.state.open()
    sizes = await world.state.sizes()
    await world.state.close()
    return sizes


async def test_replicas_draw_other_ids(replicas: list[World]) -> None:
    """No two replicas draw the same id or secret, nor derive it, though they share the seed."""
    drawn = [[world.ids.uuid(), world.ids.secret(32), world.ids.derived("message", 1)] for world in replicas]

    assert not set(drawn[0]) & set(drawn[1])
    assert replicas[0].ids.seed == replicas[1].ids.seed == 1


async def test_other_seed_is_refused(build: Build) -> None:
    """A replica with another seed doesn't begin, and says which the database has."""
    with pytest.raises(SettingsError, match="another seed than --seed 2: it is 1"):
        build(seed=2)
    assert build(seed=None).ids.seed == 1


OTHERS: dict[str, Any] = {
    "stores": ("DEFAULT", "NEW"),
    "admin_username": "root",
    "admin_password": "secret",
    "member_username": "ada",
    "member_password": "secret",
    "api_key": "own-key",
}


@pytest.mark.parametrize("name", OTHERS)
async def test_other_settings_are_refused(build: Build, replicas: list[World], name: str) -> None:
    """A replica with other stores, users or keys than the database was filled by says so, as they would be added to
    those that there are, or count for nothing."""
    before, other = await replicas[0].state.sizes(), build(**{name: OTHERS[name]})

    with pytest.raises(SettingsError, match=f"filled by a mock with another --{name.replace('_', '-')};"):
        await other.start()
    await other.state.close()
    assert await replicas[0].state.sizes() == before


async def test_other_contract_is_refused(settings: Settings, contract: Contract, replicas: list[World]) -> None:
    """So does one that serves another contract; a newer one of those that mocks ship is none."""
    served = Contract(b"", {**contract.document, "paths": {}}, "another.yaml")
    other = World.build(replace(settings, storage=replicas[0].settings.storage), served)

    with pytest.raises(SettingsError, match="filled by a mock with another --spec;"):
        await other.start()
    await other.state.close()


async def test_two_that_differ_are_not_added_up(build: Build) -> None:
    """Of two that start at once with other stores, one fills the database, and the other is refused."""
    worlds = [build(stores=(code,)) for code in ("ONE", "TWO")]
    ends = await asyncio.gather(*(world.start() for world in worlds), return_exceptions=True)

    assert [type(end) for end in ends if end is not None] == [SettingsError]
    assert (await worlds[0].state.sizes())["users"] == 2
    for world in worlds:
        await (world.stop() if world.replicas is not None and world.replicas.is_ready else world.state.close())


async def test_clock_is_one(build: Build, replicas: list[World]) -> None:
    """A move of the clock is known to all when it is answered, and to those that start later."""
    await advance_clock(replicas[0], {"seconds": 3600})

    late = build()
    await late.start()

    assert [world.clock.now() for world in (*replicas, late)] == [NOW + 3600] * 3
    await late.stop()


async def test_faults_are_the_same(replicas: list[World]) -> None:
    """A fault is everywhere when it is answered; so is that it is switched off or gone."""
    fault, _ = await add_fault(replicas[0], FAULT)
    known = [len(world.faults.listed()) for world in replicas]
    await change_fault(replicas[1], _id(fault), {"enabled": False})
    seen = [one["enabled"] for world in replicas for one in world.faults.listed()]
    await delete_fault(replicas[1], _id(fault))

    assert (known, seen) == ([1, 1], [False, False])
    assert [world.faults.listed() for world in replicas] == [[], []]


async def test_faults_of_two_who_add_at_once_are_all_there(replicas: list[World]) -> None:
    """Of faults that are added at the same time, at several replicas, none is lost."""
    added = await asyncio.gather(*(add_fault(replicas[number % 2], FAULT) for number in range(20)))

    ids = {_id(fault) for fault, _ in added}
    assert [{one["faultId"] for one in world.faults.listed()} for world in replicas] == [ids, ids]


async def test_fault_strikes_so_often_in_all(replicas: list[World]) -> None:
    """Of 200 deliveries that come at once to two replicas, a fault with `times` takes as many as it says; and the
    listing of each has the total."""
    await add_fault(replicas[0], {"eventName": "CustomerRegistered", "effect": "duplicate", "times": 7})
    await add_fault(replicas[0], {"eventName": "CustomerRegistered", "effect": "reorder", "probability": 0.5})
    struck = await asyncio.gather(
        *(replicas[n % 2].faults.for_delivery("CustomerRegistered", "DEFAULT", "s1") for n in range(TRIES))
    )
    listings = [(await list_faults(world, {}))[0] for world in replicas]

    assert sum(fault is not None and fault.duplicate for fault in struck) == 7
    applied = sum(fault is not None and fault.reorder for fault in struck)
    assert 60 < applied < 133
    assert listings[0] == listings[1]
    (left,) = listings[0]["items"]  # type: ignore[index]
    assert (left["matched"], left["chances"], left["applied"]) == (TRIES, TRIES - 7, applied)


async def test_late_comer_has_the_faults(build: Build, replicas: list[World]) -> None:
    """A replica that joins later has the faults, as often as they have struck; so has a snapshot."""
    await add_fault(replicas[0], FAULT)
    await replicas[0].faults.for_delivery("CustomerRegistered", "DEFAULT", "s1")
    late = build()
    await late.start()
    await late.faults.for_delivery("CustomerRegistered", "DEFAULT", "s1")

    assert (await replicas[0].snapshot())["faults"][0]["applied"] == 2
    await late.stop()


async def test_faults_go_with_what_they_belong_to(replicas: list[World]) -> None:
    """The faults of a store go with it, all go with a reset, and a snapshot brings them back."""
    await add_fault(replicas[0], FAULT)
    await add_fault(replicas[1], {"match": {"eventName": "CustomerRegistered", "storeCode": "OTHER"}, "answer": DELAY})
    taken = await _snapshot(replicas[0])
    await replicas[1].clear_store("OTHER")
    counts = await _faults(replicas)
    await replicas[0].reset()
    counts += await _faults(replicas)
    await replicas[1].restore(taken)
    counts += await _faults(replicas)

    assert counts == [1, 1, 0, 0, 2, 2]


async def test_reset_reaches_all(replicas: list[World]) -> None:
    """After a reset no replica knows a key that was there before, nor a moved clock."""
    await replicas[1].state.add_user(User("u9", "admin", None, "guest", "password", "key"))
    known = [await world.auth.verify_api_key("key") for world in replicas]
    await advance_clock(replicas[1], {"seconds": 5})

    await replicas[0].reset()

    assert known == [Principal("u9", "admin")] * 2
    assert [world.clock.now() for world in replicas] == [NOW, NOW]
    for world in replicas:
        with pytest.raises(AuthenticationRequired):
            await world.auth.verify_api_key("key")


async def test_store_that_is_gone_is_gone_for_all(replicas: list[World]) -> None:
    """A store that a snapshot doesn't have isn't known to any replica once it is put back; `drawn` is left out."""
    taken = await _snapshot(replicas[0])
    assert [await world.state.has_store("OTHER") for world in replicas] == [True, True]
    own = {name: [row for row in taken[name] if row["storeCode"] != "OTHER"] for name in ("users", "members")}

    await replicas[0].restore({**taken, **own, "stores": ["DEFAULT"], "drawn": {"ids": 1, "secrets": 1}})

    assert [await world.state.has_store("OTHER") for world in replicas] == [False, False]
    assert "drawn" not in taken


# ---------------------------------------------------------------- who wins
async def _won(tries: list[Awaitable[object]], lost: type[Exception]) -> int:
    """How many of these tries, made at once, have not failed; all that failed did so by this."""
    results = await asyncio.gather(*tries, return_exceptions=True)
    failed = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in failed} <= {lost}
    return len(results) - len(failed)


async def test_one_member_of_many_wins(replicas: list[World]) -> None:
    """Of 200 members with one e-mail, who come at once to two replicas, one is added."""
    members = [Member(f"m{number}", "DEFAULT", "a@b.c", None, None, "REF", NOW, {}) for number in range(TRIES)]
    tries = [replicas[number % 2].state.add_member(member) for number, member in enumerate(members)]

    assert await _won([*tries], IdentifierTaken) == 1


async def test_one_of_many_takes_a_token(replicas: list[World]) -> None:
    """Of 200 who come at once to two replicas with one refresh token, one gets its owner."""
    owner = await replicas[0].state.user_by_api_key("mock-api-key")
    assert owner is not None
    await replicas[0].state.add_refresh_token(RefreshToken("t", owner.user_id, "admin", None, NOW + 9), NOW)

    taken = await asyncio.gather(
        *(replicas[number % 2].state.take_refresh_token("t", "admin", None, NOW) for number in range(TRIES))
    )

    assert [user for user in taken if user is not None] == [owner]


async def test_one_of_many_rotates_a_key(replicas: list[World]) -> None:
    """Of 200 rotations that come at once to two replicas, one is done."""
    await replicas[0].state.add_subscription(SUBSCRIPTION._replace(signing=SigningState("old")))
    tries = [replicas[n % 2].state.rotate_key("DEFAULT", "s1", f"new{n}", NOW) for n in range(TRIES)]

    assert await _won([*tries], TooManyRequests) == 1


async def test_one_of_many_starts_signing(replicas: list[World]) -> None:
    """Of 200 who start signing at once at two replicas, one is told that its secret is used, and it is."""
    await replicas[0].state.add_subscription(SUBSCRIPTION)
    target = SUBSCRIPTION.destination

    issued = await asyncio.gather(
        *(
            replicas[n % 2].state.replace_destination("DEFAULT", "s1", target, f"new{n}", signed=True)
            for n in range(TRIES)
        )
    )

    assert issued.count(True) == 1
    signing = (await replicas[0].state.subscription("DEFAULT", "s1")).signing
    assert signing == SigningState(f"new{issued.index(True)}")


async def test_logins_are_limited_among_all(replicas: list[World]) -> None:
    """Of 200 logins that come at once to two replicas, as many pass as the limit says."""
    tries = [replicas[number % 2].state.count_login("client", NOW, 20) for number in range(TRIES)]

    assert await _won([*tries], TooManyRequests) == 20


async def test_defect_stops_no_later_work(caplog: pytest.LogCaptureFixture) -> None:
    """Work that breaks off for a reason nobody has foreseen is told in the log, and done when it is asked for again."""
    outcomes = iter((1 / 2, 0, 1))
    done = asyncio.Event()

    async def work() -> None:
        if 1 / next(outcomes) == 1:
            done.set()

    soon = Soon(work)
    soon.start()
    async with asyncio.timeout(PATIENCE):
        while not done.is_set():
            soon.ask()
            await asyncio.sleep(0)
    await soon.stop()
    assert "a defect of the mock" in caplog.text
