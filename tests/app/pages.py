"""An application that stands for the mock's own pages."""

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mockserver.http.messages import MAX_BODY, Request, Response


class Pages:
    """The mock's own pages: whatever is below /own."""

    single_headers = frozenset({b"x-key"})

    def is_own(self, path: str) -> bool:
        """Whether they answer."""
        return path.startswith("/own")

    async def answer(self, request: Request) -> Response:
        """The size of the body, of whatever size it is."""
        return Response(200, [], b"own %d" % len(await request.read(2 * MAX_BODY)))

    def abandoned(self, request: Request) -> None:
        """Nobody asks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same for ASGI."""
        await PlainTextResponse(f"own {scope['type']}")(scope, receive, send)
