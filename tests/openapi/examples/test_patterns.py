"""Patterns: texts that match what the contract's patterns ask for."""

from random import Random  # noqa: TID251 (chance is handed in)

import pytest

from mockserver.openapi.examples import patterns

PATTERNS = [
    "",
    "^$",
    "abc",
    "^[0-9a-f]{8}-[0-9a-f]{4}$",
    r"^https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?([/?#][!-~]*)?$",
    "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    "^[ -~]*$",
    "^.{3}$",
    "^(a|bc|d{2,3}e*?)+$",
    "^[a-z]$|^[0-9]{3}$",
    r"^\+[1-9]\d{1,14}$",
    r"^-?\d+(\.\d{1,2})?$",
    r"^\S+@\S+\.\S+$",
    r"^[^\s\W]+$",
    r"^[\s\S]\D\W$",
    r"^[\d\-]+[\]\\]$",
    r"^\/a\/$",
    r"^\p{Lu}\p{L}+\P{L}$",
    r"^[\p{N}_]+$",
    r"^\x41\u0042\t\cA$",
    r"^\u{1F600}$",
    r"^(a|b)-\1$",
    r"\bfoo\b",
    "^(?!foo)[a-z]{3}$",
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!@#$]).{8,}$",
    "^(?!.*--)[a-z-]+$",
    "^[a-z]+(?<!x)$",
    "^(?:ab)+?$",
    "^[A-zÀ-ÿ]+$",
    "^[^ -~]$",
]
UNREADABLE = ["(", "a)", "[a", "\\", "[]", "*", "^(?i)a$", r"a\Z"]


def chance(seed: int = 1) -> Random:
    """Chance that can be repeated."""
    return Random(seed)  # noqa: S311


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(20))
def test_texts_match_their_pattern(pattern: str, seed: int) -> None:
    """Whatever the seed, a text is found that the validator takes for a match, and the same one again."""
    text = patterns.sample([pattern], chance(seed))

    assert patterns.matches([pattern], text)
    assert patterns.sample([pattern], chance(seed)) == text


@pytest.mark.parametrize(
    ("pattern", "shortest", "longest"),
    [
        ("^[a-z]*$", 10, 12),
        ("^[a-z]{3,63}$", 40, 63),
        ("^[a-z]*[0-9]*$", 40, 40),
        ("^([a-z]+-)*[a-z]+$", 5, 20),
        ("[a-z]", 10, 10),
        ("z$", 10, 10),
        ("^.*$", 1000, None),
    ],
)
def test_texts_have_the_length_asked_for(pattern: str, shortest: int, longest: int | None) -> None:
    """Length and pattern are kept together."""
    text = patterns.sample([pattern], chance(), shortest, longest)

    assert patterns.matches([pattern], text)
    assert shortest <= len(text) <= (longest or len(text))


def test_texts_match_all_patterns() -> None:
    """Several patterns may each match another part of the text."""
    text = patterns.sample(["^a", "z$", r"\d"], chance())

    assert text[0] == "a"
    assert text[-1] == "z"
    assert any(map(str.isdigit, text))


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    """A pattern that can't be read, by us or by the validator, is a ValueError."""
    with pytest.raises(ValueError, match="pattern"):
        patterns.sample([pattern], chance())


@pytest.mark.parametrize("pattern", ["^abc$", "^((a{1000}){1000}){1000}$", "^(?=a)b$"])
def test_not_every_text_can_be_had(pattern: str) -> None:
    """Contradictions and excess are given up after a bounded number of tries: a ValueError."""
    with pytest.raises(ValueError, match="text"):
        patterns.sample([pattern], chance(), shortest=4)
