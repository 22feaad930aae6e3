"""The most that the mock's own HTTP layer can give: its protocol under uvicorn's server, and constants in place of an
application. Bodies are read, and not parsed. Serve with `python -m bench.contestants.own_constant PORT`."""

import sys

import orjson
from starlette.types import Receive, Scope, Send

from bench.contestants.floor import CREATED, EVENTS, MEMBER, PAGE
from mockserver.http.messages import JSON_TYPE, Request, Response
from mockserver.http.server import CLIENT_TIMEOUT, listen, serve

LISTS = {True: PAGE, False: EVENTS}  # whether subscriptions are asked for
CREATIONS = {True: CREATED, False: MEMBER}


class OwnConstant:
    """Answers what the floor does, and any other POST as if it made a member."""

    single_headers: frozenset[bytes] = frozenset()

    def __init__(self) -> None:
        self._of_post, self._of_others = (
            {is_asked: Response(200, [JSON_TYPE], orjson.dumps(content)) for is_asked, content in contents.items()}
            for contents in (CREATIONS, LISTS)
        )

    async def answer(self, request: Request) -> Response:
        """A constant."""
        responses = self._of_post if request.method == "POST" else self._of_others
        return responses[request.raw_path.endswith(b"/webhook/subscription")]

    def abandoned(self, request: Request) -> None:
        """Nobody keeps a journal here."""

    async def __call__(self, _scope: Scope, receive: Receive, send: Send, /) -> None:
        """ASGI's lifespan: there is nothing to begin, and nothing to end."""
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})


if __name__ == "__main__":
    serve(OwnConstant(), listen("127.0.0.1", int(sys.argv[1])), lambda: None, CLIENT_TIMEOUT)
