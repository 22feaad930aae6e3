"""Isolation of stores is judged by effects, and in lists of any length; nothing of it stays behind."""

from itertools import count

import pytest

from tests.checks.conftest import Judged
from tests.checks.instance import Instance
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.faults import MUTANTS
from tests.mutants.proxy import honest

LIST = "webhookSubscriptionGetList"
FAULTS = {mutant.name: mutant for mutant in MUTANTS}


@pytest.mark.parametrize("mutant", ["deleting nothing is a success", "updating nothing is a success"])
def test_a_success_without_effect_is_no_breach(mutant: str, judged: Judged) -> None:
    """An idempotent 204, or `200 {}`, for a record of another store is another status than declared, and no alarm."""
    report = judged(FAULTS[mutant].make(), "other store")

    assert {(one.check, one.severity) for one in report.findings} <= {
        ("status_code_conformance", "low"),
        ("response_schema_conformance", "high"),
    }
    assert [one.severity for one in report.findings if one.check == "status_code_conformance"] == ["low"]


def test_another_store_that_forbids_is_no_account_without_rights(judged: Judged) -> None:
    """A 403 in place of a 404 is another status than declared. It doesn't say that the account may not do this here."""

    async def forbidding(request: Request, send: Send) -> Answer:
        answer = await send(request)
        return Answer.of(403, {"code": 403, "message": "Forbidden."}) if answer.status == 404 else answer

    report = judged(forbidding, "other store|can be deleted")

    assert {(one.check, one.severity) for one in report.findings} == {("status_code_conformance", "low")}
    assert [line for line in report.not_judged if "may not" in line or "can't be deleted" in line] == []
    assert report.residue == []


def test_what_an_answer_says_of_itself_is_no_change(judged: Judged) -> None:
    """A number of the request beside what the contract knows of a record is a note, and no record was changed."""
    numbers = count()

    async def numbering(request: Request, send: Send) -> Answer:
        answer = await send(request)
        reads = request.operation == "webhookSubscriptionGet" and answer.status == 200
        return answer.with_json({**answer.json, "requestNumber": next(numbers)}) if reads else answer

    report = judged(numbering, "^life of a subscription: (other store|created|updated)")

    assert report.findings == []


def test_a_change_without_a_credential_needs_an_effect(judged: Judged) -> None:
    """A deletion by nobody that answers 204, and deletes nothing, isn't critical."""
    report = judged(FAULTS["nobody may delete nothing"].make(), "nobody at webhookSubscriptionDelete")

    assert {(one.check, one.severity) for one in report.findings} == {("no_credential", "medium")}


def test_a_long_list_is_searched(judged: Judged, instance: Instance) -> None:
    """A record of another store is found on the last page of a list, behind two full ones."""
    with instance.client() as http:
        for number in range(110):
            wanted = {"eventName": "CustomerRegistered", "url": f"https://crm.example.com/{number}"}
            http.post("/api/DEFAULT/webhook/subscription", json={"webhookSubscription": wanted})

    report = judged(FAULTS["list goes on with the other store"].make(), "other store")

    assert {(one.check, one.operation, one.severity) for one in report.findings} == {
        ("stores_are_apart", LIST, "critical")
    }


@pytest.mark.parametrize("scenario", ["other store", r"pages\)"])
def test_a_busy_host_counts_in_two_queries(scenario: str, judged: Judged) -> None:
    """A record that others make between them counts in `all` alone, and in both in the next answer: no breach."""
    asked = set[str]()  # since something changed

    async def counting(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.method != "GET":
            asked.clear()
        if request.operation != LIST or answer.status != 200 or request.target in asked:
            return answer
        asked.add(request.target)
        total = answer.json["total"]
        return answer.with_json({**answer.json, "total": {**total, "all": total["all"] + 1}})

    assert judged(counting, scenario).findings == []


def test_a_list_without_an_end_is_not_judged(judged: Judged) -> None:
    """Where neither a search nor reading comes to the end of a list, nobody can say what it shows: that is told."""
    report = judged(_endless, "other store")

    assert [line for line in report.not_judged if LIST in line and "rows it isn't known" in line]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_a_list_that_fails_is_not_judged(status: int, judged: Judged) -> None:
    """Where a list shows no rows at all, its answer is told, and no number of rows."""

    async def failing(request: Request, send: Send) -> Answer:
        return Answer.of(status) if request.operation == LIST else await send(request)

    report = judged(failing, "other store")

    said = f"its list answered {status}, so it isn't known whether it shows another store's"
    assert [line for line in report.not_judged if LIST in line and "it isn't known" in line] == [f"{LIST}: {said}"]


async def _endless(request: Request, send: Send) -> Answer:
    """A list whose pages are all full."""
    answer = await send(request)
    rows = [{"webhookSubscriptionId": f"strange-{number}"} for number in range(200)]
    return answer.with_json({**answer.json, "items": rows}) if request.operation == LIST else answer


@pytest.mark.parametrize("mutant", ["", "other stores can read", "list adds rows of the other store"])
def test_strangers_are_deleted(mutant: str, judged: Judged, instance: Instance) -> None:
    """What was made in the other store is gone at the end, whatever was found."""
    report = judged(FAULTS[mutant].make() if mutant else honest, "other store")

    with instance.client() as http:
        listed = [http.get(f"/api/{store}/webhook/subscription").json()["items"] for store in ("DEFAULT", "OTHER")]
    marked = [row for rows in listed for row in rows if "mockserver-check" in row["url"]]
    assert (marked, report.residue) == ([], [])
