"""Snapshots, large and forged: whatever is put back, the mock knows all of it or nothing, and everybody is answered."""

import asyncio
import random  # noqa: TID251 (walks, the same in every run)
from typing import Any

import orjson
import pytest

from mockserver.app import Application, create_app
from mockserver.clock import LATEST, Clock
from mockserver.http.messages import Request, Response
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.snapshots import LARGEST_COUNT, MOST_PROBLEMS, integrity_problems
from mockserver.turns import Turns
from mockserver.world import World
from tests.hostile.snapshots import Json, tampered

pytestmark = pytest.mark.anyio

HEADERS = {b"x-auth-token": b"mock-api-key", b"content-type": b"application/json"}
NOBODY = "http://127.0.0.1:9/"
STATE, STORE = "/_mock/state", "/api/DEFAULT"
LOGIN = {"username": "admin", "password": "password"}
CUSTOMER = {"email": "jo@example.com", "phone": "+48600700800", "loyaltyCardNumber": "1"}
SALE = {"header": {"documentNumber": "1", "purchasedAt": "2026-01-15T10:00:00+00:00"}, "items": []}
WANTED = {"eventName": "CustomerUpdated", "url": NOBODY, "hmacEnabled": True}
MATCH: Json = {"path": "/a/*", "query": {"a": {"matches": "^b"}}, "body": {"$.a[0]": {"absent": True}}, "calls": [1, 2]}
INHABITANTS: tuple[tuple[str, Json], ...] = (
    ("/api/admin/login_check", LOGIN),
    (f"{STORE}/member", {"customer": CUSTOMER}),
    (f"{STORE}/transaction", {"transaction": SALE | {"customerData": {"email": "jo@example.com"}}}),
    (f"{STORE}/webhook/subscription", {"webhookSubscription": WANTED}),
    ("/_mock/faults", {"operationId": "webhookEventGetList", "status": 503, "times": 3}),
    ("/_mock/faults", {"eventName": "CustomerUpdated", "effect": "duplicate"}),
    (
        "/_mock/faults",
        {"match": MATCH, "answer": {"status": 503, "template": True, "body": "{{now}}"}, "enabled": False},
    ),
)


class Mock:
    """A mock that is asked without a connection."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._app: Application = create_app(world)

    async def ask(self, method: str, path: str, body: object = None) -> Response:
        """An answer. A body that is bytes is sent as it is."""
        request = Request(method, path.encode(), dict(HEADERS), None)
        request.body = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self._app.answer(request)

    async def state(self) -> Json:
        """A snapshot, by which the guard finds nothing wrong."""
        answer = await self.ask("GET", STATE)
        assert (answer.status, answer.remarks.violation) == (200, None)
        snapshot: Json = orjson.loads(answer.body)
        return snapshot


@pytest.fixture
async def mock(contract: Contract, clock: Clock) -> Mock:
    """A mock in which there is something of everything, and whose clock stands still."""
    world = World.build(Settings(seed=1, login_rate_limit=1_000, control_token=None), contract, clock)
    await world.seed()
    mock = Mock(world)
    for path, body in INHABITANTS:
        await mock.ask("POST", path, body)
    return mock


def with_members(snapshot: Json, count: int) -> Json:
    """The snapshot with so many more members."""
    one: Json = snapshot["members"][0]
    more = [
        one | {"customerId": f"{number:08x}{one['customerId'][8:]}", "email": f"{number}@example.com"}
        for number in range(count)
    ]
    return snapshot | {"members": [*snapshot["members"], *more]}


# ---------------------------------------------------------------- forged
async def test_tampered_snapshot_is_known_or_refused(mock: Mock) -> None:
    """A snapshot of which a part was replaced, doubled or left out is taken, and then the mock's own snapshot is, too;
    or it is refused, and nothing has changed."""
    good = await mock.state()
    outcomes: dict[int, int] = {}
    for what, snapshot in tampered(good):
        status = (await mock.ask("PUT", STATE, snapshot)).status
        outcomes[status] = outcomes.get(status, 0) + 1
        after = await mock.state()
        assert status == 204 or after == good, what
        if status == 204:
            assert (await mock.ask("PUT", STATE, after)).status == 204, what
            await mock.ask("PUT", STATE, good)

    assert outcomes.keys() == {204, 400}
    assert min(outcomes.values()) > 100


async def test_old_snapshot_is_refused_with_advice(mock: Mock) -> None:
    """A snapshot of another version is refused, small or large, in words that say what to do."""
    good = await mock.state()
    old = with_members({key: value for key, value in good.items() if key != "drawn"}, 3_000)
    for snapshot in (good | {"version": 1}, good | {"version": 3}, old | {"version": 1, "randomState": "AAAA"}):
        answer = await mock.ask("PUT", STATE, snapshot)

        assert answer.status == 400
        assert b"Take it anew" in answer.body


async def test_counts_leave_room(mock: Mock) -> None:
    """With the largest counts that a snapshot may have, a mock goes on, and its own snapshot is still good."""
    good = await mock.state()
    largest = {"drawn": dict.fromkeys(("ids", "secrets"), LARGEST_COUNT), "events": LARGEST_COUNT}

    assert (await mock.ask("PUT", STATE, good | largest)).status == 204
    for path, body in (INHABITANTS[0], INHABITANTS[3]):
        assert (await mock.ask("POST", path, body)).status == 200
    assert (await mock.ask("PUT", STATE, await mock.state())).status == 400  # a count is over that limit now


async def test_ids_of_a_snapshot_are_never_given_again(mock: Mock) -> None:
    """After a snapshot that says that less was drawn than its records have, all ids and tokens still differ."""
    before = await mock.state()
    await mock.ask("PUT", STATE, before | {"drawn": {"ids": 0, "secrets": 0}})
    for number in range(8):
        await mock.ask("POST", f"{STORE}/member", {"customer": {"email": f"{number}@example.com"}})
        for path, body in (INHABITANTS[0], *INHABITANTS[2:]):
            await mock.ask("POST", path, body)
    after = await mock.state()

    for name in ("members", "transactions", "subscriptions", "refreshTokens", "faults"):
        key = {"refreshTokens": "token", "members": "customerId"}.get(name, f"{name[:-1]}Id")
        assert len({row[key] for row in after[name]}) == len(after[name]) >= len(before[name]) + 8, name


# ---------------------------------------------------------------- large
async def test_only_so_many_problems_are_told(mock: Mock) -> None:
    """However many rows don't fit, and however many stores there are: the answer stays small."""
    good = await mock.state()
    token = good["refreshTokens"][0]
    homeless = [token | {"token": str(number), "storeCode": "NOWHERE", "role": "member"} for number in range(4_000)]
    stores = ["DEFAULT", *(f"S{number}" for number in range(4_000))]

    answer = await mock.ask("PUT", STATE, good | {"stores": stores, "refreshTokens": homeless})

    assert (answer.status, len(orjson.loads(answer.body)["errors"])) == (400, MOST_PROBLEMS)
    assert len(answer.body) < 64 * 1024


class _Unsearchable(list[Any]):
    """A list in which nobody may look for something, as that takes the longer the more there is."""

    def __contains__(self, _: object) -> bool:
        raise AssertionError("a list was searched")


async def test_nothing_is_searched_row_by_row(mock: Mock) -> None:
    """What a row refers to is looked up, not searched: twice as many rows take twice as long."""
    snapshot = await mock.state()

    lists = {name: _Unsearchable(rows) for name, rows in snapshot.items() if isinstance(rows, list)}

    assert await integrity_problems(snapshot | lists, Turns()) == []


async def _turns_of_others(mock: Mock, method: str, body: object = None) -> tuple[Response, int]:
    """The answer to a call, and how often others had their turn meanwhile."""
    turns, asking = 0, asyncio.ensure_future(mock.ask(method, STATE, body))
    while not asking.done():
        await asyncio.sleep(0)
        turns += 1
    return asking.result(), turns


async def test_others_have_their_turns(mock: Mock) -> None:
    """While a large snapshot is read, known, and written, the event loop goes round again and again."""
    text = orjson.dumps(with_members(await mock.state(), 6_000))

    known, turns_of_putting = await _turns_of_others(mock, "PUT", text)
    shown, turns_of_getting = await _turns_of_others(mock, "GET")

    assert (known.status, orjson.loads(shown.body)) == (204, orjson.loads(text))
    assert turns_of_putting > 3  # it was one
    assert turns_of_getting > 2


async def test_a_snapshot_is_known_at_once(mock: Mock) -> None:
    """Whoever asks while a large snapshot is put back sees all of the old state or all of the new one."""
    snapshot = with_members(await mock.state(), 6_000) | {"stores": ["DEFAULT", "NEW"]}
    snapshot |= {"clock": {"now": 0, "frozen": True}, "drawn": {"ids": 99, "secrets": 9}, "faults": []}
    world = mock.world
    is_over, seen, restoring = False, set(), asyncio.ensure_future(mock.ask("PUT", STATE, snapshot))
    while not is_over:
        is_over = restoring.done()
        counts = await world.state.count_members("DEFAULT", LATEST, with_transaction=None)
        is_there = await world.state.has_store("NEW")
        seen.add((counts.total, is_there, world.clock.now(), world.ids.drawn.ids, len(world.faults.listed())))
        await asyncio.sleep(0)

    assert seen == {(2, False, 1_768_473_000.0, 10, 3), (6_002, True, 0.0, 99, 0)}


async def test_a_reset_is_done_at_once(mock: Mock) -> None:
    """Nobody ever sees a mock whose records are gone and whose admin isn't there yet."""
    await mock.ask("PUT", STATE, with_members(await mock.state(), 6_000))
    totals, resetting = set(), asyncio.ensure_future(mock.ask("POST", "/_mock/reset"))
    while 1 not in totals or not resetting.done():
        assert await mock.world.state.user_by_api_key("mock-api-key")
        totals.add((await mock.world.state.count_members("DEFAULT", LATEST, with_transaction=None)).total)
        await asyncio.sleep(0)

    assert totals == {6_002, 1}


async def test_what_happens_meanwhile_is_not_in_the_snapshot(mock: Mock) -> None:
    """A snapshot shows one moment, though writing it takes a while in which others change things."""
    await mock.ask("PUT", STATE, with_members(await mock.state(), 6_000))
    before = await mock.state()
    writing = asyncio.ensure_future(mock.ask("GET", STATE))
    await asyncio.sleep(0)
    await mock.ask("POST", f"{STORE}/member", {"customer": {"email": "late@example.com"}})

    assert not writing.done()
    assert orjson.loads((await writing).body) == before


async def test_a_large_snapshot_is_judged_like_a_small_one(mock: Mock) -> None:
    """The first problem is told by its place, in whichever part of a large snapshot it is."""
    good = with_members(await mock.state(), 3_000)
    for name, path in (("email", "members[2500].email"), ("data", "members[2500].data")):
        good["members"][2_500] |= {name: 5}
        answer = await mock.ask("PUT", STATE, good)
        good["members"][2_500] |= {name: {"a": 1}} if name == "data" else {name: "x@example.com"}

        assert [problem["path"] for problem in orjson.loads(answer.body)["errors"]] == [path]
    for name, rows in (("more", [0] * 9), ("clock", [0] * 9), ("stores", []), ("stores", ["A"] * 20_001)):
        answer = await mock.ask("PUT", STATE, good | {name: rows})

        assert [problem["path"] for problem in orjson.loads(answer.body)["errors"]] == [name]


# ---------------------------------------------------------------- walks
MOMENTS = ("1970-01-01T00:00:00Z", "2026-01-15T10:30:00Z", "9998-12-31T23:59:59Z", "9999-01-01T00:00:00Z")


def _deep(levels: int) -> Json:
    return {"a": _deep(levels - 1)} if levels > 1 else {}


def _step(chance: random.Random) -> tuple[str, str, Json]:
    """What somebody may do to a mock or its clock."""
    mail = f"{chance.randrange(50)}@example.com"
    choices: tuple[tuple[str, str, Json], ...] = (
        *(("POST", path, body) for path, body in INHABITANTS),
        ("POST", f"{STORE}/member/login_check", {"username": "member", "password": "password"}),
        ("POST", f"{STORE}/member", {"customer": {"email": mail, "registeredAt": "9999-12-31T23:59:59.9-12:00"}}),
        ("POST", f"{STORE}/member", {"customer": {"email": mail, "labels": [{"key": "ł\0", "value": '\\"]}'}]}}),
        ("POST", f"{STORE}/member", {"customer": {"email": mail, "more": _deep(62)}}),
        ("POST", f"{STORE}/transaction", {"transaction": SALE | {"customerData": {"email": mail}}}),
        ("POST", "/_mock/faults", {"eventName": "CustomerUpdated", "delay": 86_400}),
        ("PUT", "/_mock/clock", {"now": chance.choice(MOMENTS), "frozen": chance.random() < 0.5}),
        ("POST", "/_mock/clock/advance", {"seconds": chance.choice((0.001, 1e6, 1e10))}),
        ("GET", f"{STORE}/webhook/event", {}),
    )
    return chance.choice(choices)


@pytest.mark.parametrize("seed", range(4))
async def test_own_snapshot_is_always_good(mock: Mock, seed: int) -> None:
    """Wherever a mock has come to, its snapshot keeps the contract and can be put back, and then it is where it was."""
    chance = random.Random(seed)  # noqa: S311 (nobody's secret)
    statuses: set[int] = set()
    for _ in range(15):
        for _ in range(10):
            statuses.add((await mock.ask(*_step(chance))).status)
        before = await mock.state()
        restored = await mock.ask("PUT", STATE, before)
        after = await mock.state()
        if not before["clock"]["frozen"]:
            before.pop("clock"), after.pop("clock")

        assert (restored.status, after) == (204, before), restored.body
    assert statuses <= {200, 201, 400, 503}
