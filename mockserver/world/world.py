"""World: all state and all time, ids and chance of one mock. Worlds in one process share nothing that changes."""

import pathlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.clock import Clock, Drawn, Ids
from mockserver.errors import BadRequest, MissingExtra, SettingsError, listed
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.settings import Settings
from mockserver.signing import Scheme
from mockserver.storage.model import AnyRecord, Json, Member, Subscription, User
from mockserver.storage.state import Emission, RecordsTaken, State
from mockserver.violations import Path, Violation, breach, not_a_choice
from mockserver.webhooks.deliveries import Deliveries, DeliveryService, DeliverySources, Resolver, Ticket, resolve
from mockserver.webhooks.events import Events
from mockserver.webhooks.inbox import Inbox
from mockserver.world.auth import Auth
from mockserver.world.faults import FaultRules
from mockserver.world.feed import Feed
from mockserver.world.journal import Journal
from mockserver.world.metrics import Metrics
from mockserver.world.page_sessions import PageSessions
from mockserver.world.receivers import scheme_of
from mockserver.world.remembering import (
    begin_again,
    begin_again_in_store,
    coherence_of,
    memory_of,
    refuse_other_contract,
    remembered,
    stored,
)
from mockserver.world.resets import Resets

if TYPE_CHECKING:
    from mockserver.world.memory import ExampleResources, ResourceMemory
    from mockserver.world.replicas import Replicas, SharedStorage
    from mockserver.world.state_file import StateFile

SNAPSHOT_VERSION = 2
OTHER_SETTINGS = (
    "The database of --storage was filled by a mock with other settings (--admin-username, --stores). Use the same, or "
    "another schema (--storage …?schema=NAME)."
)
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
    deliveries: Deliveries
    faults: FaultRules
    metrics: Metrics
    feed: Feed
    inbox: Inbox
    sessions: PageSessions
    resets: Resets
    initial: "StateFile | None" = None
    replicas: "Replicas | None" = None
    memory: "ResourceMemory | None" = None
    coherence: "ExampleResources | None" = None  # of a contract that has no handlers

    @classmethod
    def build(
        cls, settings: Settings, contract: Contract, clock: Clock | None = None, resolver: Resolver = resolve
    ) -> "World":
        """A world with empty stores; `seed` fills them. `resolver` resolves the host names of receivers.

        Raises SettingsError if the signing key, the CA file, the allow-list, the state file or the database can't be
        used, and MissingExtra if what a database needs isn't installed.
        """
        clock, shared = clock or Clock(), _shared(settings, contract)
        ids = shared.ids if shared else Ids.from_chance() if settings.seed is None else Ids(settings.seed)
        state, records = stored(settings, contract, shared)
        examples = Examples(contract, Ids(ids.seed).derived_seed("examples"))
        events, feed, journal = Events(contract, examples), Feed(clock), Journal(clock)
        faults, replicas = FaultRules(ids, shared.faults if shared else None), shared.replicas if shared else None
        sources = DeliverySources(faults, events, resolver, scheme_of(settings, contract))
        deliveries = _deliveries(settings, clock, ids, state, sources, replicas)
        feed.follow(faults, deliveries, journal)
        memory = memory_of(contract, examples, ids, clock, records)
        return cls(
            settings=settings,
            contract=contract,
            clock=clock,
            ids=ids,
            state=state,
            auth=Auth(settings, clock, ids, state, shared.signing_key if shared else None),
            journal=journal,
            examples=examples,
            events=events,
            deliveries=deliveries,
            faults=faults,
            metrics=Metrics(),
            feed=feed,
            inbox=Inbox(clock, state, sources.scheme),
            sessions=PageSessions(settings.control_token or "", Ids.from_chance().secret(32)),
            resets=Resets(),
            initial=_initial(settings, contract),
            replicas=replicas,
            memory=memory,
            coherence=coherence_of(contract, examples, ids, clock, memory),
        )

    @property
    def named(self) -> dict[str, int]:
        """The name of this replica among those that share its state, as answers tell it: its number. A mock alone has
        none."""
        return {} if self.replicas is None else {"replica": self.replicas.number}

    async def emit(self, event_name: str, store_code: str, data: Any) -> Ticket:
        """Emit an event: a delivery to each of its subscriptions follows soon after. Never raises, and never waits."""
        return await self.deliveries.emit(self.events, event_name, store_code, data)

    async def emit_to(self, subscription: Subscription, data: Any) -> Ticket:
        """Emit the event of a subscription, for this one alone. Never raises, and never waits. Who shares a database
        can't: nothing is emitted then."""
        name, store_code, own = subscription.event_name, subscription.store_code, subscription.subscription_id
        return await self.deliveries.emit(self.events, name, store_code, data, only=own)

    @property
    def scheme(self) -> Scheme:
        """How deliveries are signed."""
        return Scheme.chosen(self.settings.webhook_signing, is_ours=self.contract.is_ours)

    def emission(self, event_name: str, data: Callable[..., Any]) -> Emission:
        """An event that a change of the state causes, to be handed to that change. `data` makes its data of what is
        stored."""
        return Emission(event_name, data, self.clock.now(), self.emit)

    def under(self, contract: Contract) -> "World":
        """The same world under another contract: state, clock, tokens and journal stay."""
        examples = Examples(contract, self.ids.derived_seed("examples"))
        memory = self.memory and self.memory.under(contract, examples)
        coherence = coherence_of(contract, examples, self.ids, self.clock, memory)
        changed = self._replace(contract=contract, examples=examples, events=Events(contract, examples), memory=memory)
        return changed._replace(coherence=coherence)

    async def seed(self) -> None:
        """Add the initial users, the admin and one member in each store, and what the state file says. A seeded world
        stays as it is, also one that another replica has seeded, or is about to. Raises SettingsError if the state file
        doesn't fit, or if it was seeded by other settings; then nothing is added."""
        if await self._is_seeded():
            return
        async with self.state.in_one_step():
            if await self._is_seeded():
                return
            try:
                await self.state.add_all(self._initial_records())
            except RecordsTaken:
                raise SettingsError(OTHER_SETTINGS) from None
            if self.replicas is not None:
                await self.replicas.keep_origin()
            if self.initial is not None:
                await self.initial.apply(self)
                if self.replicas is not None:
                    await self.replicas.begin(self)

    async def _is_seeded(self) -> bool:
        if self.replicas is not None and await self.replicas.have_begun():
            return True
        return await self.state.user_by_login("admin", None, self.settings.admin_username) is not None

    async def start(self) -> None:
        """Begin to use the state, in this event loop, and seed the world. Raises SettingsError."""
        await self.state.open()
        await self.seed()
        if self.replicas is not None:
            await self.replicas.join(self)
        await self.deliveries.start()

    async def stop(self) -> None:
        """End what runs: who listens, what is still to be delivered, and the use of the state."""
        self.feed.end()
        await self.deliveries.stop()
        self.inbox.close()
        if self.replicas is not None:
            await self.replicas.leave()
        await self.state.close()

    def together(self) -> AbstractAsyncContextManager[None]:
        """A block that changes clock and faults here, and tells the other replicas, if there are any. If their database
        is away it raises StorageAway, and clock and faults are as they were before."""
        return nullcontext() if self.replicas is None else self.replicas.together(self)

    async def reset(self) -> None:
        """Return to the initial state: stores seeded, clock reset, ids restarted, everything else removed."""
        async with self.together():
            await self._reset()

    async def _reset(self) -> None:
        self.forget()
        await self.state.clear(self.settings.stores, self._initial_records())
        if self.replicas is not None:
            self.deliveries.clear()  # what was taken since, as others go on delivering
        if self.initial is not None:
            await self.initial.apply(self)
        await self.state.tidy()
        self.feed.publish("reset", lambda: {"what": "all"})
        await self.share({"reset": True})

    def forget(self) -> None:
        """Return to the initial state, but for the records. Requests that are still open end without effect."""
        self.resets.note()
        self.deliveries.clear()
        self.faults.clear()
        self.journal.clear()
        self.inbox.clear()
        self.clock.reset()
        self.ids.restart()

    async def share(self, change: Json) -> None:
        """Let the other replicas, if there are any, make a change that isn't one of the records; returns when all have
        made it. `replicas.make` knows the changes. Raises ReplicaSilent."""
        if self.replicas is not None:
            await self.replicas.tell(change)

    async def reset_resource(self, name: str) -> None:
        """Return the records of a remembered resource, and those that are in them, to what they were at the start. All
        others stay as they are. Raises BadRequest."""
        resource = remembered(self.memory, name)
        async with self.together():
            await begin_again(self.memory, self.initial, resource.with_those_inside)
            await self.share({})

    async def reset_store(self, store_code: str) -> None:
        """Return a store to its initial state, as far as that concerns it alone: its records, deliveries, faults and
        recorded requests. Clock, ids, and all other stores stay as they are. Raises NotFound."""
        is_initial = self.initial is None and store_code in self.settings.stores
        await self.state.clear_store(store_code, self.initial_member(store_code) if is_initial else ())
        self.forget_store(store_code)
        if self.initial is not None:
            await self.initial.apply_to_store(self, store_code)
        await begin_again_in_store(self.memory, self.initial, store_code)
        await self.share({"store": store_code})
        await self.state.tidy()

    async def clear_store(self, store_code: str) -> None:
        """Remove all that belongs to a store. Raises NotFound."""
        await self.state.clear_store(store_code)
        self.forget_store(store_code)
        await self.share({"store": store_code})

    async def require_store(self, store_code: str, at: Path = ()) -> None:
        """Check that there is a store, which a call to the control plane names at this path of its body, or in its
        query. Raises BadRequest."""
        if problem := await self.store_problem(store_code, at):
            raise BadRequest([problem])

    async def store_problem(self, store_code: str, at: Path = ()) -> Violation | None:
        """The violation of a call that names a store that isn't there; it tells those that there are."""
        if await self.state.has_store(store_code):
            return None
        told = f"There is no such store; this mock has {listed(await self.state.store_codes())}."
        return breach((*at, "storeCode"), "store", told)

    def require_operation(self, name: str, at: Path = ()) -> str:
        """The operationId as the contract has it, which a call to the control plane names at this path of its body, or
        in its query: generated clients drop a leading underscore. Raises BadRequest if there is no such operation."""
        known = self.contract.operation_named(name)
        if known is None:
            raise BadRequest([not_a_choice((*at, "operationId"), name, self.contract.operation_ids)])
        return known

    def forget_store(self, store_code: str) -> None:
        """Forget what belongs to a store, but for the records. Requests to it that are still open have no effect."""
        self.resets.note_store(store_code)
        self.deliveries.clear_store(store_code)
        self.faults.clear_store(store_code)
        self.journal.clear_store(store_code)
        self.inbox.clear_store(store_code)
        self.feed.publish("reset", lambda: {"what": "store", "storeCode": store_code})

    async def snapshot(self) -> dict[str, Any]:
        """Everything that later responses depend on, in the form of `Snapshot` in control.yaml, with iterators in place
        of its long lists. Later changes don't reach it. It holds secrets, but not the seed. What replicas have drawn is
        left out: each counts for itself."""
        if self.replicas is not None:
            await self.replicas.look_at_faults()
        own = {} if self.replicas else {"drawn": self.ids.drawn._asdict(), "events": self.deliveries.events}
        return {
            "version": SNAPSHOT_VERSION,
            "clock": {"now": self.clock.now(), "frozen": self.clock.frozen},
            "faults": self.faults.listed(),
            **({} if self.contract.is_ours else {"contract": self.contract.name}),
            **own,
        } | await self.state.snapshot()

    async def restore(self, snapshot: Json) -> None:
        """Replace the state by a snapshot. Clock, ids, events and faults that it leaves out stay as they are. The
        change is atomic: other tasks see all of it, or nothing.

        Raises BadRequest, and changes nothing, if it is of another version, or if its parts don't fit together.
        """
        if snapshot["version"] != SNAPSHOT_VERSION:
            message = OLD_SNAPSHOT.format(snapshot["version"], SNAPSHOT_VERSION)
            raise BadRequest([breach(("version",), "version", message)])
        await refuse_other_contract(snapshot, self.contract, self.memory)
        from mockserver.world.faults.checks import refuse_problems

        await refuse_problems(snapshot)
        async with self.together():
            await self.state.restore(snapshot)
            # From here on nothing waits: nobody sees a part of it.
            if not self.replicas and "drawn" in snapshot:
                self.ids.go_on(Drawn(**snapshot["drawn"]))
            self.resume(snapshot)
            await self.state.tidy()
            parts = {name: snapshot[name] for name in ("clock", "faults") if name in snapshot}
            await self.share({"restored": parts})

    def resume(self, snapshot: Json) -> None:
        """Go on as a snapshot says, but for the records, and for what was drawn."""
        events = self.deliveries.events
        self.deliveries.clear(events if self.replicas else snapshot.get("events", events))
        if "clock" in snapshot:
            self.clock.set(snapshot["clock"]["now"], frozen=snapshot["clock"]["frozen"])
        if "faults" in snapshot:
            self.faults.restore(snapshot["faults"])
        self.feed.publish("reset", lambda: {"what": "restored"})

    def _initial_records(self) -> list[AnyRecord]:
        """The admin, and the member of each store."""
        settings = self.settings
        admin = User(self.ids.uuid(), "admin", None, settings.admin_username, settings.admin_password, settings.api_key)
        return [admin, *(record for code in settings.stores for record in self.initial_member(code))]

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


def _shared(settings: Settings, contract: Contract) -> "SharedStorage | None":
    """What several mocks share, if the settings name a database. Raises SettingsError and MissingExtra."""
    if not settings.is_shared:
        return None
    try:
        from mockserver.world.replicas import (
            shared_storage,
        )  # here, as it needs an extra, and a mock alone needs neither
    except ImportError as error:
        raise MissingExtra(
            f"--storage needs {error.name}: install what it uses by `pip install 'openloyalty-mockserver[postgres]'`."
        ) from error
    return shared_storage(settings, contract)


def _deliveries(  # noqa: PLR0913, PLR0917 (all that they work with)
    settings: Settings, clock: Clock, ids: Ids, state: State, sources: DeliverySources, replicas: "Replicas | None"
) -> Deliveries:
    """Deliveries of a mock alone, or those that replicas share. Raises SettingsError."""
    if replicas is not None:
        return replicas.deliveries(settings, clock, sources)
    return DeliveryService(settings, clock, ids, state, sources)


def _initial(settings: Settings, contract: Contract) -> "StateFile | None":
    """The state file of the settings, if they name one. Raises SettingsError."""
    if settings.state is None or (settings.save and not pathlib.Path(settings.state).exists()):
        return None
    from mockserver.world.state_file import StateFile  # here, as a start without one needn't wait for it

    return StateFile(pathlib.Path(settings.state), is_ours=contract.is_ours)
