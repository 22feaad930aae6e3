"""What the mock is measured against: the same answers from plain Starlette routes, without authentication, validation,
or a store. Serve with `python -m bench.contestants.floor PORT`."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

EVENTS = {"items": ["CustomerRegistered", "TransactionRegistered", "MemberAchievementProgressWasChanged"] * 10}
CREATED = {"webhookSubscriptionId": "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"}
MEMBER = {"customerId": "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11", "email": "m1@example.com"}
SUBSCRIPTION = CREATED | {
    "eventName": "CustomerRegistered",
    "url": "http://localhost:9/hook",
    "headerName": None,
    "headerValue": None,
    "legacy": False,
    "createdAt": "2026-01-15T10:30:00+00:00",
    "destinationType": "rest",
    "hmacEnabled": False,
}
PAGE = {"items": [SUBSCRIPTION] * 10, "total": {"all": 1000, "filtered": 334, "estimated": False}}


async def events(_request: Request) -> JSONResponse:
    """The event list, as a constant."""
    return JSONResponse(EVENTS)


async def subscriptions(_request: Request) -> JSONResponse:
    """One page, as a constant."""
    return JSONResponse(PAGE)


async def subscribe(request: Request) -> JSONResponse:
    """A subscription, parsed and forgotten."""
    await request.json()
    return JSONResponse(CREATED)


async def register(request: Request) -> JSONResponse:
    """A member, parsed and forgotten."""
    await request.json()
    return JSONResponse(MEMBER)


app = Starlette(
    routes=[
        Route("/api/{storeCode}/webhook/event", events),
        Route("/api/{storeCode}/webhook/subscription", subscribe, methods=["POST"]),
        Route("/api/{storeCode}/webhook/subscription", subscriptions),
        Route("/api/{storeCode}/member", register, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
