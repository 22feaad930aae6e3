"""mockserver.openapi.resources.list_forms: where a list's records stand, and what its query parameters ask for."""

from typing import Any

import pytest

from mockserver.openapi.resources import ListForm, Paging, ResourceRole, Sorting, recognise
from tests.support.contracts_of import Json, json_body
from tests.support.remembering import PET, contract_of, pets_document


def form_of(schema: Json | None = None, **query: Json) -> ListForm:
    """The form of a list of pets whose answer has this schema, and which has these query parameters."""
    document = pets_document()
    lister = document["paths"]["/pets"]["get"]
    if schema is not None:
        lister["responses"]["200"] = json_body(schema)
    if query:
        lister["parameters"] = [{"name": name, "in": "query", "schema": one} for name, one in query.items()]
    (pets,) = recognise(contract_of(document))
    form = pets.operations[ResourceRole.LIST].lists
    assert form is not None
    return form


def test_parameters_whose_meaning_is_plain() -> None:
    """Paging, a filter by a field's name, and sorting are read from the names of parameters."""
    form = form_of()

    assert form.paging == Paging("limit", "page", "pages", 1, 20)
    assert (dict(form.filters), form.sorting) == ({"tag": ("tag",)}, Sorting("sort", None))


@pytest.mark.parametrize(
    ("schema", "items", "totals"),
    [
        ({"type": "array", "items": PET}, (), {}),
        (
            {
                "type": "object",
                "properties": {
                    "data": {"type": "array", "items": PET},
                    "meta": {
                        "type": "object",
                        "properties": {"total_count": {"type": "integer"}, "per_page": {"type": "integer"}},
                    },
                },
            },
            ("data",),
            {"total": ("meta", "total_count"), "size": ("meta", "per_page")},
        ),
        (
            {
                "type": "object",
                "properties": {
                    "count": {"type": "integer"},
                    "total": {"type": "integer"},
                    "results": {"type": "array", "items": PET},
                },
            },
            ("results",),
            {"total": ("total",), "count": ("count",)},
        ),
    ],
)
def test_envelopes(schema: Json, items: tuple[str, ...], totals: dict[str, Any]) -> None:
    """The list may be the body, or stand in it beside its figures."""
    form = form_of(schema)

    assert (form.items, dict(form.totals)) == (items, totals)


def test_offset_and_limit() -> None:
    """An offset counts records."""
    paging = form_of(skip={"type": "integer"}, take={"type": "integer"}).paging

    assert paging == Paging("take", "skip", "records", 0, None)


def test_a_first_page_may_be_zero() -> None:
    """Where 0 is the least or the default page, that is the first one."""
    paging = form_of(page={"type": "integer", "minimum": 0}, size={"type": "integer"}).paging

    assert paging is not None
    assert paging.first == 0


def test_a_search() -> None:
    """A parameter asks for a text in any field, unless it is that of one."""
    assert form_of(q={"type": "string"}).search == "q"
    assert form_of(tag={"type": "string"}).search is None


def test_a_parameter_called_like_a_record_asks_for_its_name() -> None:
    """`GET /pets?pet=Rex` means the pet Rex, though pets have a field `pet`; one that has choices means the field."""
    text = {"type": "string"}
    names = {"id": {"type": "integer"}, "name": text, "pet": text}
    rows = {"type": "array", "items": {"type": "object", "properties": names}}

    assert dict(form_of(rows, pet=text).filters) == {"pet": ("name",)}
    assert dict(form_of(rows, pet={**text, "enum": ["cat", "dog"]}).filters) == {"pet": ("pet",)}
    del names["name"]
    assert dict(form_of(rows, pet=text).filters) == {}


def test_a_generic_list_is_one_of_what_it_is_bound_to() -> None:
    """The items of a page of anything are what the answer binds `$dynamicRef` to."""
    items = {"type": "array", "items": {"$dynamicRef": "#item"}}
    page = {"type": "object", "$defs": {"item": {"$dynamicAnchor": "item", "not": {}}}, "properties": {"rows": items}}
    document = pets_document() | {"openapi": "3.1.0"}
    document["components"]["schemas"]["Page"] = page
    bound = {"$defs": {"item": {"$dynamicAnchor": "item", **PET}}, "$ref": "#/components/schemas/Page"}
    document["paths"]["/pets"]["get"]["responses"]["200"] = json_body(bound)

    (pets,) = recognise(contract_of(document))
    form = pets.operations[ResourceRole.LIST].lists
    assert form is not None
    assert (form.items, form.item) == (("rows",), f"{form.whole}/$defs/item")


def test_parameters_may_compare() -> None:
    """`field[lt]` and `field__lt` compare; a moment has many texts, so a filter by one compares, too."""
    moment, text = {"type": "string", "format": "date-time"}, {"type": "string"}
    names = {"createdAt": moment, "createdAt[lt]": moment, "tag": text, "tag[like]": text, "tag[x]": text}
    form = form_of(**names, **{"created_at__gte": moment, "unknown[lt]": text})

    at, tag = ("createdAt",), ("tag",)
    assert dict(form.filters) == {"tag": tag}
    assert dict(form.bounds) == {
        "createdAt": (at, "eq"),
        "createdAt[lt]": (at, "lt"),
        "tag[like]": (tag, "like"),
        "created_at__gte": (at, "gte"),
    }
