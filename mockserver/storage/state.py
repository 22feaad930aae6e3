"""State of the mock: a protocol whose operations are whole intentions, with its values and errors.

Each operation is atomic: it checks and changes in one step, so that a backend shared by several servers can keep the
same promises under the same tests (tests/storage/test_state.py). Nothing outside may build one from a read and a write.
Records go in and out unchanged (model.py). `memory.MemoryState` is the backend that the mock uses.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from mockserver.storage.model import Destination, Json, Member, RefreshToken, Role, Subscription, Transaction, User
from mockserver.storage.table import Page, Query

LOGIN_WINDOW = 60  # seconds; the vendor counts logins by the minute (vendor-facts §2.4)
ROTATION_INTERVAL = 300  # seconds between two rotations of a key (vendor-facts §3.5)
INTERVALS = (1, 7, 30, 365)  # days, of MemberCounts

Draw = Callable[[], str]


class IdentifierTaken(Exception):
    """Another member of the store has one of these identifiers. `fields` names them in the API's words."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class MemberCounts(NamedTuple):
    """Members in all, and those registered in the last so many days (INTERVALS, the keys of `registered_in`)."""

    total: int
    registered_in: dict[int, int]


class State(Protocol):
    """The promises. Every operation that names an unknown store raises NotFound, but the one that asks for it.

    What adds a record takes `draw`, which makes ids: they are asked for until one is free, if the record's own isn't.
    So nothing that was drawn replaces what came from a snapshot. Without `draw` a record replaces the one of its id.
    """

    async def has_store(self, store_code: str) -> bool: ...

    async def clear(self, store_codes: tuple[str, ...]) -> None:
        """Forget everything; there are these stores, and nothing in them."""

    async def snapshot(self) -> dict[str, Any]:
        """All that is remembered, as `Snapshot` of control.yaml describes it, with iterators in place of the lists of
        records. What comes later doesn't change it."""

    async def restore(self, snapshot: Json) -> None:
        """Remember what a snapshot says and nothing else: whatever is asked afterwards is answered as it was after it
        was taken. Others have their turns until it is known as a whole, and then it is at once. Raises BadRequest, and
        changes nothing, if its parts don't fit together."""

    async def tidy(self) -> None:
        """Let go of what `clear` and `restore` have left behind, with turns for others."""

    async def add_user(self, user: User) -> None:
        """Let somebody log in."""

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        """The admin with this user name, or the store's member with this user name or identifier."""

    async def user_by_api_key(self, api_key: str) -> User | None: ...

    async def record_login(self, user_id: str, at: float) -> None:
        """Remember when a user logged in."""

    async def count_login(self, client: str, at: float, limit: int) -> None:
        """Count a login against `limit` a minute. Raises TooManyRequests, uncounted, when the limit is reached."""

    async def add_refresh_token(self, token: RefreshToken, at: float, draw: Draw | None = None) -> RefreshToken:
        """Let somebody refresh; returns the token as stored. Tokens that have expired may be forgotten by and by."""

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        """Use up a refresh token and return its owner. None if it has expired, or if it isn't one for this role and
        store, which doesn't use it up."""

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        """End all refresh tokens of a user; returns how many."""

    async def add_member(self, member: Member, draw: Draw | None = None) -> Member:
        """Add a member; returns it as stored. Raises IdentifierTaken if its e-mail, phone or card number isn't free in
        the store."""

    async def member(self, store_code: str, customer_id: str) -> Member:
        """Raises NotFound."""

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        """Count members: all, or only those with or without a transaction."""

    async def add_transaction(self, transaction: Transaction, draw: Draw | None = None) -> Transaction:
        """Store a transaction and match it to the member that its `customerData` names; returns it as stored."""

    async def add_subscription(self, subscription: Subscription, draw: Draw | None = None) -> Subscription:
        """Add a subscription; returns it as stored."""

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
