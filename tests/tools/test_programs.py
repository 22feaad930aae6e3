"""Other programs that tools run: what is said when one fails or is missing."""

import sys

import pytest

from tools.programs import Failure, Missing, run


def test_failing_command_is_told_with_its_words() -> None:
    """A command that fails says which it was, and what it printed; where that means that something is missing, so."""
    failing = [sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"]

    with pytest.raises(Failure, match=r"exit code 3\nno such thing$"):
        run(failing)
    with pytest.raises(Missing, match=r"^no registry: no such thing$"):
        run(failing, missing="no registry")
    with pytest.raises(Failure, match="no/such/program"):
        run(["no/such/program"])
