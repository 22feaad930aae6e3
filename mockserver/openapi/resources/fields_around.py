"""Fields around: which fields of a record name the records that it is in, as paths tell."""

from collections.abc import Mapping

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.recognised import Place, RecognisedResource
from mockserver.openapi.resources.record_forms import plain, singular
from mockserver.openapi.routing import path_parameters


def kind_before(path: str, parameter: str) -> str:
    """The word for what a path parameter names: what stands before it, in the singular; empty if nothing does."""
    before = path.partition(f"/{{{parameter}}}")[0].rpartition("/")[2]
    return "" if before.startswith("{") else singular(before)


def field_around(contract: Contract, fields: Mapping[str, str], id_at: Place, path: str, parameter: str) -> str | None:
    """The field that holds the value of a path parameter, which names a record around: it is called like the parameter,
    or like what the path has before it, in the singular with `id`. `fields` are the record's, with the pointers to
    their schemas; that of its own id, and one that is called `id` alone, name nothing else."""
    known = {plain(name): name for name in fields if (name,) != id_at and plain(name) != "id"}
    likely = (plain(parameter), plain(f"{kind_before(path, parameter)}id"))
    found = next((known[name] for name in likely if name in known), None)
    return found if found and schemas.is_scalar(contract, fields[found]) else None


def names_around(contract: Contract, resource: RecognisedResource, fields: Mapping[str, str]) -> dict[str, str | None]:
    """The fields that hold the values of the path parameters before a record's own, by their names; None for none."""
    around = path_parameters(resource.item)[:-1]
    return {name: field_around(contract, fields, resource.id_at, resource.item, name) for name in around}
