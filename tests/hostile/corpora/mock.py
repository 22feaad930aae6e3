"""The application behind the mock's own protocol, in a thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.http.messages import Disconnected, Request, Response
from mockserver.http.server import Server, listen
from tests.hostile.corpora.echo import Echo, Reply, reads
from tests.support.bare import Bare

LONGEST = 4 * 1024 * 1024  # bytes of a body
TIMEOUT = 10  # seconds


class Application(Bare):
    """The echo, in the words of mockserver.http.messages."""

    def __init__(self) -> None:
        self._echo = Echo()

    async def answer(self, request: Request) -> Response:
        """What was asked."""
        query = b"?" + request.query_string if request.query_string else b""
        target = (request.raw_path + query).decode("latin-1")
        try:
            body = await request.read(LONGEST) if reads(target) else b""
        except Disconnected:
            self._echo.left(request.method, target)
            raise
        return _answer(self._echo.reply(request.method, target, body))


def _answer(reply: Reply) -> Response:
    more = [] if reply.length is None else [(b"content-length", b"%d" % reply.length)]
    return Response(reply.status, [*reply.headers, *more], reply.body)


@contextmanager
def served() -> Iterator[tuple[tuple[str, int], Callable[[], None]]]:
    """The address of a server, and what tells it to end."""
    ready = threading.Event()
    listener = listen("127.0.0.1", 0)
    server = Server(Application(), ready.set)
    address: tuple[str, int] = listener.getsockname()

    def stop() -> None:
        server.should_exit = True

    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    assert ready.wait(TIMEOUT)
    try:
        yield address, stop
    finally:
        stop()
        thread.join(TIMEOUT)
