"""What the memory of a mock works with."""

from typing import NamedTuple

from mockserver.clock import Clock, Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.storage.resource_records import ResourceRecords


class Means(NamedTuple):
    """The contract and its examples, time and ids of the world, and where records are kept."""

    contract: Contract
    examples: Examples
    ids: Ids
    clock: Clock
    records: ResourceRecords
