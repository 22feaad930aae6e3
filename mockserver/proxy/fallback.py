"""The fallback: what the mock answers in place of an instance that doesn't have an operation yet."""

from collections.abc import Collection

from mockserver.errors import ApiError, SettingsError
from mockserver.http.messages import Header
from mockserver.openapi.contract import Contract
from mockserver.proxy.judge import OperationJudge
from mockserver.proxy.passage import Passage
from mockserver.violations import not_a_choice
from mockserver.world import World
from mockserver.world.auth import Auth, Principal

HEADER = b"x-mock-fallback"
NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED = 404, 405, 501
NO_ROUTE = b"No route found"  # what Symfony, and so the vendor, says of paths that it doesn't have
LONGEST_SEARCHED = 64 * 1024  # bytes
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
                advice = not_a_choice((), name, contract.operation_ids).message
                raise SettingsError(f"--fallback-for {name}: there is no such operation in the contract. {advice}")
        self._named = frozenset(known for known in found.values() if known)

    def is_named(self, judge: OperationJudge | None) -> bool:
        """Whether an operation is answered by the mock in any case."""
        return judge is not None and judge.operation_id in self._named

    def is_missing(self, passage: Passage, *, is_preflight: bool = False) -> bool:
        """Whether the answer of the instance says that it doesn't have the operation: 501, 405, or a 404 that isn't the
        one which the contract declares for a record that isn't there."""
        status, judge = passage.status, passage.judge
        if is_preflight:
            return status >= ERRORS
        if judge is None or status not in (NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED):
            return False
        if status != NOT_FOUND or not judge.declares(NOT_FOUND):
            return True
        return bool(passage.in_answer) or NO_ROUTE in passage.shown_body[:LONGEST_SEARCHED]


def mark(why: str) -> Header:
    """The header of an answer that the mock has given."""
    return HEADER, why.encode("ascii", "replace")
