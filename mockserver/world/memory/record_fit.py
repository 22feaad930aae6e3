"""Record fit: a record is remembered only if each answer that will show it can."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import orjson

from mockserver.openapi.contract import Validator
from mockserver.openapi.resources import RecognisedResource, ResourceRole
from mockserver.storage.resource_records import ResourceRecord
from mockserver.violations import Violation, breach
from mockserver.world.memory.means import Means
from mockserver.world.memory.record_views import RecordView

Answered = Callable[[ResourceRecord, bool], Sequence[Violation]]  # what is wrong with the answer; True of a new record

NO_ID = "An id can't be empty: no path would name the record."
NO_JSON = "It can't be written as JSON: {}"


class UnfitRecord(Exception):
    """What would have to be remembered isn't what the contract shows: nothing is changed. Carries the violations."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(violations[0].message if violations else "")
        self.violations = tuple(violations)


class RecordFit:
    """How records of one resource are shown later: by reads, and as rows of lists."""

    def __init__(self, means: Means, resource: RecognisedResource) -> None:
        self._means, self._resource = means, resource

    def check(self, record: ResourceRecord) -> None:
        """Raise UnfitRecord if an answer couldn't show a record, or no path could name it."""
        if not record.key:
            raise UnfitRecord([breach(self._resource.id_at, "id", NO_ID)])
        try:
            orjson.dumps(record.data)
        except orjson.JSONEncodeError as error:
            raise UnfitRecord([breach((), "json", NO_JSON.format(error))]) from None
        for view, validator in self._views:
            shown = view.of(record)
            if not validator.is_valid(shown):
                raise UnfitRecord(validator.violations(shown))

    def check_answered(self, record: ResourceRecord, answered: Answered, *, is_new: bool) -> None:
        """The same of the answer to the request that makes, changes or removes a record."""
        if violations := answered(record, is_new):
            raise UnfitRecord(violations)

    @cached_property
    def _views(self) -> list[tuple[RecordView, Validator]]:
        """The record as each of its schemas shows it."""
        contract, examples = self._means.contract, self._means.examples
        return [
            (RecordView(contract, examples, one), contract.validator(one)) for one in dict.fromkeys(self._schemas())
        ]

    def _schemas(self) -> Iterator[str]:
        yield self._resource.schema
        for one in self._resource.treating:
            if one.lists is not None:
                yield one.lists.item
            elif one.shows is not None and one.role is ResourceRole.READ:
                yield one.shows.schema
