"""Doubts: how sure it is that a candidate is a resource, and why."""

from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.candidates import ON_ONE, Candidate
from mockserver.openapi.resources.recognised import Confidence, ResourceRole, label_of
from mockserver.openapi.resources.record_forms import plain
from mockserver.openapi.resources.told_resources import ToldResources

_NAMES = frozenset({"name", "slug", "key", "code", "login", "username", "title", "handle", "email"})  # they name, too
_IDS = ("id", "uuid", "uid", "guid", "pk", "key", "number", "no")  # ends of parameters that mean the id


def judged(one: Candidate, told: ToldResources) -> tuple[Confidence, list[str]]:
    """How sure it is that a candidate is a resource, and the reasons, which are the same for the same contract."""
    if one.shown is None:
        return Confidence.UNSURE, []
    id_name = "/".join(one.shown.id_at)
    if lack := _lack(one):
        return Confidence.UNSURE, [lack]
    if one.is_told or any(each.item == one.item for each in told.operations.values()):
        return Confidence.TOLD, [f"x-mock-resource says so; {{{one.parameter}}} names its field {id_name}"]
    if doubt := _doubt_of_name(one) or _other_records(one) or _nameless(one):
        return Confidence.UNSURE, [doubt]
    if one.is_linked:
        return Confidence.CERTAIN, [f"a link hands {id_name} on as {{{one.parameter}}}"]
    creates = one.roles.get(ResourceRole.CREATE)
    is_whole = creates is not None and creates.shows is not None and not creates.around
    is_whole = is_whole and ResourceRole.READ in one.roles and not one.left
    confidence = Confidence.CERTAIN if is_whole else Confidence.LIKELY
    return confidence, [f"its records have a field {id_name}, which {{{one.parameter}}} names"]


def _lack(one: Candidate) -> str | None:
    """What is missing for a resource; None if nothing is."""
    roles = one.roles.values()
    if not ({ResourceRole.CREATE, ResourceRole.LIST} & one.roles.keys() or any(each.creates for each in roles)):
        return "nothing creates or lists its records"
    if all(each.operation.path != one.item for each in roles) or not ON_ONE & one.roles.keys():
        return "nothing reads, changes or deletes one of its records"
    return None


def _doubt_of_name(one: Candidate) -> str | None:
    """Why the field may not be what the path names; None if nothing speaks against it."""
    shown, parameter = one.shown, plain(one.parameter)
    if shown is None or one.is_linked or parameter.endswith(plain(shown.id_at[-1])):
        return None
    id_name = shown.id_at[-1]
    if any(map(parameter.endswith, _NAMES)) and not parameter.endswith(_IDS):
        return f"{{{one.parameter}}} is hardly its {id_name}"
    names = [name for name in schemas.fields(one.contract, shown.schema) if plain(name) in _NAMES and name != id_name]
    field = str(schemas.field_at(one.contract, shown.schema, shown.id_at))
    if parameter.endswith(_IDS) or not names or "string" not in schemas.kinds(one.contract, field):
        return None
    form = schemas.followed(one.contract, field)[0].get("format")
    if form and any(each.schema.get("format") == form for each in one.own_parameters):
        return None
    return f"{{{one.parameter}}} may be its {id_name}, or its {names[0]}"


def _other_records(one: Candidate) -> str | None:
    """Why records may be created, or shown, that aren't the remembered ones; None if nothing does."""
    making, showing = one.on_collection.get("post"), one.on_item.get("get")
    for operation, does in ((making, "may create records"), (showing, "shows one of its records")):
        why = operation and one.left.get(label_of(operation))
        if operation and why:
            return f"{label_of(operation)} {does}, but {why}"
    return None


def _nameless(one: Candidate) -> str | None:
    """Why nobody could name a record that is created: no answer, list or header tells its id, and no body sets it."""
    create = one.roles.get(ResourceRole.CREATE)
    lists = any(each.role is ResourceRole.LIST for each in (*one.roles.values(), *one.also))
    if create is None or one.shown is None or lists:
        return None
    if create.shows is not None and schemas.field_at(one.contract, create.shows.schema, one.shown.id_at) is not None:
        return None
    success = schemas.success_of(create.operation.responses)
    if success is not None and any(name.lower() == "location" for name in success[1].headers):
        return None
    sent = create.takes and schemas.field_at(one.contract, create.takes.schema, one.shown.id_at)
    if sent is not None and not schemas.followed(one.contract, sent)[0].get("readOnly"):
        return None
    return f"{create.label} creates records, but nothing tells their {'/'.join(one.shown.id_at)}"
