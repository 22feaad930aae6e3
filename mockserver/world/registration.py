"""Registration: records of members, transactions and subscriptions as the API makes them of valid bodies, and the
events that the product emits for them."""

from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Any, Protocol

import orjson

from mockserver.clock import Clock, Ids, moment
from mockserver.errors import BadRequest
from mockserver.signing import SECRET_DIGITS, SECRET_PREFIX
from mockserver.storage.model import Destination, Json, Member, SigningState, Subscription, Transaction
from mockserver.storage.state import Emission, State
from mockserver.webhooks import custom_headers
from mockserver.webhooks.payloads import customer_registered, transaction_assigned, transaction_registered


class RecordSource(Protocol):
    """What new records are made of and go into: a world."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def ids(self) -> Ids:
        """The source of ids and secrets."""

    @property
    def state(self) -> State:
        """All records."""


class Registry(RecordSource, Protocol):
    """Where members and transactions are registered: a world."""

    def emission(self, event_name: str, data: Callable[..., Any]) -> Emission:
        """An event to emit with a change; `data` makes its data of what is stored."""


def new_member(ids: Ids, store_code: str, customer: Json, now: float) -> Member:
    """The record of a member from a valid `customer` object, with a new id."""
    registered = customer.get("registeredAt") or customer.get("createdAt")
    return Member(
        customer_id=ids.uuid(),
        store_code=store_code,
        email=customer["email"],
        phone=customer.get("phone"),
        loyalty_card_number=customer.get("loyaltyCardNumber"),
        referral_token=ids.hex(8).upper(),
        registered_at=moment(registered) if registered else now,
        data=customer,
    )


def new_subscription(ids: Ids, store_code: str, wanted: Json, now: float) -> Subscription:
    """The record of a subscription from a valid `webhookSubscription` object, with a new id, and a new secret if it is
    signed. Raises BadRequest for a header that no subscription can set; then no id is drawn."""
    destination = destination_of(wanted)
    signing = SigningState(new_secret(ids)) if wanted.get("hmacEnabled") else None
    name = intern(wanted["eventName"])  # there are few
    # Whole seconds, as the API shows them: a filter finds what it saw.
    return Subscription(ids.uuid(), store_code, name, int(now), destination, signing)


def new_secret(ids: Ids) -> str:
    """A new signing secret."""
    return SECRET_PREFIX + ids.secret(SECRET_DIGITS)


def destination_of(wanted: Json) -> Destination:
    """The destination in a valid `webhookSubscription` object; without a type, queue keys make it a queue. Raises
    BadRequest for a header that no subscription can set."""
    if "headers" in wanted or "headerName" in wanted:
        problems = custom_headers.violations(wanted, ("webhookSubscription",))
        if problems:
            raise BadRequest(problems)
    is_queue = wanted.get("destinationType") == "queue" or "queueKey" in wanted
    destination = Destination(
        wanted["url"],
        "queue" if is_queue else "rest",
        orjson.dumps(wanted["headers"]).decode() if "headers" in wanted else "[]",
        wanted.get("headerName"),
        wanted.get("headerValue"),
        wanted.get("queueKey"),
        wanted.get("queueSecretKey"),
        wanted.get("queueEncryptionKey"),
    )
    return _one_of_equals(destination)


@lru_cache(maxsize=64)
def _one_of_equals(destination: Destination) -> Destination:
    """The destination, or one that is equal and was there before: who receives several events is kept once, and takes
    half of the memory of a subscription."""
    return destination


async def register_member(world: Registry, store_code: str, customer: Json) -> Member:
    """Register a member, and emit CustomerRegistered. Raises IdentifierTaken."""
    member = new_member(world.ids, store_code, customer, world.clock.now())
    registered = world.emission("CustomerRegistered", customer_registered)
    return await world.state.add_member(member, world.ids.uuid, registered)


async def register_transaction(world: Registry, store_code: str, transaction: Json) -> Transaction:
    """Register a transaction from a valid `transaction` object, match it to the member that it names, and emit
    TransactionRegistered, and TransactionAssignedToCustomer if there is such a member."""
    record = Transaction(world.ids.uuid(), store_code, world.clock.now(), None, transaction)
    registered = world.emission("TransactionRegistered", transaction_registered)
    assigned = world.emission("TransactionAssignedToCustomer", transaction_assigned)
    return await world.state.add_transaction(record, world.ids.uuid, registered, assigned)
