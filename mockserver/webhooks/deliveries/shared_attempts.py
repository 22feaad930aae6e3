"""The attempts of deliveries that were taken from the database, and what is kept of them there."""

import asyncio
import logging
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, StorageAway
from mockserver.settings import Settings
from mockserver.storage.model import Subscription
from mockserver.storage.postgres import LEASE, PostgresState, Settled, TakenDelivery
from mockserver.violations import dotted
from mockserver.webhooks.deliveries.attempt_maker import AttemptMaker, Letter
from mockserver.webhooks.deliveries.deliveries import DeliverySources
from mockserver.webhooks.deliveries.fan_out import REORDER_WAIT
from mockserver.webhooks.deliveries.kept_deliveries import fault_of, taken, written, written_fault
from mockserver.webhooks.deliveries.leased_queue import InHand
from mockserver.webhooks.deliveries.outcomes import Outcomes
from mockserver.webhooks.deliveries.records import DEFECT, Delivery
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault
from mockserver.webhooks.events import ENVELOPED, Event, enveloped

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

logger = logging.getLogger("mockserver")

MOST_CHECKED = 256  # events whose payloads are known to be valid, or not
JUST_NOW = 0.1  # seconds
PAUSE = 0.25  # seconds between two tries to keep an outcome


def _nothing_kept(_delivery: Delivery) -> None:
    """Nobody is told yet."""


def _nothing_put_off(_seconds: float) -> None:
    """Nobody is told yet."""


class SharedAttempts:
    """The attempts of one replica. `kept` is told of each delivery whose outcome was kept, and `put_off` in how many
    seconds one is due again; `finished` counts those that have ended, `backlog` is how many wait in a row."""

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by the service)
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        state: PostgresState,
        sources: DeliverySources,
        sender: "Callable[[], Awaitable[Sender]]",
    ) -> None:
        common = Ids(ids.seed)  # ids of requests are the same, whichever replica sends them
        self.kept: Callable[[Delivery], None] = _nothing_kept
        self.put_off: Callable[[float], None] = _nothing_put_off
        self.outcomes = Outcomes()
        self.finished = 0
        self.backlog = 1.0
        self._clock, self._state, self._tables = clock, state, state.deliveries
        self._faults, self._catalogue = sources.faults, sources.catalogue
        self._some_id = common.derived("sample")
        self._maker = AttemptMaker(settings, clock, common, sender, scheme=sources.scheme)
        self._checked: OrderedDict[tuple[int, float], str] = OrderedDict()

    async def perform(self, in_hand: InHand) -> None:
        """Make the next attempt of a delivery, and keep its outcome; or let it wait, if a fault says so."""
        row = in_hand.taken
        before = taken(row)
        try:
            fault = await self._chosen(row)
            if row.fault is None and (fault.reorder or self._due(row, fault) > self._clock.now()):
                await self._delay(in_hand, fault)
                return
        except StorageAway:
            raise
        except Exception:
            logger.exception("Delivery %s is lost: a defect of the mock", before.message.delivery_id)
            await self._keep(in_hand, before.failed(DEFECT), NO_FAULT)
            return
        problem = "" if before.attempts else self._problem(row)
        if problem:
            after = before.failed(problem)
        else:
            after = await self._maker.next(before, self._letter(in_hand, fault))
        await self._keep(in_hand, after, fault)

    async def _chosen(self, row: TakenDelivery) -> DeliveryFault:
        """The fault of a delivery: chosen when it is taken for the first time, and the same in all its attempts."""
        if row.fault is not None:
            return fault_of(row.fault)
        found = await self._faults.for_delivery(row.event_name, row.store_code, row.subscription_id)
        self.outcomes.faults += found is not None
        return found or NO_FAULT

    def _due(self, row: TakenDelivery, fault: DeliveryFault) -> float:
        """When a delivery is due that a fault delays: so long after its event, or, if another is to overtake it, from
        now."""
        return self._clock.now() + fault.delay + REORDER_WAIT if fault.reorder else row.created_at + fault.delay

    async def _delay(self, in_hand: InHand, fault: DeliveryFault) -> None:
        row, text = in_hand.taken, written_fault(fault)
        due = self._due(row, fault)
        wait = self._wait(due)
        if fault.reorder:
            await self._tables.hold(row, text, due, wait)
        else:
            settled = Settled(row.status, row.attempts, "", text, 0, due, wait)
            await self._tables.settle(row, settled)
        self.put_off(wait)

    async def _keep(self, in_hand: InHand, after: Delivery, fault: DeliveryFault) -> None:
        row, due, setting = in_hand.taken, after.retry_at, self._clock.setting
        size = after.size + len(row.content)
        wait = None if due is None else self._wait(due)
        outcome = after.status, written(after.attempts), after.reason, written_fault(fault), size, due, wait
        if not await self._settled(row, Settled(*outcome)):
            logger.warning("Delivery %d-%d was made by another replica, too", row.number, row.place)
            return
        self.finished += after.is_finished
        self.kept(after)
        if wait is not None:
            self.put_off(wait)
            if setting != self._clock.setting:  # it was moved while the old time was kept
                await self.move()

    async def _settled(self, row: TakenDelivery, settled: Settled) -> bool:
        """Keep an outcome, also if the database is away for a moment: else the delivery would be made once more."""
        until = asyncio.get_running_loop().time() + 2 * LEASE
        while True:
            try:
                return await self._tables.settle(row, settled)
            except StorageAway:
                if asyncio.get_running_loop().time() >= until:
                    raise
                await asyncio.sleep(PAUSE)

    async def move(self) -> None:
        """Let what waits become due by the mock's clock."""
        await self._tables.move(self._clock.now(), frozen=self._clock.frozen)

    def _wait(self, due: float) -> float:
        """Real seconds until the mock's clock shows a time; infinite if it stands still."""
        left = due - self._clock.now()
        return 0.0 if left <= 0 else math.inf if self._clock.frozen else left

    # ---------------------------------------------------------------- payloads
    def _letter(self, in_hand: InHand, fault: DeliveryFault) -> Letter:
        """What is sent, and to whom: the subscription as it was when the delivery was taken, if that was just now."""
        row = in_hand.taken
        event = self._event(row)
        head = event.head()

        def payload(message_id: str, request_id: str) -> bytes:
            return enveloped(message_id, request_id, head, row.content)

        async def subscription() -> Subscription:
            if in_hand.waited > JUST_NOW:
                return await self._state.subscription(row.store_code, row.subscription_id)
            if row.subscription is None:
                raise NotFound
            return row.subscription

        return Letter(row.number, payload, subscription, fault, in_hand.check, event.form)

    def _problem(self, row: TakenDelivery) -> str:
        """Why the payload of an event must not be sent: a defect of the mock; empty if it may."""
        event = row.number, row.created_at
        if event not in self._checked:
            self._checked[event] = self._violation(row)
            while len(self._checked) > MOST_CHECKED:
                self._checked.popitem(last=False)
        return self._checked[event]

    def _violation(self, row: TakenDelivery) -> str:
        try:
            event = self._event(row)
            if not event.form.media_type.endswith("json"):
                return ""  # it was made by the contract, and is written already
            payload = event._replace(data=orjson.loads(row.content)).payload(self._some_id, self._some_id)
            violations = self._catalogue.violations(row.event_name, payload)
        except Exception:
            logger.exception("The event %s is lost: a defect of the mock", row.event_name)
            return DEFECT
        if not violations:
            return ""
        found = "; ".join(f"{dotted(one.path)}: {one.message}" for one in violations)
        logger.error("contract violation: event %s is not sent: %s", row.event_name, found)
        return f"contract violation: {found}"

    def _event(self, row: TakenDelivery) -> Event:
        known = row.event_name in self._catalogue.names  # other mocks may serve another contract
        form = self._catalogue.form(row.event_name) if known else ENVELOPED
        return Event(row.number, row.event_name, row.store_code, row.created_at, None, form)
