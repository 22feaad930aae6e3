"""What makes a contract invalid, or useless for mocking and judging: each rule finds one kind of defect.

What openapi-spec-validator finds comes first. It stops where the form of the document is wrong; our rules don't, and
look into `x-webhooks`, too. Each finding has its place, what is wrong, and what to do.
"""

from mockserver.linting.documents import lint, rules
from mockserver.linting.schemas import examples

__all__ = ["examples", "lint", "rules"]
