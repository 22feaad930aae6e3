"""mockserver.world.memory.listing: all that shows the lists of one form."""

from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, Sorting
from mockserver.storage.resource_records import RecordQuery, ResourceRecord
from mockserver.world.memory.listing import Listing
from tests.support.remembering import contract_of, pets_document

PET = "/components/schemas/Pet"


def test_its_parts_are_of_one_form() -> None:
    """What sorts is a field of the items, a row is one as their schema shows it, and the frame is that of the body."""
    contract = contract_of(pets_document())
    listing = Listing(contract, Examples(contract, 1), ListForm(PET, "", sorting=Sorting("sort")))
    row = listing.row_view.of(ResourceRecord("1", {"id": 1, "name": "Rex", "unknown": 1}))

    assert listing.queries.of({"sort": "NAME,other"}) == RecordQuery(order=((("name",), False),))
    assert (row["name"], "unknown" in row) == ("Rex", False)
    assert listing.frame.bounded({"sort": "name"}) == {"sort": "name"}
