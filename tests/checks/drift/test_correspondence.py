"""Values of both sides stand for each other, one for one, in all that is sent and answered."""

from mockserver.checks.drift.correspondence import Correspondence


def test_values_are_translated_at_all_depths() -> None:
    """Whole texts, parts of texts, and keys are those of live."""
    known = Correspondence()
    known.bind("aaaaaaaa", "bbbbbbbb")
    known.bind("17", "4")

    assert known.of({"id": ["aaaaaaaa"], "url": "https://aaaaaaaa.invalid", "aaaaaaaa": 1}) == {
        "id": ["bbbbbbbb"],
        "url": "https://bbbbbbbb.invalid",
        "bbbbbbbb": 1,
    }
    assert known.of(["17", "170", 17, None]) == ["4", "170", 17, None]


def test_a_value_stands_for_one_other() -> None:
    """Neither side's value gets a second one."""
    known = Correspondence()

    assert known.bind("a", "b")
    assert known.bind("a", "b")
    assert not known.bind("a", "c")
    assert not known.bind("c", "b")
    assert (known.knows_mock("a"), known.knows_live("b"), known.knows_mock("c")) == (True, True, False)


def test_looking_teaches_nothing() -> None:
    """What is only tried leaves no trace, but counts what is known."""
    known = Correspondence()
    known.bind("a", "b")
    looking = known.untaught()

    assert looking.bind("c", "d")
    assert not looking.bind("a", "d")
    assert not known.knows_mock("c")
