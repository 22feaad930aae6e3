"""Preconditions: what a run needs is proven before it is relied on, and told in one line where it isn't so."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.checks.findings.report import Verdict
from tests.checks.conftest import Judged
from tests.checks.instance import Instance
from tests.mutants.exchange import Answer, Request, Send, calling
from tests.mutants.faults import MUTANTS
from tests.mutants.faults.shapes import each_row, without
from tests.mutants.proxy import Fault, honest

POST, DELETE = "_webhookSubscriptionPost", "webhookSubscriptionDelete"
CREATING = ("_memberPost", "_transactionPost")
FAULTS = {mutant.name: mutant for mutant in MUTANTS}


def _deleting(answer: Answer, memory: SimpleNamespace) -> Fault:
    """Deleting gets this answer, if somebody known asks; `memory.made` counts what is created."""
    memory.made = 0

    async def fault(request: Request, send: Send) -> Answer:
        if request.operation == DELETE:
            known = await send(calling(request, "GET", request.path))
            return known if known.status == 401 else answer
        response = await send(request)
        memory.made += request.operation == POST and response.status == 200
        return response

    return fault


def test_an_account_that_may_not_delete_leaves_one_record(judged: Judged) -> None:
    """A 403 to the first deletion: nothing more is made, by fuzzing neither; a line says so, and no alarm is false."""
    memory = SimpleNamespace()

    report = judged(
        _deleting(Answer.of(403, {"code": 403, "message": "Forbidden."}), memory), "^(life|access|fuzzing: examples)"
    )

    assert memory.made == 1
    assert report.findings == []
    (line,) = (line for line in report.not_judged if "can't be deleted" in line)
    assert line.startswith("a subscription can't be deleted: the account may not delete (403), so no more than one")
    assert len([line for line in report.residue if line.startswith("subscription")]) == 1
    assert report.verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("status", "promise"), [(405, "status_code_conformance"), (404, "delete_deletes"), (204, "delete_deletes")]
)
def test_a_record_that_stays_is_a_finding(judged: Judged, status: int, promise: str) -> None:
    """Where deleting is refused, or deletes nothing, that is the finding, and no more than one record stays."""
    memory = SimpleNamespace()

    report = judged(_deleting(Answer.of(status), memory), "subscription: ")

    assert memory.made == 1
    assert {(one.check, one.operation) for one in report.findings} >= {(promise, DELETE)}


def test_what_is_gone_is_not_called_still_there(judged: Judged) -> None:
    """Who answers `200 null` for whatever isn't there keeps no record: that is no critical alarm."""

    async def never_missing(request: Request, send: Send) -> Answer:
        answer = await send(request)
        return Answer.of(200, None) if answer.status == 404 and "/subscription/" in request.path else answer

    report = judged(never_missing, "^life")

    assert report.findings
    assert [one for one in report.findings if one.severity == "critical"] == []


def test_another_store_has_to_exist(judged: Judged) -> None:
    """A typing error in --other-store is no green: a line says that isolation wasn't judged."""
    report = judged(FAULTS["other stores can read"].make(), "other store", other_store="NROTH")

    (line,) = (line for line in report.not_judged if "NROTH" in line)
    assert line.startswith("whether stores see each other, as for --other-store NROTH: creating a subscription there")
    assert report.findings == []


def test_an_order_needs_rows_that_differ(judged: Judged) -> None:
    """An instance that shows one time for all rows isn't blamed for their order; that it wasn't judged is told."""

    async def one_time(request: Request, send: Send) -> Answer:
        answer = await send(request)
        content = answer.json
        if request.operation == "webhookSubscriptionGetList" and answer.status == 200:
            rows = [row | {"createdAt": "2026-01-15T10:30:00+00:00"} for row in content["items"]]
            return replace(answer, body=answer.with_json(content | {"items": rows}).body)
        return answer

    report = judged(one_time, "list of subscriptions: (rows|sorted by createdAt)")

    assert report.findings == []
    assert "sorting subscriptions by createdAt: all rows of the run have the same value" in report.left_out


@pytest.mark.parametrize("shown", [{"event_name": "CustomerRegistered"}, {"eventName": None}, {"eventName": 7}])
def test_an_order_needs_rows_that_show_it(judged: Judged, shown: dict[str, Any]) -> None:
    """A list that lacks a property, or doesn't show it as the contract says, is told for that: not once more for each
    order and filter that can't be seen then."""

    async def otherwise(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.operation == "webhookSubscriptionGetList" and answer.status == 200:
            return each_row(answer, lambda row: without(row, "eventName") | shown)
        return answer

    report = judged(otherwise, "list of subscriptions: (rows|sorted|filtered)")

    assert [(one.check, one.operation) for one in report.findings] == [
        ("response_schema_conformance", "webhookSubscriptionGetList")
    ]
    assert "sorting subscriptions by eventName, and filtering: the list doesn't show it as the contract says" in (
        report.left_out
    )


def test_a_token_that_has_not_expired_proves_nothing(judged: Judged, instance: Instance) -> None:
    """If --expired-token is still good, that it is accepted is no finding, and the run can't be green."""
    with instance.client() as http:
        body = {"username": "admin", "password": "password"}
        token = http.post("/api/admin/login_check", json=body).json()["token"]

    report = judged(honest, "expired token", expired=token)

    assert report.findings == []
    assert "whether an expired token is refused: --expired-token hasn't expired" in report.not_judged


def test_identifiers_that_stay_are_of_one_run(judged: Judged) -> None:
    """No phone number or card of the contract's examples is sent: a later run could never have them again."""
    sent: list[str] = []

    async def watching(request: Request, send: Send) -> Answer:
        sent.extend([request.body.decode(errors="replace")] if request.operation in CREATING else [])
        return await send(request)

    judged(watching, "residue|odd|manners|fuzzing: examples", operation=CREATING)

    assert len(sent) > 20
    assert [body for body in sent if '"+12025550143"' in body or '"4000123456"' in body] == []


def test_what_may_harm_is_sent_only_in_hostile_mode(judged: Judged) -> None:
    """Deep nesting is left to hosts that can take it; other odd JSON goes to all."""
    report = judged(FAULTS["deep nesting is 500"].make(), f"^odd: .* at {POST}", hostile=False)
    other = judged(FAULTS["a large number is 500"].make(), f"^odd: .* at {POST}", hostile=False)

    assert report.findings == []
    assert {one.check for one in other.findings} >= {"not_a_server_error"}


def test_what_nobody_would_find_again_is_made_once(judged: Judged) -> None:
    """Where creating shows no id, and no list the record, one stays and not a hundred."""
    memory = SimpleNamespace(made=0)

    async def wrapping(request: Request, send: Send) -> Answer:
        answer = await send(request)
        memory.made += request.operation == POST and answer.status == 200
        wrapped = request.operation in (POST, "webhookSubscriptionGetList") and answer.status == 200
        return answer.with_json({"data": answer.json}) if wrapped else answer

    report = judged(wrapping, "^(life|list|fuzzing: examples)")

    assert memory.made == 1
    assert any("no list shows the record, so no more than one was made" in line for line in report.not_judged)


def test_who_may_not_delete_any_more_makes_nothing_more(judged: Judged) -> None:
    """Rights that end in the middle of a run: no false alarm, and few records are left."""
    memory = SimpleNamespace(deleted=0)

    async def ending(request: Request, send: Send) -> Answer:
        if request.operation == DELETE:
            memory.deleted += 1
        denied = request.operation == DELETE and memory.deleted > 3
        return Answer.of(403, {"code": 403, "message": "Forbidden."}) if denied else await send(request)

    report = judged(ending, "^(life|list|access: nobody)")

    assert report.findings == []
    assert len(report.residue) < 30  # as many as were on their way
    assert report.verdict is Verdict.NOT_JUDGED
