"""bench.memory.live: what a report of `check live` says."""

from bench.memory.live import Judged, of_report


def test_findings_are_counted_by_their_checks() -> None:
    """With the first of each in its words."""
    finding = {"check": "reads_back", "operation": "getBook", "message": "title isn't what was sent"}
    report = {"requests": 12, "notJudged": [{}], "findings": [finding, {**finding, "message": "another"}]}

    assert of_report(1, report) == Judged(
        1, 12, {"reads_back": 2}, 1, {"reads_back": "getBook: title isn't what was sent"}
    )
