"""mockserver.storage.state: the promises of State, kept by every implementation of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mockserver.errors import ApiError, HmacNotEnabled, NotFound, TooManyRequests
from mockserver.naming import Role
from mockserver.storage.memory import MOST_CLIENTS, MemoryState
from mockserver.storage.model import (
    AnyRecord,
    Destination,
    Member,
    RefreshToken,
    SigningState,
    Subscription,
    Transaction,
    User,
)
from mockserver.storage.postgres import Address, PostgresState
from mockserver.storage.state import AT_ONCE, INTERVALS, IdentifierTaken, MemberCounts, RecordsTaken, State
from mockserver.storage.table import Filter, Query
from tests.support.postgres import BACKENDS

pytestmark = pytest.mark.anyio

NOW = 1_768_473_000.0
DAY = 86_400
USER = User("u1", "member", "A", "member", "password")
ADMIN = User("u0", "admin", None, "admin", "password", "key")
TOKEN = RefreshToken("t1", "u1", "member", "A", NOW + 100)
MEMBER = Member("m1", "A", "Straße@example.com", "+48 ABC", "Card-1", "REF", NOW, {"email": "Straße@example.com"})
SIGNED = Subscription("s1", "A", "CustomerRegistered", NOW, Destination("https://a.test"), SigningState("old", 3, None))
UNSIGNED = SIGNED._replace(signing=None)
TRANSACTION = Transaction("x1", "A", NOW, None, {})


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> State:
    """A state that isn't open yet; each parameter is an implementation that keeps the promises below."""
    if request.param == "memory":
        return MemoryState(())
    return PostgresState(Address.of(request.getfixturevalue("database")))


@pytest.fixture
async def state(backend: State) -> AsyncIterator[State]:
    """A state with the stores A and B."""
    await backend.open()
    await backend.clear(("A", "B"))
    yield backend
    await backend.close()


async def test_step_has_many_operations(state: State) -> None:
    """What is done in one step is seen within it, and after it."""
    async with state.in_one_step():
        await state.add_all([USER, MEMBER])
        await state.add_member(MEMBER._replace(customer_id="m2", email=None, phone=None, loyalty_card_number=None))
        within = await state.sizes()

    assert within["members"] == 2
    assert await state.sizes() == within


# ---------------------------------------------------------------- stores
async def test_stores_are_those_it_was_made_with(state: State) -> None:
    """A state has the stores that it was made with; their codes are case-sensitive."""
    known = [code for code in ("A", "B", "a", "", "C") if await state.has_store(code)]

    assert known == ["A", "B"]
    assert await state.store_codes() == ["A", "B"]


async def test_sizes_count_all_records(state: State) -> None:
    """Records are counted by kind, over all stores."""
    await state.add_user(ADMIN)
    await state.add_refresh_token(TOKEN, NOW)
    await state.add_member(MEMBER)
    await state.add_subscription(SIGNED)
    await state.add_subscription(SIGNED._replace(store_code="B"))

    kinds = {"stores": 2, "users": 1, "refreshTokens": 1, "members": 1, "transactions": 0, "subscriptions": 2}
    assert await state.sizes() == kinds


async def test_refresh_token_is_seen_until_it_is_used(state: State) -> None:
    """A refresh token can be looked at, whoever's it is, and is gone when it is used."""
    await state.add_user(USER)
    await state.add_refresh_token(TOKEN, NOW)

    seen = await state.refresh_token("t1")
    await state.take_refresh_token("t1", "member", "A", NOW)

    assert (seen, await state.refresh_token("t1")) == (TOKEN, None)


IN_UNKNOWN_STORE: dict[str, Callable[[State], Awaitable[object]]] = {
    "add_user": lambda state: state.add_user(USER._replace(store_code="C")),
    "user_by_login": lambda state: state.user_by_login("member", "C", "member"),
    "add_refresh_token": lambda state: state.add_refresh_token(TOKEN._replace(store_code="C"), NOW),
    "take_refresh_token": lambda state: state.take_refresh_token("t1", "member", "C", NOW),
    "add_member": lambda state: state.add_member(MEMBER._replace(store_code="C")),
    "count_members": lambda state: state.count_members("C", NOW, with_transaction=None),
    "add_transaction": lambda state: state.add_transaction(TRANSACTION._replace(store_code="C")),
    "add_subscription": lambda state: state.add_subscription(SIGNED._replace(store_code="C")),
    "subscription": lambda state: state.subscription("C", "s1"),
    "subscriptions": lambda state: state.subscriptions("C", Query()),
    "subscriptions_of": lambda state: state.subscriptions_of("C", "CustomerRegistered"),
    "member": lambda state: state.member("C", "m1"),
    "clear_store": lambda state: state.clear_store("C"),
    "replace_destination": lambda state: state.replace_destination("C", "s1", SIGNED.destination, "new", signed=True),
    "delete_subscription": lambda state: state.delete_subscription("C", "s1"),
    "rotate_key": lambda state: state.rotate_key("C", "s1", "new", NOW),
}


@pytest.mark.parametrize("operation", IN_UNKNOWN_STORE.values(), ids=IN_UNKNOWN_STORE)
async def test_unknown_store_is_not_found(state: State, operation: Callable[[State], Awaitable[object]]) -> None:
    """Every operation in a store that doesn't exist raises NotFound, also where the same record exists in another."""
    await _fill(state)

    with pytest.raises(NotFound):
        await operation(state)


async def test_stores_share_no_members(state: State) -> None:
    """The same identifiers can be used in each store."""
    await state.add_member(MEMBER)
    await state.add_member(MEMBER._replace(store_code="B"))

    assert [(await _count(state, code)).total for code in "AB"] == [1, 1]


async def test_stores_share_no_logins(state: State) -> None:
    """A member logs in in its own store only, and an admin in none of them."""
    await _fill(state)

    found = [await state.user_by_login("member", "B", login) for login in ("member", "Card-1", "admin")]

    assert found == [None, None, None]


async def test_stores_share_no_subscriptions(state: State) -> None:
    """A subscription of one store doesn't exist in another, be it to read, change, rotate or delete."""
    await state.add_subscription(SIGNED)

    assert (await state.subscriptions("B", Query())).total == 0
    for operation in (
        state.subscription("B", "s1"),
        state.replace_destination("B", "s1", Destination("https://b.test"), "new", signed=False),
        state.rotate_key("B", "s1", "new", NOW),
        state.delete_subscription("B", "s1"),
    ):
        with pytest.raises(NotFound):
            await operation
    assert await state.subscription("A", "s1") == SIGNED


async def test_same_subscription_id_in_two_stores(state: State) -> None:
    """Changing or deleting a subscription touches only the store that is named."""
    other = SIGNED._replace(store_code="B")
    for subscription in (SIGNED, other):
        await state.add_subscription(subscription)

    await state.replace_destination("A", "s1", Destination("https://new.test"), "new", signed=False)
    await state.delete_subscription("A", "s1")

    assert await state.subscription("B", "s1") == other


async def test_stores_share_no_transactions(state: State) -> None:
    """A transaction is matched to members of its own store only, and makes no buyer in another."""
    await state.add_member(MEMBER)

    stored = await state.add_transaction(_bought(loyaltyCardNumber="Card-1")._replace(store_code="B"))

    assert stored.customer_id is None
    assert (await _count(state, "A", with_transaction=True)).total == 0


async def test_cleared_store_is_empty_and_others_stay(state: State) -> None:
    """Records, users, keys and tokens of a store are gone, and free again; the other store and the admin stay."""
    await _fill(state)
    await state.add_member(MEMBER._replace(store_code="B"))

    await state.clear_store("A")

    assert (await _count(state, "A"), await state.has_store("A")) == (
        MemberCounts(0, dict.fromkeys(INTERVALS, 0)),
        True,
    )
    assert (await state.subscriptions("A", Query())).total == 0
    assert await state.take_refresh_token("t1", "member", "A", NOW) is None
    assert await state.user_by_login("member", "A", "member") is None
    assert await state.user_by_login("admin", None, "admin") == ADMIN
    assert (await _count(state, "B")).total == 1
    await _fill(state)
    assert (await state.user_by_login("member", "A", "Card-1")) is not None


async def test_records_are_added_with_their_stores(state: State) -> None:
    """What is added together is there, in stores that it brings with it; transactions find members that came along."""
    bought = _bought(loyaltyCardNumber="Card-1")._replace(store_code="C")
    member = MEMBER._replace(store_code="C")

    records: list[AnyRecord] = [ADMIN, member, bought, SIGNED._replace(store_code="C")]
    await state.add_all(records)

    assert (await _count(state, "C", with_transaction=True)).total == 1
    assert await state.subscription("C", "s1") == SIGNED._replace(store_code="C")
    assert await state.user_by_api_key("key") == ADMIN


async def test_all_records_are_added_or_none(state: State) -> None:
    """One that doesn't fit, to what is there or to another one, keeps out all; each is named by its index."""
    await _fill(state)
    free = MEMBER._replace(customer_id="m2", email="free@x.com", phone=None, loyalty_card_number=None)
    twin = free._replace(customer_id="m3")
    records: list[AnyRecord] = [free, twin, ADMIN, TOKEN, SIGNED, SIGNED._replace(store_code="D"), MEMBER]

    with pytest.raises(RecordsTaken) as caught:
        await state.add_all(records)

    named = {(1, "email"), (2, "username"), (2, "userId"), (3, "token"), (4, "subscriptionId"), (6, "customerId")}
    assert named <= set(caught.value.taken)
    assert not {index for index, _ in caught.value.taken} & {0, 5}
    assert (await _count(state)).total == 1
    assert not await state.has_store("D")


# ---------------------------------------------------------------- users
@pytest.mark.parametrize(
    "login", ["member", "straße@EXAMPLE.com", "STRASSE@example.com", "+48 abc", "+48 ABC", "Card-1"]
)
async def test_member_logs_in_by_any_identifier(state: State, login: str) -> None:
    """A member is found by user name, by e-mail and phone whatever their case, and by the exact card number."""
    await _fill(state)

    assert await state.user_by_login("member", "A", login) == USER._replace(user_id="m1")


@pytest.mark.parametrize("login", ["", "Member", "card-1", "m1", "admin", "member "])
async def test_nobody_logs_in_by_another_text(state: State, login: str) -> None:
    """No member is found by a user name or card number in another case, by its id, or as the admin."""
    await _fill(state)

    assert await state.user_by_login("member", "A", login) is None


async def test_admin_logs_in_by_exact_user_name(state: State) -> None:
    """The admin is found by user name only, as an admin only, and case-sensitively."""
    await _fill(state)

    found = [await state.user_by_login("admin", None, login) for login in ("admin", "Admin", "member", "Card-1")]

    assert found == [ADMIN, None, None, None]


@pytest.mark.parametrize(("role", "store_code", "login"), [("admin", "A", "member"), ("member", None, "admin")])
async def test_roles_do_not_mix(state: State, role: Role, store_code: str | None, login: str) -> None:
    """No member is found as an admin of its store, and no admin as a member of none."""
    await _fill(state)

    assert await state.user_by_login(role, store_code, login) is None


@pytest.mark.parametrize(("api_key", "expected"), [("key", ADMIN), ("KEY", None), ("", None), ("\ud800", None)])
async def test_api_key_names_its_owner(state: State, api_key: str, expected: User | None) -> None:
    """An API key finds its owner; users without a key are found by none."""
    await _fill(state)

    assert await state.user_by_api_key(api_key) == expected


async def test_login_is_recorded(state: State) -> None:
    """Recording a login changes when the user last logged in, and nothing else."""
    await state.add_user(ADMIN)

    await state.record_login("u0", NOW + 5)
    await state.record_login("nobody", NOW)

    assert await state.user_by_api_key("key") == ADMIN._replace(last_login_at=NOW + 5)


# ---------------------------------------------------------------- login window
async def test_logins_are_limited(state: State) -> None:
    """As many logins as the limit pass within a minute, and no more."""
    for _ in range(3):
        await state.count_login("client", NOW, limit=3)

    with pytest.raises(TooManyRequests):
        await state.count_login("client", NOW + 59.999, limit=3)


async def test_login_window_slides(state: State) -> None:
    """Each login counts for exactly a minute of its own."""
    for at in (NOW, NOW + 30):
        await state.count_login("client", at, limit=2)

    await state.count_login("client", NOW + 60, limit=2)

    with pytest.raises(TooManyRequests):
        await state.count_login("client", NOW + 89, limit=2)


async def test_refused_login_does_not_count(state: State) -> None:
    """Trying again and again while the limit is reached doesn't prolong the wait."""
    await state.count_login("client", NOW, limit=1)
    for seconds in range(60):
        with pytest.raises(TooManyRequests):
            await state.count_login("client", NOW + seconds, limit=1)

    await state.count_login("client", NOW + 60, limit=1)


@pytest.mark.parametrize(("waited", "expected"), [(0, 60), (0.5, 60), (1, 59), (58.9995, 2), (59, 1), (59.9995, 1)])
async def test_refused_login_says_when_to_come_back(state: State, waited: float, expected: int) -> None:
    """A refusal names the fewest whole seconds, at least one, after which a login passes again."""
    await state.count_login("client", NOW, limit=1)

    with pytest.raises(TooManyRequests) as refused:
        await state.count_login("client", NOW + waited, limit=1)

    assert refused.value.retry_after == expected
    await state.count_login("client", NOW + waited + expected, limit=1)


async def test_logins_are_counted_per_client(state: State) -> None:
    """One client's logins don't count against another's."""
    await state.count_login("one", NOW, limit=1)
    await state.count_login("other", NOW, limit=1)

    with pytest.raises(TooManyRequests):
        await state.count_login("one", NOW, limit=1)


async def test_logins_of_the_last_minute_count_among_many_clients(state: State) -> None:
    """However many clients come, none is forgotten whose last login is less than a minute ago."""
    await state.count_login("long ago", NOW, limit=2)
    await state.count_login("lately", NOW, limit=2)
    await state.count_login("lately", NOW + 30, limit=2)
    for number in range(MOST_CLIENTS):
        await state.count_login(f"client {number}", NOW + 59, limit=1)

    for client, at in (("lately", NOW + 59), ("client 0", NOW + 118)):
        with pytest.raises(TooManyRequests):
            await state.count_login(client, at, limit=2 if client == "lately" else 1)
    await state.count_login("long ago", NOW + 60, limit=1)


# ---------------------------------------------------------------- refresh tokens
async def test_refresh_token_is_used_once(state: State) -> None:
    """A refresh token names its owner the first time only."""
    await _fill(state)

    taken = [await state.take_refresh_token("t1", "member", "A", NOW) for _ in range(2)]

    assert taken == [USER._replace(user_id="m1"), None]


@pytest.mark.parametrize(("role", "store_code"), [("admin", None), ("member", "B"), ("admin", "A"), ("member", None)])
async def test_refresh_token_in_the_wrong_place_stays(state: State, role: Role, store_code: str | None) -> None:
    """A refresh token that is shown for another role or store is refused, but not used up."""
    await _fill(state)

    assert await state.take_refresh_token("t1", role, store_code, NOW) is None
    assert await state.take_refresh_token("t1", "member", "A", NOW) is not None


@pytest.mark.parametrize(("at", "good"), [(NOW + 99.9, True), (NOW + 100, False), (NOW + 101, False)])
async def test_refresh_token_expires(state: State, at: float, *, good: bool) -> None:
    """A refresh token is good until the moment of its expiry, which isn't part of it."""
    await _fill(state)

    assert (await state.take_refresh_token("t1", "member", "A", at) is not None) is good


@pytest.mark.parametrize("token", ["", "T1", "unknown"])
async def test_unknown_refresh_token_names_nobody(state: State, token: str) -> None:
    """Only the exact token names its owner."""
    await _fill(state)

    assert await state.take_refresh_token(token, "member", "A", NOW) is None


async def test_refresh_token_of_nobody(state: State) -> None:
    """A refresh token whose owner is gone names nobody."""
    await state.add_refresh_token(TOKEN, NOW)

    assert await state.take_refresh_token("t1", "member", "A", NOW) is None


async def test_revoking_ends_all_tokens_of_one_user(state: State) -> None:
    """Revoking ends every refresh token of the user, says how many, and leaves those of others."""
    await _fill(state)
    await state.add_refresh_token(TOKEN._replace(token="t2", user_id="m1"), NOW)
    await state.add_refresh_token(RefreshToken("t0", "u0", "admin", None, NOW + 100), NOW)

    ended = [await state.revoke_refresh_tokens("m1"), await state.revoke_refresh_tokens("m1")]

    assert ended == [2, 0]
    assert [await state.take_refresh_token(token, "member", "A", NOW) for token in ("t1", "t2")] == [None, None]
    assert await state.take_refresh_token("t0", "admin", None, NOW) == ADMIN


async def test_used_token_is_not_revoked_again(state: State) -> None:
    """A refresh token that is used up isn't among those that revoking ends, and new ones can follow."""
    await _fill(state)
    await state.take_refresh_token("t1", "member", "A", NOW)

    assert await state.revoke_refresh_tokens("m1") == 0
    await state.add_refresh_token(TOKEN._replace(token="t2", user_id="m1"), NOW)
    assert await state.revoke_refresh_tokens("m1") == 1


async def test_expired_tokens_do_not_pile_up(state: State) -> None:
    """Tokens that expire without being used are forgotten when others come."""
    await _fill(state)
    late = TOKEN.expires_at
    for number in range(3):
        fresh = TOKEN._replace(token=f"new{number}", user_id="m1", expires_at=late + 100)
        await state.add_refresh_token(fresh, late)

    assert await state.revoke_refresh_tokens("m1") == 3


async def test_token_that_comes_twice_is_revoked_once(state: State) -> None:
    """A token that is put in place of one of the same text belongs to its new owner alone; revoking never fails."""
    await state.add_refresh_token(TOKEN._replace(user_id="m1"), NOW)
    await state.add_refresh_token(TOKEN._replace(user_id="m2"), NOW)

    assert [await state.revoke_refresh_tokens(user_id) for user_id in ("m1", "m2", "m1", "m2")] == [0, 1, 0, 0]


# ---------------------------------------------------------------- ids that are taken
Add = Callable[[State, str, Callable[[], str]], Awaitable[Any]]
ADDED: dict[str, Add] = {
    "token": lambda state, token, draw: state.add_refresh_token(TOKEN._replace(token=token), NOW, draw),
    "member": lambda state, member_id, draw: state.add_member(_stranger(customer_id=member_id), draw),
    "transaction": lambda state, sale_id, draw: state.add_transaction(
        TRANSACTION._replace(transaction_id=sale_id), draw
    ),
    "subscription": lambda state, its_id, draw: state.add_subscription(SIGNED._replace(subscription_id=its_id), draw),
}


@pytest.mark.parametrize("add", ADDED.values(), ids=ADDED)
async def test_taken_id_is_drawn_again(state: State, add: Add) -> None:
    """A record whose id is taken gets the next one that is free, whatever ids a snapshot has brought along."""
    draws = iter(["b", "a", "b", "c", "d"])
    stored = [await add(state, text, draws.__next__) for text in ("a", "b", "a", "e")]

    assert [record[0] for record in stored] == ["a", "b", "c", "e"]
    assert next(draws) == "d"


# ---------------------------------------------------------------- members
@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"email": "strasse@EXAMPLE.COM"}, ["email"]),
        ({"phone": "+48 abc"}, ["phone"]),
        ({"loyalty_card_number": "Card-1"}, ["loyaltyCardNumber"]),
        ({"email": "straße@example.com", "loyalty_card_number": "Card-1"}, ["email", "loyaltyCardNumber"]),
        (
            {"email": MEMBER.email, "phone": MEMBER.phone, "loyalty_card_number": "Card-1"},
            ["email", "phone", "loyaltyCardNumber"],
        ),
    ],
)
async def test_taken_identifiers_are_named(state: State, changes: dict[str, str], fields: list[str]) -> None:
    """A member is refused for every identifier that another has: e-mail and phone compare without case."""
    await state.add_member(MEMBER)

    with pytest.raises(IdentifierTaken) as refused:
        await state.add_member(_stranger(**changes))

    assert refused.value.fields == fields


@pytest.mark.parametrize(
    "changes",
    [
        {"loyalty_card_number": "card-1"},
        {"email": "Card-1", "phone": "Straße@example.com", "loyalty_card_number": "+48 ABC"},
        {"email": None, "phone": None, "loyalty_card_number": None},
        {"email": "", "phone": "", "loyalty_card_number": ""},
    ],
)
async def test_free_identifiers_are_accepted(state: State, changes: dict[str, str | None]) -> None:
    """Card numbers compare with case, each kind of identifier stands for itself, and none is no identifier."""
    await state.add_member(MEMBER._replace(customer_id="m0", email=None, phone=None, loyalty_card_number=None))
    await state.add_member(MEMBER)

    await state.add_member(_stranger(**changes))

    assert (await _count(state)).total == 3


async def test_identifiers_of_two_members(state: State) -> None:
    """Identifiers that belong to different members are named together."""
    await state.add_member(MEMBER)
    await state.add_member(_stranger(phone="123"))

    with pytest.raises(IdentifierTaken) as refused:
        await state.add_member(MEMBER._replace(customer_id="m3", phone="123", loyalty_card_number=None))

    assert refused.value.fields == ["email", "phone"]
    assert str(refused.value) == "email, phone"


async def test_member_is_read_as_added(state: State) -> None:
    """A member can be read by its id, in its store alone."""
    await state.add_member(MEMBER)

    assert await state.member("A", "m1") == MEMBER
    for store_code, customer_id in (("A", "m2"), ("B", "m1")):
        with pytest.raises(NotFound):
            await state.member(store_code, customer_id)


async def test_refused_member_leaves_no_trace(state: State) -> None:
    """Nothing of a refused member is stored: it isn't counted, and its free identifiers stay free."""
    await state.add_member(MEMBER)
    with pytest.raises(IdentifierTaken):
        await state.add_member(_stranger(email="new@example.com", phone="999", loyalty_card_number="Card-1"))

    assert (await _count(state)) == MemberCounts(1, dict.fromkeys(INTERVALS, 1))
    assert (await state.add_transaction(_bought(phone="999"))).customer_id is None
    await state.add_member(_stranger(email="new@example.com", phone="999"))


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (0, (1, 1, 1, 1)),
        (DAY - 1, (1, 1, 1, 1)),
        (DAY, (0, 1, 1, 1)),
        (7 * DAY - 1, (0, 1, 1, 1)),
        (7 * DAY, (0, 0, 1, 1)),
        (30 * DAY - 1, (0, 0, 1, 1)),
        (30 * DAY, (0, 0, 0, 1)),
        (365 * DAY - 1, (0, 0, 0, 1)),
        (365 * DAY, (0, 0, 0, 0)),
        (-1, (0, 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("with_transaction", [None, True, False])
async def test_members_are_counted_by_age(
    state: State, ago: float, expected: tuple[int, ...], *, with_transaction: bool | None
) -> None:
    """An interval counts who registered within it: now is part of it, its beginning isn't, the future isn't; the
    total counts everybody."""
    await state.add_member(MEMBER._replace(registered_at=NOW - ago))
    if with_transaction:
        await state.add_transaction(_bought(customerId="m1"))

    counts = await _count(state, with_transaction=with_transaction)

    assert counts == MemberCounts(1, dict(zip(INTERVALS, expected, strict=True)))


async def test_buyers_are_counted_apart(state: State) -> None:
    """Members with a transaction and those without are counted apart, each buyer once, and together are all."""
    for number, days in enumerate((0.5, 3, 10, 100, 1000)):
        await state.add_member(_stranger(customer_id=f"m{number}", registered_at=NOW - days * DAY))
    for number, customer_id in enumerate(("m0", "m2", "m2", "m4", "unknown")):
        await state.add_transaction(_bought(customerId=customer_id)._replace(transaction_id=f"x{number}"))

    counts = [await _count(state, with_transaction=choice) for choice in (None, True, False)]

    assert counts[0] == MemberCounts(5, {1: 1, 7: 2, 30: 3, 365: 4})
    assert counts[1] == MemberCounts(3, {1: 1, 7: 1, 30: 2, 365: 2})
    assert counts[2] == MemberCounts(2, {1: 0, 7: 1, 30: 1, 365: 2})


async def test_empty_store_counts_nobody(state: State) -> None:
    """A store without members has zeros for every interval."""
    assert await _count(state, with_transaction=False) == MemberCounts(0, dict.fromkeys(INTERVALS, 0))


# ---------------------------------------------------------------- transactions
@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ({"customerId": "m1", "loyaltyCardNumber": "card-m2", "email": "m3@a.b", "phone": "4"}, "m1"),
        ({"loyaltyCardNumber": "card-m2", "email": "m3@a.b", "phone": "4"}, "m2"),
        ({"customerId": "nobody", "loyaltyCardNumber": "card-m2", "email": "m3@a.b"}, "m2"),
        ({"loyaltyCardNumber": "CARD-M2", "email": "M3@a.B", "phone": "+4"}, "m3"),
        ({"email": "nobody@a.b", "phone": "+4x"}, "m4"),
        ({"email": "nobody@a.b", "phone": "4"}, None),
        ({"customerId": "", "loyaltyCardNumber": "", "email": "", "phone": ""}, None),
        ({"name": "m1"}, None),
        ({}, None),
    ],
)
async def test_transaction_is_matched(state: State, customer: dict[str, str], expected: str | None) -> None:
    """A transaction belongs to the member that it names by id, then card number, then e-mail, then phone."""
    for name in ("m1", "m2", "m3", "m4"):
        member = _stranger(
            customer_id=name, email=f"{name}@a.b", phone=f"+{name[1]}X", loyalty_card_number=f"card-{name}"
        )
        await state.add_member(member)

    stored = await state.add_transaction(_bought(**customer))

    assert stored == _bought(**customer)._replace(customer_id=expected)


async def test_transaction_without_customer_is_stored(state: State) -> None:
    """A transaction that names no customer at all is stored as nobody's."""
    assert await state.add_transaction(TRANSACTION) == TRANSACTION


# ---------------------------------------------------------------- subscriptions
async def test_subscription_is_read_as_added(state: State) -> None:
    """A subscription comes back as it was added."""
    full = SIGNED._replace(destination=Destination("https://a.test", "queue", '[{"headerName":"X"}]', queue_key="k"))
    await state.add_subscription(full)

    assert await state.subscription("A", "s1") == full


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), ["s1", "s2", "s3", "s4"]),
        ((Filter("eventName", "eq", "CustomerUpdated"),), ["s2", "s4"]),
        ((Filter("eventName", "eq", "customerupdated"),), []),
        ((Filter("eventName", "like", "UPDATED"),), ["s2", "s4"]),
        ((Filter("url", "eq", "https://a.test/1"),), ["s1"]),
        ((Filter("url", "like", "A.TEST"), Filter("legacy", "eq", operand=True)), ["s2", "s4"]),
        ((Filter("createdAt", "gte", NOW + 3),), ["s3", "s4"]),
        ((Filter("createdAt", "lt", NOW + 3), Filter("eventName", "eq", "CustomerUpdated")), ["s2"]),
    ],
)
async def test_subscriptions_are_filtered(state: State, filters: tuple[Filter, ...], expected: list[str]) -> None:
    """Subscriptions are filtered by event, URL, age and legacy mode; all filters must hold."""
    await _add_four_subscriptions(state)

    page = await state.subscriptions("A", Query(filters))

    assert [row.subscription_id for row in page.rows] == expected
    assert (page.total, page.filtered) == (4, len(expected))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((("createdAt", True),), ["s4", "s3", "s2", "s1"]),
        ((("url", False),), ["s1", "s2", "s3", "s4"]),
        ((("eventName", False), ("createdAt", True)), ["s3", "s1", "s4", "s2"]),
        ((("legacy", True), ("url", False)), ["s2", "s4", "s1", "s3"]),
    ],
)
async def test_subscriptions_are_sorted(state: State, order: tuple[tuple[str, bool], ...], expected: list[str]) -> None:
    """Subscriptions are sorted by each of the fields that they are filtered by, the first key counting most."""
    await _add_four_subscriptions(state)

    page = await state.subscriptions("A", Query(order=order))

    assert [row.subscription_id for row in page.rows] == expected


@pytest.mark.parametrize(("page", "expected"), [(1, ["s1", "s2", "s3"]), (2, ["s4"]), (3, [])])
async def test_subscriptions_are_paged(state: State, page: int, expected: list[str]) -> None:
    """A page holds as many subscriptions as asked for; the last what is left, those after it nothing."""
    await _add_four_subscriptions(state)

    found = await state.subscriptions("A", Query(page=page, items_on_page=3))

    assert [row.subscription_id for row in found.rows] == expected


@pytest.mark.parametrize(
    ("before", "signed", "after", "issued"),
    [
        (SIGNED.signing, None, SIGNED.signing, False),
        (SIGNED.signing, True, SIGNED.signing, False),
        (SIGNED.signing, False, None, False),
        (None, None, None, False),
        (None, True, SigningState("new", 1, None), True),
        (None, False, None, False),
    ],
)
async def test_replacing_a_destination_keeps_starts_or_ends_signing(
    state: State, before: SigningState | None, after: SigningState | None, *, signed: bool | None, issued: bool
) -> None:
    """Saying nothing keeps the key, true starts signing unless it is on, false ends it; the rest of the subscription
    but its destination stays."""
    old = SIGNED._replace(signing=before, legacy=True)
    await state.add_subscription(old)
    destination = Destination("https://b.test", headers='[{"headerName":"X"}]')

    used = await state.replace_destination("A", "s1", destination, "new", signed=signed)

    assert used is issued
    assert await state.subscription("A", "s1") == old._replace(destination=destination, signing=after)


async def test_replaced_destination_is_found_by_its_new_url(state: State) -> None:
    """Lists know a subscription by its new URL only, and at its old place."""
    await _add_four_subscriptions(state)

    await state.replace_destination("A", "s2", Destination("https://new.test"), "new", signed=None)

    page = await state.subscriptions("A", Query())
    assert [row.subscription_id for row in page.rows] == ["s1", "s2", "s3", "s4"]
    assert (await state.subscriptions("A", Query((Filter("url", "like", "a.test"),)))).filtered == 3


async def test_deleted_subscription_is_gone(state: State) -> None:
    """A deleted subscription can't be read, listed or deleted again; the others stay."""
    await _add_four_subscriptions(state)

    await state.delete_subscription("A", "s2")

    assert [row.subscription_id for row in (await state.subscriptions("A", Query())).rows] == ["s1", "s3", "s4"]
    with pytest.raises(NotFound):
        await state.subscription("A", "s2")
    with pytest.raises(NotFound):
        await state.delete_subscription("A", "s2")


async def test_subscriptions_of_an_event_are_up_to_date(state: State) -> None:
    """The subscriptions of an event are all those of its store, as they are now, in the order in which they came."""
    second, other = SIGNED._replace(subscription_id="s2"), SIGNED._replace(subscription_id="s3", event_name="Another")
    for added in (SIGNED, second, other, SIGNED._replace(store_code="B")):
        await state.add_subscription(added)
        await state.subscriptions_of("A", "CustomerRegistered")
    assert await state.subscriptions_of("A", "CustomerRegistered") == (SIGNED, second)
    await state.rotate_key("A", "s1", "new", NOW)
    first, _ = await state.subscriptions_of("A", "CustomerRegistered")
    assert first.signing == SigningState("new", 4, NOW)
    await state.delete_subscription("A", "s1")

    assert await state.subscriptions_of("A", "CustomerRegistered") == (second,)
    assert await state.subscriptions_of("A", "CustomerUpdated") == ()


async def test_change_of_an_unknown_subscription(state: State) -> None:
    """What doesn't exist can't be changed, and trying doesn't create it."""
    with pytest.raises(NotFound):
        await state.replace_destination("A", "s1", SIGNED.destination, "new", signed=True)
    with pytest.raises(NotFound):
        await state.rotate_key("A", "s1", "new", NOW)

    assert (await state.subscriptions("A", Query())).total == 0


async def test_any_text_comes_back(state: State) -> None:
    """Texts are kept as they are, whatever is in them: U+0000, as JSON may have it, and what no index would take."""
    odd, long = "\x00 ß 😀", "x" * 5_000
    member = MEMBER._replace(email=odd, phone=long, data={"email": odd, "firstName": long})
    subscription = SIGNED._replace(destination=Destination(f"https://a.test/{odd}", header_value=long))
    await state.add_member(member)
    await state.add_subscription(subscription)
    await state.add_user(USER._replace(user_id="m1", username=odd))

    assert await state.member("A", "m1") == member
    assert await state.subscription("A", "s1") == subscription
    assert [await state.user_by_login("member", "A", login) is not None for login in (odd, long, "\ud800")] == [
        True,
        True,
        False,
    ]
    assert (await state.subscriptions("A", Query((Filter("url", "like", "\x00 SS"),)))).filtered == 1


# ---------------------------------------------------------------- rotating keys
async def test_rotation_replaces_the_key_and_counts(state: State) -> None:
    """A rotation replaces the secret, counts the version and remembers when; the rest stays."""
    await state.add_subscription(SIGNED)

    await state.rotate_key("A", "s1", "new", NOW + 7)

    assert await state.subscription("A", "s1") == SIGNED._replace(signing=SigningState("new", 4, NOW + 7))


async def test_rotation_needs_a_key(state: State) -> None:
    """Where signing is off there is no key to rotate, and none is made."""
    await state.add_subscription(UNSIGNED)

    with pytest.raises(HmacNotEnabled):
        await state.rotate_key("A", "s1", "new", NOW)

    assert await state.subscription("A", "s1") == UNSIGNED


@pytest.mark.parametrize(("waited", "expected"), [(0, 300), (0.25, 300), (1, 299), (298.9995, 2), (299.75, 1)])
async def test_second_rotation_has_to_wait(state: State, waited: float, expected: int) -> None:
    """Within 300 seconds of a rotation the next is refused, with the whole seconds to wait, and changes nothing."""
    await state.add_subscription(SIGNED)
    await state.rotate_key("A", "s1", "new", NOW)

    with pytest.raises(TooManyRequests) as refused:
        await state.rotate_key("A", "s1", "newer", NOW + waited)

    assert refused.value.retry_after == expected
    assert (await state.subscription("A", "s1")).signing == SigningState("new", 4, NOW)


async def test_rotation_is_free_after_300_seconds(state: State) -> None:
    """Exactly 300 seconds after a rotation the next is done."""
    await state.add_subscription(SIGNED)
    await state.rotate_key("A", "s1", "new", NOW)

    await state.rotate_key("A", "s1", "newer", NOW + 300)

    assert (await state.subscription("A", "s1")).signing == SigningState("newer", 5, NOW + 300)


async def test_key_that_signing_started_with_can_be_rotated_at_once(state: State) -> None:
    """The interval lies between rotations: it doesn't begin when signing starts."""
    await state.add_subscription(UNSIGNED)
    await state.replace_destination("A", "s1", UNSIGNED.destination, "first", signed=True)

    await state.rotate_key("A", "s1", "second", NOW)

    assert (await state.subscription("A", "s1")).signing == SigningState("second", 2, NOW)


# ---------------------------------------------------------------- at the same time
async def test_one_of_many_equal_members_wins(state: State) -> None:
    """Of fifty members with the same e-mail who come at once, exactly one is added."""
    members = [_stranger(customer_id=f"m{number}", email="same@example.com") for number in range(50)]

    results = await asyncio.gather(*map(state.add_member, members), return_exceptions=True)

    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, IdentifierTaken) for result in results) == 49
    assert (await _count(state)).total == 1


async def test_refresh_token_is_used_once_at_the_same_time(state: State) -> None:
    """Of fifty requests with one refresh token that come at once, exactly one gets its owner."""
    await _fill(state)

    owners = await asyncio.gather(*(state.take_refresh_token("t1", "member", "A", NOW) for _ in range(50)))

    assert sum(owner is not None for owner in owners) == 1


async def test_key_is_rotated_once_at_the_same_time(state: State) -> None:
    """Of fifty rotations that come at once, exactly one is done."""
    await state.add_subscription(SIGNED)

    rotations = (state.rotate_key("A", "s1", f"new{number}", NOW) for number in range(50))
    results = await asyncio.gather(*rotations, return_exceptions=True)

    assert results.count(None) == 1
    assert (await state.subscription("A", "s1")).signing == SigningState(f"new{results.index(None)}", 4, NOW)


async def test_signing_starts_once_at_the_same_time(state: State) -> None:
    """Of fifty requests that start signing at once, one is told that its secret is used, and it is."""
    await state.add_subscription(UNSIGNED)

    starts = (
        state.replace_destination("A", "s1", UNSIGNED.destination, f"new{number}", signed=True) for number in range(50)
    )
    issued = await asyncio.gather(*starts)

    assert issued.count(True) == 1
    assert (await state.subscription("A", "s1")).signing == SigningState(f"new{issued.index(True)}")


async def test_logins_are_limited_at_the_same_time(state: State) -> None:
    """Of fifty logins that come at once, as many pass as the limit allows."""
    logins = (state.count_login("client", NOW, limit=20) for _ in range(50))

    results = await asyncio.gather(*logins, return_exceptions=True)

    assert results.count(None) == 20
    assert sum(isinstance(result, ApiError) for result in results) == 30


async def test_limits_hold_where_requests_overtake_each_other(state: State) -> None:
    """Requests take their moments before they get here: of such that come in another order no more pass."""
    moments = [NOW - number / 100 for number in range(50)]
    await state.add_subscription(SIGNED)

    logins = [await _passes(state.count_login("client", at, limit=20)) for at in moments]
    rotations = [await _passes(state.rotate_key("A", "s1", f"new{at}", at)) for at in moments]

    assert (sum(logins), sum(rotations)) == (20, 1)


async def test_limits_are_forgotten_when_the_clock_is_set_back(state: State) -> None:
    """What was counted at a moment that isn't yet doesn't count, and isn't told as a wait."""
    earlier = NOW - AT_ONCE - 1
    await state.add_subscription(SIGNED)

    logins = [await _passes(state.count_login("client", at, limit=1)) for at in (NOW, earlier, earlier)]
    rotations = [await _passes(state.rotate_key("A", "s1", "new", at)) for at in (NOW, earlier, earlier)]

    assert (logins, rotations) == ([True, True, False], [True, True, False])


async def _passes(intention: Awaitable[None]) -> bool:
    try:
        await intention
    except TooManyRequests:
        return False
    return True


# ---------------------------------------------------------------- what the tests start from
async def _fill(state: State) -> None:
    """The admin, and a member of store A who can log in and has a refresh token."""
    await state.add_user(ADMIN)
    await state.add_user(USER._replace(user_id="m1"))
    await state.add_member(MEMBER)
    await state.add_subscription(SIGNED)
    await state.add_refresh_token(TOKEN._replace(user_id="m1"), NOW)


async def _count(state: State, store_code: str = "A", *, with_transaction: bool | None = None) -> MemberCounts:
    return await state.count_members(store_code, NOW, with_transaction=with_transaction)


async def _add_four_subscriptions(state: State) -> None:
    for number in range(1, 5):
        even = number % 2 == 0
        subscription = Subscription(
            f"s{number}",
            "A",
            "CustomerUpdated" if even else "CustomerRegistered",
            NOW + number,
            Destination(f"https://a.test/{number}"),
            legacy=even,
        )
        await state.add_subscription(subscription)


def _stranger(**changes: Any) -> Member:
    """Another member of store A, who has no identifier but those that are given."""
    nobody = Member("m2", "A", None, None, None, "REF", NOW, {})
    return nobody._replace(**changes)


def _bought(**customer: str) -> Transaction:
    return TRANSACTION._replace(data={"customerData": customer})
