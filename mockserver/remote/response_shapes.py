"""The shapes of JSON responses: a response is checked before anything is read from it.

A shape is a type, a tuple of types, a dict of the shapes of properties, or a list with the shape of its items. Other
properties are allowed. `Maybe` is the shape of an optional or nullable value, `Some` that of a list that isn't empty.
"""

from typing import Any, NamedTuple


class Maybe(NamedTuple):
    """The shape of a value that may be missing or null."""

    shape: Any


class Some(NamedTuple):
    """The shape of a list that isn't empty, by that of its items."""

    shape: Any


def fits(value: Any, shape: Any) -> bool:
    """Whether a JSON value has a shape. Booleans are no numbers."""
    match shape:
        case Maybe():
            return value is None or fits(value, shape.shape)
        case Some():
            return bool(value) and fits(value, [shape.shape])
        case dict():
            return isinstance(value, dict) and all(fits(value.get(name), inner) for name, inner in shape.items())
        case list():
            return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
        case _:
            return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))


_HEADERS = [{"name": str, "value": str}]
_ATTEMPT = {
    "number": int,
    "requestId": str,
    "at": str,
    "seconds": (int, float),
    "request": {"method": str, "url": str, "headers": _HEADERS, "body": str},
    "response": Maybe({"status": int, "headers": _HEADERS, "body": str}),
    "error": Maybe(str),
    "canonical": Maybe([str]),
}
DELIVERY = {
    **dict.fromkeys(("deliveryId", "messageId", "eventName", "storeCode", "subscriptionId", "url", "createdAt"), str),
    "status": str,
    "reason": Maybe(str),
    "retryAt": Maybe(str),
    "attempts": [_ATTEMPT],
}
CAUSED = {"items": [DELIVERY], "total": int}
PAGE = {**CAUSED, "revision": int, "emptied": int}
CONFIG = {
    "version": Maybe(str),
    "contract": Maybe(str),
    "settings": {"stores": Some(str), "deliveryTimeout": (int, float)},
}
CLOCK = {"now": str}
TOKENS = {"token": str}
EVENT_NAMES = {"items": [str]}
SUBSCRIBED = {"webhookSubscriptionId": str, "hmacSecretKey": str}
CHOICES = {"parameters": {"choices": [str]}}
