"""mockserver.world.world: a whole mock, which shares nothing with another."""

from dataclasses import replace

import pytest

from mockserver.clock import Clock
from mockserver.errors import BadCredentials, BadRequest, ExpiredToken, InvalidToken, NotFound, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Destination, Member, Subscription
from mockserver.storage.table import Query
from mockserver.world import World
from mockserver.world.described_state import add_described
from mockserver.world.registration import register_member

pytestmark = pytest.mark.anyio

NOW = 1_768_473_000.0


async def _built(settings: Settings, contract: Contract) -> World:
    world = World.build(settings, contract, Clock(frozen_at=NOW))
    await world.seed()
    return world


async def test_world_is_empty_until_it_is_seeded(world: World) -> None:
    """A world that was just built has its stores, but nobody in them."""
    assert await world.state.has_store("OTHER")
    with pytest.raises(BadCredentials):
        await world.auth.log_in("admin", None, "admin", "password", "client")
    assert (await world.state.count_members("DEFAULT", NOW, with_transaction=None)).total == 0


async def test_seeded_admin_gets_in(world: World) -> None:
    """The admin of the settings logs in, and owns their API key."""
    await world.seed()

    tokens = await world.auth.log_in("admin", None, "admin", "password", "client")

    admin = world.auth.verify_bearer(tokens.token)
    assert admin.role == "admin"
    assert await world.auth.verify_api_key("mock-api-key") == admin


async def test_a_store_that_is_not_there_is_told_with_those_that_are(world: World) -> None:
    """Stores that were added later, as a state file does, are told as well as those of the settings."""
    await add_described(world, {"stores": ["ADDED"]})
    await world.require_store("ADDED")

    with pytest.raises(BadRequest) as refused:
        await world.require_store("NOWHERE", ("match",))

    assert refused.value.hint == "match.storeCode: There is no such store; this mock has DEFAULT, OTHER, ADDED."


def test_an_operation_has_to_exist(world: World) -> None:
    """An operation is called as the contract has it; one that it doesn't have is refused at its place."""
    assert world.require_operation("memberPost") == "_memberPost"
    with pytest.raises(BadRequest) as refused:
        world.require_operation("memberpost", ("match",))

    assert [problem.path for problem in refused.value.violations] == [("match", "operationId")]


@pytest.mark.parametrize("login", ["member", "member@example.com", "MEMBER@example.com"])
async def test_seeded_member_gets_in_in_each_store(world: World, login: str) -> None:
    """Each store has a member of its own, who logs in by user name or e-mail."""
    await world.seed()

    tokens = [await world.auth.log_in("member", store, login, "password", "client") for store in ("DEFAULT", "OTHER")]

    named = [world.auth.verify_bearer(one.token) for one in tokens]
    assert [principal.role for principal in named] == ["member", "member"]
    assert named[0] != named[1]


async def test_seeded_member_is_a_customer(world: World) -> None:
    """The member who logs in is counted among the customers of its store, as registered now."""
    await world.seed()

    counts = await world.state.count_members("OTHER", NOW, with_transaction=False)

    assert (counts.total, counts.registered_in[1]) == (1, 1)


async def test_settings_decide_who_is_there(settings: Settings, contract: Contract) -> None:
    """User names, passwords and the API key are those of the settings, and the defaults then let nobody in."""
    settings = replace(settings, admin_username="root", admin_password="secret", api_key="key")
    world = await _built(replace(settings, member_username="jo", member_password="m"), contract)

    await world.auth.log_in("admin", None, "root", "secret", "client")
    await world.auth.log_in("member", "OTHER", "jo@example.com", "m", "client")
    assert (await world.auth.verify_api_key("key")).role == "admin"
    with pytest.raises(BadCredentials):
        await world.auth.log_in("admin", None, "admin", "password", "client")


async def test_seeding_twice_is_seeding_once(world: World) -> None:
    """A world that is seeded again is left alone."""
    await world.seed()
    before = await world.auth.verify_api_key("mock-api-key")

    await world.seed()

    assert await world.auth.verify_api_key("mock-api-key") == before
    assert (await world.state.count_members("DEFAULT", NOW, with_transaction=None)).total == 1


async def test_same_seed_gives_the_same_ids(settings: Settings, contract: Contract) -> None:
    """Two worlds with one seed give their inhabitants the same ids and hand out the same tokens."""
    one, other = await _built(settings, contract), await _built(settings, contract)

    tokens = [await world.auth.log_in("admin", None, "admin", "password", "client") for world in (one, other)]

    assert tokens[0] == tokens[1]
    assert one.ids.uuid() == other.ids.uuid()


async def test_no_seed_gives_other_ids(settings: Settings, contract: Contract) -> None:
    """Without a seed every world has ids of its own, and knows the seed that repeats them."""
    one, other = [await _built(replace(settings, seed=None), contract) for _ in range(2)]
    again = await _built(replace(settings, seed=one.ids.seed), contract)

    admins = [await world.auth.verify_api_key("mock-api-key") for world in (one, other, again)]

    assert admins[0] == admins[2] != admins[1]


async def test_worlds_share_no_records(settings: Settings, contract: Contract) -> None:
    """What is stored in one world is nowhere in another, though both have the same settings."""
    one, other = await _built(settings, contract), await _built(settings, contract)
    member = Member("m1", "DEFAULT", "new@example.com", None, None, "REF", NOW, {})
    subscription = Subscription("s1", "DEFAULT", "CustomerRegistered", NOW, Destination("https://a.test"))

    await one.state.add_member(member)
    await one.state.add_subscription(subscription)

    assert (await other.state.count_members("DEFAULT", NOW, with_transaction=None)).total == 1
    assert (await other.state.subscriptions("DEFAULT", Query())).total == 0
    await other.state.add_member(member)


async def test_worlds_share_no_credentials(settings: Settings, contract: Contract) -> None:
    """Without a key file, what one world handed out is worth nothing in another."""
    one = await _built(replace(settings, signing_key=None, seed=1), contract)
    other = await _built(replace(settings, signing_key=None, seed=2), contract)

    tokens = await one.auth.log_in("admin", None, "admin", "password", "client")

    with pytest.raises(InvalidToken):
        other.auth.verify_bearer(tokens.token)
    with pytest.raises(BadCredentials):
        await other.auth.refresh("admin", None, tokens.refresh_token, "client")
    assert await one.auth.refresh("admin", None, tokens.refresh_token, "client")


async def test_worlds_share_no_stores_and_no_time(settings: Settings, contract: Contract) -> None:
    """Each world has its own stores, and its clock moves alone."""
    one = await _built(settings, contract)
    other = await _built(replace(settings, stores=("THIRD",)), contract)

    one.clock.advance(60)

    assert (one.clock.now(), other.clock.now()) == (NOW + 60, NOW)
    with pytest.raises(NotFound):
        await one.state.subscriptions("THIRD", Query())
    with pytest.raises(NotFound):
        await other.state.subscriptions("DEFAULT", Query())


async def test_world_runs_by_one_clock(world: World, clock: Clock) -> None:
    """The clock that a world is given decides when its tokens expire."""
    await world.seed()
    tokens = await world.auth.log_in("admin", None, "admin", "password", "client")

    assert world.auth.verify_bearer(tokens.token)
    clock.advance(world.settings.token_ttl)
    with pytest.raises(ExpiredToken):
        world.auth.verify_bearer(tokens.token)


def test_bad_key_stops_the_world(settings: Settings, contract: Contract) -> None:
    """A signing key that can't be used is noticed when the world is built, not at the first login."""
    with pytest.raises(SettingsError, match=r"nowhere\.pem"):
        World.build(replace(settings, signing_key="nowhere.pem"), contract)


async def test_store_starts_over_alone(world: World) -> None:
    """A store is as it was at the start; ids, the clock and other stores go on as if nothing had happened."""
    await world.seed()
    for code in ("DEFAULT", "OTHER"):
        await register_member(world, code, {"email": "jo@example.com"})
    world.clock.advance(60)
    drawn = world.ids.drawn.ids

    await world.reset_store("DEFAULT")

    counts = [await world.state.count_members(code, NOW + 60, with_transaction=None) for code in ("DEFAULT", "OTHER")]
    assert [count.total for count in counts] == [1, 2]
    assert (await world.auth.log_in("member", "DEFAULT", "member", "password", "client")).token
    assert (world.clock.now(), world.ids.drawn.ids > drawn) == (NOW + 60, True)
    with pytest.raises(NotFound):
        await world.reset_store("NOWHERE")
