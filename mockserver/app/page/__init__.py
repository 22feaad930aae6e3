"""The page `/_mock/ui`: shows what happens in the mock, and steers it.

`shell` is the document with its scripts, and the login; `data` what the page asks for beside the control plane. All of
it is the page's own, and may change with it.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import orjson

from mockserver.app.control_access import ControlAccess
from mockserver.app.page import data
from mockserver.app.page.shell import Shell, assets
from mockserver.app.served_documents import NO_CACHE
from mockserver.errors import ApiError
from mockserver.http.messages import JSON_TYPE, NO_SNIFF, Request, Responder, Response, error_response
from mockserver.world import World

Answer = Callable[[World, Request], Awaitable[Any]]


def routes(world: World, access: ControlAccess) -> Iterator[tuple[str, str, Responder]]:
    """Method, path and responder of each route."""
    shell = Shell(world.settings, world.sessions, access)
    yield "GET", "/_mock/ui", shell.show
    yield "POST", "/_mock/ui", shell.log_in_or_out
    yield from (("GET", f"/_mock/ui/assets/{name}", responder) for name, responder in assets().items())
    for method, path, answer in data.ROUTES:
        yield method, f"/_mock/ui/{path}", partial(_answer, access, answer, world)


async def _answer(access: ControlAccess, answer: Answer, world: World, request: Request) -> Response:
    """The JSON response of a route, or that for an ApiError."""
    try:
        access.check(request)
        content = await answer(world, request)
        return Response(200, [JSON_TYPE, NO_CACHE, NO_SNIFF], orjson.dumps(content))
    except ApiError as error:
        return error_response(error)
