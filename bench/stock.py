"""Stock Connexion with handlers for what the rows ask: `python -m bench.stock CONTRACT PRIVATE_KEY PORT`.

AsyncApp under uvicorn as its documentation shows, requests validated, answers not (as is its default). Tokens are
really verified, and remembered, which its documentation doesn't ask for but speed does; logins are really signed;
subscriptions and members are kept, and lists filtered by plain loops.
"""

import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.floor import EVENTS
from mockserver.clock import Clock, Ids, timestamp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from connexion.apps.asynchronous import AsyncApp
    from connexion.resolver import Resolver

Reply = tuple[Any, int]
TTL = 86_400
MODULE = "bench.stock"
REFUSED = {"code": 400, "message": "Validation failed", "errors": []}


@lru_cache
def key() -> RSAPrivateKey:
    """The private key that the command line names."""
    loaded = load_pem_private_key(Path(sys.argv[2]).read_bytes(), None)
    assert isinstance(loaded, RSAPrivateKey)  # noqa: S101 (the harness made it)
    return loaded


@lru_cache
def bearer(token: str) -> dict[str, Any] | None:
    """The claims of a token; a second time without another look at the signature."""
    try:
        return {"sub": "admin", **jwt.decode(token, key().public_key(), ["RS256"])}
    except jwt.PyJWTError:
        return None


def api_key(given: str) -> dict[str, str] | None:
    """The admin, for the key of the mock."""
    return {"sub": "admin"} if given == "mock-api-key" else None


class Stock:
    """A store in memory, and the operations on it."""

    def __init__(self) -> None:
        self._clock, self._ids = Clock(), Ids(1)
        self._subscriptions: list[dict[str, Any]] = []
        self._addresses: set[str] = set()

    async def login(self, body: dict[str, Any], **_: Any) -> Reply:
        """Sign a token."""
        if (body.get("username"), body.get("password")) != ("admin", "password"):
            return {"message": "Bad credentials."}, 401
        now = int(self._clock.now())
        claims = {"iat": now, "exp": now + TTL, "roles": ["ROLE_USER", "ROLE_ADMIN"], "username": "admin", "id": "1"}
        return {"token": jwt.encode(claims, key(), "RS256"), "refresh_token": self._ids.secret(128)}, 200

    async def events(self, **_: Any) -> Reply:
        """The event list."""
        return EVENTS, 200

    async def subscribe(self, body: dict[str, Any], **_: Any) -> Reply:
        """Keep a subscription."""
        wanted, new = body["webhookSubscription"], self._ids.uuid()
        row = {"webhookSubscriptionId": new, "eventName": wanted["eventName"], "url": wanted["url"], "legacy": False}
        self._subscriptions.append(row | {"createdAt": timestamp(int(self._clock.now())), "hmacEnabled": False})
        return {"webhookSubscriptionId": new}, 200

    async def listed(self, **query: Any) -> Reply:
        """Filter by the event's name, sort by one field, page."""
        name, page, size = query.get("eventName"), query.get("_page", 1), query.get("_itemsOnPage", 10)
        found = [row for row in self._subscriptions if name is None or row["eventName"] == name]
        for field, direction in query.get("_orderBy", {}).items():
            found.sort(key=lambda row: str(row[field]), reverse=direction == "desc")
        total = {"all": len(self._subscriptions), "filtered": len(found), "estimated": False}
        return {"items": found[(page - 1) * size : page * size], "total": total}, 200

    async def register(self, body: dict[str, Any], **_: Any) -> Reply:
        """Keep a member's address, once."""
        email = body["customer"]["email"]
        if email in self._addresses:
            return REFUSED, 400
        self._addresses.add(email)
        return {"customerId": self._ids.uuid(), "email": email}, 200


async def not_implemented(**_: Any) -> Reply:
    """What no row asks for."""
    return {"code": 501, "message": "Not Implemented"}, 501


def create(contract: str) -> AsyncApp:
    """The application for a contract without callbacks."""
    stock, document = Stock(), json.loads(Path(contract).read_text("utf-8"))
    schemes = document["components"]["securitySchemes"]
    schemes["Bearer"]["x-bearerInfoFunc"] = f"{MODULE}.bearer"
    schemes["token"]["x-apikeyInfoFunc"] = f"{MODULE}.api_key"
    handlers: dict[str, Callable[..., Awaitable[Reply]]] = {
        "adminLoginCheck": stock.login,
        "webhookEventGetList": stock.events,
        "_webhookSubscriptionPost": stock.subscribe,
        "webhookSubscriptionGetList": stock.listed,
        "_memberPost": stock.register,
    }
    app = AsyncApp("stock")
    app.add_api(document, resolver=Resolver(lambda name: handlers.get(name, not_implemented)))
    return app


if __name__ == "__main__":
    uvicorn.run(create(sys.argv[1]), port=int(sys.argv[3]), log_level="warning", access_log=False)
