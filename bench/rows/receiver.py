"""The receiver that deliveries are measured with: it answers every request with 204, and prints its URL first."""

import asyncio
import sys

import click
import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HEAD_END, LENGTH = b"\r\n\r\n", b"content-length:"


class Receiver(asyncio.Protocol):
    """Reads requests with a Content-Length, and nothing else. `answered` counts them."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._received += data
        while (end := self._received.find(HEAD_END)) >= 0:
            length = int(self._received[:end].lower().partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
            if len(self._received) < end + len(HEAD_END) + length:
                return
            self._received = self._received[end + len(HEAD_END) + length :]
            self.answered += 1
            self._transport.write(ANSWER)  # type: ignore[attr-defined] # a stream's transport


async def main() -> None:
    """Serve until terminated, or until the standard input ends: it does not outlive who has started it."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    click.echo(f"http://{host}:{port}")
    await ended.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(main())
