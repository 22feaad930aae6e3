"""mockserver.archive_words: what our archives say of what isn't in them."""

import pytest

from mockserver.archive_words import Why, beginning, holds_placeholder, is_beginning, is_placeholder, left_out
from mockserver.archive_words import why_left_out as why
from mockserver.escaping import MASK, masked_query


@pytest.mark.parametrize("told", Why)
def test_what_was_left_out_is_known_again(told: Why) -> None:
    """Each reason is read as it was written; there is no text, which would be an empty body."""
    assert (why(left_out(told)["comment"]), list(left_out(told))) == (told, ["comment"])
    assert not is_beginning(left_out(told)["comment"])


def test_beginnings_are_known_again() -> None:
    """Of a body that was cut there is its beginning; what others write as a comment is neither."""
    assert is_beginning(beginning(5)["comment"])
    assert [why(text) for text in (beginning(5)["comment"], "left out, as I like", "")] == [None] * 3


@pytest.mark.parametrize("value", [MASK, f"Bearer {MASK}", "$OL_TOKEN", masked_query("token=a")])
def test_hidden_secrets_are_known_again(value: str) -> None:
    """The mask and the placeholders stand for what nobody can judge, wherever they are in a value."""
    assert is_placeholder(value)
    assert holds_placeholder({"a": [{"b": value}]})


@pytest.mark.parametrize("value", ["***", "OL_TOKEN", 1, None])
def test_other_values_are_values(value: object) -> None:
    """What isn't ours is judged."""
    assert not is_placeholder(value)
    assert not holds_placeholder([{"a": value}])
