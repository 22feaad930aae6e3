"""mockserver.remote.pages: how long single calls wait.

The lists themselves are tested by those who ask for them: tests/client/test_running_mock.py and
tests/testing/test_failure_report.py.
"""

from typing import get_type_hints

import pytest

from mockserver.remote.answers import DeliveryListJson
from mockserver.remote.pages import DeliveryPageJson, waits


@pytest.mark.parametrize(("seconds", "calls"), [(0, [0]), (0.5, [0.5]), (60, [60]), (61, [60, 1]), (150, [60, 60, 30])])
def test_long_waits_take_several_calls(seconds: float, calls: list[float]) -> None:
    """A wait is asked for in parts that the mock takes; there is always one call."""
    assert list(waits(seconds)) == calls


def test_page_is_that_of_the_contract() -> None:
    """What is read of a page has the types of the contract's."""
    assert get_type_hints(DeliveryPageJson).items() <= get_type_hints(DeliveryListJson).items()
