"""Whether the parts of a snapshot fit together. That each part by itself is as control.yaml describes is known before.

A snapshot is what `State.snapshot` gives: lists of records as JSON (model.py), and the codes of the stores.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.model import Json, Member, RefreshToken, Subscription, Transaction, User, from_json, identifiers_of
from mockserver.violations import Violation, missing, not_a_choice, taken

KINDS: Mapping[str, type[Any]] = {
    "users": User,
    "refreshTokens": RefreshToken,
    "members": Member,
    "transactions": Transaction,
    "subscriptions": Subscription,
}
# What tells the rows of each list apart.
_KEYS: Mapping[str, Callable[[Any], object]] = {
    "stores": lambda code: code,
    "logins": lambda row: row["client"],
    "faults": lambda row: row["faultId"],
    "users": lambda row: row["userId"],
    "refreshTokens": lambda row: row["token"],
    "members": lambda row: (row["storeCode"], row["customerId"]),
    "transactions": lambda row: (row["storeCode"], row["transactionId"]),
    "subscriptions": lambda row: (row["storeCode"], row["subscriptionId"]),
}
_KEY_NAMES = {
    "logins": "client",
    "faults": "faultId",
    "users": "userId",
    "refreshTokens": "token",
    "members": "customerId",
    "transactions": "transactionId",
    "subscriptions": "subscriptionId",
}


def misfits(snapshot: Json) -> Iterator[Violation]:
    """Everything that doesn't fit: rows that stand twice, stores and members that don't exist, taken identifiers."""
    yield from _repeated(snapshot)
    yield from _homeless(snapshot)
    yield from _taken_identifiers(snapshot)
    yield from _unknown_buyers(snapshot)
    yield from _aimless_faults(snapshot)


def _repeated(snapshot: Json) -> Iterator[Violation]:
    for name, key in _KEYS.items():
        seen: set[object] = set()
        for index, row in enumerate(snapshot.get(name, ())):
            if key(row) in seen:
                yield taken((name, index, _KEY_NAMES[name]) if name in _KEY_NAMES else (name, index))
            seen.add(key(row))


def _homeless(snapshot: Json) -> Iterator[Violation]:
    """Rows of stores that don't exist. Admins, and nobody else, belong to none."""
    for name in KINDS:
        for index, row in enumerate(snapshot[name]):
            stores = [None] if row.get("role") == "admin" else snapshot["stores"]
            if row["storeCode"] not in stores:
                yield not_a_choice((name, index, "storeCode"), row["storeCode"], stores)


def _taken_identifiers(snapshot: Json) -> Iterator[Violation]:
    seen: set[tuple[str, str, str]] = set()
    for index, row in enumerate(snapshot["members"]):
        for name, value in identifiers_of(from_json(Member, row)):
            if (row["storeCode"], name, value) in seen:
                yield taken(("members", index, name))
            seen.add((row["storeCode"], name, value))


def _unknown_buyers(snapshot: Json) -> Iterator[Violation]:
    members = {(row["storeCode"], row["customerId"]) for row in snapshot["members"]}
    for index, row in enumerate(snapshot["transactions"]):
        buyer = row["customerId"]
        if buyer is not None and (row["storeCode"], buyer) not in members:
            yield not_a_choice(("transactions", index, "customerId"), buyer, [])


def _aimless_faults(snapshot: Json) -> Iterator[Violation]:
    for index, fault in enumerate(snapshot.get("faults", ())):
        if ("operationId" in fault) == ("eventName" in fault):
            yield missing(("faults", index, "operationId"))
