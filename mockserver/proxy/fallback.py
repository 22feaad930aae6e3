"""The fallback: what the mock answers in place of an instance that doesn't have an operation yet."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from mockserver.errors import ApiError, SettingsError, listed
from mockserver.http.messages import Header
from mockserver.openapi.contract import Contract
from mockserver.proxy.judge import SUCCESS, OperationJudge
from mockserver.proxy.passage import Passage
from mockserver.world import World
from mockserver.world.auth import Auth, Principal

HEADER = b"x-mock-fallback"
NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED = 404, 405, 501
NO_ROUTE = b"No route found"  # what Symfony, and so the vendor, says of paths that it doesn't have
LONGEST_SEARCHED = 64 * 1024  # bytes
MOST_SEEN = 10_000  # path parameters
ERRORS = 400  # statuses from which on a preflight is refused


class GuestAuth(Auth):
    """Credentials of a mock that stands in for an instance: what the instance has issued is an admin's."""

    def verify_bearer(self, token: str) -> Principal:
        """The caller of a token: the mock's own, or a guest."""
        try:
            return super().verify_bearer(token)
        except ApiError:
            return GUEST

    async def verify_api_key(self, api_key: str) -> Principal:
        """The owner of a key: the mock's own, or a guest."""
        try:
            return await super().verify_api_key(api_key)
        except ApiError:
            return GUEST


GUEST = Principal("guest", "admin")


def with_guests(world: World) -> World:
    """The same world, in which credentials of others count, too."""
    return world._replace(auth=GuestAuth(world.settings, world.clock, world.ids, world.state))


class Fallback:
    """When the mock answers: for operations that are named, and for those that the instance says it doesn't have."""

    def __init__(self, contract: Contract, named: Collection[str]) -> None:
        """`named` are operationIds. Raises SettingsError for one that the contract doesn't have."""
        found = {name: contract.operation_named(name) for name in named}
        for name, known in found.items():
            if known is None:
                raise SettingsError(_no_such_operation(name, contract.operation_ids))
        self._named = frozenset(known for known in found.values() if known)
        self._seen: set[tuple[str, str]] = set()  # path parameters of successes: such a store, or record, is there
        self._missing: set[str] = set()  # operations that the instance has said it lacks
        self._agreed: set[tuple[str, bytes]] = set()  # operations, and origins that the instance has refused

    def is_named(self, judge: OperationJudge | None) -> bool:
        """Whether an operation is answered by the mock in any case."""
        return judge is not None and judge.operation_id in self._named

    def note(self, passage: Passage) -> None:
        """Learn from an answer of the instance which stores and records it has."""
        if passage.status not in SUCCESS or passage.judge is None:
            return
        self._missing.discard(passage.judge.operation_id)
        pairs = list(passage.request.path_parameters.items())
        if passage.method == "DELETE":
            self._seen.difference_update(pairs[-1:])
        elif len(self._seen) < MOST_SEEN:
            self._seen.update(pairs)

    def agrees(self, passage: Passage, wanted: OperationJudge | None) -> bool:
        """Whether the mock agrees to a preflight for the `wanted` operation: where the instance refuses it, and is
        known to lack that. What the page then sends isn't passed on: the instance hasn't agreed to it."""
        if wanted is None:
            return False
        agreed = (wanted.operation_id, passage.request.headers.get(b"origin", b""))
        if passage.status < ERRORS:
            self._agreed.discard(agreed)
            return False
        has_no_route = passage.status == NOT_FOUND and NO_ROUTE in passage.shown_body[:LONGEST_SEARCHED]
        if not (has_no_route or wanted.operation_id in self._missing) or len(self._agreed) >= MOST_SEEN:
            return False
        self._agreed.add(agreed)
        return True

    def has_agreed(self, passage: Passage) -> bool:
        """Whether a page sends what the mock alone has agreed to."""
        return (passage.operation_id or "", passage.request.headers.get(b"origin", b"")) in self._agreed

    def is_missing(self, passage: Passage) -> bool:
        """Whether the answer of the instance says that it doesn't have the operation: 501, 405, or a 404 that can't be
        the one which the contract declares for a record that isn't there."""
        is_missing = self._says_so(passage)
        if is_missing and passage.judge:
            self._missing.add(passage.judge.operation_id)
        return is_missing

    def _says_so(self, passage: Passage) -> bool:
        status, judge = passage.status, passage.judge
        if judge is None or status not in (NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED):
            return False
        if status != NOT_FOUND or not judge.declares(NOT_FOUND):
            return True
        if passage.in_answer or NO_ROUTE in passage.shown_body[:LONGEST_SEARCHED]:
            return True
        return not judge.path.endswith("}") and self._seen.issuperset(passage.request.path_parameters.items())


def _no_such_operation(name: str, known: Sequence[str]) -> str:
    alike = get_close_matches(name, known)
    advice = f"Did you mean {' or '.join(alike)}?" if alike else f"It has {listed(known)}."
    return f"--fallback-for {name}: there is no such operation in the contract. {advice}"


def mark(why: str) -> Header:
    """The header of an answer that the mock has given."""
    return HEADER, why.encode("ascii", "replace")
