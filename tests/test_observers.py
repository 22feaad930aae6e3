"""mockserver.observers: who is told, and who isn't any more."""

from mockserver.observers import Observers


def test_observers_are_told() -> None:
    """Each is told once, however often it was added, and not after it has left."""
    told: list[str] = []
    observers = Observers[[str]]()
    for _ in range(2):
        observers.add(told.append)
    observers.tell("a")
    for _ in range(2):
        observers.discard(told.append)
    observers.tell("b")

    assert told == ["a"]
    assert not observers


def test_observers_may_leave_while_they_are_told() -> None:
    """One that removes another one, or itself, breaks nothing."""
    observers = Observers[[]]()
    observers.update((observers.clear, lambda: None))
    observers.tell()

    assert not observers
