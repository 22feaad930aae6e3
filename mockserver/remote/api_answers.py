"""The answers of the API that clients of a mock read, as types. A test holds them to `openapi.yaml`."""

from typing import NotRequired, TypedDict


class TokensJson(TypedDict):
    """A login."""

    token: str


class EventNamesJson(TypedDict):
    """The names of all events."""

    items: list[str]


class SubscriptionCreatedJson(TypedDict):
    """A new subscription; the key of one that is signed."""

    webhookSubscriptionId: str
    hmacSecretKey: NotRequired[str]
