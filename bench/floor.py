"""What the mock is measured against: the same answers from plain Starlette routes, without authentication, validation,
or a store. Serve with `python -m bench.floor PORT`."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

EVENTS = {"items": ["CustomerRegistered", "TransactionRegistered", "MemberAchievementProgressWasChanged"] * 10}
CREATED = {"webhookSubscriptionId": "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"}


async def events(_request: Request) -> JSONResponse:
    """The event list, as a constant."""
    return JSONResponse(EVENTS)


async def subscribe(request: Request) -> JSONResponse:
    """A subscription, parsed and forgotten."""
    await request.json()
    return JSONResponse(CREATED)


app = Starlette(
    routes=[
        Route("/api/{storeCode}/webhook/event", events),
        Route("/api/{storeCode}/webhook/subscription", subscribe, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
