"""Assumptions are refuted by what tries their own claim, and by nothing else."""

import re
from pathlib import Path

from mockserver.checks.findings.assumptions import TESTED_BY, refuted
from mockserver.checks.findings.catalogue import all_promises

TABLE = (Path(__file__).parents[3] / "docs" / "assumptions.md").read_text("utf-8")


def test_only_the_own_claim_refutes() -> None:
    """At a place with several marks the one whose claim was tried; none, if it was something else."""
    assert refuted(("A09", "A10"), "refresh_apart", ()) == "A10"
    assert refuted(("A33",), "response_schema_conformance", {"format"}) == "A33"
    assert refuted(("A33",), "response_schema_conformance", {"required"}) is None
    assert refuted((), "refresh_apart", ()) is None


def test_the_document_shows_what_tests_each() -> None:
    """Every row of docs/assumptions.md, and no promise that there isn't."""
    rows = dict(re.findall(r"^\| (A\d+) \|.*\| ([^|]+) \|$", TABLE, re.MULTILINE))
    shown = {number: _tests(cell) for number, cell in rows.items() if "`" in cell}

    assert shown == TESTED_BY
    assert {test.partition(":")[0] for tests in TESTED_BY.values() for test in tests} <= set(all_promises())


def _tests(cell: str) -> frozenset[str]:
    found = re.findall(r"`(\w+)`(?: \(([^)]+)\))?", cell)
    return frozenset(f"{promise}:{seen}" if seen else promise for promise, seen in found)
