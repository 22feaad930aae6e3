"""The finding of a rule."""

from typing import NamedTuple

from mockserver.openapi.structure import Steps


class LintFinding(NamedTuple):
    """A defect of a document: its place, what is wrong, and what to do."""

    steps: Steps
    message: str
    advice: str
