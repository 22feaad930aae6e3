"""Events are caused through the API, by a command, or not at all, with the reason."""

import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.causing import CAUSED_BY, EventPlan, command_for, event_plans, run_command
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract

REGISTERED, ASSIGNED, UPDATED = "CustomerRegistered", "TransactionAssignedToCustomer", "CustomerUpdated"


def _plans(allow: tuple[str, ...] = (), **given: Any) -> dict[str, EventPlan]:
    options = SenderOptions(Options("http://127.0.0.1:1", Credentials(api_key="key"), allow_residue=allow), **given)
    return {one.event: one for one in event_plans(judge.plan(options), options)}


def test_what_stays_is_made_only_if_it_may() -> None:
    """The reason names the option."""
    assert "--allow-residue member,transaction" in _plans()[ASSIGNED].reason
    assert "--allow-residue member" in _plans(("transaction",))[REGISTERED].reason
    assert _plans(("member",))[REGISTERED].operations == ("_memberPost",)
    assert _plans(("member", "transaction"))[ASSIGNED].operations == ("_memberPost", "_transactionPost")


def test_a_command_causes_the_rest() -> None:
    """Without one no operation of the contract does."""
    assert "--trigger-command" in _plans(("member",))[UPDATED].reason
    plans = _plans(("member",), trigger_command="trigger {event}")
    assert plans[UPDATED].by_command
    assert not plans[REGISTERED].by_command
    assert [one for one in plans.values() if one.reason] == []


def test_events_can_be_named() -> None:
    """They are then asked for; an unknown one is refused."""
    assert _plans(events=(UPDATED,)) == {UPDATED: EventPlan(UPDATED, reason=_plans()[UPDATED].reason, asked=True)}
    with pytest.raises(SettingsError, match="no event 'CustomerUpdate'; it has CustomerRegistered"):
        _plans(events=("CustomerUpdate",))


def test_a_contract_without_events_sends_nothing(tmp_path: Path) -> None:
    """That is said."""
    path = tmp_path / "pets.yaml"
    path.write_text("openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\npaths: {}\n", "utf-8")
    options = SenderOptions(Options("http://127.0.0.1:1", Credentials(api_key="key"), spec=str(path)))
    with pytest.raises(SettingsError, match="no events"):
        event_plans(judge.plan(options), options)


def test_the_causes_are_events_and_operations_of_the_contract(contract: Contract) -> None:
    """Nothing is caused that isn't there."""
    assert set(CAUSED_BY) <= set(contract.event_names)
    assert {name for names in CAUSED_BY.values() for name in names} <= set(contract.operation_ids)


def test_a_command_gets_the_names() -> None:
    """In their places, or the event at the end."""
    assert command_for(["t", "{store}", "--event={event}"], UPDATED, "A") == ["t", "A", f"--event={UPDATED}"]
    assert command_for(["t"], UPDATED, "A") == ["t", UPDATED]


def test_a_command_that_fails_says_why() -> None:
    """With its last words."""
    says = "import sys; sys.exit('first\\nlast')"
    assert run_command([sys.executable, "-c", "pass"]) == ""
    assert run_command([sys.executable, "-c", says]) == "the trigger command ended with 1: last"
    assert run_command(["/nowhere"]) == "the trigger command can't be run: No such file or directory"
