"""mockserver.remote.pages: how long single calls wait.

The lists themselves are tested by those who ask for them: tests/client/test_running_mock.py and
tests/testing/test_failure_report.py.
"""

import pytest

from mockserver.remote.pages import waits


@pytest.mark.parametrize(("seconds", "calls"), [(0, [0]), (0.5, [0.5]), (60, [60]), (61, [60, 1]), (150, [60, 60, 30])])
def test_long_waits_take_several_calls(seconds: float, calls: list[float]) -> None:
    """A wait is asked for in parts that the mock takes; there is always one call."""
    assert list(waits(seconds)) == calls
