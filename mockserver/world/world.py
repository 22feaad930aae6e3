"""World: all state and all time, ids and chance of one mock. Worlds in one process share nothing that changes."""

import pathlib
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.clock import Clock, Drawn, Ids
from mockserver.errors import BadRequest, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.settings import Settings
from mockserver.storage.memory import MemoryState
from mockserver.storage.model import Json, Member, User
from mockserver.storage.state import State
from mockserver.violations import Path, breach
from mockserver.webhooks.deliveries import DeliveryService, Resolver, Ticket, resolve
from mockserver.webhooks.events import Events
from mockserver.webhooks.inbox import Inbox
from mockserver.world.auth import Auth
from mockserver.world.faults import FaultRules
from mockserver.world.feed import Feed
from mockserver.world.journal import Journal
from mockserver.world.metrics import Metrics
from mockserver.world.page_sessions import PageSessions

if TYPE_CHECKING:
    from mockserver.world.state_file import StateFile

SNAPSHOT_VERSION = 2
NO_STORE = "There is no such store; GET /_mock/config has them under settings.stores."
OLD_SNAPSHOT = (
    "A snapshot of version {} can't be put back: this mock writes and reads version {}. Take it anew; or change "
    '"version" in it and remove "randomState", then ids go on as in this mock.'
)


class World(NamedTuple):
    """State and services of one mock: everything that a handler may use."""

    settings: Settings
    contract: Contract
    clock: Clock
    ids: Ids
    state: State
    auth: Auth
    journal: Journal
    examples: Examples
    events: Events
    deliveries: DeliveryService
    faults: FaultRules
    metrics: Metrics
    feed: Feed
    inbox: Inbox
    sessions: PageSessions
    initial: "StateFile | None" = None

    @classmethod
    def build(
        cls, settings: Settings, contract: Contract, clock: Clock | None = None, resolver: Resolver = resolve
    ) -> "World":
        """A world with empty stores; `seed` fills them. `resolver` resolves the host names of receivers.

        Raises SettingsError if the signing key, the CA file, the allow-list or the state file can't be used.
        """
        clock = clock or Clock()
        ids = Ids.from_chance() if settings.seed is None else Ids(settings.seed)
        state = MemoryState(settings.stores)
        auth = Auth(settings, clock, ids, state)
        examples = Examples(contract, ids.derived_seed("examples"))
        events = Events(contract, examples)
        feed = Feed(clock)
        faults = FaultRules(ids)
        deliveries = DeliveryService(settings, clock, ids, state, faults, resolver)
        journal, inbox = Journal(clock), Inbox(clock, state)
        feed.follow(faults, deliveries, journal)
        return cls(
            settings=settings,
            contract=contract,
            clock=clock,
            ids=ids,
            state=state,
            auth=auth,
            journal=journal,
            examples=examples,
            events=events,
            deliveries=deliveries,
            faults=faults,
            metrics=Metrics(),
            feed=feed,
            inbox=inbox,
            sessions=PageSessions(settings.control_token or "", Ids.from_chance().secret(32)),
            initial=_initial(settings, contract),
        )

    async def emit(self, event_name: str, store_code: str, data: Any) -> Ticket:
        """Emit an event: a delivery to each of its subscriptions follows soon after. Never raises, and never waits."""
        return await self.deliveries.emit(self.events, event_name, store_code, data)

    def under(self, contract: Contract) -> "World":
        """The same world under another contract: state, clock, tokens and journal stay."""
        examples = Examples(contract, self.ids.derived_seed("examples"))
        return self._replace(contract=contract, examples=examples, events=Events(contract, examples))

    async def seed(self) -> None:
        """Add the initial users, the admin and one member in each store, and what the state file says. A seeded world
        stays as it is. Raises SettingsError if the state file doesn't fit."""
        settings = self.settings
        if await self.state.user_by_login("admin", None, settings.admin_username):
            return
        admin = User(self.ids.uuid(), "admin", None, settings.admin_username, settings.admin_password, settings.api_key)
        await self.state.add_user(admin)
        for store_code in settings.stores:
            await self.state.add_all(self.initial_member(store_code))
        if self.initial is not None:
            await self.initial.apply(self)

    async def stop(self) -> None:
        """End what runs: who listens, and what is still to be delivered."""
        self.feed.end()
        await self.deliveries.stop()
        self.inbox.close()

    async def reset(self) -> None:
        """Return to the initial state: stores seeded, clock reset, ids restarted, everything else removed."""
        self.deliveries.clear()
        self.faults.clear()
        self.journal.clear()
        self.inbox.clear()
        self.clock.reset()
        self.ids.restart()
        await self.state.clear(self.settings.stores)
        await self.seed()
        await self.state.tidy()
        self.feed.publish("reset", lambda: {"what": "all"})

    async def reset_store(self, store_code: str) -> None:
        """Return a store to its initial state, as far as that concerns it alone: its records, deliveries, faults and
        recorded requests. Clock, ids, and all other stores stay as they are. Raises NotFound."""
        await self._clear_store(store_code)
        if self.initial is not None:
            await self.initial.apply_to_store(self, store_code)
        elif store_code in self.settings.stores:
            await self.state.add_all(self.initial_member(store_code))
        self._tell_of_store(store_code)
        await self.state.tidy()

    async def clear_store(self, store_code: str) -> None:
        """Remove all that belongs to a store. Raises NotFound."""
        await self._clear_store(store_code)
        self._tell_of_store(store_code)

    async def require_store(self, store_code: str, at: Path = ()) -> None:
        """Check that there is a store, which a call to the control plane names at this path of its body, or in its
        query. Raises BadRequest."""
        if not await self.state.has_store(store_code):
            raise BadRequest([breach((*at, "storeCode"), "store", NO_STORE)])

    async def _clear_store(self, store_code: str) -> None:
        await self.state.clear_store(store_code)
        self.deliveries.clear_store(store_code)
        self.faults.clear_store(store_code)
        self.journal.clear_store(store_code)
        self.inbox.clear_store(store_code)

    def _tell_of_store(self, store_code: str) -> None:
        self.feed.publish("reset", lambda: {"what": "store", "storeCode": store_code})

    async def snapshot(self) -> dict[str, Any]:
        """Everything that later responses depend on, in the form of `Snapshot` in control.yaml, with iterators in place
        of its long lists. Later changes don't reach it. It holds secrets, but not the seed."""
        return {
            "version": SNAPSHOT_VERSION,
            "clock": {"now": self.clock.now(), "frozen": self.clock.frozen},
            "drawn": self.ids.drawn._asdict(),
            "events": self.deliveries.events,
            "faults": self.faults.listed(),
        } | await self.state.snapshot()

    async def restore(self, snapshot: Json) -> None:
        """Replace the state by a snapshot. Clock, ids, events and faults that it leaves out stay as they are. The
        change is atomic: other tasks see all of it, or nothing.

        Raises BadRequest, and changes nothing, if it is of another version, or if its parts don't fit together.
        """
        if snapshot["version"] != SNAPSHOT_VERSION:
            message = OLD_SNAPSHOT.format(snapshot["version"], SNAPSHOT_VERSION)
            raise BadRequest([breach(("version",), "version", message)])
        from mockserver.world.faults.checks import refuse_problems

        await refuse_problems(snapshot)
        await self.state.restore(snapshot)
        # From here on nothing waits: nobody sees a part of it.
        self.deliveries.clear(snapshot.get("events", self.deliveries.events))
        if "drawn" in snapshot:
            self.ids.go_on(Drawn(**snapshot["drawn"]))
        if "clock" in snapshot:
            self.clock.set(snapshot["clock"]["now"], frozen=snapshot["clock"]["frozen"])
        if "faults" in snapshot:
            self.faults.restore(snapshot["faults"])
        self.feed.publish("reset", lambda: {"what": "restored"})
        await self.state.tidy()

    def initial_member(self, store_code: str) -> tuple[Member, User]:
        """The member that a store has from the start, and the user with whose name and password they log in."""
        settings = self.settings
        email = f"{settings.member_username}@example.com"
        member = Member(
            customer_id=self.ids.uuid(),
            store_code=store_code,
            email=email,
            phone=None,
            loyalty_card_number=None,
            referral_token=self.ids.hex(8).upper(),
            registered_at=self.clock.now(),
            data={"email": email, "firstName": "Mock", "lastName": "Member"},
        )
        user = User(member.customer_id, "member", store_code, settings.member_username, settings.member_password)
        return member, user


def _initial(settings: Settings, contract: Contract) -> "StateFile | None":
    """The state file of the settings, if they name one. Raises SettingsError."""
    if settings.state is None or (settings.save and not pathlib.Path(settings.state).exists()):
        return None
    if not contract.is_ours:
        raise SettingsError("--state is for the contract of Open Loyalty; leave it out with --spec.")
    from mockserver.world.state_file import StateFile  # here, as a start without one needn't wait for it

    return StateFile(pathlib.Path(settings.state))
