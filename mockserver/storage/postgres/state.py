"""State on PostgreSQL: the backend that several mocks share."""

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import count
from typing import Any, NoReturn

import asyncpg
import orjson

from mockserver.errors import (
    BadRequest,
    HmacNotEnabled,
    NotFound,
    SettingsError,
    TooManyRequests,
    UnknownStore,
    named,
)
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
from mockserver.storage.postgres import emissions, resources, rows, wholes
from mockserver.storage.postgres import statements as sql
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.barrier import Barrier, Make, keep
from mockserver.storage.postgres.connections import FAILED, Connections, connect
from mockserver.storage.postgres.deliveries import DeliveryTables
from mockserver.storage.postgres.faults import CLEAR, FaultTable
from mockserver.storage.postgres.known import Known
from mockserver.storage.postgres.listing import page_of
from mockserver.storage.postgres.resources import PostgresResourceRecords
from mockserver.storage.postgres.rows import TOO_LONG, packed, packed_or_none
from mockserver.storage.postgres.schema import ALIVE, LIVING
from mockserver.storage.snapshots import integrity_problems
from mockserver.storage.state import (
    AT_ONCE,
    INTERVALS,
    LOGIN_WINDOW,
    ROTATION_INTERVAL,
    Draw,
    Emission,
    IdentifierTaken,
    MemberCounts,
)
from mockserver.storage.table import Page, Query
from mockserver.turns import Turns

DAY = 86_400
TIDYING = 1_000  # counted logins between two removals of those of long ago
LONGEST_STEP = 600.0  # seconds that another replica may take to fill the database, as of a large state file


class PostgresState:
    """State in a schema of a database. Several mocks may use one at the same time, and each promise holds among all."""

    def __init__(
        self, address: Address, *, waits: bool = False, number: int = 0, message_key: str = "", remembers: bool = False
    ) -> None:
        """`waits` lets every change wait until it is on the disk of the database; `number` is this replica's. The ids
        of messages are derived from `message_key`. `remembers` has it keep records of resources."""
        options = {
            "plan_cache_mode": "force_custom_plan",  # else one that was planned for an empty table reads all of it
            "synchronous_commit": "on" if waits else "off",
        }
        connecting = partial(connect, address, options)
        self._connections = Connections(connecting)
        self._barrier = Barrier(number, connecting, self._make)
        self._makes: Make | None = None
        self.faults = FaultTable(self._connections)
        self.remembered = PostgresResourceRecords(self._connections) if remembers else None
        self._known = Known()
        self.deliveries = DeliveryTables(self._connections, message_key)
        self.notices = self._barrier.others  # told of what is notified
        self._row, self._rows = self._connections.row, self._connections.rows
        self._logins = count(1)

    async def open(self) -> None:
        try:
            await self._connections.open()
        except FAILED as error:
            raise SettingsError(f"The database of --storage can't be used: {error}.") from None

    async def close(self) -> None:
        await self._connections.close()

    @asynccontextmanager
    async def in_one_step(self) -> AsyncIterator[None]:
        async with self._connections.in_one_transaction() as connection:
            await connection.execute(wholes.ALONE, timeout=LONGEST_STEP)
            yield
        self._known.forget()

    # ---------------------------------------------------------------- other replicas
    async def join_others(self, make: Make, fact: str) -> Any:
        """Begin to make the changes that others tell; from now on they wait for this replica. Returns this fact."""
        self._makes = make
        return await self._barrier.open(fact)

    async def leave_others(self) -> None:
        """End it: nobody waits for this replica any more."""
        await self._barrier.close()

    @property
    def is_at_hand(self) -> bool:
        """Whether the database can be reached, and has just told what others have changed."""
        return self._barrier.is_fresh and not self._connections.is_away

    async def living(self) -> int:
        """How many replicas are alive, this one included."""
        return len(await self._rows(LIVING, ALIVE))

    async def tell_others(self, change: Json, facts: Mapping[str, object]) -> None:
        """Let all others make a change, and keep facts for those to come. Raises ReplicaSilent and StorageAway."""
        async with self._connections.one() as connection:
            await self._barrier.tell(connection, change, facts)

    async def keep_facts(self, facts: Mapping[str, object]) -> None:
        """Keep facts for replicas that join later."""
        async with self._connections.one() as connection:
            await keep(connection, facts)

    async def fact(self, name: str) -> Any:
        """What was kept under this name, or None."""
        row = await self._row("SELECT value FROM facts WHERE name = $1", name)
        return None if row is None else orjson.loads(row[0])

    async def _make(self, change: Json, connection: Any) -> None:
        self._known.forget()
        if self._makes is not None:
            await self._makes(change, connection)

    # ---------------------------------------------------------------- the whole
    async def clear(self, store_codes: tuple[str, ...], records: Sequence[AnyRecord] = ()) -> None:
        async with self._transaction() as connection:
            await wholes.clear(connection, store_codes)
            await connection.execute("ALTER SEQUENCE event_numbers RESTART")
            await connection.execute(CLEAR + ";" + resources.CLEAR)
            await wholes.add_all(connection, records)
        self._known.forget()

    async def clear_store(self, store_code: str, records: Sequence[AnyRecord] = ()) -> None:
        async with self._transaction() as connection:
            was_there = await wholes.clear_store(connection, store_code)
            if was_there:
                await wholes.add_all(connection, records)
        self._known.forget()
        if not was_there:
            await self._unknown(store_code)

    async def add_all(self, records: Sequence[AnyRecord]) -> None:
        async with self._transaction() as connection:
            await wholes.add_all(connection, records)

    async def snapshot(self) -> dict[str, Any]:
        async with self._transaction(isolation="repeatable_read", readonly=True) as connection:
            taken = await wholes.snapshot(connection)
            return taken | await resources.snapshot(connection) if self.remembered else taken

    async def restore(self, snapshot: Json) -> None:
        turns = Turns()
        problems = await integrity_problems(snapshot, turns)
        if problems:
            raise BadRequest(problems)
        async with self._transaction() as connection:
            await wholes.restore(connection, snapshot, turns)
            if self.remembered and "records" in snapshot:
                await resources.restore(connection, snapshot, turns)
        self._known.forget()

    async def tidy(self) -> None:
        """Nothing to do: the database frees what was replaced."""

    # ---------------------------------------------------------------- stores and users
    async def has_store(self, store_code: str) -> bool:
        if store_code in self._known.stores and self._barrier.is_fresh:
            return True
        revision = self._known.revision
        found = await self._row(sql.HAS_STORE, packed(store_code)) is not None
        if found and revision == self._known.revision:
            self._known.stores.add(store_code)
        return found

    async def sizes(self) -> dict[str, int]:
        return dict(await self._row(sql.SIZES))

    async def store_codes(self) -> list[str]:
        return [rows.text_of(row[0]) for row in await self._rows(sql.STORE_CODES)]

    async def add_user(self, user: User) -> None:
        if not await self._added(sql.ADD_USER, *rows.of_user(user)):
            await self._unknown(user.store_code)

    async def user_by_login(self, role: Role, store_code: str | None, login: str) -> User | None:
        if store_code is None:
            row = await self._row(sql.ADMIN_BY_LOGIN, role, packed(login))
            return None if row is None else rows.user(row)
        keys = rows.key_of(login.casefold()), rows.key_of(login)
        row = await self._in_store(sql.MEMBER_BY_LOGIN, store_code, role, packed(login), *keys)
        return None if row[0] is None else rows.user(row)

    async def user_by_api_key(self, api_key: str) -> User | None:
        known = self._known.users.get(api_key)
        if known is not None and self._barrier.is_fresh:
            return known
        revision = self._known.revision
        row = await self._row(sql.USER_BY_API_KEY, packed(api_key)) if api_key else None
        found = None if row is None else rows.user(row)
        if found is not None and revision == self._known.revision:
            self._known.users[api_key] = found
        return found

    async def record_login(self, user_id: str, at: float) -> None:
        await self._row(sql.RECORD_LOGIN, packed(user_id), at)
        self._known.users.clear()

    async def count_login(self, client: str, at: float, limit: int) -> None:
        if next(self._logins) % TIDYING == 0:
            await self._row(sql.FORGET_LOGINS, at - LOGIN_WINDOW)
        window = packed(client), at - LOGIN_WINDOW, at + AT_ONCE
        while not await self._added(sql.COUNT_LOGIN, *window, at, limit):
            (oldest,) = await self._row(sql.OLDEST_LOGIN, *window)
            if oldest is not None:
                raise TooManyRequests(retry_after=math.ceil(oldest + LOGIN_WINDOW - at))

    # ---------------------------------------------------------------- refresh tokens
    async def add_refresh_token(self, token: RefreshToken, at: float, draw: Draw | None = None) -> RefreshToken:
        statement = sql.ADD_TOKEN if draw else sql.PUT_TOKEN
        while not await self._added(statement, *rows.of_token(token), at):
            await self._require(token.store_code)
            token = token if draw is None else token._replace(token=draw())
        return token

    async def refresh_token(self, token: str) -> RefreshToken | None:
        row = await self._row(sql.FIND_TOKEN, packed(token))
        return None if row is None else rows.token(row)

    async def take_refresh_token(self, token: str, role: Role, store_code: str | None, at: float) -> User | None:
        row = await self._row(sql.TAKE_TOKEN, packed(token), role, packed_or_none(store_code))
        if row is None:
            await self._require(store_code)
            return None
        return rows.user(row) if at < row["expires_at"] and row[0] is not None else None

    async def revoke_refresh_tokens(self, user_id: str) -> int:
        (revoked,) = await self._row(sql.REVOKE_TOKENS, packed(user_id))
        return int(revoked)

    # ---------------------------------------------------------------- members and transactions
    async def add_member(self, member: Member, draw: Draw | None = None, registered: Emission | None = None) -> Member:
        statement = sql.ADD_MEMBER if draw else sql.PUT_MEMBER
        while True:
            values = rows.of_member(member)
            adding = statement, *values
            if registered and (event := emissions.values_of(registered, member, key=self.deliveries.key)):
                adding = emissions.with_event(statement, len(values)), *values, *event
            with suppress(asyncpg.UniqueViolationError):  # by which a member is refused that would replace another
                if await self._added(*adding):
                    return member
            names = packed(member.store_code), packed(member.customer_id)
            has_store, has_id, *found = await self._row(sql.WHY_NO_MEMBER, *names, *rows.keys_of(member))
            if not has_store:
                await self._unknown(member.store_code)
            if any(found):
                raise IdentifierTaken([name for name, is_taken in zip(rows.KEYS, found, strict=True) if is_taken])
            if has_id and draw:
                member = member._replace(customer_id=draw())

    async def member(self, store_code: str, customer_id: str) -> Member:
        row = await self._in_store(sql.FIND_MEMBER, store_code, packed(customer_id))
        if row[0] is None:
            raise NotFound(hint=f"No member with this id in store {named(store_code)}.")
        return rows.member(row)

    async def count_members(self, store_code: str, at: float, *, with_transaction: bool | None) -> MemberCounts:
        since = [at - days * DAY for days in INTERVALS]
        row = await self._in_store(sql.COUNT_MEMBERS, store_code, at, *since, with_transaction)
        return MemberCounts(row[0], dict(zip(INTERVALS, row[1:], strict=True)))

    async def add_transaction(
        self,
        transaction: Transaction,
        draw: Draw | None = None,
        registered: Emission | None = None,
        assigned: Emission | None = None,
    ) -> Transaction:
        statement = sql.ADD_TRANSACTION if draw else sql.PUT_TRANSACTION
        buyer = wholes.buyer_of(transaction)
        while True:
            transaction_id, store_code, created_at, _, data = rows.of_transaction(transaction)
            async with self._transaction() as connection:
                row = await connection.fetchrow(statement, transaction_id, store_code, created_at, data, *buyer)
                if row is not None:
                    buyer_id = None if row[0] is None else rows.text_of(row[0])
                    stored = transaction._replace(customer_id=buyer_id)
                    await emissions.emit_of(connection, stored, registered, assigned, self.deliveries.key)
                    return stored
            await self._require(transaction.store_code)
            transaction = transaction if draw is None else transaction._replace(transaction_id=draw())

    # ---------------------------------------------------------------- subscriptions
    async def add_subscription(self, subscription: Subscription, draw: Draw | None = None) -> Subscription:
        statement = sql.ADD_SUBSCRIPTION if draw else sql.PUT_SUBSCRIPTION
        while not await self._added(statement, *rows.of_subscription(subscription)):
            await self._require(subscription.store_code)
            subscription = subscription if draw is None else subscription._replace(subscription_id=draw())
        return subscription

    async def subscription(self, store_code: str, subscription_id: str) -> Subscription:
        row = await self._in_store(sql.FIND_SUBSCRIPTION, store_code, packed(subscription_id))
        if row[0] is None:
            raise NotFound(hint=f"No subscription with this id in store {named(store_code)}.")
        return rows.subscription(row)

    async def subscriptions(self, store_code: str, query: Query) -> Page[Subscription]:
        statement, values = page_of(store_code, query)
        found = await self._rows(statement, *values)
        if not found:
            await self._unknown(store_code)
        total, filtered, first, *_ = found[0]
        page = [] if first is None else [rows.subscription(row[2:]) for row in found]
        return Page(page, total, filtered)

    async def subscriptions_of(self, store_code: str, event_name: str) -> tuple[Subscription, ...]:
        found = await self._rows(sql.SUBSCRIPTIONS_OF, packed(store_code), packed(event_name))
        if not found:
            await self._unknown(store_code)
        return () if found[0][0] is None else tuple(map(rows.subscription, found))

    async def replace_destination(
        self, store_code: str, subscription_id: str, destination: Destination, new_secret: str, *, signed: bool | None
    ) -> bool:
        names = packed(store_code), packed(subscription_id)
        target = orjson.dumps(tuple(destination)), packed(destination.url), packed(destination.url.casefold())
        while True:
            row = await self._row(sql.REPLACE_DESTINATION, *names, *target, packed(new_secret), signed)
            if row is not None:
                return bool(row[0])
            await self.subscription(store_code, subscription_id)

    async def delete_subscription(self, store_code: str, subscription_id: str) -> None:
        if await self._row(sql.DELETE_SUBSCRIPTION, packed(store_code), packed(subscription_id)) is None:
            await self.subscription(store_code, subscription_id)

    async def rotate_key(self, store_code: str, subscription_id: str, new_secret: str, at: float) -> None:
        values = packed(store_code), packed(subscription_id), packed(new_secret), at, ROTATION_INTERVAL, AT_ONCE
        while await self._row(sql.ROTATE_KEY, *values) is None:
            signing = (await self.subscription(store_code, subscription_id)).signing
            if signing is None:
                raise HmacNotEnabled
            rotated_at = signing.rotated_at
            if rotated_at is not None and rotated_at - AT_ONCE <= at < rotated_at + ROTATION_INTERVAL:
                raise TooManyRequests(retry_after=math.ceil(rotated_at + ROTATION_INTERVAL - at))

    # ---------------------------------------------------------------- how it asks
    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncIterator[Any]:
        async with self._connections.one() as connection:
            try:
                async with connection.transaction(**options):
                    yield connection
            except asyncpg.ProgramLimitExceededError:
                raise BadRequest(message=TOO_LONG) from None

    async def _changed(self, statement: str, *values: Any) -> Any:
        try:
            return await self._row(statement, *values)
        except asyncpg.ProgramLimitExceededError:
            raise BadRequest(message=TOO_LONG) from None

    async def _added(self, statement: str, *values: Any) -> bool:
        return await self._changed(statement, *values) is not None

    async def _in_store(self, statement: str, store_code: str, *values: Any) -> Any:
        """The row of a statement that has one if the store exists. Raises UnknownStore."""
        row = await self._row(statement, packed(store_code), *values)
        if row is None:
            await self._unknown(store_code)
        return row

    async def _require(self, store_code: str | None) -> None:
        """Check that the store exists; admins belong to none."""
        if store_code is not None and await self._row(sql.HAS_STORE, packed(store_code)) is None:
            await self._unknown(store_code)

    async def _unknown(self, store_code: str | None) -> NoReturn:
        raise UnknownStore(store_code or "", await self.store_codes())
