"""The most that uvicorn can give: one ASGI function that answers constants. Serve with
`python -m bench.contestants.limit PORT`."""

import json
import sys
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from bench.contestants.floor import CREATED, EVENTS

EVENTS_BODY, CREATED_BODY = json.dumps(EVENTS).encode(), json.dumps(CREATED).encode()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The event list for a GET; a POST's body is parsed and forgotten."""
    if scope["type"] != "http":
        return
    body = EVENTS_BODY
    if scope["method"] == "POST":
        await _parsed(receive)
        body = CREATED_BODY
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _parsed(receive: Receive) -> Any:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return json.loads(body)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="off")
