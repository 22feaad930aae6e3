"""mockserver.openapi.expressions: what patterns of a contract may cost."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.expressions import LONGEST, MOST_WEIGHT, OPTIONS, Expressions, length_of, weight_of


@pytest.mark.parametrize(
    ("pattern", "weight"),
    [
        ("abc", 3),
        ("a{10}", 10),
        ("(ab{3,9}){2}c", 21),
        (r"[\w\s]{0,900}", 9000),
        (".{2,}", 20),
        (r"\p{L}{2}", 1400),
        ("((a{900}){900}){900}", 900**3),
        (r"\(a{2}", 3),
        ("[(]{2})a{", 4),
    ],
)
def test_weight_grows_with_what_is_compiled(pattern: str, weight: int) -> None:
    """Repetitions multiply, and classes of thousands of characters weigh more than others."""
    assert weight_of(pattern) == weight


@pytest.mark.parametrize(("pattern", "length"), [("abc", 3), (r"^[\w\s]{0,900}.\p{L}{2}", 904), ("(ab{3,9}){2}c", 21)])
def test_length_is_what_may_be_needed(pattern: str, length: int) -> None:
    """Classes count as one character, repetitions multiply."""
    assert length_of(pattern) == length


def test_patterns_of_a_contract_have_one_budget() -> None:
    """A repeated pattern is weighed once; one that is too heavy leaves room for lighter ones."""
    expressions = Expressions(most=10)

    assert [expressions.can_use(pattern) for pattern in ("a{6}", "a{6}", "b{6}", "b{4}", "c")] == [
        *(True, True, False, True, False)
    ]


@pytest.mark.parametrize("pattern", ["a" * (LONGEST + 1), "((a{900}){900}){900}", "(a", "(" * LONGEST, r"\\" * 5001])
def test_what_is_too_much_is_never_compiled(pattern: str) -> None:
    """A pattern that is too long, too heavy or malformed can't be used."""
    assert not Expressions().can_use(pattern)


def test_contract_starts_without_patterns_beyond_its_budget(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Thirty kilobytes of wide classes don't hold up a start: those beyond the limit are left out, with a warning."""
    heavy = {f"S{n}": {"type": "string", "pattern": f"[\\w\\s]{{0,900}}{n}"} for n in range(2000)}
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": heavy}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document), "utf-8")

    schemas = Contract.load(path).document["components"]["schemas"].values()

    assert sum("pattern" in schema for schema in schemas) < MOST_WEIGHT / 9000
    assert "`pattern` can't be used" in caplog.text


def test_trying_in_vain_ends_soon() -> None:
    """A backreference with endless backtracking is given up, and the value doesn't match."""
    validator = jsonschema_rs.Draft4Validator({"pattern": r"^(?:(a)\1?)*b$"}, pattern_options=OPTIONS)
    (error,) = validator.iter_errors("a" * 120)

    assert "backtracking" in error.message
    assert validator.is_valid("a" * 12 + "b")
