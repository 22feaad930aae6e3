"""An application for the mock's server, with nothing behind it."""

from starlette.types import Receive, Scope, Send

from mockserver.http.messages import SINGLE_HEADERS, Request


class Bare:
    """What the server asks of an application, but for its `answer`."""

    single_headers = SINGLE_HEADERS

    def abandoned(self, request: Request) -> None:
        """Nothing."""

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
