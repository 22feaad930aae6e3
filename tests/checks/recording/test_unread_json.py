"""JSON that the reader refuses, and that is JSON: it isn't judged, and nobody is blamed."""

from pathlib import Path

import pytest

from mockserver.checks.recording import unread_json
from mockserver.checks.recording.unread_json import why_unread
from tests.checks.recording.archive import call, judged
from tests.checks.recording.lies import LIST

LARGE = ("9" * 5000, "1e400", "-1E+999")
_TOTAL = '{"items": [], "total": {"all": %s, "filtered": 0, "estimated": false}}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((f'{{"a": [{number}]}}', unread_json.TOO_LARGE_A_NUMBER) for number in LARGE),
        ('"\\ud800"', unread_json.HALF_A_CHARACTER),
        ("[" * 20_000 + "]" * 20_000, unread_json.NESTED_TOO_DEEP),
        *((text, "") for text in ("NaN", "[-Infinity]", "{'a': 1}", '{"a": 1e400,}', "", "\ufeff{}")),
    ],
)
def test_valid_json_is_told_from_what_is_none(text: str, why: str) -> None:
    """By the reason for which it isn't judged."""
    assert why_unread(text.encode()) == why


def test_bytes_that_are_no_text_are_no_json() -> None:
    """JSON is UTF-8."""
    assert not why_unread(b'"\xff"')


@pytest.mark.parametrize("number", LARGE)
def test_a_large_number_is_no_finding(number: str, tmp_path: Path) -> None:
    """In an answer, and in a request: it is noted."""
    answer, sent = call("GET", LIST, 200, {}), call("POST", LIST, 418, {}, sent={})
    answer["response"]["content"] = {"text": _TOTAL % number, "size": 1}
    sent["request"]["postData"]["text"] = f'{{"webhookSubscription": {number}}}'
    sent["response"] |= {"status": 0}
    report = judged(tmp_path, [answer, sent])
    assert report.findings == []
    notes = "\n".join(report.notes)
    assert f"1 answer whose body {unread_json.TOO_LARGE_A_NUMBER}: entry 1" in notes
    assert f"1 request whose body {unread_json.TOO_LARGE_A_NUMBER}: entry 2" in notes


def test_not_a_number_is_a_finding(tmp_path: Path) -> None:
    """NaN is no JSON, whatever else stands there."""
    answer = call("GET", LIST, 200, {})
    answer["response"]["content"] = {"text": _TOTAL % "NaN", "size": 1}
    (found,) = judged(tmp_path, [answer]).findings
    assert found.message == "The body of a 200 is no JSON"
