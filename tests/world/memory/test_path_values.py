"""mockserver.world.memory.path_values: what a text in a path stands for."""

import pytest

from mockserver.world.memory.path_values import exact, meant


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("7", int, 7), ("7", str, "7"), ("1.5", float, 1.5), ("abc", int, None), ("-3", int, -3), ("9" * 40, int, None)],
)
def test_a_text_is_what_the_field_takes(text: str, kind: type, value: object) -> None:
    """A text stands for itself where the field takes it, else for a number; for nothing if it is none."""
    assert meant(text, lambda one: type(one) is kind) == value


def test_whole_numbers_are_ids_however_they_are_written() -> None:
    """1.0 is 1; what a float can't say exactly is nothing, and anything else is as it is."""
    assert [(value, type(value)) for value in map(exact, (1.0, -1e3, 2, 2**63))] == [
        (value, int) for value in (1, -1000, 2, 2**63)
    ]
    assert (exact(0.5), exact("1.0"), exact(1e300), exact(float(2**64))) == (0.5, "1.0", None, None)
