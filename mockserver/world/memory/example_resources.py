"""ExampleResources: the resources of one contract whose operations answer by examples that agree with each other."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources import RecognisedResource, RecordForm, RoleOperation, resources_of, told_resources
from mockserver.openapi.resources.record_forms import RecordForms, answer_of, same, singular
from mockserver.world.memory.example_records import ExampleRecords
from mockserver.world.memory.means import Means
from mockserver.world.memory.remembered import RememberedResource
from mockserver.world.memory.resource_memory import ResourceMemory


class Exemplified(NamedTuple):
    """The records that an operation shows, and its role."""

    records: ExampleRecords
    role: RoleOperation


class ActedOn(NamedTuple):
    """The records of which an operation without a role shows one: how its answer does, how its body holds fields of it,
    if it does, and where they are remembered, if they are."""

    records: ExampleRecords
    shows: RecordForm
    takes: RecordForm | None
    remembered: RememberedResource | None


class ExampleResources:
    """What is recognised in a contract, the unsure included: an example that agrees with others does no harm. What is
    remembered beside it, in `memory`, was recognised already."""

    def __init__(self, means: Means, memory: ResourceMemory | None) -> None:
        self._means, self._memory = means, memory
        self.contract, self.examples = means.contract, means.examples

    def exemplified_by(self, operation_id: str) -> Exemplified | None:
        """What an operation shows; None if it has no role."""
        return self._by_operation.get(operation_id)

    def acted_on(self, operation: Operation) -> ActedOn | None:
        """The records of which an operation without a role shows the one that its path names, as
        `POST /pets/{petId}/feed` does; None if it shows something else, or the contract says that it is left alone."""
        success = answer_of(operation)
        if success is None or success.whole is None or (operation.path, operation.method) in self._alone:
            return None
        remembered = self._memory.remembered if self._memory else {}
        for one in sorted(self._all, key=lambda one: -len(one.resource.item)):  # the nearest first
            shows = self._shown(one.resource, operation.path, success.whole)
            if shows is not None:
                takes = _forms(self.contract, one.resource).in_body(operation, one.resource.schema)
                return ActedOn(one, shows, takes, remembered.get(one.resource.name))
        return None

    def above(self, operation: Operation) -> RememberedResource | None:
        """The remembered resource whose record the path of an operation names before it goes on, the nearest; None if
        there is none, or the contract says that the operation is left alone."""
        remembered = self._memory.remembered.values() if self._memory else ()
        above = [one for one in remembered if _goes_on(operation.path, one.resource)]
        if not above or (operation.path, operation.method) in self._alone:
            return None
        return max(above, key=lambda one: len(one.resource.item))

    def _shown(self, resource: RecognisedResource, path: str, whole: str) -> RecordForm | None:
        """How a body shows a record of a resource that a path begins with."""
        if not _goes_on(path, resource):
            return None
        found = _forms(self.contract, resource).records_in(whole)
        likely = (RecordForm(schema, whole, at) for schema, at in found if same(self.contract, schema, resource.schema))
        return next(likely, None)

    @cached_property
    def _alone(self) -> frozenset[tuple[str, str]]:
        return told_resources(self.contract).alone

    @cached_property
    def _all(self) -> list[ExampleRecords]:
        recognised = resources_of(self._means.contract) if self._memory is None else self._memory.resources
        return [ExampleRecords(self._means, one) for one in recognised if one.operations and one.schema]

    @cached_property
    def _by_operation(self) -> Mapping[str, Exemplified]:
        roles = ((records, role) for records in self._all for role in records.resource.treating)
        return {role.operation.operation_id: Exemplified(records, role) for records, role in roles}


def _goes_on(path: str, resource: RecognisedResource) -> bool:
    """Whether a path names a record of a resource, and more."""
    return path.startswith((f"{resource.item}/", f"{resource.item}:"))


def _forms(contract: Contract, resource: RecognisedResource) -> RecordForms:
    """How bodies hold the records of a resource."""
    return RecordForms(contract, [singular(resource.name.rpartition("/")[2])])
