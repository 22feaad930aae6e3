"""ExampleResources: the resources of one contract whose operations answer by examples that agree with each other."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from mockserver.openapi.contract import Operation
from mockserver.openapi.resources import RecognisedResource, RoleOperation, recognise, schemas
from mockserver.world.memory.example_records import ExampleRecords
from mockserver.world.memory.means import Means
from mockserver.world.memory.resource_memory import ResourceMemory


class Exemplified(NamedTuple):
    """The records that an operation shows, and its role."""

    records: ExampleRecords
    role: RoleOperation


class ExampleResources:
    """What is recognised in a contract, the unsure included: an example that agrees with others does no harm. What is
    remembered beside it, in `memory`, was recognised already."""

    def __init__(self, means: Means, memory: ResourceMemory | None) -> None:
        self._means, self._memory = means, memory
        self.contract, self.examples = means.contract, means.examples

    def exemplified_by(self, operation_id: str) -> Exemplified | None:
        """What an operation shows; None if it has no role."""
        return self._by_operation.get(operation_id)

    def acted_on(self, operation: Operation) -> ExampleRecords | None:
        """The records of which an operation without a role shows the one that its path names, as
        `POST /pets/{petId}/feed` does; None if it shows something else, or
        a record that is remembered, which no example is like."""
        success = schemas.success_of(operation.responses)
        whole = schemas.json_schema_of(success[1].media_types) if success else None
        if whole is None:
            return None
        shown = schemas.followed(self._means.contract, whole)[1]
        found = (one for one in self._all if self._is_of(one.resource, operation.path, shown))
        return next((one for one in found if self._memory is None or not one.resource.is_remembered), None)

    def _is_of(self, resource: RecognisedResource, path: str, shown: str) -> bool:
        is_below = path.startswith((f"{resource.item}/", f"{resource.item}:"))
        return is_below and schemas.followed(self._means.contract, resource.schema)[1] == shown

    @cached_property
    def _all(self) -> list[ExampleRecords]:
        recognised = recognise(self._means.contract) if self._memory is None else self._memory.resources
        return [ExampleRecords(self._means, one) for one in recognised if one.operations and one.schema]

    @cached_property
    def _by_operation(self) -> Mapping[str, Exemplified]:
        roles = ((records, role) for records in self._all for role in records.resource.treating)
        return {role.operation.operation_id: Exemplified(records, role) for records, role in roles}
