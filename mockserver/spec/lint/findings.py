"""A finding of the linter, as a value."""

from typing import NamedTuple

from mockserver.openapi.structure import Steps


class LintFinding(NamedTuple):
    """Something to mend in a document: its place, what is wrong, and what to do."""

    steps: Steps
    message: str
    advice: str
