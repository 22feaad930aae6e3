"""bench.soak.samples: what a process has, and whether it grows."""

import os

from bench.soak.samples import Sample, sample, slope


def test_slope_is_that_of_the_last_two_thirds() -> None:
    """Memory that grows at first and is flat afterwards has no slope; a steady growth has its own, in MB an hour."""
    early = [Sample(60.0 * minute, 50.0 + min(minute, 10), 9, 1) for minute in range(31)]
    steady = [Sample(60.0 * minute, 50.0 + minute, 9, 1) for minute in range(31)]

    assert abs(slope(early)) < 1e-6
    assert round(slope(steady), 6) == 60.0


def test_slope_is_by_least_squares() -> None:
    """Noise around a line doesn't change its slope."""
    noisy = [Sample(60.0 * minute, 50.0 + minute + (-1) ** minute, 9, 1) for minute in range(62)]

    assert abs(slope(noisy) - 60.0) < 1.0


def test_too_little_has_no_slope() -> None:
    """Nothing, or one sample, doesn't grow."""
    assert slope([]) == slope([Sample(1.0, 50.0, 9, 1)]) == 0.0


def test_sample_counts_descriptors() -> None:
    """A descriptor that is opened is seen."""
    before = sample(os.getpid(), 1.0)
    reading, writing = os.pipe()
    after = sample(os.getpid(), 2.0)
    os.close(reading)
    os.close(writing)

    assert after.descriptors == before.descriptors + 2
    assert before.memory > 1
    assert before.threads >= 1
