"""A running mock: what the commands ask it, and how they wait for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic  # noqa: TID251 (a deadline for a mock in another process)
from typing import Any, ClassVar, TypedDict, cast

from mockserver.clock import moment
from mockserver.errors import Refused, RemoteError
from mockserver.remote.answers import DeliveryJson, EventListJson
from mockserver.remote.connection import MockConnection, Trouble
from mockserver.remote.control_plane import ControlPlane, ReceiversControl
from mockserver.remote.pages import DeliveryPageJson, latest_deliveries, page_of_deliveries
from mockserver.remote.response_shapes import fits

Json = dict[str, Any]
PAGE = 1_000  # deliveries: as many as a page may hold
LONGEST_POLL = 30.0  # seconds that one call waits; who waits longer, asks again
FINISHED = frozenset({"delivered", "failed", "blocked"})


@dataclass(frozen=True, slots=True)
class Changes:
    """The deliveries that changed after a revision, and the new revision.

    `emptied` says whether the mock was reset in between: then ids were given anew.
    """

    deliveries: Sequence[Json]
    revision: int
    emptied: bool


class _Settings(TypedDict):
    """The settings that commands read; the contract leaves open which there are."""

    stores: list[str]
    deliveryTimeout: float


class Remote(MockConnection):
    """A connection to a running mock, with what commands ask. Every call raises as those of `MockConnection` do, and
    adds what somebody at the command line can do."""

    ADVICE: ClassVar[Mapping[Trouble, str]] = {
        "absent": "Start one by `mockserver serve`, or name another by --server or MOCKSERVER_URL.",
        "no mock": "Name the mock by --server or MOCKSERVER_URL.",
        "no name": "Use a name that it has in --server or MOCKSERVER_URL.",
        "untrusted": "Name it, or who signed it, by --ca-file or MOCKSERVER_CA_FILE.",
        "token": "Give the right one by --control-token or MOCKSERVER_CONTROL_TOKEN.",
    }

    def config(self) -> Json:
        """Version, contract, seed and settings of the mock."""
        config = cast("Json", self._plane.config())
        if not fits(config["settings"], _Settings) or not config["settings"]["stores"]:
            raise self.no_mock()
        return config

    def now(self) -> float:
        """The mock's time, in Unix seconds."""
        told = self._plane.clock.get()["now"]
        try:
            return moment(told)
        except (ValueError, OverflowError) as error:
            raise self.no_mock() from error

    def trigger(self, event_name: str, store_code: str, data: Json | None, count: int) -> Json:
        """Trigger an event `count` times; returns its deliveries as `items`, and their `total`."""
        return cast("Json", self._plane.trigger(event_name, store_code, data, count))

    def trigger_for(self, receiver_id: str, event_name: str, store_code: str, data: Json | None, count: int) -> Json:
        """The same for one receiver alone."""
        return cast("Json", self._plane.trigger(event_name, store_code, data, count, receiver_id))

    def events(self) -> EventListJson:
        """The events of its contract."""
        return self._plane.events()

    def event_schema(self, event_name: str) -> Json:
        """The JSON Schema of the payloads of an event."""
        return self._plane.event_schema(event_name)

    @property
    def receivers(self) -> ReceiversControl:
        """Who gets its events."""
        return self._plane.receivers

    def delivery(self, delivery_id: str) -> Json:
        """One delivery. Raises RemoteError if there is none."""
        return self._known(delivery_id, lambda: self._plane.deliveries.get(delivery_id))

    def redeliver(self, delivery_id: str) -> Json:
        """Deliver a finished delivery again; returns it. Raises RemoteError if there is none."""
        return self._known(delivery_id, lambda: self._plane.deliveries.redeliver(delivery_id))

    def latest(self, filters: Mapping[str, Any], count: int) -> Json:
        """The page of deliveries that pass the filters; `items` has the last `count` of them."""
        return self._checked(latest_deliveries(self.control, filters, count))

    def changes(self, filters: Mapping[str, Any], since: int, seconds: float, size: int = PAGE) -> Changes:
        """The changes after a revision among the deliveries that pass the filters, read in pages of `size`.

        It waits for a change, but no longer than so many seconds.
        """
        query = {**filters, "changedSince": since}
        page = first = self._page(query, 1, size, seconds)
        deliveries = list(page["items"])
        while page["items"] and len(deliveries) < page["total"]:
            page = self._page(query, 1 + len(deliveries) // size, size)
            deliveries += page["items"]
        return Changes(deliveries, first["revision"], first["emptied"] > since)

    def finished(self, deliveries: Sequence[Json], filters: Mapping[str, Any], seconds: float) -> list[Json]:
        """The same deliveries, which pass the filters, when all are finished, or after so many seconds."""
        known = {delivery["deliveryId"]: delivery for delivery in deliveries}
        ends, since = monotonic() + seconds, 0
        while (left := ends - monotonic()) > 0 and not all(map(is_finished, known.values())):
            changes = self.changes(filters, since, min(left, LONGEST_POLL))
            known |= {one["deliveryId"]: one for one in changes.deliveries if one["deliveryId"] in known}
            since = changes.revision
        return list(known.values())

    @property
    def _plane(self) -> ControlPlane:
        return ControlPlane(self.control)

    def _page(self, filters: Mapping[str, Any], number: int, size: int, seconds: float = 0) -> Json:
        query = {**filters, "_page": number, "_itemsOnPage": size, "wait": seconds}
        return self._checked(page_of_deliveries(self.control, query))

    def _checked(self, page: DeliveryPageJson) -> Json:
        """A page that tells what has changed. Raises RemoteError for another one."""
        if not {"revision", "emptied"} <= page.keys():
            raise RemoteError(f"The mock at {self.url} is older than this command: it can't tell what has changed.")
        return cast("Json", page)

    def _known(self, delivery_id: str, ask: Callable[[], DeliveryJson]) -> Json:
        """The delivery that a call returns. Raises RemoteError if there is none."""
        try:
            return cast("Json", ask())
        except Refused as refused:
            if refused.status != 404:  # noqa: PLR2004 (no such thing)
                raise
            says = (
                f"There is no delivery {delivery_id!r} at {self.url}. `mockserver deliveries` lists what it remembers."
            )
            raise RemoteError(says) from refused


def is_finished(delivery: Json) -> bool:
    """Whether no attempt of a delivery follows."""
    return delivery["status"] in FINISHED
