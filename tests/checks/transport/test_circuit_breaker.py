"""A circuit breaker opens for a host, or an operation, that only fails."""

from mockserver.checks.transport.circuit_breaker import SILENCE, CircuitBreaker


def test_the_breaker_opens_for_a_host_that_only_fails() -> None:
    """One operation that fails doesn't condemn the host; several in a row do, and an answer closes the case."""
    one, several = CircuitBreaker(), CircuitBreaker()
    for number in range(13):
        one.note("a", failures=1)
        several.note("abc"[number % 3], failures=1)

    assert one.open == ""
    assert "5xx" in several.open
    several.note("a", failures=0)
    assert several.open == ""


def test_the_breaker_leaves_an_operation_alone() -> None:
    """An operation that fails again and again is left alone, the others aren't."""
    breaker = CircuitBreaker()
    for _ in range(25):
        breaker.note("a", failures=1)

    assert breaker.is_open_for("a")
    assert not breaker.is_open_for("b")


def test_the_breaker_soon_leaves_what_is_silent_alone() -> None:
    """No answer in time costs time, too: it counts for several failures."""
    breaker = CircuitBreaker()
    for name in "aaaabbbbc":
        breaker.note(name, failures=SILENCE)

    assert breaker.is_open_for("a")
    assert "a, b and c" in breaker.open


def test_the_breaker_knows_endless_throttling() -> None:
    """A host that says 429 after all the waiting is left alone."""
    breaker = CircuitBreaker()
    for _ in range(3):
        breaker.throttled(still=True)

    assert "429" in breaker.open


def test_the_breaker_knows_what_a_silent_host_affects() -> None:
    """Every operation that a failure since the last good response may be reported for, and no other."""
    breaker = CircuitBreaker()
    breaker.note("a", failures=1)
    breaker.note("a", failures=0)
    breaker.note("unknown", failures=SILENCE, affected=("b", "c"))
    breaker.note("d", failures=SILENCE)

    assert breaker.affected == {"unknown", "b", "c", "d"}
