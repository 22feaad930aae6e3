"""State of the mock: a protocol whose operations are whole intentions, with its values and errors.

Each operation is atomic: it checks and changes in one step, so that a backend shared by several servers can keep the
same promises under the same tests (tests/storage/test_state.py). Nothing outside may build one from a read and a write.
Records go in and out unchanged (model.py). `memory.MemoryState` is the backend of one mock alone, and
`postgres.PostgresState` that of several which share a database.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from mockserver.naming import Role
from mockserver.storage.model import (
    AnyRecord,
    Destination,
    Json,
    Member,
    RefreshToken,
    Subscription,
    Transaction,
    User,
)
from mockserver.storage.table import Page, Query

LOGIN_WINDOW = 60  # seconds; the vendor counts logins by the minute (vendor-facts §2.4)
ROTATION_INTERVAL = 300  # seconds between two rotations of a key (vendor-facts §3.5)
# Seconds by which the moments of requests may differ that come at the same time: they take them before they get here,
# and overtake each other on the way. A moment that is earlier by more is from after the clock was set back.
AT_ONCE = 10.0
INTERVALS = (1, 7, 30, 365)  # days, of MemberCounts

Draw = Callable[[], str]


class IdentifierTaken(Exception):
    """Another member of the store has one of these identifiers. `fields` names them in the API's words."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class RecordsTaken(Exception):
    """Records can't be added. `taken` has the index of each, and the field, in the API's words, that isn't free."""

    def __init__(self, taken: list[tuple[int, str]]) -> None:
        super().__init__(", ".join(f"{index}: {field}" for index, field in taken))
        self.taken = taken


class MemberCounts(NamedTuple):
    """Members in all, and those registered in the last so many days (INTERVALS, the keys of `registered_in`)."""

    total: int
    registered_in: dict[int, int]


class Emission(NamedTuple):
    """An event that a change causes. `data` makes its data of the record as it is stored, and what goes with it; `at`
    is its time, in Unix seconds. A backend that keeps deliveries, too, writes the event with the change, and then it is
    never lost; another one has it emitted right after the change, by `emit`."""

    event_name: str
    data: Callable[..., Any]
    at: float
    emit: Callable[[str, str, Any], Awaitable[object]]


class State(Protocol):
    """Promises of every backend. An operation on an unknown store raises UnknownStore; only `has_store` returns False.

    Operations that add a record take `draw`, a source of ids: if the id of the record is taken, ids are drawn until one
    is free, so that no new record replaces one from a snapshot. Without `draw`, a record replaces the one of its id.
    """

    async def open(self) -> None:
        """Begin to use it, in this event loop; `close` ends that. Raises SettingsError if it can't be reached."""

    async def close(self) -> None:
        """End what `open` began. Records stay as they are."""

    def in_one_step(self) -> AbstractAsyncContextManager[None]:
        """A block whose operations other mocks see together at its end, for which their own blocks wait; of one that
        fails they see nothing. Only before the mock answers requests: no other task may use this state meanwhile."""

    async def has_store(self, store_code: str) -> bool: ...

    async def sizes(self) -> dict[str, int]:
        """How many records there are, by kind as `snapshot` names them, and how many stores."""

    async def store_codes(self) -> list[str]:
        """The codes of all stores, in their order."""

    async def clear(self, store_codes: tuple[str, ...], records: Sequence[AnyRecord] = ()) -> None:
        """Replace everything by these stores, and by records as those of `add_all`."""

    async def clear_store(self, store_code: str, records: Sequence[AnyRecord] = ()) -> None:
        """Replace the records, users and refresh tokens of a store by these, which are as those of `add_all`. Raises
        NotFound."""

    async def add_all(self, records: Sequence[AnyRecord]) -> None:
        """Add records and the stores that they name, all of them or none; transactions are matched as by
        `add_transaction`. Raises RecordsTaken for ids, user names and identifiers that aren't free, or that two of the
        records have."""

    async def snapshot(self) -> dict[str, Any]:
        """All records, in the form of `Snapshot` in control.yaml, with iterators in place of the lists of records.
        Later operations don't change it."""

    async def restore(self, snapshot: Json) -> None:
        """Replace everything by a snapshot: later operations have the results that they had after it was taken. The
        event loop runs other tasks meanwhile; the replacement itself is one step. Raises BadRequest, and changes
        nothing, if the parts of the snapshot don't fit together."""

    async def tidy(self) -> None:
        """Free the memory of records that `clear` and `restore` replaced, yielding to other tasks."""

    async def add_user(self, user: User) -> None:
        """Add a user, who can log in from now on."""

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        """The admin with this user name, or the store's member with this user name or identifier."""

    async def user_by_api_key(self, api_key: str) -> User | None: ...

    async def record_login(self, user_id: str, at: float) -> None:
        """Set the time of a user's last login (`at`, Unix seconds)."""

    async def count_login(self, client: str, at: float, limit: int) -> None:
        """Count a login against `limit` a minute. Raises TooManyRequests, uncounted, when the limit is reached. Logins
        that were counted with a moment up to AT_ONCE later count, too."""

    async def add_refresh_token(self, token: RefreshToken, at: float, draw: Draw | None = None) -> RefreshToken:
        """Add a refresh token; returns it as stored. Expired tokens may be removed at any time."""

    async def refresh_token(self, token: str) -> RefreshToken | None:
        """A refresh token that wasn't used up yet, whoever's it is; None if there is none."""

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        """Use up a refresh token and return its owner. None if it has expired; None, and the token stays good, if it is
        for another role or store."""

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        """Remove all refresh tokens of a user; returns their number."""

    async def add_member(self, member: Member, draw: Draw | None = None, registered: Emission | None = None) -> Member:
        """Add a member, and emit that it has registered; returns it as stored. Raises IdentifierTaken if its e-mail,
        phone or card number isn't free in the store."""

    async def member(self, store_code: str, customer_id: str) -> Member:
        """The member with this id. Raises NotFound."""

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        """Count members: all, or only those with or without a transaction."""

    async def add_transaction(
        self,
        transaction: Transaction,
        draw: Draw | None = None,
        registered: Emission | None = None,
        assigned: Emission | None = None,
    ) -> Transaction:
        """Store a transaction and match it to the member that its `customerData` names; returns it as stored. Emit that
        it has registered, and, if there is such a member, that it is assigned to it: the data of the latter are made of
        both."""

    async def add_subscription(self, subscription: Subscription, draw: Draw | None = None) -> Subscription:
        """Add a subscription; returns it as stored."""

    async def subscription(self, store_code: str, subscription_id: str) -> Subscription:
        """The subscription with this id. Raises NotFound."""

    async def subscriptions(self, store_code: str, query: Query) -> Page[Subscription]:
        """One page, filtered and sorted by `eventName`, `url`, `createdAt` and `legacy`."""

    async def subscriptions_of(self, store_code: str, event_name: str) -> tuple[Subscription, ...]:
        """All subscriptions of an event, the oldest first. Constant time while they don't change."""

    async def replace_destination(
        self, store_code: str, subscription_id: str, destination: Destination, new_secret: str, *, signed: bool | None
    ) -> bool:
        """Replace a destination. `signed` None keeps the signing state, False ends it, True starts it with
        `new_secret` unless it is on. Returns whether the secret was used. Raises NotFound."""

    async def delete_subscription(self, store_code: str, subscription_id: str) -> None:
        """Delete a subscription. Raises NotFound."""

    async def rotate_key(self, store_code: str, subscription_id: str, new_secret: str, at: float) -> None:
        """Replace the signing key. Raises NotFound, HmacNotEnabled, or TooManyRequests within ROTATION_INTERVAL after a
        rotation, and up to AT_ONCE before its moment."""
