"""mockserver.openapi.loading.limits: numbers that JSON and YAML can hold, and the size of what is written out."""

import pytest

from mockserver.openapi.loading.limits import most_written_out, number


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-9223372036854775808", -(2**63)), ("18446744073709551616", 2.0**64), ("1e3", 1000.0)],
)
def test_number(text: str, value: float) -> None:
    """An integer of 64 bits is an int, any other number a float."""
    found = number(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1e999", "1" * 401])
def test_number_without_bounds_is_refused(text: str) -> None:
    """A number that is too large for a float, or too long to be read, is refused."""
    with pytest.raises(ValueError, match="too long, or too large"):
        number(text)


def test_large_contracts_may_grow_in_proportion() -> None:
    """A small contract may grow to a fixed size, a large one to a multiple of its own."""
    assert most_written_out(10) == most_written_out(20)
    assert most_written_out(200_000) == 2 * most_written_out(100_000)
