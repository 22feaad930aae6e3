"""mockserver.openapi.examples.budget: a value may cost so much, and no more."""

import pytest

from mockserver.openapi.examples.budget import Budget, BudgetExceeded


def test_budget_ends() -> None:
    """All steps of the budget can be spent; one more raises BudgetExceeded."""
    budget = Budget(most=2)
    budget.spend(2)

    with pytest.raises(BudgetExceeded):
        budget.spend(1)


def test_a_pattern_is_charged_once() -> None:
    """Reading a pattern costs something the first time only."""
    budget = Budget()
    budget.spend_on_reading("^a$")
    left = budget.left

    budget.spend_on_reading("^a$")

    assert budget.left == left
