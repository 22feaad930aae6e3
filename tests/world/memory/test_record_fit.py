"""mockserver.world.memory.record_fit: what no answer could show isn't remembered."""

import pytest

from mockserver.clock import Clock, Ids
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import recognise
from mockserver.storage.resource_records import MemoryResourceRecords, ResourceRecord
from mockserver.violations import breach
from mockserver.world.memory import Means, UnfitRecord
from mockserver.world.memory.record_fit import RecordFit
from tests.support.contracts_of import Json
from tests.support.remembering import NOW, contract_of, pets_document

REX: Json = {"id": 1, "name": "Rex", "tag": "dog", "createdAt": "2026-01-15T10:30:00+00:00"}


def fit(document: Json) -> RecordFit:
    """What pets have to be like."""
    contract, ids = contract_of(document), Ids(1)
    means = Means(contract, Examples(contract, ids.seed), ids, Clock(frozen_at=NOW), MemoryResourceRecords())
    return RecordFit(means, recognise(contract)[0])


@pytest.mark.parametrize("narrow", ["read", "list"])
def test_reads_and_rows_have_to_be_valid(narrow: str) -> None:
    """One schema that can't show a record is enough."""
    document = pets_document()
    fit(document).check(ResourceRecord("1", REX))
    success = document["paths"]["/pets/{petId}" if narrow == "read" else "/pets"]["get"]["responses"]["200"]
    media = success["content"]["application/json"]
    cats = {"type": "object", "properties": {"id": {"type": "integer"}, "tag": {"enum": ["cat"]}}}
    if narrow == "read":
        media["schema"] = cats
    else:
        media["schema"]["properties"]["items"]["items"] = cats

    with pytest.raises(UnfitRecord, match="not a valid choice"):
        fit(document).check(ResourceRecord("1", REX))


def test_an_answer_may_refuse() -> None:
    """What is wrong with the answer to a change is wrong with the change."""
    wrong = breach(("body",), "content", "never")

    with pytest.raises(UnfitRecord) as raised:
        fit(pets_document()).check_answered(ResourceRecord("1", REX), lambda *_: [wrong], is_new=True)
    assert raised.value.violations == (wrong,)


@pytest.mark.parametrize("record", [ResourceRecord("", REX), ResourceRecord("1", {**REX, "id": 10**30})])
def test_records_can_be_named_and_written(record: ResourceRecord) -> None:
    """A record without an id has no path, and a number that is too large for JSON here would break every answer."""
    with pytest.raises(UnfitRecord):
        fit(pets_document()).check(record)
