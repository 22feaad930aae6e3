"""Failures of a gateway: repeated with patience, counted, and no verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.transport.gateway_failures import PATIENCE, AnswerLost, GatewayFailures
from mockserver.checks.transport.guarded_transport import GuardedTransport, Stopped, TransportOptions
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.checks.targets import target

RUN, TENANT = "0a1b2c3d", {"storeCode": "DEFAULT"}
SURFACE = Surface(Contract.load())
LIST, CREATE = SURFACE.calls["webhookSubscriptionGetList"], SURFACE.calls["_webhookSubscriptionPost"]
BODY = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": f"https://{RUN}.mockserver-check.invalid/"}}
OK, BAD, GONE, REFUSED, THROTTLED, CLOUDFLARE = 200, 502, 503, 400, 429, 520


class Hands:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Host:
    """A host that answers with these statuses, one after the other, and with the last one ever after; 0 is a reset."""

    def __init__(self, folder: Path, *statuses: int) -> None:
        self._left, self._folder, self.hands = list(statuses), folder, Hands()
        self.time = MonotonicTime(lambda: self.hands.now, self.hands.wait)
        self.failures = GatewayFailures(self.time.now)

    @contextmanager
    def client(self) -> Iterator[OperationClient]:
        """A client whose transport waits by the host's clock."""
        policy = Policy(contexts={"storeCode": frozenset({"DEFAULT"})})
        with target(self._answer) as url, Ledger.create(self._folder / "ledger.jsonl", RUN, url) as self.ledger:
            ownership = Ownership(SURFACE, Marks(RUN, SURFACE), policy, Ids(1))
            options = TransportOptions(url, 5.0, failures=self.failures)
            transport = GuardedTransport(options, SURFACE, ownership, self.ledger, RateLimiter(time=self.time))
            yield OperationClient(transport)
            transport.close()

    def _answer(self, connection: object) -> None:
        status = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if status:
            head = f"HTTP/1.1 {status} Said\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
            connection.sendall(f"{head}{{}}".encode())  # type: ignore[attr-defined] # a socket


@pytest.mark.parametrize("failing", [(BAD,), (0, 0), (GONE, BAD, 0), (THROTTLED, CLOUDFLARE)])
def test_a_request_is_repeated_until_it_is_answered(tmp_path: Path, failing: tuple[int, ...]) -> None:
    """A page of a gateway and a reset are no answers; how many there were is told."""
    host = Host(tmp_path, OK, *failing, OK)
    with host.client() as client:
        statuses = [client.send(LIST, TENANT).status_code for _ in range(2)]

    assert statuses == [OK, OK]
    assert host.failures.kinds.total() == len(failing)
    assert host.failures.told(9).startswith(f"the gateway failed {len(failing)} of 9 times")


def test_patience_ends(tmp_path: Path) -> None:
    """Whoever goes on failing for longer than a restart takes is taken at its word, and then at once."""
    host = Host(tmp_path, OK, GONE)
    with host.client() as client:
        statuses = [client.send(LIST, TENANT).status_code for _ in range(2)]
        waited = host.hands.now
        statuses.append(client.send(LIST, TENANT).status_code)

    assert statuses == [OK, GONE, GONE]
    assert PATIENCE / 2 < waited <= PATIENCE
    assert host.hands.now == waited


def test_a_host_that_never_answered_is_not_waited_for(tmp_path: Path) -> None:
    """A wrong address is told at once."""
    host = Host(tmp_path, 0)
    with host.client() as client, pytest.raises(requests.ConnectionError):
        client.send(LIST, TENANT)

    assert host.hands.now == 0.0


def test_a_change_whose_answer_was_lost_is_not_judged(tmp_path: Path) -> None:
    """It may have happened: what another attempt is refused for says nothing. What that one makes is ours."""
    host = Host(tmp_path, OK, BAD, REFUSED, BAD, OK)
    with host.client() as client:
        client.send(LIST, TENANT)
        with pytest.raises(AnswerLost, match="_webhookSubscriptionPost"):
            client.send(CREATE, TENANT, json=BODY)
        assert client.send(CREATE, TENANT, json=BODY).status_code == OK

    assert [intent.settled for intent in host.ledger.history.intents.values()] == [False, False, False, False]


def test_a_change_that_was_turned_away_is_judged(tmp_path: Path) -> None:
    """Who answers 429 has done nothing: what comes of the next attempt is an answer."""
    host = Host(tmp_path, OK, THROTTLED, REFUSED)
    with host.client() as client:
        client.send(LIST, TENANT)
        assert client.send(CREATE, TENANT, json=BODY).status_code == REFUSED


def test_who_turns_away_for_ever_is_left_alone(tmp_path: Path) -> None:
    """Three requests, not seven hundred, are tried in vain."""
    host = Host(tmp_path, OK, THROTTLED)
    with host.client() as client:
        statuses = [client.send(LIST, TENANT).status_code for _ in range(4)]
        with pytest.raises(Stopped, match="429"):
            client.send(LIST, TENANT)

    assert statuses == [OK, THROTTLED, THROTTLED, THROTTLED]


def test_a_host_without_failures_has_nothing_to_tell() -> None:
    """No line where there is nothing to say."""
    assert GatewayFailures(lambda: 0.0).told(10) == ""
