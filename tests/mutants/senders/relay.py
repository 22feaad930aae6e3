"""A faulty sender over the network: the mock, whose deliveries go to a relay with a fault before they reach anybody.

A front before the mock's API has each subscription lead to the relay, and notes its key. The path stays, and so does
the host, of which a signature has no port: what the mock signs is right there, too. Nothing of the mock is patched.
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from urllib.parse import urlsplit

from mockserver.http.loopback_server import LoopbackServer
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.senders.delivery import Delivery, Fault, Known, honest

CREATE, ROTATE, DELETE = "_webhookSubscriptionPost", "webhookSubscriptionRotateHmacKey", "webhookSubscriptionDelete"
KEY = "hmacSecretKey"
TIMEOUT = 10.0  # seconds
UNREACHABLE = 503


class Relay:
    """The way of deliveries from a mock to their receivers. `fault` can be exchanged while nothing is on the way."""

    def __init__(self) -> None:
        self.fault: Fault = honest
        self.memory = SimpleNamespace()
        self.known: list[Known] = []
        self._lock, self._timers = threading.RLock(), list[threading.Timer]()
        self._locations: dict[str, str] = {}
        self._server = LoopbackServer(self._take)
        self._address = f"127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["Relay"]:
        """The relay, while it takes deliveries."""
        with self._server:
            yield self

    def become(self, fault: Fault) -> None:
        """Another sender, which knows nobody yet."""
        for timer in self._timers:
            timer.cancel()
        self.fault, self.memory, self.known, self._timers = fault, SimpleNamespace(), [], []

    # ---------------------------------------------------------------- the API of the mock
    async def front(self, request: Request, send: Send) -> Answer:
        """The fault of a mutant that only redirects and listens."""
        if request.operation == CREATE and isinstance(request.json, dict):
            return await self._subscribed(request, send)
        answer = await send(request)
        if request.operation in (ROTATE, DELETE) and answer.status < 300:
            for known in self.known:
                if known.record == request.id:
                    known.is_deleted = known.is_deleted or request.operation == DELETE
                    known.keys += [answer.json[KEY]] if request.operation == ROTATE else []
        return answer

    async def _subscribed(self, request: Request, send: Send) -> Answer:
        body = request.json
        wanted = body["webhookSubscription"]
        url = wanted["url"]
        led = url.replace(urlsplit(url).netloc, self._address, 1)
        answer = await send(request.with_json({"webhookSubscription": {**wanted, "url": led}}))
        if answer.status == 200:
            content = answer.json
            keys = [content[KEY]] if content.get(KEY) else []
            record = content["webhookSubscriptionId"]
            self.known.append(Known(url, wanted["eventName"], str(request.store), record, keys))
        return answer

    # ---------------------------------------------------------------- deliveries
    def _take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        to = next((one for one in self.known if _target(one.url) == request.path), None)
        status = 404
        if to is not None:
            headers = tuple((name, value) for name, value in request.headers.items() if name.lower() != "host")
            with self._lock:  # a fault remembers
                status = self.fault(Delivery(to, request.command, headers, body), self)
        request.send_response_only(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def send(self, delivery: Delivery) -> int:
        """Send a delivery on."""
        return self._sent(delivery, delivery.to.url)

    def later(self, seconds: float, delivery: Delivery) -> None:
        """Send it after a while."""
        timer = threading.Timer(seconds, self.send, (delivery,))
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def follow(self, delivery: Delivery) -> None:
        """Send it to where the redirect led."""
        self._sent(delivery, self._locations[delivery.to.url])

    def _sent(self, delivery: Delivery, url: str) -> int:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT)
        try:
            headers = {name: value for name, value in delivery.headers if name.lower() != "content-length"}
            connection.request(delivery.method, _target(url), delivery.body, headers)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return UNREACHABLE
        finally:
            connection.close()
        self._locations[delivery.to.url] = answer.getheader("Location") or ""
        return answer.status


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
