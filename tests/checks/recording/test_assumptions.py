"""Assumptions as a recording shows them."""

import re

from mockserver.checks.findings.report import Finding
from mockserver.checks.recording.assumptions import shown_by_answers, states
from mockserver.openapi.contract import Contract


def test_each_assumption_of_the_contract_has_a_state() -> None:
    """Refuted weighs more than confirmed; what isn't shown is told apart from what a recording can't show."""
    refuting = Finding("accepted_body", "addPet", "POST", "/pets", "a field is taken", assumption="A18")
    found = states(Contract.load(), {"A18", "A33"}, [refuting])
    assert found["A18"] == "refuted: POST /pets: a field is taken"
    assert (found["A33"], found["A76"]) == ("confirmed", "not judged: nothing in the recording shows it")
    assert found["A09"].startswith("not judged: a recording can't show it")
    assert all(re.fullmatch(r"confirmed|refuted: .+|not judged: .+", state) for state in found.values())


def test_answers_confirm_what_is_about_answers() -> None:
    """Not what somebody has to try, such as a refusal."""
    assert shown_by_answers(["A33", "A18", "A09", "A99", "A16"]) == {"A33", "A16"}


def test_another_contract_has_none() -> None:
    """Unless it marks some."""
    found = states(Contract(b"", {"paths": {}, "info": {"x-assumption": ["B1"]}}), set(), [])
    assert [*found] == ["B1"]
    assert found["B1"].startswith("not judged: a recording can't show it, as somebody has to try it")
