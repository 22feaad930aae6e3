"""The records that the mock keeps. They are frozen, and every one goes to JSON and back unchanged.

Times are Unix seconds. Bodies that the API only stores are kept as they were sent.
"""

import copy
import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Role = Literal["admin", "member"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in. Admins belong to no store (`store_code` is None), members to one."""

    user_id: str
    role: Role
    store_code: str | None
    username: str
    password: str
    api_key: str | None = None
    last_login_at: float | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A right to the next JWT, until `expires_at`."""

    token: str
    user_id: str
    role: Role
    store_code: str | None
    expires_at: float


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of a store. `data` is the `customer` object as it was sent."""

    customer_id: str
    store_code: str
    email: str | None
    phone: str | None
    loyalty_card_number: str | None
    referral_token: str
    registered_at: float
    data: Json


@dataclass(frozen=True, slots=True)
class Transaction:
    """A purchase or return. `customer_id` is the member it was matched to; `data` the `transaction` as it was sent."""

    transaction_id: str
    store_code: str
    created_at: float
    customer_id: str | None
    data: Json


@dataclass(frozen=True, slots=True)
class Destination:
    """Where deliveries of a subscription go: what a PUT replaces as a whole."""

    url: str
    destination_type: str = "rest"
    headers: tuple[Json, ...] = ()
    header_name: str | None = None
    header_value: str | None = None
    queue_key: str | None = None
    queue_secret_key: str | None = None
    queue_encryption_key: str | None = None


@dataclass(frozen=True, slots=True)
class SigningState:
    """The HMAC key of a subscription: its secret with the prefix `whsec_`, and how often it was replaced."""

    secret: str
    version: int = 1
    rotated_at: float | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of event of one store, sent to one destination. `signing` is None where HMAC is off."""

    subscription_id: str
    store_code: str
    event_name: str
    created_at: float
    destination: Destination
    signing: SigningState | None = None
    legacy: bool = False


AnyRecord = User | RefreshToken | Member | Transaction | Subscription
Record = TypeVar("Record", User, RefreshToken, Member, Transaction, Subscription)
_NESTED = {"destination": Destination, "signing": SigningState}


def to_json(record: AnyRecord) -> dict[str, Any]:
    """The record as a JSON object, its secrets included; fields are named in camelCase, as in the API."""
    return {camel_case(name): _stored(value) for name, value in _fields(record)}


def from_json(kind: type[Record], data: Json) -> Record:
    """The record that `to_json` made `data` of."""
    names = {camel_case(field.name): field.name for field in dataclasses.fields(kind)}
    return kind(**{names[key]: _restored(names[key], value) for key, value in data.items()})


def identifiers_of(member: Member) -> list[tuple[str, str]]:
    """What must be unique in the store: e-mail and phone compare without case, card numbers exactly (facts §6.2)."""
    values = (
        ("email", (member.email or "").casefold()),
        ("phone", (member.phone or "").casefold()),
        ("loyaltyCardNumber", member.loyalty_card_number or ""),
    )
    return [(name, value) for name, value in values if value]


def camel_case(name: str) -> str:
    """`store_code` as `storeCode`."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _fields(record: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(record, field.name)) for field in dataclasses.fields(record)]


def _stored(value: Any) -> Any:
    if isinstance(value, Destination | SigningState):
        return {camel_case(name): _stored(inner) for name, inner in _fields(value)}
    return copy.deepcopy(list(value) if isinstance(value, tuple) else value)


def _restored(name: str, value: Any) -> Any:
    if name in _NESTED and value is not None:
        kind = _NESTED[name]
        names = {camel_case(field.name): field.name for field in dataclasses.fields(kind)}
        return kind(**{names[key]: _restored(names[key], inner) for key, inner in value.items()})
    return tuple(value) if name == "headers" else value
