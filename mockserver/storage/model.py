"""Records of the mock. They are immutable, and each survives the way to JSON and back unchanged.

Times are Unix seconds. Bodies that the API only stores are kept as they were sent. Records are named tuples, which are
made in a third of the time that a frozen dataclass takes, and, where it matters, by position: that halves it again.
"""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

import orjson

from mockserver.naming import Role, camel_case

Json = Mapping[str, Any]


class User(NamedTuple):
    """An account that can log in. Admins belong to no store (`store_code` is None), members to one."""

    user_id: str
    role: Role
    store_code: str | None
    username: str
    password: str
    api_key: str | None = None
    last_login_at: float | None = None


class RefreshToken(NamedTuple):
    """A refresh token, which is exchanged once for new tokens, before `expires_at` (Unix seconds)."""

    token: str
    user_id: str
    role: Role
    store_code: str | None
    expires_at: float


class Member(NamedTuple):
    """A customer of a store. `data` is the `customer` object as it was sent."""

    customer_id: str
    store_code: str
    email: str | None
    phone: str | None
    loyalty_card_number: str | None
    referral_token: str
    registered_at: float
    data: Json


class Transaction(NamedTuple):
    """A purchase or return. `customer_id` is the member it was matched to; `data` the `transaction` as it was sent."""

    transaction_id: str
    store_code: str
    created_at: float
    customer_id: str | None
    data: Json


class Destination(NamedTuple):
    """Destination of the deliveries of a subscription; a PUT replaces it as a whole."""

    url: str
    destination_type: str = "rest"
    headers: str = "[]"  # JSON, as it was sent: a sixth of the memory of what it says
    header_name: str | None = None
    header_value: str | None = None
    queue_key: str | None = None
    queue_secret_key: str | None = None
    queue_encryption_key: str | None = None


class SigningState(NamedTuple):
    """HMAC key of a subscription: the secret with its prefix `whsec_`, and a version that each rotation raises by 1."""

    secret: str
    version: int = 1
    rotated_at: float | None = None


class Subscription(NamedTuple):
    """A subscription: one kind of event of one store, sent to one destination. `signing` is None if HMAC is off."""

    subscription_id: str
    store_code: str
    event_name: str
    created_at: float
    destination: Destination
    signing: SigningState | None = None
    legacy: bool = False


AnyRecord = User | RefreshToken | Member | Transaction | Subscription
Part = Destination | SigningState
Record = TypeVar("Record", bound=AnyRecord | Part)
_NESTED: dict[str, type[Part]] = {"destination": Destination, "signing": SigningState}


def to_json(record: AnyRecord | Part) -> dict[str, Any]:
    """The record as a JSON object, its secrets included; fields are named in camelCase, as in the API."""
    names = _by_key(record._fields)
    return {key: _stored(name, value) for (key, name), value in zip(names.items(), record, strict=True)}


def from_json(kind: type[Record], data: Json) -> Record:
    """The record of this kind from the JSON object that `to_json` returned."""
    names = _by_key(kind._fields)
    return kind(**{names[key]: _restored(names[key], value) for key, value in data.items()})


def identifiers_of(member: Member) -> list[tuple[str, str]]:
    """Identifiers of a member, unique in its store, as (name, value): e-mail and phone compare without case, cards
    exactly (vendor-facts §6.2)."""
    values = (
        ("email", (member.email or "").casefold()),
        ("phone", (member.phone or "").casefold()),
        ("loyaltyCardNumber", member.loyalty_card_number or ""),
    )
    return [(name, value) for name, value in values if value]


@cache
def _by_key(fields: tuple[str, ...]) -> Mapping[str, str]:
    """The fields of a kind of record by their names in JSON."""
    return {camel_case(name): name for name in fields}


def _stored(name: str, value: Any) -> Any:
    if isinstance(value, Part):
        return to_json(value)
    if name == "headers":
        return orjson.loads(value)
    return copy.deepcopy(value) if isinstance(value, dict) else value


def _restored(name: str, value: Any) -> Any:
    if name in _NESTED and value is not None:
        return from_json(_NESTED[name], value)
    return orjson.dumps(value).decode() if name == "headers" else value
