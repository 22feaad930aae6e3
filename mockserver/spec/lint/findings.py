"""What a rule of the linter yields: one finding for each defect, with the place and the advice that a user is shown."""

from typing import NamedTuple

from mockserver.openapi.structure import Steps


class LintFinding(NamedTuple):
    """A defect of a document: the steps to its place, what is wrong, and what to do about it."""

    steps: Steps
    message: str
    advice: str
