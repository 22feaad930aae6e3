"""The resources of a contract, read from the contract alone.

`Surface` is what a judge walks along: every operation, its links, what it creates and deletes. `recognise` finds the
resources that a mock can remember, with a confidence and reasons: how each is created, read, listed, changed and
deleted, and where in a body its record and its id stand. `resources_of` says the same, perhaps from an earlier start.

They are two models, as a judge and a mock err in opposite ways: what a judge takes for a record and isn't is one more
call that it makes, and sweeps; what a mock takes for one is a wrong answer. So `recognise` asks for more.
"""

from mockserver.openapi.resources.fields_around import field_around, names_around
from mockserver.openapi.resources.kept import resources_of
from mockserver.openapi.resources.recognised import (
    Confidence,
    ListForm,
    Paging,
    Place,
    RecognisedResource,
    RecordForm,
    ResourceRole,
    RoleOperation,
    Sorting,
)
from mockserver.openapi.resources.recognition import recognise
from mockserver.openapi.resources.record_forms import plain
from mockserver.openapi.resources.surface import SAFE, Call, Link, Resource, Surface, properties
from mockserver.openapi.resources.told_resources import told_resources

__all__ = [
    "SAFE",
    "Call",
    "Confidence",
    "Link",
    "ListForm",
    "Paging",
    "Place",
    "RecognisedResource",
    "RecordForm",
    "Resource",
    "ResourceRole",
    "RoleOperation",
    "Sorting",
    "Surface",
    "field_around",
    "names_around",
    "plain",
    "properties",
    "recognise",
    "resources_of",
    "told_resources",
]
