"""mockserver.proxy.tally: violations are grouped by what causes them."""

from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.proxy.judge import ContractJudge, FoundViolation, OperationJudge
from mockserver.proxy.tally import MOST_GROUPS, MOST_REASONS, MOST_UNKNOWN, ViolationTally

ONE = FoundViolation(
    "answer", "body.items[].name", "type", "body.items[0].name", "This value should be of type string."
)


def _judge(contract: Contract) -> OperationJudge:
    judge = ContractJudge(contract).of(Request("POST", b"/api/admin/login_check", {}, None))
    assert judge is not None
    return judge


def test_one_cause_is_one_group(contract: Contract) -> None:
    """Violations at the same place of a list are one group, which has the latest as its example, and the statuses."""
    tally, judge = ViolationTally(), _judge(contract)

    tally.add(judge, [ONE, ONE._replace(where="body.items[1].name")], 200, "r-1")
    tally.add(judge, [ONE._replace(where="body.items[7].name")], 201, "r-2")

    (group,) = tally.groups
    shown = group.as_json()
    assert (shown["count"], shown["statuses"], shown["operationId"]) == (2, {"200": 1, "201": 1}, "adminLoginCheck")
    assert shown["example"] == {"where": "body.items[7].name", "message": ONE.message, "requestId": "r-2"}


def test_other_causes_are_other_groups(contract: Contract) -> None:
    """Another side, place or keyword is another group; the largest comes first, and each is told once."""
    tally, judge, told = ViolationTally(), _judge(contract), list[str]()
    tally.observers.add(lambda group: told.append(group.keyword))

    for found in (ONE, ONE._replace(keyword="enum"), ONE, ONE._replace(side="request")):
        tally.add(judge, [found], 200, "r-1")

    assert [group.count for group in tally.groups] == [2, 1, 1]
    assert told == ["type", "enum", "type"]


def test_a_tally_is_bounded(contract: Contract) -> None:
    """However much is found, only so many groups and paths are kept; all are counted."""
    tally, judge = ViolationTally(), _judge(contract)

    for number in range(MOST_GROUPS + 5):
        tally.add(judge, [ONE._replace(place=f"{number}")], 200, "r-1")
    for number in range(MOST_UNKNOWN + 5):
        tally.add_unknown("GET", f"/{number}")
    for number in range(MOST_REASONS + 5):
        tally.add_unjudged([f"request: it is encoded by {number}"])

    assert (len(tally.unjudged), tally.unjudged["others"]) == (MOST_REASONS + 1, 5)
    assert (len(tally.groups), tally.violations) == (MOST_GROUPS, MOST_GROUPS + 5)
    assert (len(tally.unknown), tally.unknown["others"]) == (MOST_UNKNOWN + 1, 5)


def test_it_can_begin_anew(contract: Contract) -> None:
    """Once it is cleared nothing is left of what was counted."""
    tally = ViolationTally()
    tally.add(_judge(contract), [ONE], 200, "r-1")
    tally.add_unknown("GET", "/")

    tally.clear()

    assert (tally.groups, tally.violations, tally.unknown.total()) == ([], 0, 0)
