"""Options of every judge."""

import pytest

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.errors import SettingsError


def test_severity_that_is_none_is_refused() -> None:
    """The error names those that there are."""
    with pytest.raises(SettingsError, match="fail-on must be one of critical, high, medium, low, not 'never'"):
        JudgeOptions(fail_on="never")


def test_an_overlay_of_nothing_is_refused() -> None:
    """Our own contract is corrected where it is written."""
    with pytest.raises(SettingsError, match="--overlay corrects a contract that --spec names"):
        JudgeOptions(overlay="corrections.yaml")


def test_anything_fails_unless_it_is_said_otherwise() -> None:
    """The least severity is the default."""
    assert JudgeOptions().fail_on == "low"
