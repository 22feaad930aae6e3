"""mockserver.spec.resources: what is told of each resource, as text and as JSON."""

from mockserver.spec.resources import ByExamples, resources_of
from tests.support.recognising import loans_document
from tests.support.remembering import contract_of, pets_document


def test_each_operation_has_a_line() -> None:
    """A resource has its confidence and its reason; its operations what pages, filters and sorts them."""
    lines = list(resources_of(contract_of(pets_document())).lines())

    assert lines[0] == "pets (certain): its records have a field id, which {petId} names"
    assert (
        "  list     GET /pets             in items; tells total; pages by page, limit; filters by tag; sorts by sort"
        in lines
    )
    assert lines[-1] == "1 resource remembered, 0 unsure; 6 of 6 operations remember"


def test_fields_that_a_path_gives_are_told() -> None:
    """An operation on another path says which fields of the record that path gives."""
    report = resources_of(contract_of(loans_document()))

    assert "  create   POST /pets/{petId}/loans  sets petId by path" in list(report.lines())
    (loans,) = (row for row in report.as_json()["resources"] if row["name"] == "loans")
    create = next(row for row in loans["operations"] if row["role"] == "create")
    assert create["fieldsByPath"] == {"petId": "/petId"}


def test_what_is_told_to_be_left_alone_says_so() -> None:
    """An operation that the contract leaves alone has that as its reason."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["delete"]["x-mock-resource"] = False
    report = resources_of(contract_of(document))

    assert report.left == (ByExamples("DELETE /pets/{petId}", "x-mock-resource: false"),)


def _lines_with(*parameters: dict[str, object]) -> str:
    document = pets_document()
    document["paths"]["/pets"]["get"]["parameters"] = list(parameters)
    return "\n".join(resources_of(contract_of(document)).lines())


def test_what_parameters_do_is_told() -> None:
    """A list says what it searches by, what filters if nobody asks, and which parameters it passes over."""
    text = {"type": "string"}
    told = _lines_with(
        {"name": "q", "in": "query", "schema": text},
        {"name": "tag", "in": "query", "schema": {**text, "default": None}},
        {"name": "created_after", "in": "query", "schema": text},
    )

    assert "filters by tag; searches by q; ignores created_after" in told


def test_a_filter_that_nobody_asks_for_is_told() -> None:
    """A default that is one of the field's choices filters by itself."""
    document = pets_document()
    choices = {"type": "string", "enum": ["new", "old"]}
    document["components"]["schemas"]["Pet"]["properties"]["state"] = choices
    wanted = {"name": "state", "in": "query", "schema": {**choices, "default": "new"}}
    document["paths"]["/pets"]["get"]["parameters"] = [wanted]

    assert "filters by state (new, if nobody asks)" in "\n".join(resources_of(contract_of(document)).lines())


def test_an_item_without_a_collection_says_what_to_do() -> None:
    """An item whose records are created elsewhere needs its collection named."""
    document = pets_document()
    document["paths"]["/notes/{id}"] = {"delete": {"responses": {"204": {"description": ""}}}}
    (left,) = resources_of(contract_of(document)).left

    assert left.operation == "DELETE /notes/{id}"
    assert left.why.startswith("nothing creates or lists there; name its collection (x-mock-resource")
