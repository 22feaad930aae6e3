"""The linter: each rule finds one kind of defect that makes a contract invalid, or useless for mocking and checking.

The problems of openapi-spec-validator come first. It stops if the form of the document is wrong; our rules don't, and
check `x-webhooks`, too. Each finding has its place, what is wrong, and what to do. Additional rules can be handed to
`lint`.
"""

from mockserver.spec.lint.documents import Rule, ShownFinding, lint, rules
from mockserver.spec.lint.findings import LintFinding

__all__ = ["LintFinding", "Rule", "ShownFinding", "lint", "rules"]
