"""Options of every judge."""

import pytest

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.errors import SettingsError


def test_severity_that_is_none_is_refused() -> None:
    """The error names those that there are."""
    with pytest.raises(SettingsError, match="fail-on must be one of critical, high, medium, low, not 'never'"):
        JudgeOptions(fail_on="never")


def test_anything_fails_unless_it_is_said_otherwise() -> None:
    """The least severity is the default."""
    assert JudgeOptions().fail_on == "low"
