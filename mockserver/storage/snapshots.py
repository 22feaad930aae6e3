"""Integrity checks of a snapshot: its parts must fit together. Its schema in control.yaml was validated before.

A snapshot is the result of `World.snapshot`: lists of records as JSON (model.py), the codes of the stores, and figures.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.storage.model import (
    Json,
    Member,
    RefreshToken,
    Subscription,
    Transaction,
    User,
    from_json,
    identifiers_of,
)
from mockserver.turns import Turns
from mockserver.violations import Path, Violation, breach, of_bound, taken

MOST_PROBLEMS = 200  # in one response, as for any other body
LARGEST_COUNT = (
    2**52
)  # of a counter in a snapshot: counting on, it stays among the integers that all JSON readers keep exactly
LARGEST_VERSION = 2**30  # of a signing key, for the same reason

KINDS: Mapping[str, type[Any]] = {
    "users": User,
    "refreshTokens": RefreshToken,
    "members": Member,
    "transactions": Transaction,
    "subscriptions": Subscription,
}
# The key of a row of each list, and the name of its property; later lists refer to earlier ones.
_KEYS: Mapping[str, tuple[Callable[[Any], object], str | None]] = {
    "stores": (lambda code: code, None),
    "logins": (lambda row: row["client"], "client"),
    "faults": (lambda row: row["faultId"], "faultId"),
    "users": (lambda row: row["userId"], "userId"),
    "refreshTokens": (lambda row: row["token"], "token"),
    "members": (lambda row: (row["storeCode"], row["customerId"]), "customerId"),
    "transactions": (lambda row: (row["storeCode"], row["transactionId"]), "transactionId"),
    "subscriptions": (lambda row: (row["storeCode"], row["subscriptionId"]), "subscriptionId"),
    "records": (lambda row: (row["resource"], *row["within"], row["key"]), "key"),
}


async def integrity_problems(snapshot: Json, turns: Turns) -> list[Violation]:
    """Violations of integrity, MOST_PROBLEMS at most: duplicate rows, unknown stores, owners and members, identifiers
    that are taken, faults that are used up, and counters that are too large."""
    found = list(_too_large(snapshot))
    seen = _Seen()
    for name in _KEYS:
        index = 0
        async for row in turns.over(snapshot.get(name, ())):
            found += seen.problems(name, index, row)
            if len(found) >= MOST_PROBLEMS:
                return found[:MOST_PROBLEMS]
            index += 1
    return found


def _too_large(snapshot: Json) -> Iterator[Violation]:
    yield from _over(snapshot.get("events", 0), LARGEST_COUNT, ("events",))
    for name, count in snapshot.get("drawn", {}).items():
        yield from _over(count, LARGEST_COUNT, ("drawn", name))
    for name, count in snapshot.get("numbers", {}).items():
        yield from _over(count, LARGEST_COUNT, ("numbers", name))


def _over(count: int, limit: int, path: Path) -> Iterator[Violation]:
    if count > limit:
        yield of_bound("maximum", limit)(path, count)


class _Seen:
    """Keys of the rows that were checked so far."""

    def __init__(self) -> None:
        self._keys: Mapping[str, set[object]] = {name: set() for name in _KEYS}
        self._owners: dict[str, tuple[str, str | None]] = {}
        self._identifiers: set[tuple[str, str, str]] = set()

    def problems(self, name: str, index: int, row: Any) -> Iterator[Violation]:
        """Violations of a row of the list `name`; all rows before it were checked."""
        key, key_name = _KEYS[name]
        keys = self._keys[name]
        if key(row) in keys:
            yield taken((name, index, key_name) if key_name else (name, index))
        keys.add(key(row))
        if name in KINDS and not self._is_at_home(row):
            yield breach((name, index, "storeCode"), "store", "The snapshot has no such store; an admin is of none.")
        elif name in _RULES:
            yield from _RULES[name](self, index, row)

    def _is_at_home(self, row: Json) -> bool:
        """Whether the store of a row exists; admins, and nobody else, belong to none."""
        if row.get("role") == "admin":
            return row["storeCode"] is None
        return row["storeCode"] in self._keys["stores"]

    def _user(self, _: int, row: Json) -> Iterator[Violation]:
        self._owners[row["userId"]] = (row["role"], row["storeCode"])
        yield from ()

    def _token(self, index: int, row: Json) -> Iterator[Violation]:
        if self._owners.get(row["userId"]) != (row["role"], row["storeCode"]):
            yield breach(("refreshTokens", index, "userId"), "owner", "No such user has this role in this store.")

    def _member(self, index: int, row: Json) -> Iterator[Violation]:
        for name, value in identifiers_of(from_json(Member, row)):
            if (row["storeCode"], name, value) in self._identifiers:
                yield taken(("members", index, name))
            self._identifiers.add((row["storeCode"], name, value))

    def _transaction(self, index: int, row: Json) -> Iterator[Violation]:
        buyer = row["customerId"]
        if buyer is not None and (row["storeCode"], buyer) not in self._keys["members"]:
            yield breach(("transactions", index, "customerId"), "member", "The store has no such member.")

    def _subscription(self, index: int, row: Json) -> Iterator[Violation]:
        if row["signing"]:
            path = ("subscriptions", index, "signing", "version")
            yield from _over(row["signing"]["version"], LARGEST_VERSION, path)

    def _fault(self, index: int, row: Json) -> Iterator[Violation]:
        for name in ("matched", "chances", "applied"):
            yield from _over(row.get(name, 0), LARGEST_COUNT, ("faults", index, name))
        if not row["applied"] < row.get("times", row["applied"] + 1):
            yield breach(("faults", index, "applied"), "times", "A fault that has struck so often is gone.")
        _, last = row.get("match", {}).get("calls", (1, None))
        if last is not None and row.get("matched", row["chances"]) >= last:
            yield breach(("faults", index, "matched"), "calls", "A fault whose last call was made is gone.")


_RULES: Mapping[str, Callable[[_Seen, int, Json], Iterator[Violation]]] = {
    "users": _Seen._user,  # noqa: SLF001 (of the same module)
    "refreshTokens": _Seen._token,  # noqa: SLF001
    "members": _Seen._member,  # noqa: SLF001
    "transactions": _Seen._transaction,  # noqa: SLF001
    "subscriptions": _Seen._subscription,  # noqa: SLF001
    "faults": _Seen._fault,  # noqa: SLF001
}
