"""Variation: the data of an event, as it would be if it had happened to somebody else."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.clock import Ids
from mockserver.world.people import person

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def varied(data: Any, number: int, ids: Ids) -> Any:
    """The data with other ids, names and identifiers for each number, the same for the same seed; unchanged for 0.

    What was equal stays equal: an id that is there twice is replaced by one id. Nulls stay, as do all other values.
    """
    if number == 0:
        return data
    identity = {
        "phone": f"+1303555{number:07}",
        "loyaltyCardNumber": f"50{number:08}",
        "referralToken": ids.derived("referral", number)[:8].upper(),
        **person(number),
    }
    return _changed(data, None, lambda key, text: _replaced(key, text, number, identity, ids))


def _changed(value: Any, key: str | None, replaced: Callable[[str | None, str], str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _changed(item, name, replaced) for name, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, key, replaced) for item in value]
    return replaced(key, value) if isinstance(value, str) else value


def _replaced(key: str | None, text: str, number: int, identity: Mapping[str, str], ids: Ids) -> str:
    if key is not None and key in identity:
        return identity[key]
    if _UUID.fullmatch(text):
        return ids.derived("varied", number, text)
    return text
