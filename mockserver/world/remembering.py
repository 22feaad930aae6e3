"""Remembering: what a world does with the records of resources, which only mocks of other contracts have. Nothing that
they need is imported for our own contract."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from mockserver.clock import Clock, Ids
from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.settings import Settings
from mockserver.storage.memory import MemoryState
from mockserver.storage.model import Json
from mockserver.violations import breach, not_a_choice

if TYPE_CHECKING:
    from mockserver.storage.resource_records import Collection, MemoryResourceRecords, ResourceRecords
    from mockserver.storage.state import State
    from mockserver.world.memory import ExampleResources, RememberedResource, ResourceMemory

OTHER_CONTRACT = (
    "The snapshot was taken of a mock of {}, and this is a mock of {}: its records mean nothing here. Put it back into "
    "a mock of that one."
)
OURS = "the contract of Open Loyalty"
NO_RESOURCES = "This mock remembers no resources. Mocks of other contracts do (--spec), unless they have --no-memory."


class Initial(Protocol):
    """What a mock begins with: a state file."""

    @property
    def is_snapshot(self) -> bool:
        """Whether it is a snapshot."""

    @property
    def content(self) -> Json:
        """The snapshot, or the description."""


class Shared(Protocol):
    """What mocks of one database have in common."""

    @property
    def state(self) -> "State":
        """What keeps the records of our own contract."""

    @property
    def records(self) -> "ResourceRecords | None":
        """What keeps those of resources, if they are remembered."""


def remembers(settings: Settings, contract: Contract) -> bool:
    """Whether a mock remembers records of resources: its contract has no handlers, and it isn't to be stateless."""
    return settings.memory and not contract.is_ours


def records_of(settings: Settings, contract: Contract) -> "MemoryResourceRecords | None":
    """Where a mock alone keeps the records of resources; None if it remembers none."""
    if not remembers(settings, contract):
        return None
    from mockserver.storage.resource_records import MemoryResourceRecords

    return MemoryResourceRecords()


def stored(settings: Settings, contract: Contract, shared: "Shared | None") -> "tuple[State, ResourceRecords | None]":
    """What keeps the records of our own contract, and what those of resources, if they are remembered."""
    if shared is not None:
        return shared.state, shared.records
    records = records_of(settings, contract)
    return MemoryState(settings.stores, records), records


def memory_of(
    contract: Contract, examples: Examples, ids: Ids, clock: Clock, records: "ResourceRecords | None"
) -> "ResourceMemory | None":
    """The memory of a contract whose records are kept."""
    if records is None:
        return None
    from mockserver.world.memory import Means, ResourceMemory

    return ResourceMemory(Means(contract, examples, ids, clock, records))


def coherence_of(
    contract: Contract, examples: Examples, ids: Ids, clock: Clock, memory: "ResourceMemory | None"
) -> "ExampleResources | None":
    """The examples that agree with each other, of a contract that has no handlers; None if it is ours."""
    if contract.is_ours:
        return None
    from mockserver.storage.resource_records import MemoryResourceRecords  # here, as our own contract needs neither
    from mockserver.world.memory import ExampleResources, Means

    return ExampleResources(Means(contract, examples, ids, clock, MemoryResourceRecords()), memory)


async def refuse_other_contract(snapshot: Json, contract: Contract, memory: "ResourceMemory | None") -> None:
    """Refuse a snapshot of the mock of another contract, and records that this mock doesn't remember. Raises
    BadRequest."""
    name = None if contract.is_ours else contract.name
    if snapshot.get("contract") != name:
        there, here = (OURS if one is None else f"the contract {one}" for one in (snapshot.get("contract"), name))
        raise BadRequest([breach(("contract",), "contract", OTHER_CONTRACT.format(there, here))])
    if memory is not None:
        await memory.contents.refuse_unknown(snapshot)
    elif snapshot.get("records"):
        raise BadRequest([breach(("records",), "records", NO_RESOURCES)])


def remembered(memory: "ResourceMemory | None", name: str) -> "RememberedResource":
    """The resource that a call to the control plane names in its query. Raises BadRequest if there is none."""
    if memory is None:
        raise BadRequest([breach(("resource",), "resource", NO_RESOURCES)])
    if name not in memory.remembered:
        raise BadRequest([not_a_choice(("resource",), name, [*memory.remembered])])
    return memory.remembered[name]


async def begin_again(
    memory: "ResourceMemory | None",
    initial: Initial | None,
    names: Sequence[str],
    is_meant: "Callable[[Collection], bool]" = lambda _: True,
) -> None:
    """Have the collections of resources, or those that are meant, as they were at the start."""
    if memory is None:
        return
    await memory.contents.forget(names, is_meant)
    if initial is not None and initial.is_snapshot:
        await memory.contents.put_back(initial.content, lambda one: one.resource in names and is_meant(one))
    elif initial is not None:
        rows = initial.content.get("records", {})
        await memory.contents.begin_with(rows, lambda one: one.resource in names and is_meant(one))


async def begin_again_in_store(memory: "ResourceMemory | None", initial: Initial | None, store_code: str) -> None:
    """Have the collections as they were at the start whose paths name this store by a parameter `storeCode`."""
    for name, resource in memory.remembered.items() if memory else ():
        if "storeCode" in resource.around:
            place = resource.around.index("storeCode")
            await begin_again(memory, initial, [name], partial(_is_in, place, store_code))


def _is_in(place: int, store_code: str, collection: "Collection") -> bool:
    return collection.within[place] == store_code
