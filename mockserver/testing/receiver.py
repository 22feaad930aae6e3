"""A receiver of deliveries: a real HTTP server in threads, which captures requests and responds by given reactions."""

import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mockserver.escaping import masked, visible
from mockserver.http.loopback_server import LoopbackServer
from mockserver.nesting import shallow_json
from mockserver.testing.reactions import Reaction, Respond

NEAR_MISSES = 10  # captured requests that a failed expectation shows
LONGEST_SHOWN = 200  # characters of a value or a body in it
DEEPEST = 100  # levels of a payload
HOW_TO_REACT = "A reaction is a status, such as 503, or one of mockserver.testing: Respond(503, delay=1), Hang(), …"
Wanted = Mapping[tuple[str, ...], Any]  # values of a payload by their paths


@dataclass(frozen=True)
class Captured:
    """A request as it arrived. `path` is without the query, `query` what follows the question mark, as a text. Header
    names can be looked up in any case."""

    method: str
    path: str
    headers: Message
    body: bytes
    query: str = ""

    @cached_property
    def payload(self) -> Any:
        """The body as JSON, or None if it is none, or is nested deeper than DEEPEST."""
        return shallow_json(self.body, DEEPEST)

    @property
    def event_name(self) -> str | None:
        """The name of the event; None if the request is no delivery."""
        name = self.payload.get("eventName") if isinstance(self.payload, dict) else None
        return name if isinstance(name, str) else None

    def __str__(self) -> str:
        """A line for people, without secrets: method, path and query, event."""
        where = masked(f"{self.path}?{self.query}" if self.query else self.path)
        return visible(f"{self.method} {where} {self.event_name or ''}".rstrip())

    @property
    def signature(self) -> str:
        """The signature, or "" if there is none."""
        return str(self.headers.get("X-Webhook-Signature", ""))

    @property
    def data(self) -> Any:
        """The `data` of the payload. Raises ValueError if the request is no delivery that has some."""
        if not isinstance(self.payload, dict) or "data" not in self.payload:
            raise ValueError(f"{self.method} {self.path} has no `data`: its body is {_short(self.body)}.")
        return self.payload["data"]


@dataclass
class _Route:
    """The reactions to requests of one path, one after another; the last one repeats."""

    reactions: list[Reaction] = field(default_factory=lambda: [Respond()])

    def next(self) -> Reaction:
        return self.reactions.pop(0) if len(self.reactions) > 1 else self.reactions[0]


class Receiver:
    """A receiver from `with` to the end of its block. It answers 204, or by the given reactions, one after another, the
    last of them again and again. A number is the reaction that answers with this status.

    With `tls` it speaks HTTPS, under a certificate of its own: `ca_file` is what a client has to trust.
    """

    def __init__(self, *reactions: Reaction | int, tls: bool = False) -> None:
        """Raises TypeError for what is no reaction."""
        self._routes: dict[str | None, _Route] = {None: _Route(_reactions(reactions))}
        self._tls = tls
        self._ended = threading.Event()
        self._arrived = threading.Condition()
        self._captured: list[Captured] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._server: LoopbackServer | None = None
        self.ca_file: str | None = None

    # ---------------------------------------------------------------- the server
    @property
    def url(self) -> str:
        """The base URL, without a trailing slash. Raises RuntimeError before the receiver was entered."""
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    @property
    def port(self) -> int:
        """The port that it listens on. Raises RuntimeError before the receiver was entered."""
        if self._server is None:
            raise RuntimeError("The receiver has no address yet: enter it by `with` first.")
        return self._server.server_port

    def __enter__(self) -> Self:
        self._server = LoopbackServer(self._handle, self._certified() if self._tls else None)
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._server:
            self._server.__exit__(kind, error, trace)
        if self._folder:
            self._folder.cleanup()

    def _certified(self) -> ssl.SSLContext:
        from mockserver.testing.certificates import self_signed

        self._folder = tempfile.TemporaryDirectory()
        certificate, key = self_signed(Path(self._folder.name))
        self.ca_file = str(certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    # ---------------------------------------------------------------- reactions
    def answer_with(self, *reactions: Reaction | int, path: str | None = None) -> None:
        """Set the reactions to requests of all paths, or of one, whatever its query. They follow one another; the last
        one repeats. A number is the reaction that answers with this status. Raises TypeError for what is no reaction.
        """
        with self._arrived:
            self._routes[path] = _Route(_reactions(reactions))

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        """Capture a request, then react to it."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        path, _, query = request.path.partition("?")
        captured = Captured(request.command, path, request.headers, body, query)
        with self._arrived:
            self._captured.append(captured)
            self._arrived.notify_all()
            reaction = self._routes.get(captured.path, self._routes[None]).next()
        reaction.react(request, self._ended)

    # ---------------------------------------------------------------- captured requests
    @property
    def captured(self) -> list[Captured]:
        """All requests so far, in the order in which they came."""
        with self._arrived:
            return list(self._captured)

    def clear(self) -> None:
        """Forget the captured requests."""
        with self._arrived:
            self._captured.clear()

    def wait_for(
        self, event: str | None = None, match: Mapping[str, Any] | None = None, *, timeout: float = 5.0, **values: Any
    ) -> Captured:
        """The first delivery of an event that matches; waits until it arrives.

        `match` is a part of the payload: `{"storeCode": "DEFAULT"}`. Of an object only what is given must be equal.
        `values` say the same with less ado, a path being joined by two underscores: `storeCode="DEFAULT"`,
        `data__customerData__email="jo@example.com"`; names of arguments can be in `match` alone. Raises AssertionError
        after `timeout` seconds: it shows what has arrived instead, and how that differs.
        """
        __tracebackhide__ = True  # what pytest shows ends in the test
        return self.wait_for_all(1, event, match, timeout=timeout, **values)[0]

    def wait_for_all(
        self,
        count: int,
        event: str | None = None,
        match: Mapping[str, Any] | None = None,
        *,
        timeout: float = 5.0,
        **values: Any,
    ) -> list[Captured]:
        """The first so many deliveries that match, as `wait_for` has it."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        wanted = _wanted(event, match or {}, values)
        with self._arrived:
            found = self._arrived.wait_for(lambda: self._matching(wanted, count), timeout)
            if found:
                return found
            raise AssertionError(_complaint(count, wanted, timeout, self._captured))

    def _matching(self, wanted: Wanted, count: int) -> list[Captured]:
        """The first so many requests that match, or none."""
        matching = [captured for captured in self._captured if not list(_differences(captured, wanted))]
        return matching[:count] if len(matching) >= count else []


def _reactions(given: Sequence[Reaction | int]) -> list[Reaction]:
    """The reactions that were given; a 204 if there are none."""
    reactions = [Respond(one) if isinstance(one, int) else one for one in given]
    for one in reactions:
        if not callable(getattr(one, "react", None)):
            raise TypeError(f"{one!r} is no reaction. {HOW_TO_REACT}")
    return reactions or [Respond()]


# ---------------------------------------------------------------- expectations
def _wanted(event: str | None, match: Mapping[str, Any], values: Mapping[str, Any]) -> Wanted:
    """The values that a payload should have, by their paths."""
    named = {"eventName": event} if event else {}
    parts = {(name,): value for name, value in {**named, **match}.items()}
    return parts | {tuple(name.split("__")): value for name, value in values.items()}


def _complaint(count: int, wanted: Wanted, seconds: float, captured: list[Captured]) -> str:
    """The message of a failed expectation: what was wanted, and the closest requests."""
    terms = [f"{'.'.join(path)} == {_short(value)}" for path, value in wanted.items()]
    times = "No delivery" if count == 1 else f"Not {count} deliveries"
    head = f"{times}{' with ' if terms else ''}{' and '.join(terms)} within {seconds:g} s."
    if not captured:
        return f"{head} Nothing has arrived at all."
    differing = sorted(
        ((list(_differences(one, wanted)), number, one) for number, one in enumerate(captured, 1)),
        key=lambda entry: len(entry[0]),
    )
    lines = [f"  {number}. {one}: {'; '.join(found) or 'matches'}" for found, number, one in differing]
    more = [f"  … and {len(lines) - NEAR_MISSES} more"] if len(lines) > NEAR_MISSES else []
    return "\n".join([f"{head} {len(captured)} arrived, the closest first:", *lines[:NEAR_MISSES], *more])


def _differences(captured: Captured, wanted: Wanted) -> Iterator[str]:
    """The differences between a request and what is wanted, in words."""
    if captured.payload is None and wanted:
        yield f"the body is not JSON: {_short(captured.body)}"
        return
    for path, value in wanted.items():
        yield from _of_value(captured.payload, value, path, ())


def _of_value(given: Any, wanted: Any, ahead: Sequence[str], behind: tuple[str, ...]) -> Iterator[str]:
    where = ".".join(behind)
    if ahead:
        step = int(ahead[0]) if isinstance(given, list) and ahead[0].isdigit() else ahead[0]
        try:
            inner = given[step]
        except (KeyError, IndexError, TypeError):
            yield visible(f"{'.'.join((*behind, *ahead))} is not there")
            return
        yield from _of_value(inner, wanted, ahead[1:], (*behind, str(step)))
    elif isinstance(wanted, Mapping) and isinstance(given, Mapping):
        for name, value in wanted.items():
            yield from _of_value(given, value, [name], behind)
    elif given != wanted:
        yield f"{where} is {_short(given)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
