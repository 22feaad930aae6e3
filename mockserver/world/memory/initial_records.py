"""Initial records: what a collection holds before anybody has used it, made of the contract's examples."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.openapi.contract import Contract, DeclaredResponse
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, RecognisedResource, ResourceRole, schemas
from mockserver.openapi.structure import is_json_type
from mockserver.storage.resource_records import value_at
from mockserver.world.memory.record_views import generated

FEWEST = 3  # records of a collection: a list should look like one
_CHANGES = (ResourceRole.CREATE, ResourceRole.REPLACE, ResourceRole.PATCH)


def initial_records(contract: Contract, examples: Examples, resource: RecognisedResource) -> list[dict[str, Any]]:
    """The records that a collection begins with: those of declared examples, then generated ones, which have no ids
    yet."""
    found = [*_once(_declared(contract, resource), resource)]
    made = (example_record(contract, examples, resource, f"initial {n}") for n in range(len(found) + 1, FEWEST + 1))
    return [*found, *({name: one[name] for name in one if (name,) != resource.id_at} for one in made)]


def example_record(
    contract: Contract, examples: Examples, resource: RecognisedResource, variation: str
) -> dict[str, Any]:
    """A record for a variation: like the first one that is declared, else generated; an empty one if none is found."""
    likely = (*_declared(contract, resource), *_shown(contract, resource, _CHANGES))
    model = next(iter(likely), None)
    if model is None:
        return dict(generated(examples, variation, resource.schema))
    made = examples.varied(resource.schema, model, variation)
    return made if isinstance(made, dict) else model


def listed_records(contract: Contract, resource: RecognisedResource) -> list[dict[str, Any]]:
    """The records in the first valid example of the list that is declared; none if there is none."""
    lists = resource.operations.get(ResourceRole.LIST)
    bodies = declared_bodies(contract, lists.operation.responses) if lists and lists.lists else iter(())
    return _rows(next(bodies, None), lists.lists) if lists and lists.lists else []


def declared_bodies(contract: Contract, responses: Mapping[str, DeclaredResponse]) -> Iterator[Any]:
    """The declared examples of a success in JSON that are valid."""
    success = schemas.success_of(responses)
    for media_type, declared in success[1].contents.items() if success else ():
        pointer = success[1].media_types[media_type] if success else None
        if pointer and is_json_type(media_type):
            named = (contract.resolved(one).get("value") for one in declared.get("examples", {}).values())
            for value in (declared.get("example"), *named):
                if value is not None and contract.validator(pointer).is_valid(value):
                    yield value


def _once(records: Iterator[dict[str, Any]], resource: RecognisedResource) -> Iterator[dict[str, Any]]:
    """The records without those whose id was there before: an example that stands in a list as well."""
    seen: set[str] = set()
    for record in records:
        own_id = value_at(record, resource.id_at)
        if own_id is None or str(own_id) not in seen:
            seen.add(str(own_id))
            yield record


def _declared(contract: Contract, resource: RecognisedResource) -> Iterator[dict[str, Any]]:
    """The records in the examples that the contract declares for reading and for listing."""
    yield from _shown(contract, resource, (ResourceRole.READ,))
    lists = resource.operations.get(ResourceRole.LIST)
    if lists and lists.lists:
        for body in declared_bodies(contract, lists.operation.responses):
            yield from _rows(body, lists.lists)


def _rows(body: Any, form: ListForm) -> list[dict[str, Any]]:
    """The records in the body of a list."""
    found = value_at(body, form.items)
    found = list(found.values()) if form.key and isinstance(found, dict) else found
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _shown(
    contract: Contract, resource: RecognisedResource, roles: tuple[ResourceRole, ...]
) -> Iterator[dict[str, Any]]:
    """The records in the examples that the contract declares for what operations in these roles show."""
    for operation in (resource.operations[role] for role in roles if role in resource.operations):
        if operation.shows:
            for body in declared_bodies(contract, operation.operation.responses):
                record = value_at(body, operation.shows.at)
                if isinstance(record, dict):
                    yield record
