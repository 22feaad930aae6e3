"""The promises of all judges, by name."""

from pathlib import Path

import pytest

from mockserver.checks.findings.catalogue import JUDGES, all_promises, promise_named
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.receiver_promises import ReceiverPromise

ROOT = Path(__file__).parents[3]


def test_names_are_of_one_promise_each() -> None:
    """A finding's check says which promise is meant, whichever judge it is of."""
    names = [promise.value for promise in all_promises()]

    assert len(names) == len(set(names)) == sum(len(judge) for judge in JUDGES)
    assert promise_named("reads_back") is Promise.READS_BACK
    assert promise_named("stale") is ReceiverPromise.STALE


def test_unknown_names_are_no_promises() -> None:
    """There is no promise by guess."""
    with pytest.raises(KeyError):
        promise_named("sleeps_well")


def test_promises_are_sentences() -> None:
    """Each says what is promised, and those of a receiver also what to do."""
    assert [promise for promise in all_promises() if not promise.says.endswith(".")] == []
    assert [promise for promise in ReceiverPromise if not promise.hint] == []


def test_documentation_has_every_promise() -> None:
    """docs/judge.md lists each with what is promised."""
    document = (ROOT / "docs" / "judge.md").read_text("utf-8")

    assert [promise for promise in all_promises() if f"| `{promise}` | {promise.says} |" not in document] == []
