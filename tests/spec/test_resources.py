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
