"""bench.soak.page: what a soak found, and whether that will do."""

import pytest

from bench.soak.count import Count
from bench.soak.page import Soaked, draw, page
from bench.soak.samples import Sample

REST = Sample(0.0, 50.0, 12, 3)
FLAT = [Sample(60.0 * minute, 60.0, 30, 3) for minute in range(31)]


def _soaked(count: Count, descriptors: int = 12, more: float = 0.0) -> Soaked:
    samples = [Sample(one.at, one.memory + more * one.at / 3600, 30, 3) for one in FLAT]
    return Soaked(30.0, 300.0, samples, REST, Sample(0.0, 55.0, descriptors, 3), count)


def test_a_quiet_soak_is_passed() -> None:
    """No errors, nothing dropped, flat memory and no more descriptors will do; so does a slope within its bound."""
    assert _soaked(Count()).is_passed
    assert _soaked(Count(), 11, 5.9).is_passed


@pytest.mark.parametrize("what", ["errors", "dropped", "descriptors", "memory"])
def test_each_of_them_alone_fails_it(what: str) -> None:
    """An error, a dropped event, a descriptor more, or memory that grows by more than 6 MB an hour."""
    count = Count()
    if what in ("errors", "dropped"):
        getattr(count, what)["one"] += 1

    soaked = _soaked(count, 13 if what == "descriptors" else 12, 6.1 if what == "memory" else 0.0)

    assert not soaked.is_passed
    assert [verdict.is_reached for verdict in soaked.verdicts()].count(False) == 1


def test_page_tells_all_of_it() -> None:
    """The page has the verdicts, what was done, what the process had, and the errors."""
    count = Count()
    count.fail("list", "500 instead of 200")
    count.answers["list"] += 1234
    count.done["resets"] += 40

    text = page(_soaked(count), {"CPU": "one"}, "abc")

    assert "30 minutes, 300 requests a second, commit abc." in text
    assert "| errors | 0 | 1 | **not reached** |" in text
    assert "| open descriptors at rest | no more | 12 before, 12 after | reached |" in text
    assert "| answers: list | 1,234 |" in text
    assert "| resets | 40 |" in text
    assert "- 1 times list: 500 instead of 200" in text


def test_picture_has_a_line() -> None:
    """Memory is drawn from zero, over all of the time."""
    text = draw(FLAT)

    assert text.count("<polyline") == 1
    assert ">30 min<" in text
