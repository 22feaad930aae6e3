"""Causes: what follows from what, and which findings are one."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.checks.findings import causes
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

SURFACE = Surface(Contract.load())
LIST = SURFACE.calls["webhookSubscriptionGetList"]
WIDE = frozenset({"wide"})
NOBODY = Finding(Promise.NO_CREDENTIAL, LIST.id, "GET", "/", "no 401", where="wide", got="400 {}", count=2)
AT_LIST = Finding(Promise.LIST_SORTS, LIST.id, "GET", "/", "wrong order", where="narrow", curl="curl a")


@pytest.mark.parametrize(
    ("status", "media_type", "wrong"),
    [
        (200, "application/json", None),
        (200, "text/html", Promise.CONTENT_TYPE_CONFORMANCE),
        (302, "text/html", Promise.STATUS_CODE_CONFORMANCE),
        (418, "application/json", Promise.STATUS_CODE_CONFORMANCE),
        (500, "text/html", Promise.NOT_A_SERVER_ERROR),
    ],
)
def test_a_response_is_wrong_in_one_way(status: int, media_type: str, wrong: Promise | None) -> None:
    """A page of HTML in place of a redirect is no matter of media types."""
    assert causes.first_wrong(LIST, status, media_type) == wrong


def test_what_follows_from_a_wrong_response() -> None:
    """Everything from one that is no success, the rest of its form from one that is; itself never."""
    assert causes.follows(Promise.NO_CREDENTIAL, Promise.NOT_A_SERVER_ERROR, 500)
    assert causes.follows(Promise.RESPONSE_SCHEMA_CONFORMANCE, Promise.CONTENT_TYPE_CONFORMANCE, 200)
    assert not causes.follows(Promise.NO_CREDENTIAL, Promise.CONTENT_TYPE_CONFORMANCE, 200)
    assert not causes.follows(Promise.NO_CREDENTIAL, None, 400)
    assert not causes.follows(Promise.NOT_A_SERVER_ERROR, Promise.NOT_A_SERVER_ERROR, 500)


def test_fuzzing_and_a_scenario_find_the_same() -> None:
    """The scenario's finding stays, counts both, and says which it includes."""
    fuzzed = replace(NOBODY, check=Promise.IGNORED_AUTH, count=5)

    (one,) = causes.merged([fuzzed, NOBODY], WIDE)

    assert (one.check, one.count, one.includes) == (Promise.NO_CREDENTIAL, 7, (fuzzed.id,))


@pytest.mark.parametrize(
    "other",
    [
        {"severity": "critical"},
        {"got": "200 {}"},
        {"accepted": "CRM-1"},
        {"check": Promise.SECRETS_STAY_SECRET, "where": "narrow"},
    ],
)
def test_nothing_worse_follows(other: dict[str, Any]) -> None:
    """What is more severe, saw another kind of answer, or isn't as known as the other, stands for itself; so does what
    is no matter of a value."""
    lead = replace(NOBODY, where=str(other.get("where", "wide")))
    finding = replace(lead, **({"check": Promise.BAD_TOKEN} | other))

    assert len(causes.merged([lead, finding], WIDE)) == 2


def test_another_refusal_lets_nobody_in() -> None:
    """That it isn't a 401 is no critical finding; a success is, and what else fuzzing finds is as severe as it says."""
    assert causes.severity_of(Promise.IGNORED_AUTH, "critical", 429) == "low"
    assert causes.severity_of(Promise.IGNORED_AUTH, "critical", 204) == "critical"
    assert causes.severity_of(Promise.NOT_A_SERVER_ERROR, "critical", 500) == "critical"


def test_who_lets_everybody_in_refuses_no_member() -> None:
    """Where no credential is needed, that a member isn't refused says nothing of an assumption about members."""
    member = replace(NOBODY, check=Promise.MEMBER_REFUSED, assumption="A06")

    (one,) = causes.merged([member, NOBODY], WIDE)

    assert (one.check, one.assumption, one.includes) == (Promise.NO_CREDENTIAL, None, (member.id,))


def test_two_findings_do_not_follow_from_each_other() -> None:
    """Whatever their place is, one of them stays."""
    both = [replace(NOBODY, check=check, where="narrow") for check in (Promise.BAD_TOKEN, Promise.NO_CREDENTIAL)]

    assert [one.check for one in causes.merged(both, ())] == [Promise.NO_CREDENTIAL]


def test_a_value_is_wrong_once() -> None:
    """Where its schema doesn't hold, other promises about it say nothing new."""
    schema = replace(AT_LIST, check=Promise.RESPONSE_SCHEMA_CONFORMANCE, message="createdAt is null")

    (one,) = causes.merged([AT_LIST, schema], WIDE)

    assert (one.check, one.count) == (Promise.RESPONSE_SCHEMA_CONFORMANCE, 2)


def test_several_causes_have_room_at_an_operation() -> None:
    """Two promises that are broken at the line of an operation are two findings."""
    findings = [replace(AT_LIST, where="wide"), replace(AT_LIST, where="wide", check=Promise.LIST_PAGES)]

    assert len(causes.merged(findings, WIDE)) == 2


def test_many_ways_to_break_a_promise_are_one_finding() -> None:
    """Its id changes with them, so that a known finding hides no new one."""
    ways = [replace(AT_LIST, where=f"line {number}", message=f"way {number}") for number in range(5)]

    (four,), (five,) = causes.merged(ways[:4], WIDE), causes.merged(ways, WIDE)

    assert five.message == "way 0; way 1; 3 more"
    assert five.count == 5
    assert four.id != five.id
    assert five.parts == tuple(sorted(one.id for one in ways))


def test_the_same_at_many_operations_is_one_finding() -> None:
    """With all of them as its places, which its id depends on."""
    at = [replace(AT_LIST, operation=name, where="wide", curl=f"curl {name}") for name in ("a", "bb", "ccc")]

    (two,), (three,) = causes.merged(at[:2], WIDE), causes.merged(at, WIDE)

    assert (three.operation, three.operations) == ("a", ("a", "bb", "ccc"))
    assert two.id != three.id


def test_ignored_credentials_are_one_finding() -> None:
    """Who looks at credentials stands before all operations. The example is one where somebody got in."""
    refused = Finding(Promise.IGNORED_AUTH, "a", "GET", "/a", "got 400", "low", got="400 {}", curl="curl a")
    let_in = Finding(Promise.IGNORED_AUTH, "b", "GET", "/b", "got 200", "critical", got="200 {}", curl="curl b -v")

    (one,) = causes.merged([refused, let_in], WIDE)

    assert (one.operations, one.severity, one.curl) == (("a", "b"), "critical", "curl b -v")


@pytest.mark.parametrize(("answers", "findings"), [(("200 {}", "204"), 1), (("400 {}", "404 {}"), 2)])
def test_all_successes_are_one_answer(answers: tuple[str, str], findings: int) -> None:
    """What two operations take is one cause, whatever they answer; refusals with other statuses may be two."""
    at = [replace(AT_LIST, operation=name, where="wide", got=got) for name, got in zip("ab", answers, strict=True)]

    assert len(causes.merged(at, WIDE)) == findings


def test_undeclared_methods_reach_no_operation() -> None:
    """What they are answered is one finding for all of them, but for each status."""
    keys = [causes.shared_key(LIST, Promise.UNSUPPORTED_METHOD, status, "") for status in (200, 404)]

    assert keys == ["answers 200 to undeclared methods", "answers 404 to undeclared methods"]
    assert causes.shared_key(LIST, Promise.ALLOW_HEADER_CONFORMANCE, 405, "") == "Allow"


@pytest.mark.parametrize(("status", "findings"), [("405", 1), ("404", 2)])
def test_a_missing_allow_is_one_finding(status: str, findings: int) -> None:
    """As a header that the response has to have; another status for a method that isn't declared is something else."""
    header = replace(AT_LIST, check=Promise.RESPONSE_HEADERS_CONFORMANCE, where="wide", got="405 {}")
    method = replace(header, check=Promise.UNSUPPORTED_METHOD, got=f"{status} {{}}")

    assert len(causes.merged([header, method], WIDE)) == findings


def test_one_kind_of_character_is_one_finding() -> None:
    """If every request that got there has it; a request without it means that there is another cause."""
    failed = replace(AT_LIST, check=Promise.NOT_A_SERVER_ERROR, cause="Server error 500", where="wide")
    odd = frozenset({"a null character"})
    at = [replace(failed, operation=name, traits=odd) for name in ("a", "b", "c")]

    (one,) = causes.merged(at, WIDE)

    assert one.message == "wrong order: where a text has a null character"
    assert len(causes.merged([*at[:2], replace(at[2], traits=frozenset())], WIDE)) == 2


def test_traits_of_texts() -> None:
    """They are found in addresses and in JSON, escaped or not."""
    assert causes.traits(["http://h/?a=%00"]) == {"a null character"}
    assert causes.traits(['{"a": "\\ud800"}']) == {"half of a surrogate pair"}
    assert causes.traits(causes.texts_of({"a": [b"plain", "\U0001f600"]})) == {"a character beyond U+FFFF"}


@pytest.mark.parametrize(("operations", "findings"), [(("a", "b"), 2), (("a", "b", "c"), 1), (("a", "b", "c", "d"), 1)])
def test_a_status_that_many_answer_is_one_finding(operations: tuple[str, ...], findings: int) -> None:
    """A 422 for every refusal is one cause, wherever else it shows; at two operations these may be two."""
    odd = Finding(Promise.STATUS_CODE_CONFORMANCE, "", "GET", "/", "Received: 422", where="wide", got="422 {}")

    found = causes.merged([replace(odd, operation=name) for name in operations], WIDE)

    assert len(found) == findings
    assert sorted(place for one in found for place in one.operations) == list(operations)
    assert findings == 2 or found[0].shared == "answers 422"


@pytest.mark.parametrize(("operations", "findings"), [(("login", "refresh"), 2), (("login", "refresh", "create"), 1)])
def test_an_attempt_that_breaks_many_operations_is_one_finding(operations: tuple[str, ...], findings: int) -> None:
    """What they share has the defect, although one of them stumbles over something else, too."""
    broken = Finding(Promise.NOT_A_SERVER_ERROR, "", "POST", "/", "Server error", where="wide", got="500 {}")
    one_by_one = [replace(broken, operation=name, scenario=f"odd: NaN at {name}") for name in operations]
    one_by_one[0] = one_by_one[0].seen_as(replace(one_by_one[0], scenario=f"no JSON at {operations[0]}"))
    elsewhere = replace(broken, operation="other", scenario="walk: done")

    found = set(causes.merged([*one_by_one, elsewhere], WIDE)) - {elsewhere}

    assert len(found) == findings
    assert findings == 2 or {one.message for one in found} == {"Server error at many operations: odd: NaN at …"}


def test_what_became_one_includes_what_followed_from_each() -> None:
    """Nothing that was found is lost where findings become one: a comparison would call it gone."""
    leads = [
        replace(AT_LIST, operation=name, where=name, includes=(f"of {name}",)) for name in ("listPets", "listToys")
    ]

    (one,) = causes.merged(leads, WIDE)

    assert (one.parts, one.includes) == (tuple(sorted(lead.id for lead in leads)), ("of listPets", "of listToys"))
