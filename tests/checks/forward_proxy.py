"""A forward proxy on this machine, as companies have one: for http requests, and tunnels for https."""

import base64
import http.client
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PIECE = 2**16


class ForwardProxy(ThreadingHTTPServer):
    """A proxy that keeps the first line of every request in `asked`. It may want `login`, a name and a password with a
    colon between."""

    daemon_threads = True

    def __init__(self, login: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.expected = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"


@contextmanager
def forward_proxy(login: str = "") -> Iterator[ForwardProxy]:
    """A proxy until the end of the context."""
    with ForwardProxy(login) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ForwardProxy

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _is_refused(self) -> bool:
        self.server.asked.append(self.requestline)
        if self.server.expected in (None, self.headers.get("Proxy-Authorization")):
            return False
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="company"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def do_GET(self) -> None:
        """Hand on a request, and its answer."""
        if self._is_refused():
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        onward = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        onward.request(self.command, path, body, {**headers, "Connection": "close"})
        answer = onward.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 (the names are those of http.server)

    def do_CONNECT(self) -> None:
        """Hand on bytes in both directions."""
        if self._is_refused():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as onward:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: onward, onward: self.connection}
            while True:
                for source in select.select(list(ends), [], [])[0]:
                    if not (content := source.recv(PIECE)):
                        return
                    ends[source].sendall(content)
