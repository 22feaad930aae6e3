"""Resets: when the mock, or a store of it, was returned to its start. What began before then is of the past."""

from collections.abc import Callable
from time import perf_counter  # noqa: TID251 (compared with the moments at which requests began, which are real ones)

from mockserver.http.messages import Request

MOST_STORES = 10_000  # whose resets are remembered before those of long ago are forgotten


class Resets:
    """The moments of the latest resets, by the stopwatch of `Request.began_at`.

    `latest` is that of the last one, be it of a store: what began later is of the present, without another question.
    """

    def __init__(self, stopwatch: Callable[[], float] = perf_counter) -> None:
        self._stopwatch = stopwatch
        self.latest = self._of_all = 0.0
        self._of_stores: dict[str, float] = {}

    def note(self) -> None:
        """Note that everything starts over."""
        self.latest = self._of_all = self._stopwatch()
        self._of_stores.clear()

    def note_store(self, store_code: str) -> None:
        """Note that a store starts over, or is gone."""
        self._of_stores.pop(store_code, None)  # so that the dictionary has the latest at its end
        self.latest = self._of_stores[store_code] = self._stopwatch()
        if len(self._of_stores) > MOST_STORES:
            del self._of_stores[next(iter(self._of_stores))]

    def overtook(self, request: Request) -> bool:
        """Whether a reset came after a request began: then it may change nothing any more, and leaves no trace."""
        if not 0 < request.began_at < self.latest:
            return False
        store_code = request.path_parameters.get("storeCode", "")
        return request.began_at < max(self._of_all, self._of_stores.get(store_code, 0.0))
