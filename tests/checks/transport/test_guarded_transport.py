"""The guarded transport: what it counts, and when it leaves an operation alone.

Its bounds are tested in test_exchange_bounds.py, ownership in tests/checks/live/test_ownership.py, the ledger and
secrets in the tests named after them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.transport.circuit_breaker import FAILURES_OF_AN_OPERATION
from mockserver.checks.transport.guarded_transport import (
    GuardedTransport,
    LeftAlone,
    RequestRefused,
    TransportOptions,
)
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.rate_limiting import RateLimiter
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.checks.targets import drips, says, target

RUN, TENANT, PATIENCE = "0a1b2c3d", {"storeCode": "DEFAULT"}, 0.1
STORE = {"storeCode": frozenset({"DEFAULT"})}
SURFACE = Surface(Contract.load())
READ, LIST = SURFACE.calls["webhookEventGetList"], SURFACE.calls["webhookSubscriptionGetList"]


@contextmanager
def _silent(folder: Path, *, hostile: bool = True) -> Iterator[tuple[OperationClient, GuardedTransport]]:
    """A client of a target that takes requests and says nothing."""
    policy = Policy(hostile=hostile, contexts=STORE)
    with target(drips(b"", b"", 0.1)) as url, Ledger.create(folder / "ledger.jsonl", RUN, url) as ledger:
        ownership = Ownership(SURFACE, Marks(RUN, SURFACE), policy, Ids(1))
        transport = GuardedTransport(TransportOptions(url, PATIENCE), SURFACE, ownership, ledger, RateLimiter())
        yield OperationClient(transport), transport
        transport.close()


def test_an_undeclared_method_affects_all_operations_of_its_path(tmp_path: Path) -> None:
    """A time-out of one may be reported for any of them, and for no other."""
    of_the_path = {call.id for call in SURFACE.calls.values() if call.path == LIST.path}
    with _silent(tmp_path) as (client, transport):
        with pytest.raises(requests.Timeout):
            client.send(LIST, TENANT, method="PATCH")

        assert len(of_the_path) > 1
        assert transport.breaker.affected == of_the_path | {"unknown"}


def test_an_operation_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    """Its next request isn't sent; that of another operation is."""
    with _silent(tmp_path) as (client, transport):
        transport.breaker.note(READ.id, failures=FAILURES_OF_AN_OPERATION)
        with pytest.raises(LeftAlone, match="is left alone"):
            client.send(READ, TENANT)
        with pytest.raises(requests.Timeout):
            client.send(LIST, TENANT)


def test_a_refused_request_is_noted_and_not_sent(tmp_path: Path) -> None:
    """A method that no operation declares needs a hostile run; the reason can be read afterwards."""
    with _silent(tmp_path, hostile=False) as (client, transport):
        with pytest.raises(RequestRefused):
            client.send(LIST, TENANT, method="PATCH")

        assert transport.limits.sent == 0
        assert transport.refused == [f"PATCH {LIST.path.format(**TENANT)}: no such operation in the contract"]


@pytest.mark.parametrize(("head", "is_left"), [(b"302 Found\r\nLocation: /login", True), (b"204 No Content", False)])
def test_a_redirect_deletes_nothing(head: bytes, tmp_path: Path, *, is_left: bool) -> None:
    """A DELETE that is sent elsewhere, such as to a login page, leaves the record alive; a 204 ends it."""
    record, call = "0b54f5a3-6b0c-4a51-a1a5-6f1ee3c1c4d2", SURFACE.calls["webhookSubscriptionDelete"]
    ownership = Ownership(SURFACE, Marks(RUN, SURFACE), Policy(hostile=True, contexts=STORE), Ids(1))
    ownership.adopt(SURFACE.calls["_webhookSubscriptionPost"], TENANT, record)
    answer = b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n"

    with target(says(answer)) as url, Ledger.create(tmp_path / "ledger.jsonl", RUN, url) as ledger:
        transport = GuardedTransport(TransportOptions(url, 5), SURFACE, ownership, ledger, RateLimiter())
        OperationClient(transport).send(call, {**TENANT, "webhookSubscription": record})
        transport.close()

    assert ownership.is_alive(SURFACE.calls["webhookSubscriptionDelete"], record) is is_left
