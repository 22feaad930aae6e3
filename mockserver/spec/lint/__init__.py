"""What makes a contract invalid, or useless for mocking and judging: each rule finds one kind of defect.

What openapi-spec-validator finds comes first. It stops where the form of the document is wrong; our rules don't, and
look into `x-webhooks`, too. Each finding has its place, what is wrong, and what to do. Who has
rules of their own adds them to `lint`.
"""

from mockserver.spec.lint.documents import Remark, Rule, lint, rules
from mockserver.spec.lint.findings import LintFinding

__all__ = ["LintFinding", "Remark", "Rule", "lint", "rules"]
