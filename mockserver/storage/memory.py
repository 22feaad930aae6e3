"""State in memory: the backend of one process and one event loop."""

import math
from bisect import insort
from collections import deque
from collections.abc import AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from functools import partial
from hmac import compare_digest
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.errors import BadRequest, HmacNotEnabled, NotFound, TooManyRequests, named
from mockserver.naming import Role
from mockserver.storage.memory_records import Records, Store
from mockserver.storage.model import (
    AnyRecord,
    Destination,
    Json,
    Member,
    RefreshToken,
    SigningState,
    Subscription,
    Transaction,
    User,
    from_json,
)
from mockserver.storage.snapshots import KINDS, integrity_problems
from mockserver.storage.state import (
    AT_ONCE,
    LOGIN_WINDOW,
    ROTATION_INTERVAL,
    Draw,
    Emission,
    IdentifierTaken,
    MemberCounts,
    RecordsTaken,
)
from mockserver.storage.table import Filter, Page, Query
from mockserver.turns import Turns

if TYPE_CHECKING:
    from mockserver.storage.resource_records import MemoryResourceRecords

MOST_CLIENTS = 10_000  # whose logins are remembered before those of long ago are forgotten

Identified = TypeVar("Identified", RefreshToken, Member, Transaction, Subscription)


class MemoryState:
    """State in the memory of this process. Every operation is atomic, as none awaits before its change is complete:
    `restore` prepares new records first, and then replaces the old ones in one step."""

    def __init__(self, store_codes: tuple[str, ...], remembered: "MemoryResourceRecords | None" = None) -> None:
        """`remembered` are the records of resources of another contract, which are part of the whole."""
        self._records = Records(store_codes)
        self.remembered = remembered
        self._left: list[Records] = []
        self._left_rows: list[dict[str, Json]] = []

    async def open(self) -> None:
        """Nothing to do: memory is there."""

    @asynccontextmanager
    async def in_one_step(self) -> AsyncIterator[None]:
        yield

    async def close(self) -> None:
        """Nothing to do: the process keeps its memory."""

    # ---------------------------------------------------------------- the whole
    async def clear(self, store_codes: tuple[str, ...], records: Sequence[AnyRecord] = ()) -> None:
        self._replace(Records(store_codes))
        if self.remembered is not None:
            self._left_rows += self.remembered.adopt(type(self.remembered)())
        await self.add_all(records)

    async def clear_store(self, store_code: str, records: Sequence[AnyRecord] = ()) -> None:
        left = Records()
        left.stores[store_code] = self._records.store(store_code)
        self._left.append(left)
        self._records.empty_store(store_code)
        await self.add_all(records)

    async def add_all(self, records: Sequence[AnyRecord]) -> None:
        taken = list(self._records.taken(records))
        if taken:
            raise RecordsTaken(taken)
        for record in records:
            if record.store_code is not None:
                self._records.stores.setdefault(record.store_code, Store())
            self._records.put(self._matched(record) if isinstance(record, Transaction) else record)

    def _matched(self, transaction: Transaction) -> Transaction:
        """The transaction with the member whom its `customerData` names, if any."""
        buyer = transaction.data.get("customerData") or {}
        store = self._records.store(transaction.store_code)
        return transaction._replace(customer_id=store.matching_member(buyer))

    async def snapshot(self) -> dict[str, Any]:
        return self._records.as_json() | (self.remembered.as_json() if self.remembered else {})

    async def restore(self, snapshot: Json) -> None:
        turns = Turns()
        problems = await integrity_problems(snapshot, turns)
        if problems:
            raise BadRequest(problems)
        records = Records()
        async for code in turns.over(snapshot["stores"]):
            records.stores[code] = Store()
        records.logins = {entry["client"]: deque(sorted(entry["at"])) for entry in snapshot["logins"]}
        for name, kind in KINDS.items():
            async for row in turns.over(snapshot[name]):
                records.put(from_json(kind, row))
        has_rows = self.remembered is not None and "records" in snapshot
        remembered = await self.remembered.of(snapshot, turns) if self.remembered and has_rows else None
        self._replace(records)
        if self.remembered and remembered:
            self._left_rows += self.remembered.adopt(remembered)

    async def tidy(self) -> None:
        turns = Turns()
        while self._left:
            for contents in self._left.pop().contents():
                await turns.let_go(contents)
        while self._left_rows:
            await turns.let_go(self._left_rows.pop())

    def _replace(self, records: Records) -> None:
        self._left.append(self._records)
        self._records = records

    # ---------------------------------------------------------------- stores and users
    async def has_store(self, store_code: str) -> bool:
        return store_code in self._records.stores

    async def sizes(self) -> dict[str, int]:
        return self._records.sizes()

    async def store_codes(self) -> list[str]:
        return list(self._records.stores)

    async def add_user(self, user: User) -> None:
        self._require(user.store_code)
        self._records.put(user)

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        member_id = None if store_code is None else self._records.store(store_code).member_by_any_identifier(login)
        named = self._records.user_named(role, store_code, login)
        identified = None if member_id is None else self._records.users.get(member_id)
        for user in (named, identified):
            if user is not None and (user.role, user.store_code) == (role, store_code):
                return user
        return None

    async def user_by_api_key(self, api_key: str) -> User | None:
        given = api_key.encode("utf-8", "surrogatepass")
        keys = ((user, (user.api_key or "").encode("utf-8", "surrogatepass")) for user in self._records.key_holders())
        return next((user for user, key in keys if key and compare_digest(key, given)), None)

    async def record_login(self, user_id: str, at: float) -> None:
        user = self._records.users.get(user_id)
        if user is not None:
            self._records.users[user_id] = user._replace(last_login_at=at)

    async def count_login(self, client: str, at: float, limit: int) -> None:
        if len(self._records.logins) > MOST_CLIENTS:
            logins = self._records.logins.items()
            self._records.logins = {who: times for who, times in logins if times and times[-1] > at - LOGIN_WINDOW}
        times = self._records.logins.setdefault(client, deque())
        while times and times[0] <= at - LOGIN_WINDOW:
            times.popleft()
        while times and times[-1] > at + AT_ONCE:  # the clock was set back
            times.pop()
        if len(times) >= limit:
            raise TooManyRequests(retry_after=math.ceil(times[0] + LOGIN_WINDOW - at))
        insort(times, at)

    # ---------------------------------------------------------------- refresh tokens
    async def add_refresh_token(self, token: RefreshToken, at: float, draw: Draw | None = None) -> RefreshToken:
        self._require(token.store_code)
        token = _under_free_id(token, self._records.refresh_tokens, draw)
        self._records.put_token(token)
        oldest_two = list(islice(self._records.refresh_tokens.values(), 2))
        for oldest in oldest_two:  # two go for one that comes: so they can't pile up
            if at >= oldest.expires_at:
                self._records.forget_token(oldest)
        return token

    async def refresh_token(self, token: str) -> RefreshToken | None:
        return self._records.refresh_tokens.get(token)

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        self._require(store_code)
        found = self._records.refresh_tokens.get(token)
        if found is None or (found.role, found.store_code) != (role, store_code):
            return None
        self._records.forget_token(found)
        return self._records.users.get(found.user_id) if at < found.expires_at else None

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        return self._records.forget_tokens_of(user_id)

    # ---------------------------------------------------------------- members and transactions
    async def add_member(self, member: Member, draw: Draw | None = None, registered: Emission | None = None) -> Member:
        store = self._records.store(member.store_code)
        member = _under_free_id(member, store.members, draw)
        taken = store.taken(member)
        if taken:
            raise IdentifierTaken(taken)
        store.put_member(member)
        if registered is not None:
            await registered.emit(registered.event_name, member.store_code, partial(registered.data, member))
        return member

    async def member(self, store_code: str, customer_id: str) -> Member:
        try:
            return self._records.store(store_code).members[customer_id]
        except KeyError:
            raise NotFound(hint=f"No member with this id in store {named(store_code)}.") from None

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        return self._records.store(store_code).count_members(at, with_transaction=with_transaction)

    async def add_transaction(
        self,
        transaction: Transaction,
        draw: Draw | None = None,
        registered: Emission | None = None,
        assigned: Emission | None = None,
    ) -> Transaction:
        store = self._records.store(transaction.store_code)
        transaction = _under_free_id(transaction, store.transactions, draw)
        transaction = self._matched(transaction)
        store.put_transaction(transaction)
        code = transaction.store_code
        if registered is not None:
            await registered.emit(registered.event_name, code, partial(registered.data, transaction))
        if assigned is not None and transaction.customer_id is not None:
            member = store.members[transaction.customer_id]
            await assigned.emit(assigned.event_name, code, partial(assigned.data, transaction, member))
        return transaction

    # ---------------------------------------------------------------- subscriptions
    async def add_subscription(self, subscription: Subscription, draw: Draw | None = None) -> Subscription:
        store = self._records.store(subscription.store_code)
        if subscription.subscription_id in store.subscriptions.rows:
            subscription = _under_free_id(subscription, store.subscriptions.rows, draw)
        store.put_subscription(subscription)
        return subscription

    async def subscription(self, store_code: str, subscription_id: str) -> Subscription:
        found = self._records.store(store_code).subscriptions.get(subscription_id)
        if found is None:
            raise NotFound(hint=f"No subscription with this id in store {named(store_code)}.")
        return found

    async def subscriptions(self, store_code: str, query: Query) -> Page[Subscription]:
        return self._records.store(store_code).subscriptions.page(query)

    async def subscriptions_of(self, store_code: str, event_name: str) -> tuple[Subscription, ...]:
        store = self._records.store(store_code)
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
        store = self._records.store(store_code)
        found = await self.subscription(store_code, subscription_id)
        store.subscriptions.discard(subscription_id)
        store.by_event.pop(found.event_name, None)

    async def rotate_key(self, store_code: str, subscription_id: str, new_secret: str, at: float) -> None:
        old = await self.subscription(store_code, subscription_id)
        if old.signing is None:
            raise HmacNotEnabled
        rotated_at = old.signing.rotated_at
        if rotated_at is not None and rotated_at - AT_ONCE <= at < rotated_at + ROTATION_INTERVAL:
            raise TooManyRequests(retry_after=math.ceil(rotated_at + ROTATION_INTERVAL - at))
        signing = SigningState(new_secret, old.signing.version + 1, rotated_at=at)
        await self.add_subscription(old._replace(signing=signing))

    def _require(self, store_code: str | None) -> None:
        """Check that the store exists; admins belong to none."""
        if store_code is not None:
            self._records.store(store_code)


def _under_free_id(record: Identified, taken: Container[str], draw: Draw | None) -> Identified:
    """The record, with a newly drawn id if its own, the first field, is taken."""
    while draw and record[0] in taken:
        another: dict[str, Any] = {record._fields[0]: draw()}
        record = record._replace(**another)
    return record


def _all_of(name: str, value: str, most: int) -> Query:
    return Query((Filter(name, "eq", value),), items_on_page=max(1, most))
