"""Record keys: ids of new records, as the schema of their field accepts them."""

import re
from contextlib import suppress
from typing import Any

from mockserver.errors import NoExample
from mockserver.openapi.resources import schemas
from mockserver.world.memory.means import Means

_SHORT = 12  # hexadecimal digits of an id that is any text of limited length
_UUID = 36  # characters


class RecordKeys:
    """The ids of one resource's records. `field` is the pointer to the schema of the field that holds them."""

    def __init__(self, means: Means, name: str, field: str | None) -> None:
        self._name, self._ids, self._examples, self._field = name, means.ids, means.examples, field
        self._schema = schemas.followed(means.contract, field)[0] if field else {}
        self._kinds = schemas.kinds(means.contract, field) if field else frozenset()
        self._is_valid = means.contract.validator(field).is_valid
        self._choices = [one for one in self._schema.get("enum") or () if one is not None and self._is_valid(one)]

    def made_of(self, number: int) -> Any:
        """The id of a number: one of the schema's choices, in their order, or the number itself where that fits, else
        one that is derived from it."""
        if self._choices:
            return self._choices[(number - 1) % len(self._choices)]
        if self._is_number:
            return self._least - 1 + number
        drawn = self._ids.derived("record", self._name, number)
        likely = [drawn] if self._longest() >= _UUID else []
        for candidate in (*likely, drawn.replace("-", "")[: min(_SHORT, self._longest())], str(number)):
            if self._is_valid(candidate):
                return candidate
        with suppress(NoExample):
            return self._examples.response(str(self._field), variation=f"key {number}")
        return drawn

    def number_of(self, key: str) -> int | None:
        """The number of which this key is made; None if it is made of none."""
        if not re.fullmatch(r"[0-9]{1,18}", key):
            return None
        number = int(key) - self._least + 1 if self._is_number else int(key)
        return number if number > 0 and str(self.made_of(number)) == key else None

    @property
    def _is_number(self) -> bool:
        return not self._kinds.isdisjoint(("integer", "number"))

    @property
    def _least(self) -> int:
        return max(1, int(self._schema.get("minimum", 1)))

    def _longest(self) -> int:
        return int(self._schema.get("maxLength", _UUID))
