"""Subscriptions that tests make: by HTTP, and in a world that nobody serves."""

from typing import Any

import httpx2
from starlette.testclient import TestClient

from mockserver.storage.model import Destination, SigningState, Subscription
from mockserver.testing import MockServer
from mockserver.world import World

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENT = "CustomerRegistered"
NOWHERE = "http://127.0.0.1:9/hook"  # refuses connections
SECRET = "whsec_" + "0123456789abcdef" * 4


def subscribe(
    mock: MockServer | httpx2.Client | TestClient, url: str, event_name: str = EVENT, store_code: str = "DEFAULT"
) -> dict[str, Any]:
    """Subscribe a URL at a mock, or by a client of one; returns the body of the response."""
    body = {"webhookSubscription": {"eventName": event_name, "url": url, "hmacEnabled": True}}
    base = httpx2.URL(mock.url if isinstance(mock, MockServer) else str(mock.base_url))
    post = httpx2.post if isinstance(mock, MockServer) else mock.post
    response = post(str(base.join(f"/api/{store_code}/webhook/subscription")), headers=KEY, json=body)
    created: dict[str, Any] = response.raise_for_status().json()
    return created


def subscribed(mock: MockServer) -> int:
    """How many subscriptions there are."""
    response = httpx2.get(f"{mock.url}/api/DEFAULT/webhook/subscription", headers=KEY)
    return int(response.raise_for_status().json()["total"]["all"])


async def subscribe_in(
    world: World,
    url: str,
    number: int = 1,
    *,
    signed: bool = False,
    of: tuple[str, str] = ("DEFAULT", EVENT),
    **destination: Any,
) -> str:
    """Subscribe a URL to the store and event `of`, whatever the API says to it; returns the id of the subscription. It
    is signed with SECRET."""
    subscription_id = f"00000000-0000-4000-8000-{number:012}"
    signing = SigningState(SECRET) if signed else None
    await world.state.add_subscription(Subscription(subscription_id, *of, 0, Destination(url, **destination), signing))
    return subscription_id
