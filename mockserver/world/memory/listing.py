"""Listings: all that shows the lists of one form."""

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, schemas
from mockserver.world.memory.list_frames import ListFrame
from mockserver.world.memory.list_queries import ListQueries
from mockserver.world.memory.record_views import RecordView


class Listing:
    """What the lists of one form are made of: what their parameters ask for, how a row looks, what stands around."""

    def __init__(self, contract: Contract, examples: Examples, form: ListForm) -> None:
        self.form = form
        self.queries = ListQueries(form, schemas.fields(contract, form.item))
        self.row_view = RecordView(contract, examples, form.item)
        self.frame = ListFrame(contract, examples, form)
