"""Records of `MemoryState`, with the indexes that find and count them."""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from mockserver.errors import UnknownStore
from mockserver.storage.model import (
    AnyRecord,
    Member,
    RefreshToken,
    Subscription,
    Transaction,
    User,
    identifiers_of,
    to_json,
)
from mockserver.storage.state import INTERVALS, MemberCounts
from mockserver.storage.table import Table

DAY = 86_400
SUBSCRIPTION_FIELDS = {
    "eventName": lambda row: row.event_name,
    "url": lambda row: row.destination.url,
    "createdAt": lambda row: row.created_at,
    "legacy": lambda row: row.legacy,
}


class Store:
    """Records of one tenant, with their indexes."""

    def __init__(self) -> None:
        self.subscriptions: Table[Subscription] = Table(SUBSCRIPTION_FIELDS, "eventName")
        self.by_event: dict[str, tuple[Subscription, ...]] = {}  # cached; a change of one removes the entry
        self.members: dict[str, Member] = {}
        self.transactions: dict[str, Transaction] = {}
        self._identifiers: dict[tuple[str, str], str] = {}
        self._buyers: set[str] = set()
        self._registrations: list[float] = []
        self._buyers_registrations: list[float] = []

    def put_member(self, member: Member) -> None:
        """Add a member whose identifiers are free."""
        self.members[member.customer_id] = member
        self._identifiers.update(dict.fromkeys(identifiers_of(member), member.customer_id))
        insort(self._registrations, member.registered_at)

    def put_transaction(self, transaction: Transaction) -> None:
        """Add a transaction of a member, if of any."""
        buyer = transaction.customer_id
        self.transactions[transaction.transaction_id] = transaction
        if buyer is not None and buyer not in self._buyers:
            self._buyers.add(buyer)
            insort(self._buyers_registrations, self.members[buyer].registered_at)

    def put_subscription(self, subscription: Subscription) -> None:
        """Add a subscription, or replace the one that has its id."""
        self.subscriptions.put(subscription.subscription_id, subscription)
        self.by_event.pop(subscription.event_name, None)

    def taken(self, member: Member) -> list[str]:
        """Identifiers of a member that another one has already, in the API's words."""
        return [name for name, value in identifiers_of(member) if (name, value) in self._identifiers]

    def member_by_any_identifier(self, login: str) -> str | None:
        """Id of the member with this e-mail, phone or card number, or None."""
        return self._first(("email", login.casefold()), ("phone", login.casefold()), ("loyaltyCardNumber", login))

    def matching_member(self, customer: dict[str, str]) -> str | None:
        """Id of the member that a transaction names, or None: by id, card number, e-mail, phone, in this order
        (assumption A26)."""
        if customer.get("customerId") in self.members:
            return customer["customerId"]
        return self._first(
            ("loyaltyCardNumber", customer.get("loyaltyCardNumber", "")),
            ("email", customer.get("email", "").casefold()),
            ("phone", customer.get("phone", "").casefold()),
        )

    def count_members(self, at: float, *, with_transaction: bool | None) -> MemberCounts:
        """Counts of members: all, or only those with or without a transaction."""
        everybody = _counts(self._registrations, at)
        if with_transaction is None:
            return everybody
        buyers = _counts(self._buyers_registrations, at)
        if with_transaction:
            return buyers
        others = {days: count - buyers.registered_in[days] for days, count in everybody.registered_in.items()}
        return MemberCounts(everybody.total - buyers.total, others)

    def contents(self) -> "Iterable[list[Any] | dict[Any, Any] | set[Any]]":
        """Containers that may be large, for `Turns.let_go`."""
        yield from (self.members, self.transactions, self._identifiers, self._buyers)
        yield from (self._registrations, self._buyers_registrations)
        yield from self.subscriptions.contents()

    def _first(self, *identifiers: tuple[str, str]) -> str | None:
        return next((self._identifiers[one] for one in identifiers if one in self._identifiers), None)


_NO_STORE = Store()


class Records:
    """All records of a mock: those of its stores, and its users."""

    def __init__(self, store_codes: Iterable[str] = ()) -> None:
        self.stores = {code: Store() for code in store_codes}
        self.users: dict[str, User] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.logins: dict[str, deque[float]] = {}
        self._tokens_of: dict[str, set[str]] = {}
        self._names: dict[tuple[str, str | None, str], str] = {}
        self._key_holders: dict[str, None] = {}  # ids; few users have a key, and each key is compared

    def store(self, store_code: str) -> Store:
        """Store of this code. Raises UnknownStore."""
        try:
            return self.stores[store_code]
        except KeyError:
            raise UnknownStore(store_code, list(self.stores)) from None

    def put(self, record: AnyRecord) -> None:
        """Add a record unchanged. Raises UnknownStore if its store doesn't exist."""
        match record:
            case User():
                self.put_user(record)
            case RefreshToken():
                self.put_token(record)
            case Member():
                self.store(record.store_code).put_member(record)
            case Transaction():
                self.store(record.store_code).put_transaction(record)
            case Subscription():
                self.store(record.store_code).put_subscription(record)

    def put_user(self, user: User) -> None:
        """Add a user, or replace the one that has its id."""
        self.users[user.user_id] = user
        self._names.setdefault((user.role, user.store_code, user.username), user.user_id)
        if user.api_key:
            self._key_holders[user.user_id] = None

    def empty_store(self, store_code: str) -> None:
        """Replace a store by an empty one, and remove its users and their tokens. Raises NotFound."""
        self.store(store_code)
        self.stores[store_code] = Store()
        for user in [user for user in self.users.values() if user.store_code == store_code]:
            del self.users[user.user_id]
            self._key_holders.pop(user.user_id, None)
            self.forget_tokens_of(user.user_id)
        names = self._names.items()
        self._names = {name: user_id for name, user_id in names if name[1] != store_code}

    def taken(self, records: Iterable[AnyRecord]) -> Iterator[tuple[int, str]]:
        """Indexes of records that can't be added, each with the field, in the API's words, that isn't free."""
        seen: set[tuple[object, ...]] = set()
        for index, record in enumerate(records):
            for field, key, is_free in self._keys(record):
                if key in seen or not is_free:
                    yield index, field
                seen.add(key)

    def _keys(self, record: AnyRecord) -> Iterator[tuple[str, tuple[object, ...], bool]]:
        """What has to be free for a record: the name of the field, a key for it, and whether it is free now."""
        store = self.stores.get(record.store_code or "", _NO_STORE)
        match record:
            case User():
                name = (record.role, record.store_code, record.username)
                yield "username", name, self.user_named(*name) is None
                yield "userId", ("user", record.user_id), record.user_id not in self.users
            case RefreshToken():
                yield "token", ("token", record.token), record.token not in self.refresh_tokens
            case Member():
                yield "customerId", (record.store_code, *record[:1]), record.customer_id not in store.members
                taken = store.taken(record)
                for identifier, value in identifiers_of(record):
                    yield identifier, (record.store_code, identifier, value), identifier not in taken
            case Transaction():
                is_free = record.transaction_id not in store.transactions
                yield "transactionId", ("transaction", *record[:2]), is_free
            case Subscription():
                is_free = store.subscriptions.get(record.subscription_id) is None
                yield "subscriptionId", ("subscription", *record[:2]), is_free

    def user_named(self, role: str, store_code: str | None, username: str) -> User | None:
        """User with this role, store and user name, or None."""
        found = self.users.get(self._names.get((role, store_code, username), ""))
        return found if found is not None and found.username == username else None

    def key_holders(self) -> Iterator[User]:
        """Users that have an API key."""
        return (self.users[user_id] for user_id in self._key_holders)

    def put_token(self, token: RefreshToken) -> None:
        """Add a refresh token, or replace the one with the same text."""
        if token.token in self.refresh_tokens:
            self.forget_token(self.refresh_tokens[token.token])
        self.refresh_tokens[token.token] = token
        self._tokens_of.setdefault(token.user_id, set()).add(token.token)

    def forget_token(self, token: RefreshToken) -> None:
        """Remove a refresh token, which must exist."""
        del self.refresh_tokens[token.token]
        self._tokens_of[token.user_id].discard(token.token)

    def forget_tokens_of(self, user_id: str) -> int:
        """Remove all refresh tokens of a user; returns their number."""
        tokens = self._tokens_of.pop(user_id, set())
        return sum(self.refresh_tokens.pop(token, None) is not None for token in tokens)

    def sizes(self) -> dict[str, int]:
        """How many records there are, by kind as `as_json` names them, and how many stores."""
        stores = self.stores.values()
        return {
            "stores": len(self.stores),
            "users": len(self.users),
            "refreshTokens": len(self.refresh_tokens),
            "members": sum(len(store.members) for store in stores),
            "transactions": sum(len(store.transactions) for store in stores),
            "subscriptions": sum(len(store.subscriptions) for store in stores),
        }

    def as_json(self) -> dict[str, Any]:
        """All records in the form of `Snapshot` in control.yaml; long lists are iterators, which later changes don't
        reach."""
        stores = self.stores.values()
        rows: dict[str, Iterable[AnyRecord]] = {
            "users": self.users.values(),
            "refreshTokens": self.refresh_tokens.values(),
            "members": chain.from_iterable(store.members.values() for store in stores),
            "transactions": chain.from_iterable(store.transactions.values() for store in stores),
            "subscriptions": chain.from_iterable(store.subscriptions for store in stores),
        }
        logins = [{"client": client, "at": list(times)} for client, times in self.logins.items() if times]
        lists: dict[str, Iterator[Any]] = {name: map(to_json, list(records)) for name, records in rows.items()}
        return {"stores": list(self.stores), "logins": iter(logins)} | lists

    def contents(self) -> "Iterator[list[Any] | dict[Any, Any] | set[Any]]":
        """Containers that may be large, for `Turns.let_go`."""
        for store in self.stores.values():
            yield from store.contents()
        yield from (self.stores, self.users, self.refresh_tokens, self.logins)
        yield from (self._tokens_of, self._names, self._key_holders)


def _counts(registrations: list[float], at: float) -> MemberCounts:
    until_now = bisect_right(registrations, at)
    since = {days: until_now - bisect_right(registrations, at - days * DAY) for days in INTERVALS}
    return MemberCounts(len(registrations), since)
