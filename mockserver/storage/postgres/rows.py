"""Rows of the tables, and the records that they hold."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import orjson

from mockserver.storage.model import (
    AnyRecord,
    Destination,
    Member,
    RefreshToken,
    SigningState,
    Subscription,
    Transaction,
    User,
    identifiers_of,
)

USER = "user_id, role, store_code, username, password, api_key, last_login_at"
TOKEN = "token, user_id, role, store_code, expires_at"  # noqa: S105 (columns)
MEMBER = "customer_id, store_code, email, phone, loyalty_card_number, referral_token, registered_at, data"
TRANSACTION = "transaction_id, store_code, created_at, customer_id, data"
SUBSCRIPTION = (
    "subscription_id, store_code, event_name, created_at, destination, secret, key_version, rotated_at, legacy"
)
TOO_LONG = "An id, a name or a token is too long for the database."
KEYS = ("email", "phone", "loyaltyCardNumber")  # of a member, in the order of the columns


def packed(text: str) -> bytes:
    """A text as the database keeps it."""
    return text.encode("utf-8", "surrogatepass")


def packed_or_none(text: str | None) -> bytes | None:
    """The same; None stays None."""
    return None if text is None else text.encode("utf-8", "surrogatepass")


def text_of(kept: bytes) -> str:
    """The text that was packed."""
    return kept.decode("utf-8", "surrogatepass")


def _text_or_none(kept: bytes | None) -> str | None:
    return None if kept is None else kept.decode("utf-8", "surrogatepass")


def key_of(identifier: str) -> bytes | None:
    """Key by which an identifier is found, which was folded if its case doesn't count; None for none."""
    return sha256(packed(identifier)).digest() if identifier else None


def keys_of(member: Member) -> list[bytes | None]:
    """The keys of a member's identifiers, in the order of KEYS."""
    found = dict(identifiers_of(member))
    return [key_of(found.get(name, "")) for name in KEYS]


# ---------------------------------------------------------------- records from rows
def user(row: Any) -> User:
    """The user of a row with the columns USER."""
    return User(
        text_of(row[0]),
        row[1],
        _text_or_none(row[2]),
        text_of(row[3]),
        text_of(row[4]),
        _text_or_none(row[5]),
        row[6],
    )


def token(row: Any) -> RefreshToken:
    """The refresh token of a row with the columns TOKEN."""
    return RefreshToken(text_of(row[0]), text_of(row[1]), row[2], _text_or_none(row[3]), row[4])


def member(row: Any) -> Member:
    """The member of a row with the columns MEMBER."""
    email, phone, card = map(_text_or_none, row[2:5])
    ids = text_of(row[0]), text_of(row[1])
    return Member(*ids, email, phone, card, text_of(row[5]), row[6], orjson.loads(row[7]))


def transaction(row: Any) -> Transaction:
    """The transaction of a row with the columns TRANSACTION."""
    return Transaction(text_of(row[0]), text_of(row[1]), row[2], _text_or_none(row[3]), orjson.loads(row[4]))


def subscription(row: Any) -> Subscription:
    """The subscription of a row with the columns SUBSCRIPTION."""
    secret = row[5]
    return Subscription(
        text_of(row[0]),
        text_of(row[1]),
        text_of(row[2]),
        row[3],
        Destination(*orjson.loads(row[4])),
        None if secret is None else SigningState(text_of(secret), row[6], row[7]),
        row[8],
    )


# ---------------------------------------------------------------- rows of records
def of_user(record: User) -> tuple[Any, ...]:
    """Values of the columns USER."""
    user_id, role, store_code, username, password, api_key, last_login_at = record
    names = packed(username), packed(password), packed_or_none(api_key)
    return packed(user_id), role, packed_or_none(store_code), *names, last_login_at


def of_token(record: RefreshToken) -> tuple[Any, ...]:
    """Values of the columns TOKEN."""
    text, user_id, role, store_code, expires_at = record
    return packed(text), packed(user_id), role, packed_or_none(store_code), expires_at


def of_member(record: Member) -> tuple[Any, ...]:
    """Values of the columns MEMBER, and the keys."""
    names = map(packed_or_none, record[2:5])
    ids = packed(record.customer_id), packed(record.store_code)
    return (
        *ids,
        *names,
        packed(record.referral_token),
        record.registered_at,
        orjson.dumps(record.data),
        *keys_of(record),
    )


def of_transaction(record: Transaction) -> tuple[Any, ...]:
    """Values of the columns TRANSACTION."""
    transaction_id, store_code, created_at, customer_id, data = record
    return packed(transaction_id), packed(store_code), created_at, packed_or_none(customer_id), orjson.dumps(data)


def of_subscription(record: Subscription) -> tuple[Any, ...]:
    """Values of the columns SUBSCRIPTION, and the texts that are searched."""
    signing = record.signing
    return (
        packed(record.subscription_id),
        packed(record.store_code),
        packed(record.event_name),
        record.created_at,
        orjson.dumps(tuple(record.destination)),
        *((packed(signing.secret), signing.version, signing.rotated_at) if signing else (None, None, None)),
        record.legacy,
        *searched(record),
    )


def searched(record: Subscription) -> tuple[bytes, bytes, bytes]:
    """URL of a subscription, and its name and URL without case."""
    url = record.destination.url
    return packed(url), packed(record.event_name.casefold()), packed(url.casefold())


Kind = tuple[str, str, Callable[[Any], AnyRecord], Callable[[Any], tuple[Any, ...]]]
# Of each kind of record, by its name in a snapshot: the table, its columns, the record of a row, and its row.
KINDS: Mapping[str, Kind] = {
    "users": ("users", USER, user, of_user),
    "refreshTokens": ("refresh_tokens", TOKEN, token, of_token),
    "members": ("members", f"{MEMBER}, email_key, phone_key, card_key", member, of_member),
    "transactions": ("transactions", TRANSACTION, transaction, of_transaction),
    "subscriptions": ("subscriptions", f"{SUBSCRIPTION}, url, event_folded, url_folded", subscription, of_subscription),
}
KIND_OF: Mapping[type[Any], str] = {
    User: "users",
    RefreshToken: "refreshTokens",
    Member: "members",
    Transaction: "transactions",
    Subscription: "subscriptions",
}
