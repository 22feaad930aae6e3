"""bench.memory.own_contract: our contract, without its handlers."""

from bench.memory.own_contract import REFUSALS, SUCCESSES, Played, counted, told, without_handlers

LIST = "GET /api/DEFAULT/webhook/subscription"


def test_steps_are_counted_by_their_operations() -> None:
    """What is a request of no operation doesn't count."""
    steps = [
        Played(f"{LIST}?_page=2", 200, has_status=True, is_right=False),
        Played(LIST, 401, has_status=True, is_right=True),
        Played("GET /nowhere", 404, has_status=True, is_right=True),
    ]

    counts = counted(steps, without_handlers())

    assert counts == {
        ("webhookSubscriptionGetList", SUCCESSES): [1, 0, 1],
        ("webhookSubscriptionGetList", REFUSALS): [1, 1, 1],
    }


def test_the_contract_is_taken_for_one_of_others() -> None:
    """Else the mock would answer by its handlers; nothing else is changed."""
    contract = without_handlers()

    assert not contract.is_ours
    assert len(contract.routes()) == 15


def test_the_page_shows_what_memory_adds() -> None:
    """The number without memory is in brackets where it is another."""
    derived = {("webhookSubscriptionGetList", SUCCESSES): [5, 4, 6]}
    examples = {("webhookSubscriptionGetList", SUCCESSES): [5, 1, 6]}

    lines = told(derived, examples, without_handlers())

    assert lines[0].startswith(
        "Of 6 steps of scenarios, right status and whole answer: 5 and 4; with `--no-memory` 5 and 1."
    )
    assert "| `webhookSubscriptionGetList` | 6 | 5 | 4 (1) | 0 | | |" in lines
