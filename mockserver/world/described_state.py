"""Described state: records from a short description, as a person writes it (`StateDescription` in control.yaml).

Only what matters has to be there; the rest is made up. What the API would refuse is refused here, too.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.clock import moment, moment_ago, timestamp
from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import AnyRecord, Json, Member, SigningState, Transaction, User
from mockserver.storage.snapshots import MOST_PROBLEMS
from mockserver.storage.state import RecordsTaken
from mockserver.turns import Turns
from mockserver.violations import Path, Violation, otherwise_wrong, taken, unexpected
from mockserver.world.people import person
from mockserver.world.registration import RecordSource, new_member, new_subscription

if TYPE_CHECKING:
    from mockserver.world.memory import ResourceMemory

NO_RECORDS = "This mock has no records that could be described: it was started with --no-memory. Leave that out."
NOT_OURS = "Only the contract of Open Loyalty has these. Describe records of this contract by `records`."
OURS = "Only other contracts (--spec) have such records. Open Loyalty has `members`, `transactions` and others."
_PARTS = {True: ("stores", "admins", "members", "transactions", "subscriptions", "clock"), False: ("records", "clock")}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_A_MOMENT = "Give a date, a date-time such as 2026-01-15T10:30:00Z, or such as: 30 days ago."
# Keys of a description that the body of the API doesn't have.
_OF_MEMBERS = frozenset({"storeCode", "customerId", "username", "password"})
_OF_TRANSACTIONS = frozenset({"storeCode", "transactionId", "member", "grossValue", "createdAt"})
_OF_SUBSCRIPTIONS = frozenset({"storeCode", "webhookSubscriptionId", "hmacSecretKey", "createdAt"})


class Describable(RecordSource, Protocol):
    """What a description is added to: a world."""

    @property
    def settings(self) -> Settings:
        """Settings of the mock."""

    @property
    def contract(self) -> Contract:
        """The contract that is served."""

    @property
    def memory(self) -> "ResourceMemory | None":
        """The records of resources, if the contract is one of others."""

    def initial_member(self, store_code: str) -> tuple[Member, User] | tuple[()]:
        """The member that a store has from the start, with their user, if there is one."""


async def add_described(world: Describable, description: Json, *, anew: bool = False) -> None:
    """Add what is described to a world, all of it or nothing. No events are emitted: it was there before. `anew` puts
    records of resources in place of what their collections hold, as these begin with examples.

    Raises BadRequest with every problem, by its path in the description, or if the contract has no such records.
    """
    refused = [name for name in description if name not in _PARTS[world.contract.is_ours]]
    if refused:
        told = OURS if world.contract.is_ours else NOT_OURS
        raise BadRequest([otherwise_wrong((name,), "contract", told) for name in refused])
    if world.contract.is_ours:
        await _add_ours(world, description)
    elif "records" in description:
        await _add_records(world.memory, description["records"], anew=anew)
    clock = description.get("clock", {})
    if clock:
        now = moment(clock["now"]) if "now" in clock else world.clock.now()
        world.clock.set(now, frozen=clock.get("frozen", world.clock.frozen))


async def _add_records(memory: "ResourceMemory | None", records: Json, *, anew: bool) -> None:
    if memory is None:
        raise BadRequest(message=NO_RECORDS)
    try:
        await (memory.contents.begin_with(records) if anew else memory.contents.add(records))
    except BadRequest as error:
        raise BadRequest([one._replace(path=("records", *one.path)) for one in error.violations]) from None


async def _add_ours(world: Describable, description: Json) -> None:
    reading = _Reading(world)
    await reading.read(description)
    if not reading.problems:
        try:
            await world.state.add_all([record for record, _ in reading.found])
        except RecordsTaken as error:
            first = error.taken[:MOST_PROBLEMS]
            reading.problems = [taken((*reading.found[index][1], field)) for index, field in first]
    if reading.problems:
        raise BadRequest(reading.problems)


class _Reading:
    """The records `found` in a description, each with its path, and the `problems` that were met."""

    def __init__(self, world: Describable) -> None:
        self._world = world
        self._now = world.clock.now()
        self._stores = set[str]()  # that are there, or come with the description
        self.found: list[tuple[AnyRecord, Path]] = []
        self.problems: list[Violation] = []

    async def read(self, description: Json) -> None:
        """Read a whole description, or as much of it as shows MOST_PROBLEMS problems."""
        turns = Turns()
        async for index, code in turns.over(enumerate(description.get("stores", ()))):
            await self._add_store(code, ("stores", index))
        for name, read in _READERS.items():
            async for index, row in turns.over(enumerate(description.get(name, ()))):
                if len(self.problems) >= MOST_PROBLEMS:
                    return
                store_code = row.get("storeCode", self._world.settings.stores[0])
                path: Path = (name, index)
                await self._add_store(store_code, path)
                read(self, store_code, row, path)

    async def _add_store(self, code: str, path: Path) -> None:
        """Add a store that isn't there yet, with its member, as each store has one."""
        if code not in self._stores and not await self._world.state.has_store(code):
            self.found += [(record, path) for record in self._world.initial_member(code)]
        self._stores.add(code)

    def _admin(self, _store_code: str, row: Json, path: Path) -> None:
        user_id, password = self._world.ids.uuid(), row.get("password", self._world.settings.admin_password)
        self.found.append((User(user_id, "admin", None, row["username"], password, row.get("apiKey")), path))

    def _member(self, store_code: str, row: Json, path: Path) -> None:
        registered = self._moment(row, "registeredAt", path)
        customer = person(path[1] if isinstance(path[1], int) else 0) if "email" not in row else {}
        customer |= _body(row, _OF_MEMBERS) | {"registeredAt": timestamp(registered)}
        unknown = self._unknown(customer, path)
        if not self._fits("MemberPostRequest", "customer", customer, path) or unknown:
            return
        member = new_member(self._world.ids, store_code, customer, self._now)
        member = member._replace(customer_id=row.get("customerId", member.customer_id))
        password = row.get("password", self._world.settings.member_password)
        user = User(member.customer_id, "member", store_code, row.get("username", customer["email"]), password)
        self.found += [(member, path), (user, path)]

    def _transaction(self, store_code: str, row: Json, path: Path) -> None:
        created = self._moment(row, "createdAt", path)
        number = f"R-{path[1]}"
        header = {"documentNumber": number, "purchasedAt": timestamp(created)} | row.get("header", {})
        line = {"sku": "SKU-1", "name": "Item", "quantity": 1, "category": "general"}
        items = [line | {"grossValue": row.get("grossValue", 10)}]
        body = {"items": items} | _body(row, _OF_TRANSACTIONS) | {"header": header}
        if "member" in row:
            body.setdefault("customerData", _buyer(row["member"]))
        if self._fits("TransactionPostRequest", "transaction", body, path):
            transaction_id = row.get("transactionId") or self._world.ids.uuid()
            self.found.append((Transaction(transaction_id, store_code, created, None, body), path))

    def _subscription(self, store_code: str, row: Json, path: Path) -> None:
        created = self._moment(row, "createdAt", path)
        wanted = _body(row, _OF_SUBSCRIPTIONS)
        if "hmacSecretKey" in row:
            wanted["hmacEnabled"] = True
        if not self._fits("WebhookSubscriptionPostRequest", "webhookSubscription", wanted, path):
            return
        try:
            record = new_subscription(self._world.ids, store_code, wanted, created)
        except BadRequest as refused:
            self._note(refused.violations, path)
            return
        subscription_id = row.get("webhookSubscriptionId", record.subscription_id)
        signing = SigningState(row["hmacSecretKey"]) if "hmacSecretKey" in row else record.signing
        self.found.append((record._replace(subscription_id=subscription_id, signing=signing), path))

    @cached_property
    def _of_customers(self) -> Collection[str]:
        """The properties that the contract lists for a new member; none if it lists none."""
        request = self._world.contract.at("/components/schemas/MemberPostRequest")
        customer = request.get("properties", {}).get("customer", {})
        return frozenset(self._world.contract.resolved(customer).get("properties", {}))

    def _unknown(self, customer: Json, path: Path) -> bool:
        """Whether a member has keys that the contract doesn't list, which are noted. The API would pass over them; in
        a description they are slips."""
        known = self._of_customers
        unknown = [key for key in customer if key not in known] if known else []
        for key in unknown:
            near = get_close_matches(key, (*known, *_OF_MEMBERS), n=1)
            problem = unexpected((*path, key))
            if near:
                problem = problem._replace(parameters={"detail": f"Did you mean {near[0]}?"})
            self.problems.append(problem)
        return bool(unknown)

    def _fits(self, schema: str, wrapper: str, body: dict[str, Any], path: Path) -> bool:
        """Whether the API would take a body; if not, its problems are noted, by their paths in the description."""
        validator = self._world.contract.validator(f"/components/schemas/{schema}", sent=True)
        problems = validator.violations({wrapper: body})
        self._note(problems, path)
        return not problems

    def _note(self, problems: Sequence[Violation], path: Path) -> None:
        """Note problems of a body of the API, by their paths in the description."""
        self.problems += [one._replace(path=(*path, *one.path[1:])) for one in problems]

    def _moment(self, row: Json, name: str, path: Path) -> float:
        """A moment of the description; now if there is none."""
        text = row.get(name)
        if text is None:
            return self._now
        ago = moment_ago(text, self._now)
        if ago is not None:
            return ago
        try:
            return moment(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
        except (ValueError, TypeError):  # a date-time without an offset has no place on the clock
            self.problems.append(otherwise_wrong((*path, name), "format", _A_MOMENT))
            return self._now


def _body(row: Json, own: Collection[str]) -> dict[str, Any]:
    """The part of a described record that the API would get: all but the description's own keys."""
    return {key: value for key, value in row.items() if key not in own}


def _buyer(member: str) -> dict[str, str]:
    """What a transaction says of its buyer: an e-mail address, a phone number, or the number of a card."""
    if "@" in member:
        return {"email": member}
    return {"phone": member} if member.startswith("+") else {"loyaltyCardNumber": member}


_READERS: Mapping[str, Callable[[_Reading, str, Json, Path], None]] = {
    "admins": _Reading._admin,  # noqa: SLF001 (of the same module)
    "members": _Reading._member,  # noqa: SLF001
    "transactions": _Reading._transaction,  # noqa: SLF001
    "subscriptions": _Reading._subscription,  # noqa: SLF001
}
