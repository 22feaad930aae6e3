"""Sameness: whether a value reads back as it was sent, though an answer may write it in another type.

Frameworks take an amount as a number or a text, and answer the text (`Decimal` of Pydantic): their contracts say so.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import requests

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call

Step = str | int


def same(sent: Any, got: Any, *, is_converted: bool = False) -> bool:
    """Whether a value read back is the one that was sent; objects may have gained properties that are null. Of one that
    `is_converted`, as the answer's schema refuses it as it was sent, a number and a text are compared as numbers; of
    other pairs of types nothing is known."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(same(value, got.get(name), is_converted=is_converted) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        pairs = zip(sent, got, strict=False)
        return len(sent) == len(got) and all(same(*pair, is_converted=is_converted) for pair in pairs)
    if is_converted and type(sent) is not type(got):
        numbers = _number(sent), _number(got)
        return None in numbers or numbers[0] == numbers[1]
    return bool(sent == got)


def _number(value: Any) -> Decimal | None:
    """The number that a value is, or writes; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def reads_as_sent(
    contract: Contract, call: Call, response: requests.Response, path: Sequence[Step], values: tuple[Any, Any]
) -> bool:
    """Whether the value at a path of a response is the one that was sent; `values` are that and the one there."""
    sent, got = values
    return same(sent, got) or (_is_refused(contract, call, response, path, sent) and same(sent, got, is_converted=True))


def _is_refused(contract: Contract, call: Call, response: requests.Response, path: Sequence[Step], sent: Any) -> bool:
    """Whether the schema of a response allows what was sent less than what is there."""
    declared = call.operation.responses.get(str(response.status_code))
    pointer = next(filter(None, declared.media_types.values()), None) if declared else None
    if pointer is None:
        return False
    violations, content = contract.validator(pointer).violations, response.json()
    return len(violations(_put(content, path, sent))) > len(violations(content))


def _put(content: Any, path: Sequence[Step], value: Any) -> Any:
    """A copy of a JSON value with another value at a path; itself where there is no such place."""
    if not path:
        return value
    step, *rest = path
    if isinstance(content, dict) and step in content:
        return content | {step: _put(content[step], rest, value)}
    if isinstance(content, list) and isinstance(step, int) and step < len(content):
        return [*content[:step], _put(content[step], rest, value), *content[step + 1 :]]
    return content
