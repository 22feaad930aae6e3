"""What the mock remembers, behind a protocol whose operations are whole intentions.

Each is atomic: it checks and changes in one step, so that a State shared by several servers can keep the same promises
under the same tests. Nothing outside may build one from a read and a write. Records go in and out unchanged (model.py).
"""

import math
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable
from hmac import compare_digest
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from mockserver.errors import BadRequest, HmacNotEnabled, NotFound, TooManyRequests
from mockserver.model import (
    AnyRecord,
    Destination,
    Json,
    Member,
    RefreshToken,
    Role,
    SigningState,
    Subscription,
    Transaction,
    User,
    from_json,
    identifiers_of,
    to_json,
)
from mockserver.snapshots import KINDS, misfits
from mockserver.table import Filter, Page, Query, Table

LOGIN_WINDOW = 60  # seconds; the vendor counts logins by the minute (facts §2.4)
MOST_CLIENTS = 10_000  # whose logins are remembered before those of long ago are forgotten
ROTATION_INTERVAL = 300  # seconds between two rotations of a key (facts §3.5)
DAY = 86_400


class IdentifierTaken(Exception):
    """Another member of the store has one of these identifiers. `fields` names them in the API's words."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class MemberCounts(NamedTuple):
    """Members in all, and those registered in the last so many days (the keys of `registered_in`)."""

    total: int
    registered_in: dict[int, int]


class State(Protocol):
    """The promises. Every operation that names an unknown store raises NotFound, but the one that asks for it."""

    async def has_store(self, store_code: str) -> bool: ...

    async def clear(self, store_codes: tuple[str, ...]) -> None:
        """Forget everything; there are these stores, and nothing in them."""

    async def snapshot(self) -> dict[str, Any]:
        """All that is remembered, as `Snapshot` of control.yaml describes it. What comes later doesn't change it."""

    async def restore(self, snapshot: Json) -> None:
        """Remember what a snapshot says and nothing else: whatever is asked afterwards is answered as it was after it
        was taken. Raises BadRequest, and changes nothing, if its parts don't fit together."""

    async def add_user(self, user: User) -> None:
        """Let somebody log in."""

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        """The admin with this user name, or the store's member with this user name or identifier."""

    async def user_by_api_key(self, api_key: str) -> User | None: ...

    async def record_login(self, user_id: str, at: float) -> None:
        """Remember when a user logged in."""

    async def count_login(self, client: str, at: float, limit: int) -> None:
        """Count a login against `limit` a minute. Raises TooManyRequests, uncounted, when the limit is reached."""

    async def add_refresh_token(self, token: RefreshToken, at: float) -> None:
        """Let somebody refresh. Tokens that have expired may be forgotten by and by."""

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        """Use up a refresh token and return its owner. None if it has expired, or if it isn't one for this role and
        store, which doesn't use it up."""

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        """End all refresh tokens of a user; returns how many."""

    async def add_member(self, member: Member) -> None:
        """Add a member. Raises IdentifierTaken if its e-mail, phone or card number isn't free in the store."""

    async def member(self, store_code: str, customer_id: str) -> Member:
        """Raises NotFound."""

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        """Count members: all, or only those with or without a transaction."""

    async def add_transaction(self, transaction: Transaction) -> Transaction:
        """Store a transaction and match it to the member that its `customerData` names; returns it as stored."""

    async def add_subscription(self, subscription: Subscription) -> None: ...

    async def subscription(self, store_code: str, subscription_id: str) -> Subscription:
        """Raises NotFound."""

    async def subscriptions(self, store_code: str, query: Query) -> Page[Subscription]:
        """One page, filtered and sorted by `eventName`, `url`, `createdAt` and `legacy`."""

    async def subscriptions_of(self, store_code: str, event_name: str) -> tuple[Subscription, ...]:
        """All subscriptions of an event, in the order in which they came. Costs nothing while they stay the same."""

    async def replace_destination(
        self, store_code: str, subscription_id: str, destination: Destination, new_secret: str, *, signed: bool | None
    ) -> bool:
        """Replace a destination. `signed` None keeps the signing state, False ends it, True starts it with
        `new_secret` unless it is on. Returns whether the secret was used. Raises NotFound."""

    async def delete_subscription(self, store_code: str, subscription_id: str) -> None:
        """Raises NotFound."""

    async def rotate_key(self, store_code: str, subscription_id: str, new_secret: str, at: float) -> None:
        """Replace the signing key. Raises NotFound, HmacNotEnabled, or TooManyRequests within ROTATION_INTERVAL."""


SUBSCRIPTION_FIELDS = {
    "eventName": lambda row: row.event_name,
    "url": lambda row: row.destination.url,
    "createdAt": lambda row: row.created_at,
    "legacy": lambda row: row.legacy,
}
INTERVALS = (1, 7, 30, 365)  # days


class _Store:
    """All that belongs to one tenant."""

    def __init__(self) -> None:
        self.subscriptions: Table[Subscription] = Table(SUBSCRIPTION_FIELDS, "eventName")
        self.by_event: dict[str, tuple[Subscription, ...]] = {}  # as asked for; emptied by a change
        self.members: dict[str, Member] = {}
        self.transactions: dict[str, Transaction] = {}
        self.member_by_identifier: dict[tuple[str, str], str] = {}
        self.buyers: set[str] = set()
        self.registrations: list[float] = []
        self.buyers_registrations: list[float] = []


class MemoryState:
    """State in this process. One event loop uses it; as nothing in it awaits, every operation is atomic."""

    def __init__(self, store_codes: tuple[str, ...]) -> None:
        self._stores = {code: _Store() for code in store_codes}
        self._users: dict[str, User] = {}
        self._refresh_tokens: dict[str, RefreshToken] = {}
        self._tokens_of: dict[str, set[str]] = {}
        self._logins: dict[str, deque[float]] = {}

    # ---------------------------------------------------------------- the whole
    async def clear(self, store_codes: tuple[str, ...]) -> None:
        self.__init__(store_codes)  # type: ignore[misc]  # begin anew

    async def snapshot(self) -> dict[str, Any]:
        stores = self._stores.values()
        records: dict[str, Iterable[Any]] = {
            "users": self._users.values(),
            "refreshTokens": self._refresh_tokens.values(),
            "members": chain.from_iterable(store.members.values() for store in stores),
            "transactions": chain.from_iterable(store.transactions.values() for store in stores),
            "subscriptions": chain.from_iterable(store.subscriptions for store in stores),
        }
        logins = [{"client": client, "at": list(times)} for client, times in self._logins.items() if times]
        return {"stores": list(self._stores), "logins": logins} | {
            name: [to_json(record) for record in rows] for name, rows in records.items()
        }

    async def restore(self, snapshot: Json) -> None:
        problems = list(misfits(snapshot))
        if problems:
            raise BadRequest(problems)
        await self.clear(tuple(snapshot["stores"]))
        self._logins = {entry["client"]: deque(sorted(entry["at"])) for entry in snapshot["logins"]}
        for name, kind in KINDS.items():
            for row in snapshot[name]:
                await self._put(from_json(kind, row))

    async def _put(self, record: AnyRecord) -> None:
        """Take a record as it is."""
        match record:
            case User():
                await self.add_user(record)
            case RefreshToken():
                await self.add_refresh_token(record, -math.inf)
            case Member():
                await self.add_member(record)
            case Transaction():
                self._put_transaction(record)
            case Subscription():
                await self.add_subscription(record)

    # ---------------------------------------------------------------- stores and users
    async def has_store(self, store_code: str) -> bool:
        return store_code in self._stores

    async def add_user(self, user: User) -> None:
        self._require(user.store_code)
        self._users[user.user_id] = user

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        member_id = None if store_code is None else self._member_by_any_identifier(self._store(store_code), login)
        for user in self._users.values():
            is_named = user.username == login or user.user_id == member_id
            if is_named and user.role == role and user.store_code == store_code:
                return user
        return None

    async def user_by_api_key(self, api_key: str) -> User | None:
        given = api_key.encode("utf-8", "surrogatepass")
        keys = ((user, (user.api_key or "").encode()) for user in self._users.values())
        return next((user for user, key in keys if key and compare_digest(key, given)), None)

    async def record_login(self, user_id: str, at: float) -> None:
        user = self._users.get(user_id)
        if user is not None:
            self._users[user_id] = user._replace(last_login_at=at)

    async def count_login(self, client: str, at: float, limit: int) -> None:
        if len(self._logins) > MOST_CLIENTS:
            self._logins = {who: times for who, times in self._logins.items() if times[-1] > at - LOGIN_WINDOW}
        times = self._logins.setdefault(client, deque())
        while times and times[0] <= at - LOGIN_WINDOW:
            times.popleft()
        while times and times[-1] > at:  # the clock was set back
            times.pop()
        if len(times) >= limit:
            raise TooManyRequests(retry_after=math.ceil(times[0] + LOGIN_WINDOW - at))
        times.append(at)

    # ---------------------------------------------------------------- refresh tokens
    async def add_refresh_token(self, token: RefreshToken, at: float) -> None:
        self._require(token.store_code)
        self._refresh_tokens[token.token] = token
        self._tokens_of.setdefault(token.user_id, set()).add(token.token)
        for oldest in list(islice(self._refresh_tokens.values(), 2)):  # two go for one that comes: it can't pile up
            if at >= oldest.expires_at:
                self._forget(oldest)

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        self._require(store_code)
        found = self._refresh_tokens.get(token)
        if found is None or (found.role, found.store_code) != (role, store_code):
            return None
        self._forget(found)
        return self._users.get(found.user_id) if at < found.expires_at else None

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        tokens = self._tokens_of.pop(user_id, set())
        for token in tokens:
            del self._refresh_tokens[token]
        return len(tokens)

    def _forget(self, token: RefreshToken) -> None:
        del self._refresh_tokens[token.token]
        self._tokens_of[token.user_id].discard(token.token)

    # ---------------------------------------------------------------- members and transactions
    async def add_member(self, member: Member) -> None:
        store = self._store(member.store_code)
        identifiers = identifiers_of(member)
        taken = [name for name, value in identifiers if (name, value) in store.member_by_identifier]
        if taken:
            raise IdentifierTaken(taken)
        store.members[member.customer_id] = member
        store.member_by_identifier.update(dict.fromkeys(identifiers, member.customer_id))
        insort(store.registrations, member.registered_at)

    async def member(self, store_code: str, customer_id: str) -> Member:
        try:
            return self._store(store_code).members[customer_id]
        except KeyError:
            raise NotFound from None

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        store = self._store(store_code)
        everybody = _counts(store.registrations, at)
        if with_transaction is None:
            return everybody
        buyers = _counts(store.buyers_registrations, at)
        if with_transaction:
            return buyers
        others = {days: count - buyers.registered_in[days] for days, count in everybody.registered_in.items()}
        return MemberCounts(everybody.total - buyers.total, others)

    async def add_transaction(self, transaction: Transaction) -> Transaction:
        store = self._store(transaction.store_code)
        customer_id = _matching_member(store, transaction.data.get("customerData") or {})
        return self._put_transaction(transaction._replace(customer_id=customer_id))

    def _put_transaction(self, transaction: Transaction) -> Transaction:
        store, buyer = self._store(transaction.store_code), transaction.customer_id
        store.transactions[transaction.transaction_id] = transaction
        if buyer is not None and buyer not in store.buyers:
            store.buyers.add(buyer)
            insort(store.buyers_registrations, store.members[buyer].registered_at)
        return transaction

    # ---------------------------------------------------------------- subscriptions
    async def add_subscription(self, subscription: Subscription) -> None:
        store = self._store(subscription.store_code)
        store.subscriptions.put(subscription.subscription_id, subscription)
        store.by_event.pop(subscription.event_name, None)

    async def subscription(self, store_code: str, subscription_id: str) -> Subscription:
        found = self._store(store_code).subscriptions.get(subscription_id)
        if found is None:
            raise NotFound
        return found

    async def subscriptions(self, store_code: str, query: Query) -> Page[Subscription]:
        return self._store(store_code).subscriptions.page(query)

    async def subscriptions_of(self, store_code: str, event_name: str) -> tuple[Subscription, ...]:
        store = self._store(store_code)
        found = store.by_event.get(event_name)
        if found is None:
            rows = store.subscriptions.page(_all_of("eventName", event_name, len(store.subscriptions))).rows
            found = store.by_event[event_name] = tuple(rows)
        return found

    async def replace_destination(
        self, store_code: str, subscription_id: str, destination: Destination, new_secret: str, *, signed: bool | None
    ) -> bool:
        old = await self.subscription(store_code, subscription_id)
        issued = signed is True and old.signing is None
        kept = None if signed is False else old.signing
        signing = SigningState(new_secret) if issued else kept
        await self.add_subscription(old._replace(destination=destination, signing=signing))
        return issued

    async def delete_subscription(self, store_code: str, subscription_id: str) -> None:
        store = self._store(store_code)
        found = await self.subscription(store_code, subscription_id)
        store.subscriptions.discard(subscription_id)
        store.by_event.pop(found.event_name, None)

    async def rotate_key(self, store_code: str, subscription_id: str, new_secret: str, at: float) -> None:
        old = await self.subscription(store_code, subscription_id)
        if old.signing is None:
            raise HmacNotEnabled
        rotated_at = old.signing.rotated_at
        if rotated_at is not None and rotated_at <= at < rotated_at + ROTATION_INTERVAL:
            raise TooManyRequests(retry_after=math.ceil(rotated_at + ROTATION_INTERVAL - at))
        signing = SigningState(new_secret, old.signing.version + 1, rotated_at=at)
        await self.add_subscription(old._replace(signing=signing))

    def _store(self, store_code: str) -> _Store:
        try:
            return self._stores[store_code]
        except KeyError:
            raise NotFound from None

    def _require(self, store_code: str | None) -> None:
        """Check that the store exists; admins belong to none."""
        if store_code is not None:
            self._store(store_code)

    def _member_by_any_identifier(self, store: _Store, login: str) -> str | None:
        keys = (("email", login.casefold()), ("phone", login.casefold()), ("loyaltyCardNumber", login))
        return next((store.member_by_identifier[key] for key in keys if key in store.member_by_identifier), None)


def _all_of(name: str, value: str, most: int) -> Query:
    return Query((Filter(name, "eq", value),), items_on_page=max(1, most))


def _matching_member(store: _Store, customer: "dict[str, str]") -> str | None:
    """The member whom a transaction names: by id, card number, e-mail, phone, in this order (assumption A26)."""
    if customer.get("customerId") in store.members:
        return customer["customerId"]
    keys = (
        ("loyaltyCardNumber", customer.get("loyaltyCardNumber", "")),
        ("email", customer.get("email", "").casefold()),
        ("phone", customer.get("phone", "").casefold()),
    )
    return next((store.member_by_identifier[key] for key in keys if key in store.member_by_identifier), None)


def _counts(registrations: list[float], at: float) -> MemberCounts:
    until_now = bisect_right(registrations, at)
    since = {days: until_now - bisect_right(registrations, at - days * DAY) for days in INTERVALS}
    return MemberCounts(len(registrations), since)
