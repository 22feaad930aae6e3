"""mockserver.world.metrics: counters of a mock."""

from mockserver.world.metrics import Metrics


def test_requests_are_counted_apart() -> None:
    """Requests are counted, and their seconds added up, by operation and status."""
    metrics = Metrics()

    for operation, status, seconds in (("a", 200, 0.5), ("a", 200, 0.25), ("a", 404, 1.0), (None, 404, 2.0)):
        traffic = metrics.traffic(operation, status)
        traffic.number += 1
        traffic.seconds += seconds

    told = {key: (one.number, one.seconds) for key, one in metrics.requests.items()}
    assert told == {("a", 200): (2, 0.75), ("a", 404): (1, 1.0), (None, 404): (1, 2.0)}


def test_uptime_goes_by_the_clock_of_the_process() -> None:
    """The uptime is that of the clock that was handed in, from the moment on at which the counters were made."""
    now = [100.0]
    metrics = Metrics(lambda: now[0])

    now[0] = 107.5

    assert metrics.uptime == 7.5
