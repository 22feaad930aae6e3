"""A right receiver of webhooks, step by step: each step is a method, so that a wrong one differs in one of them.

It verifies with code of its own, which shares nothing with the mock.
"""

import base64
import hashlib
import hmac
import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECRET = "whsec_" + "0123456789abcdef" * 4
OLD_SECRET = "whsec_" + "fedcba9876543210" * 4
SESAME = "open-sesame-4711"
NAMED_SESAME = base64.b64encode(f"me:{SESAME}".encode()).decode()
EVENTS = 29
WINDOW = 300  # seconds
MOST_BYTES = 1024 * 1024
MOST_NESTED = 100  # levels of a body
PATH = "/webhooks"
SOON = 0.3  # seconds
Headers = Mapping[str, str]  # by name in lower case


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises ValueError for what is none, and for what is nested so deeply that parsing it ends at
    Python's limit of recursion: there the collector's calls fail, too, in whatever test they happen to come."""
    depth = deepest = 0
    for bracket in re.findall(rb"[][{}]", re.sub(rb'"(?:[^"\\\\]|\\\\.)*"', b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > MOST_NESTED:
        raise ValueError("nested too deeply")
    return json.loads(body.decode())


class Refused(Exception):
    """A request that is refused, with this status."""

    def __init__(self, status: int, text: str = "", headers: Headers | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers or {}


@dataclass
class Incoming:
    """A request as it arrived."""

    method: str
    target: str
    headers: Headers
    body: bytes
    is_known: bool = False
    sender_is_gone: Callable[[], bool] = lambda: False


@dataclass
class RightReceiver:
    """A receiver that does what the guide asks for. It acts by noting who has registered; `acts` has each act,
    `members` what is known of each."""

    url: str = ""
    secret: str = SECRET
    acts: list[str] = field(default_factory=list)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    broken_by: Path | None = None  # a file that is there while it is broken
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def handle(self, request: Incoming) -> tuple[int, str, Headers]:
        """Status, text and headers of the answer."""
        try:
            self.receive(request)
        except Refused as refused:
            return refused.status, refused.text, refused.headers
        except Exception as error:  # noqa: BLE001 (as frameworks have it)
            return 500, self.explained(error), {}
        return 204, "", {}

    def receive(self, request: Incoming) -> None:
        """Verify, parse, deduplicate, act."""
        self.route(request)
        self.admit(request)
        self.verify(request)
        event = self.parse(request.body)
        if self.concerns(event):
            self.take(event, request)

    # ---------------------------------------------------------------- the steps
    def named(self, headers: Headers) -> Headers:
        """Headers by name in lower case."""
        return {name.lower(): value for name, value in headers.items()}

    def route(self, request: Incoming) -> None:
        """Is it for the handler?"""
        if request.target != PATH:
            raise Refused(404)
        if request.method != "POST":
            raise Refused(405, headers={"Allow": "POST"})

    def admit(self, request: Incoming) -> None:
        """May it be looked at?"""
        self.admit_type(request.headers.get("content-type", ""))
        if len(request.body) > MOST_BYTES:
            raise Refused(413)

    def admit_type(self, media_type: str) -> None:
        """Is it JSON?"""
        if media_type.partition(";")[0].strip().lower() != "application/json":
            raise Refused(415)

    def verify(self, request: Incoming) -> None:
        """Is it authentic, and from now?"""
        signature, timestamp, request_id = self.signature_headers(request.headers)
        digest = self.algorithm(request.headers)
        lines = self.lines(request, timestamp, request_id)
        matches = self.same(self.expected(self.secret, lines, digest), signature)
        if not matches or not self.is_fresh(timestamp):
            raise Refused(401, self.refusal(request, lines))

    def signature_headers(self, headers: Headers) -> tuple[str, str, str]:
        """Signature, timestamp and request id."""
        values = [headers.get(f"x-webhook-{name}", "") for name in ("signature", "timestamp", "request-id")]
        if not all(values):
            raise Refused(401)
        return values[0], values[1], values[2]

    def algorithm(self, _headers: Headers) -> str:
        """The algorithm of the HMAC."""
        if _headers.get("x-webhook-signature-algorithm") != "hmac-sha256":
            raise Refused(401)
        return "sha256"

    def lines(self, request: Incoming, timestamp: str, request_id: str) -> list[str]:
        """The lines that are signed."""
        parts = urlsplit(self.url)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        digest = hashlib.sha256(self.signed_body(request.body)).hexdigest()
        return ["POST", f"{len(host)}:{host}", f"{len(path)}:{path}", digest, timestamp, request_id]

    def signed_body(self, body: bytes) -> bytes:
        """The bytes that are signed."""
        return body

    def expected(self, secret: str, lines: list[str], digest: str) -> str:
        """The signature of these lines."""
        return hmac.new(secret.removeprefix("whsec_").encode(), "\n".join(lines).encode(), digest).hexdigest()

    def same(self, expected: str, given: str) -> bool:
        """Whether two signatures are equal."""
        return hmac.compare_digest(expected.encode(), given.encode())

    def is_fresh(self, timestamp: str) -> bool:
        """Whether it was signed about now."""
        return re.fullmatch("[0-9]{1,12}", timestamp) is not None and abs(self.age(timestamp)) <= WINDOW

    def age(self, timestamp: str) -> float:
        """Seconds since it was signed."""
        return time.time() - int(timestamp)  # noqa: TID251 (a receiver has the machine's clock)

    def refusal(self, _request: Incoming, _lines: list[str]) -> str:
        """What a refusal says."""
        return "refused"

    def explained(self, _error: Exception) -> str:
        """What the answer to a failure says."""
        return "it failed"

    def parse(self, body: bytes) -> dict[str, Any]:
        """The event."""
        try:
            event = parsed(body)
        except ValueError:
            raise Refused(400) from None
        self.validate(event)
        return dict(event)

    def validate(self, event: Any) -> None:
        """Is it as the contract has it, as far as it is used?"""
        texts = ("messageId", "eventName")
        if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in texts):
            raise Refused(400)
        if not isinstance(event.get("data"), dict | list):
            raise Refused(400)
        self.read(event)

    def read(self, event: dict[str, Any]) -> tuple[str, str]:
        """The member's id and first name; empty in other events."""
        data = event["data"] if isinstance(event["data"], dict) else {}
        profile = data.get("customerData") or {}
        return str(data.get("customerId", "")), str(profile.get("firstName") or "")

    def concerns(self, _event: dict[str, Any]) -> bool:
        """Whether it is of any use here."""
        return bool(_event["eventName"] == "CustomerRegistered")

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Once for each message, in one transaction."""
        with self.lock:
            if self.key(event) in self.seen:
                return
            self.work()
            self.act(event)
            self.seen.add(self.key(event))

    def key(self, event: dict[str, Any]) -> str:
        """What tells repeats."""
        return str(event["messageId"])

    def work(self) -> None:
        """What may fail."""
        if self.broken_by is not None and self.broken_by.exists():
            raise RuntimeError("the database is away")

    def act(self, event: dict[str, Any]) -> None:
        """The effect."""
        self.acts.append(event["messageId"])
        self.remember(event)

    def remember(self, event: dict[str, Any]) -> None:
        """What is known of a member afterwards: the latest."""
        member, name = self.read(event)
        known = self.members.get(member, ("", ""))
        self.members[member] = max(known, (event["createdAt"], name))


class RightAfterwards(RightReceiver):
    """A receiver that notes an event, answers, and acts afterwards: when `catch_up` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: list[dict[str, Any]] = []

    def act(self, event: dict[str, Any]) -> None:
        """Later."""
        self.queue.append(event)

    def catch_up(self, _seconds: float) -> None:
        """Act on what waits, as a worker does in so many seconds."""
        with self.lock:
            waiting, self.queue = self.queue, []
            for event in waiting:
                super().act(event)


class RightBeforeValidating(RightReceiver):
    """A receiver that tells repeats of what is authentic before it validates them. It takes one request after another,
    so a repeat is told only once the event has had its effect."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        self.turn = threading.Lock()

    def receive(self, request: Incoming) -> None:
        """When it is its turn."""
        with self.turn:
            super().receive(request)

    def validate(self, event: Any) -> None:
        """Unless it is a repeat."""
        message = event.get("messageId") if isinstance(event, dict) else None
        if isinstance(message, str) and message in self.known:
            event |= {"eventName": "a repeat"}
            return
        self.known |= {message} if isinstance(message, str) else set()
        super().validate(event)

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Once; what fails isn't known."""
        try:
            super().take(event, _request)
        except RuntimeError:
            self.known.discard(self.key(event))
            raise


class RightBehindGate(RightReceiver):
    """A receiver behind a gate, which wants a header and Basic authentication, and tells both."""

    def route(self, request: Incoming) -> None:
        """Past the gate."""
        if (request.headers.get("x-gate"), request.headers.get("authorization")) != (SESAME, f"Basic {NAMED_SESAME}"):
            raise Refused(403, f"{SESAME} and {NAMED_SESAME}")
        super().route(request)


class _Handler(BaseHTTPRequestHandler):
    server: "ReceiverServer"

    def handle_request(self) -> None:
        receiver, path = self.server.receiver, self.path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path == "/effects":
            self._answer(200, json.dumps(len(receiver.acts)), {})
        elif path == "/members":
            rows = [{"id": member, "firstName": name} for member, (_, name) in receiver.members.items()]
            self._answer(200, json.dumps(rows), {})
        elif path == "/ids":
            self._answer(200, json.dumps([*receiver.members]), {})
        else:
            headers = receiver.named(dict(self.headers.items()))
            request = Incoming(self.command, path, headers, body, sender_is_gone=self._sender_is_gone)
            self._answer(*receiver.handle(request))

    do_GET = do_POST = do_PUT = do_DELETE = handle_request  # noqa: N815 (as BaseHTTPRequestHandler calls them)

    def _sender_is_gone(self) -> bool:
        """Whether the connection ends soon."""
        readable, _, _ = select.select([self.connection], [], [], SOON)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _answer(self, status: int, text: str, headers: Headers) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if status != 204:
            self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


class ReceiverServer(ThreadingHTTPServer):
    """Serves a receiver."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, receiver: RightReceiver) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.receiver = receiver
        receiver.url = f"http://127.0.0.1:{self.server_port}{PATH}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # a sender that hangs up is no news
        """Nothing."""


@contextmanager
def serving(receiver: RightReceiver) -> Iterator[RightReceiver]:
    """The receiver, served until the end of the context."""
    with ReceiverServer(receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            thread.join()
