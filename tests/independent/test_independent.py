"""The judge before an implementation that isn't ours."""

import re
from pathlib import Path

import httpx2
import pytest

from mockserver.openapi.contract import Contract
from tests.independent import NODE, OPTIONS, faults, started
from tests.independent.judging import Budget, check_live

pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js isn't installed")

HERE = Path(__file__).parent
LOGIN = {name: OPTIONS[name] for name in ("username", "password")}
READING = [
    word
    for operation in ("adminLoginCheck", "tokenRefresh", "webhookEventGetList", "webhookSubscriptionGetList")
    for word in ("--operation", operation)
]


@pytest.mark.anyio
async def test_a_correct_instance_is_judged_green() -> None:
    """Nothing is found on a correct implementation, and nothing stays unjudged."""
    verdict = await check_live(None, Budget(examples=1, seed=1, whole=False), READING)

    assert (verdict.exit_code, verdict.findings, verdict.not_judged) == (0, frozenset(), ())


def test_faults_name_operations_of_the_contract() -> None:
    """Where a fault may be seen are operations of the contract."""
    declared = {
        operation["operationId"]
        for item in Contract.load().document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }

    assert {operation for fault in faults() for operation in fault.operations} == declared


def test_every_fault_has_its_place() -> None:
    """Each fault of the registry is asked for somewhere in the server."""
    places = [path for path in HERE.rglob("*.mjs") if path.name != "faults.mjs"]
    asked = {name for path in places for name in re.findall(r"'([a-z0-9-]+)'", path.read_text("utf-8"))}

    assert [fault.name for fault in faults() if fault.name not in asked] == []


def test_a_fault_is_planted() -> None:
    """A server with a fault has it; one without doesn't."""
    statuses = []
    for fault in (None, "bad-login-is-403"):
        with started(fault) as url:
            answer = httpx2.post(f"{url}/api/admin/login_check", json=LOGIN | {"password": "wrong"})
            statuses.append(answer.status_code)

    assert statuses == [401, 403]
