"""ResourceMemory: the remembered resources of one contract, by the operations that treat them."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import RecognisedResource, ResourceRole, RoleOperation, resources_of
from mockserver.openapi.routing import path_parameters
from mockserver.world.memory.means import Means
from mockserver.world.memory.remembered import RememberedResource

if TYPE_CHECKING:
    from mockserver.world.memory.contents import Contents


class Treated(NamedTuple):
    """The resource that an operation treats, and its role. `around` is the resource whose record another path than the
    resource's own begins with."""

    resource: RememberedResource
    role: RoleOperation
    around: RememberedResource | None = None


class ResourceMemory:
    """The remembered resources of a contract. `resources` are all that were recognised, the unsure ones included."""

    def __init__(self, means: Means) -> None:
        self._means = means

    @cached_property
    def resources(self) -> tuple[RecognisedResource, ...]:
        """What was recognised. Raises what a contract that can't be served raises."""
        return resources_of(self._means.contract)

    @cached_property
    def remembered(self) -> Mapping[str, RememberedResource]:
        """The resources that are remembered, by their names, parents first."""
        kept = [one for one in self.resources if one.is_remembered]
        remembered: dict[str, RememberedResource] = {}
        for one in sorted(kept, key=lambda one: (one.item.count("{"), one.collection.count("/"))):
            parent = None if one.parent is None else remembered.get(one.parent)
            remembered[one.name] = RememberedResource(one, parent, tuple(_below(one, kept)), self._means)
        items = {one.resource.item: one for one in remembered.values()}
        for child, role in ((one, role) for one in remembered.values() for role in one.resource.treating):
            holder = _holder(role, items) if role.role is ResourceRole.CREATE else None
            if holder is not None and holder is not child:
                names = path_parameters(holder.resource.item)
                holder.hold(child, tuple(role.around.get(name) for name in names))
        for told in (one for one in remembered.values() if one.resource.holder):
            remembered[str(told.resource.holder)].hold(told, told.resource.named_by)
        return remembered

    @cached_property
    def contents(self) -> "Contents":
        """What the collections hold, for the control plane."""
        from mockserver.world.memory.contents import Contents  # here, as few mocks are steered

        return Contents(self.remembered, self._means.records)

    @cached_property
    def _treated(self) -> Mapping[str, Treated]:
        """What the operations treat, by their operationIds."""
        found = self.remembered.values()
        roles = ((one, role) for one in found for role in one.resource.treating)
        items = {one.resource.item: one for one in found}
        return {role.operation.operation_id: Treated(one, role, _around(role, items)) for one, role in roles}

    def treated_by(self, operation_id: str) -> Treated | None:
        """What an operation treats; None if it answers from its examples."""
        return self._treated.get(operation_id)

    def under(self, contract: Contract, examples: Examples) -> "ResourceMemory":
        """The same records under another contract."""
        return ResourceMemory(self._means._replace(contract=contract, examples=examples))


def _around(role: RoleOperation, items: Mapping[str, RememberedResource]) -> RememberedResource | None:
    """The resource whose record the path of an operation begins with, if it isn't a path of its own resource."""
    steps = role.operation.path.split("/") if role.around else []
    before = ("/".join(steps[:end]) for end in range(len(steps) - 1, 1, -1))
    return next((items[path] for path in before if path in items), None)


def _holder(role: RoleOperation, items: Mapping[str, RememberedResource]) -> RememberedResource | None:
    """The resource in whose records an operation creates others, which only name them: that of its path, or the only
    one that ends like it, as `/projects/{project_id}/tasks/{task_id}` does for `POST /tasks/{task_id}/comments`."""
    exact = _around(role, items)
    steps = role.operation.path.split("/") if role.around else []
    if exact is not None or len(steps) < 3 or not steps[-2].startswith("{"):  # noqa: PLR2004 (/tasks/{id}/comments)
        return exact
    likely = [one for path, one in items.items() if path.endswith(f"/{steps[-3]}/{steps[-2]}")]
    return likely[0] if len(likely) == 1 else None


def _below(one: RecognisedResource, all_: list[RecognisedResource]) -> Iterator[str]:
    """The names of the resources whose collections are in the records of this one, at any depth."""
    for child in all_:
        if child.parent == one.name and child is not one:
            yield child.name
            yield from _below(child, all_)
