"""mockserver.world.described_state: records from a short description."""

import asyncio
from typing import Any

import pytest

from mockserver.clock import moment
from mockserver.errors import BadRequest
from mockserver.storage.snapshots import MOST_PROBLEMS
from mockserver.storage.table import Query
from mockserver.violations import dotted
from mockserver.world import World
from mockserver.world.described_state import add_described

pytestmark = pytest.mark.anyio

NOW = 1_768_473_000.0
DAY = 86_400
SECRET = "whsec_" + 64 * "a"


@pytest.fixture
async def seeded(world: World) -> World:
    """A world with its admin and a member in each store."""
    await world.seed()
    return world


async def _members(world: World, store_code: str = "DEFAULT", **options: Any) -> int:
    return (
        await world.state.count_members(store_code, world.clock.now(), **{"with_transaction": None} | options)
    ).total


async def _problems(world: World, description: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(BadRequest) as caught:
        await add_described(world, description)
    return {dotted(one.path): one.message for one in caught.value.violations}


async def test_members_are_there_and_log_in(seeded: World) -> None:
    """A described member is a customer, and logs in by e-mail, with the given password or that of the settings."""
    await add_described(seeded, {"members": [{"email": "jo@example.com", "password": "secret"}, {"email": "al@x.com"}]})

    assert await _members(seeded) == 3
    for email, password in (("jo@example.com", "secret"), ("al@x.com", "password")):
        tokens = await seeded.auth.log_in("member", "DEFAULT", email, password, "client")
        assert seeded.auth.verify_bearer(tokens.token).role == "member"


async def test_nothing_has_to_be_given(seeded: World) -> None:
    """Members, transactions without details are made up, and differ from each other."""
    await add_described(seeded, {"members": [{}, {}, {}], "transactions": [{}, {}]})

    snapshot = {name: list(rows) for name, rows in (await seeded.state.snapshot()).items()}
    assert len({row["email"] for row in snapshot["members"] if row["storeCode"] == "DEFAULT"}) == 4
    assert [row["data"]["header"]["documentNumber"] for row in snapshot["transactions"]] == ["R-0", "R-1"]


async def test_transactions_find_their_members(seeded: World) -> None:
    """`member` is an e-mail address, a phone number or a card, of a member of the description or one who was there."""
    people = [
        {"email": "a@x.com", "phone": "+48500100200"},
        {"email": "b@x.com", "loyaltyCardNumber": "card-1"},
    ]
    bought = [{"member": who} for who in ("member@example.com", "+48500100200", "card-1", "nobody@x.com")]
    await add_described(seeded, {"members": people, "transactions": bought})

    assert await _members(seeded, with_transaction=True) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 days ago", NOW - 30 * DAY),
        ("1 hour ago", NOW - 3600),
        ("2026-01-10", moment("2026-01-10T00:00:00Z")),
        ("2026-01-10T12:00:00+02:00", moment("2026-01-10T10:00:00Z")),
        ("200 years ago", 0.0),
    ],
)
async def test_moments_are_written_as_people_write_them(seeded: World, text: str, expected: float) -> None:
    """A date, a date-time, or how long ago it was, but not before 1970."""
    await add_described(seeded, {"members": [{"email": "a@x.com", "registeredAt": text}]})

    rows = list((await seeded.state.snapshot())["members"])
    assert next(row["registeredAt"] for row in rows if row["email"] == "a@x.com") == expected


async def test_subscriptions_have_the_secret_that_receivers_know(seeded: World) -> None:
    """A given secret is kept, a wanted one is drawn, and without either nothing is signed."""
    base = {"eventName": "CustomerRegistered"}
    wanted = [
        base | {"url": "http://127.0.0.1:1/", "hmacSecretKey": SECRET},
        base | {"url": "http://127.0.0.1:2/", "hmacEnabled": True},
        base | {"url": "http://127.0.0.1:3/"},
    ]
    await add_described(seeded, {"subscriptions": wanted})

    rows = {row.destination.url[-2]: row.signing for row in (await seeded.state.subscriptions("DEFAULT", Query())).rows}
    assert rows["1"] is not None
    assert rows["1"].secret == SECRET
    assert rows["2"] is not None
    assert rows["2"].secret != SECRET
    assert rows["3"] is None


async def test_new_stores_have_a_member_as_all_have(seeded: World) -> None:
    """A store that is named, in the list or in a record, is there from then on, with the member of the settings."""
    await add_described(seeded, {"stores": ["NORTH"], "members": [{"storeCode": "SOUTH"}]})

    assert [await _members(seeded, code) for code in ("NORTH", "SOUTH")] == [1, 2]
    assert (await seeded.auth.log_in("member", "NORTH", "member", "password", "client")).token
    await add_described(seeded, {"stores": ["NORTH"], "members": [{"storeCode": "NORTH", "email": "a@x.com"}]})
    assert await _members(seeded, "NORTH") == 2


async def test_admins_log_in_and_have_keys(seeded: World) -> None:
    """A described admin logs in, and is known by the API key."""
    await add_described(seeded, {"admins": [{"username": "second", "password": "p", "apiKey": "key-2"}]})

    assert (await seeded.auth.log_in("admin", None, "second", "p", "client")).token
    assert (await seeded.auth.verify_api_key("key-2")).role == "admin"


async def test_clock_can_be_described(seeded: World) -> None:
    """`clock` sets the time; what it leaves out stays."""
    await add_described(seeded, {"clock": {"now": "2026-02-01T00:00:00Z"}})

    assert (seeded.clock.now(), seeded.clock.frozen) == (moment("2026-02-01T00:00:00Z"), True)


async def test_every_problem_is_told_by_its_path(seeded: World) -> None:
    """What the API would refuse is refused, all at once."""
    found = await _problems(
        seeded,
        {
            "members": [{"email": "x"}, {"email": "a@x.com", "registeredAt": "yesterday"}],
            "transactions": [{"items": [{}]}],
            "subscriptions": [{"eventName": "Nope", "url": "http://127.0.0.1:1/"}],
        },
    )

    assert {"members[0].email", "members[1].registeredAt", "subscriptions[0].eventName"} <= set(found)
    assert any(path.startswith("transactions[0].items[0]") for path in found)


async def test_unknown_keys_are_refused(seeded: World) -> None:
    """A key that a record can't have is refused, also where the API would pass over it, or where it belongs to another
    kind of record; what is meant is told."""
    description = {
        "members": [{"fistName": "Jane"}, {"hmacSecretKey": SECRET, "phone": "+48500100200"}],
        "transactions": [{"password": "x"}],
        "subscriptions": [{"eventName": "CustomerRegistered", "url": "http://127.0.0.1:1/", "member": "a@x.com"}],
    }
    with pytest.raises(BadRequest) as caught:
        await add_described(seeded, description)

    found = {dotted(one.path): (one.parameters or {}).get("detail") for one in caught.value.violations}
    assert found.keys() == {
        "members[0].fistName", "members[1].hmacSecretKey", "transactions[0].password", "subscriptions[0].member",
    }  # fmt: skip
    assert found["members[0].fistName"] == "Did you mean firstName?"


async def test_what_is_taken_is_refused_and_nothing_is_added(seeded: World) -> None:
    """Identifiers that somebody has, or that two have, are told by their paths; nothing changes."""
    taken = [{"email": "new@x.com"}, {"email": "MEMBER@example.com"}, {"email": "a@x.com"}, {"email": "A@x.com"}]

    found = await _problems(seeded, {"stores": ["NORTH"], "members": taken})

    assert {"members[1].email", "members[3].email"} <= set(found)
    assert not any(path.startswith("members[0]") for path in found)
    assert await _members(seeded) == 1
    assert not await seeded.state.has_store("NORTH")


async def test_headers_that_are_reserved_are_refused(seeded: World) -> None:
    """A description can't subscribe with headers that the API refuses."""
    headers = [{"headerName": "Host", "headerValue": "x"}]
    base = {"eventName": "CustomerRegistered", "url": "http://127.0.0.1:1/"}

    found = await _problems(seeded, {"subscriptions": [base | {"headers": headers}]})

    assert list(found) == ["subscriptions[0].headers[0].headerName"]


async def test_others_have_their_turns(seeded: World) -> None:
    """While much is added, other tasks go on; of many problems so many are told."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    found = await _problems(seeded, {"members": [{"email": str(number)} for number in range(2_000)]})
    await add_described(seeded, {"members": [{}] * 2_000})
    task.cancel()

    assert len(found) == MOST_PROBLEMS
    assert turns > 3
