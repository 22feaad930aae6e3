"""The memory of a mock for contracts of others: what is created is in the list, what is deleted is gone.

`ResourceMemory` knows the resources that were recognised in a contract. For each there is a `RememberedResource`, whose
operations are whole intentions on the records that `storage.resource_records` keeps.
"""

from mockserver.world.memory.example_resources import ExampleResources
from mockserver.world.memory.means import Means
from mockserver.world.memory.record_fit import UnfitRecord
from mockserver.world.memory.remembered import RememberedResource
from mockserver.world.memory.resource_memory import ResourceMemory, Treated

__all__ = ["ExampleResources", "Means", "RememberedResource", "ResourceMemory", "Treated", "UnfitRecord"]
