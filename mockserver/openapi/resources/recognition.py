"""Recognition: the resources of a contract that a mock can remember, with a confidence and reasons.

A path that ends with a parameter, and the path before it, are the item and the collection of a resource; operations on
other paths join it (`joining`) where they are plainly about its records. Which field of the records holds their id say
the contract's links, else names. Whatever an operation takes or shows has to look like the same record: one that
doesn't keeps its examples, and so does a resource of which something isn't plain.
"""

import re
from collections.abc import Iterator, Mapping

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.record_names import RecordNames
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.candidates import Candidate, collection_of
from mockserver.openapi.resources.doubts import judged
from mockserver.openapi.resources.joining import join
from mockserver.openapi.resources.recognised import Confidence, RecognisedResource
from mockserver.openapi.resources.surface import declared_links
from mockserver.openapi.resources.told_mistakes import refuse_mistakes
from mockserver.openapi.resources.told_parents import with_told_parents
from mockserver.openapi.resources.told_resources import ToldItem, ToldResources, told_resources

_NOTHING: Mapping[str, Operation] = {}


def recognise(contract: Contract) -> tuple[RecognisedResource, ...]:
    """The resources of a contract, those among them that are unsure, in the order of its paths. The same contract
    always gives the same. Raises ContractError for an `x-mock-resource` that says what can't be."""
    told = told_resources(contract)
    operations = _operations(contract, told)
    names, links = RecordNames(operations), declared_links(contract)
    found = []
    for path, on_item in operations.items():
        before = collection_of(path)
        if before is None or not (on_item or path in told.items):
            continue
        said = told.items.get(path, ToldItem())
        on_collection = next((operations[one] for one in _collections(said, before) if operations.get(one)), _NOTHING)
        candidate = Candidate(contract, path, (on_item, on_collection), told)
        if candidate.looks_like_one:
            candidate.settle(names, links)
            found.append(candidate)
    join(found, operations, told)
    refuse_mistakes(told, found)
    made = [one.resource(*judged(one, told)) for one in found if not one.is_joined]
    in_paths = _with_parents(_apart(made, contract))
    return tuple(_named(with_told_parents(contract, in_paths, told.items)))


def _operations(contract: Contract, told: ToldResources) -> dict[str, dict[str, Operation]]:
    """The operations that may belong to a resource, by path and method."""
    found: dict[str, dict[str, Operation]] = {}
    for route in contract.routes():
        method = route.method.lower()
        on_path = found.setdefault(route.declared_path, {})
        if (route.declared_path, method) not in told.alone:
            operation = contract.operation(route.declared_path, method)
            on_path[method] = operation._replace(operation_id=route.operation_id)
    return found


def _collections(said: ToldItem, before: str) -> tuple[str, ...]:
    return (said.collection,) if said.collection else (before, f"{before}/")


def _apart(found: list[RecognisedResource], contract: Contract) -> list[RecognisedResource]:
    """The resources, unsure where two create the same kind of record side by side: one may show what the other made."""
    by_record: dict[tuple[str, int], list[RecognisedResource]] = {}
    for one in found:
        if one.is_remembered and one.confidence is not Confidence.TOLD:
            by_record.setdefault((_record_of(one, contract), one.item.count("{")), []).append(one)
    doubted = {}
    for (schema, _), same in by_record.items():
        if len(same) > 1 and schema.startswith("/components/") and len({_around(one) for one in same}) == 1:
            for one in same:
                others = ", ".join(other.item for other in same if other is not one)
                doubted[one.item] = f"its records may be those of {others}, which are of the same kind"
    return [
        one._replace(confidence=Confidence.UNSURE, reasons=(*one.reasons, doubted[one.item]))
        if one.item in doubted
        else one
        for one in found
    ]


def _record_of(one: RecognisedResource, contract: Contract) -> str:
    return schemas.followed(contract, one.schema)[1]


def _around(one: RecognisedResource) -> tuple[str, ...]:
    """The parameters that the path of an item has before its own."""
    return tuple(re.findall(r"\{([^{}]*)\}", one.item))[:-1]


def _with_parents(found: list[RecognisedResource]) -> list[RecognisedResource]:
    """The resources, each with the one whose item is the longest beginning of its collection."""
    items = {_shape(one.item): one for one in found if one.is_remembered}
    made = []
    for one in found:
        steps = _shape(one.item).split("/")[:-1]
        before = ("/".join(steps[:end]) for end in range(len(steps) - 1, 1, -1))
        parent = next((items[path] for path in before if path in items), None)
        made.append(one if parent is None else one._replace(parent=parent.item))
    return made


def _named(found: list[RecognisedResource]) -> Iterator[RecognisedResource]:
    """The resources under names of their own, the remembered ones first: the last step of the collection, else all of
    its literal steps, else the path of the item."""
    names: dict[str, str] = {}
    for group in ([one for one in found if one.is_remembered], [one for one in found if not one.is_remembered]):
        short, long = [one.name for one in group], [_long_name(one.collection) for one in group]
        for one, name in zip(group, long, strict=True):
            likely = [likely for likely, all_ in ((one.name, short), (name, long)) if all_.count(likely) == 1]
            names[one.item] = next((each for each in likely if each not in names.values()), one.item)
    for one in found:
        parent, holder = (None if item is None else names[item] for item in (one.parent, one.holder))
        yield one._replace(name=names[one.item], parent=parent, holder=holder)


def _long_name(collection: str) -> str:
    return "/".join(step for step in collection.split("/") if step and "{" not in step)


def _shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", path.rstrip("/"))
