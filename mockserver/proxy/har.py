"""The HAR of a proxy: what went to the instance and back, as a file that other tools read, without secrets.

The file is a whole HAR 1.2 after each entry: the next one is written over its end. So nothing is lost when the proxy is
killed, but for what is on its way. A thread of its own writes it, so that no request waits.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson

from mockserver import __version__
from mockserver.archive_words import Why, left_out
from mockserver.errors import SettingsError
from mockserver.http.messages import Header, Request
from mockserver.proxy.own_file import is_deleted, opened
from mockserver.proxy.passage import Passage
from mockserver.world.redaction import Redaction, shown_body

logger = logging.getLogger("mockserver")

MOST_WAITING = 32 * 1024 * 1024  # bytes of bodies that wait to be written; those that follow are left out
UNKNOWN = -1  # a size or time, as the format has it
FOOT = b"\n]}}\n"
Json = dict[str, Any]


class _Kept(NamedTuple):
    """A passage as far as the file needs it: bodies, or why they are left out."""

    at: float
    request: Request
    target: bytes
    sent: bytes | Why
    sent_size: int
    status: int
    headers: list[Header]
    came: bytes | Why
    came_size: int
    waited: float
    seconds: float
    operation_id: str | None
    report: str | None

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return sum(len(body) for body in (self.sent, self.came) if isinstance(body, bytes))


class Archive:
    """The file of one proxy, which begins it anew. Has to be closed."""

    def __init__(self, path: str, url: str, redaction: Redaction) -> None:
        """`url` is that of the instance. Raises SettingsError if the file can't be written."""
        self._url, self._redaction = url, redaction
        self._host = urlsplit(url).netloc.encode()
        self._waiting: queue.SimpleQueue[_Kept | None] = queue.SimpleQueue()
        self._bytes = 0
        self._lock = threading.Lock()
        self.written = self.lost = 0
        self._complaints: list[str] = []
        creator = {"name": "mockserver proxy", "version": __version__}
        head = orjson.dumps({"log": {"version": "1.2", "creator": creator, "entries": []}})
        self._path, self._end = path, 0
        self._file = os.fdopen(opened("--har", path), "wb", buffering=0)  # its owner's alone: it tells of people
        try:
            self._put(head[: head.rindex(b"]")])
        except OSError as error:
            self._file.close()
            raise SettingsError(f"--har {path} can't be written: {error.strerror}. Name another file.") from error
        self._thread = threading.Thread(target=self._write_all, name="har", daemon=True)
        self._thread.start()

    def add(self, passage: Passage, seconds: float) -> None:
        """Have a passage written, soon."""
        request = Request(passage.method, passage.target, {**dict(passage.sent_headers), b"host": self._host}, None)
        kept = _Kept(
            at=passage.at,
            request=request,
            target=passage.target,
            sent=passage.sent.lacks or bytes(passage.sent.kept),
            sent_size=passage.sent.size,
            status=passage.status,
            headers=passage.headers,
            came=passage.came.lacks or passage.shown_body,
            came_size=passage.came.size,
            waited=passage.waited,
            seconds=seconds,
            operation_id=passage.operation_id,
            report=passage.report,
        )
        with self._lock:
            if self._bytes + kept.size > MOST_WAITING:
                kept = kept._replace(sent=_crowded_out(kept.sent), came=_crowded_out(kept.came))
            self._bytes += kept.size
        self._waiting.put(kept)

    def close(self) -> list[str]:
        """Write what waits, and end. Returns what is wrong with the file, as sentences. May be repeated."""
        self._waiting.put(None)
        self._thread.join()
        if not self._file.closed:
            if is_deleted(self._file.fileno()):
                self._complaints.append(f"{self._path} was deleted: nothing of what has passed is kept there.")
            self._file.close()
            if self.lost:
                self._complaints.append(f"{self.lost} of what has passed couldn't be written to {self._path}.")
        return self._complaints

    def _write_all(self) -> None:
        while (kept := self._waiting.get()) is not None:
            try:
                self._write(kept)
            except (OSError, ValueError, TypeError) as error:
                self.lost += 1
                if self.lost == 1:
                    logger.error("Some of what passes isn't in the HAR: %s", error)  # noqa: TRY400 (no defect of ours)
            with self._lock:
                self._bytes -= kept.size

    def _write(self, kept: _Kept) -> None:
        """Write an entry over the end of the file, and the end behind it, in one step."""
        entry = (b",\n" if self.written else b"\n") + orjson.dumps(self._entry(kept))
        self._put(entry)
        self.written += 1

    def _put(self, text: bytes) -> None:
        """Write a text in place of the end, and the end behind it. If that fails, only the end is written again."""
        try:
            self._write_at(self._end, text + FOOT)
        except OSError:
            with suppress(OSError):
                self._write_at(self._end, FOOT)
                self._file.truncate()
            raise
        self._end += len(text)

    def _write_at(self, place: int, text: bytes) -> None:
        self._file.seek(place)
        while text:
            text = text[self._file.write(text) :]

    # ---------------------------------------------------------------- an entry
    def _entry(self, kept: _Kept) -> Json:
        wait, total = 1000 * kept.waited, 1000 * kept.seconds
        return {
            "startedDateTime": datetime.fromtimestamp(kept.at, UTC).isoformat(timespec="milliseconds"),
            "time": round(total, 3),
            "request": self._request(kept),
            "response": self._response(kept),
            "cache": {},
            "timings": {"send": 0, "wait": round(wait, 3), "receive": round(max(total - wait, 0), 3)},
            "_operation": kept.operation_id,
            "_violation": kept.report,
        }

    def _request(self, kept: _Kept) -> Json:
        path, _, query = kept.target.decode("latin-1").partition("?")
        query = self._redaction.query_text(query)
        shown: Json = {
            "method": kept.request.method,
            "url": self._url + path + (f"?{query}" if query else ""),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": self._headers(list(kept.request.headers.items())),
            "queryString": [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)],
            "headersSize": UNKNOWN,
            "bodySize": kept.sent_size,
        }
        if kept.sent or kept.sent_size:
            media_type = kept.request.headers.get(b"content-type", b"").decode("latin-1")
            shown["postData"] = {"mimeType": media_type} | _shown(kept.sent, partial(self._clean, kept.request))
        return shown

    def _response(self, kept: _Kept) -> Json:
        named = {name.lower(): value.decode("latin-1") for name, value in kept.headers}
        content: Json = {"size": kept.came_size, "mimeType": named.get(b"content-type", "")}
        if kept.came or kept.came_size:
            content |= _shown(kept.came, _masked)
        return {
            "status": kept.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": self._headers(kept.headers),
            "content": content,
            "redirectURL": self._redaction.shown_headers([(b"location", named[b"location"].encode("latin-1"))])[
                "location"
            ]
            if b"location" in named
            else "",
            "headersSize": UNKNOWN,
            "bodySize": kept.came_size,
        }

    def _clean(self, request: Request, body: bytes) -> bytes:
        request.body = body
        return self._redaction.request(request).body or b""

    def _headers(self, headers: list[Header]) -> list[Json]:
        """The headers, each by itself, as some come several times."""
        pairs = [next(iter(self._redaction.shown_headers([header]).items())) for header in headers]
        return [{"name": name, "value": value} for name, value in pairs]


def _masked(body: bytes) -> bytes:
    """A body without secrets."""
    shown = shown_body(body)
    return shown.encode() if isinstance(shown, str) and not body.lstrip().startswith(b'"') else orjson.dumps(shown)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _crowded_out(body: bytes | Why) -> bytes | Why:
    """What is kept of a body for which there is no room: one that is empty needs none."""
    return Why.TOO_MUCH_WAITS if isinstance(body, bytes) and body else body


def _shown(body: bytes | Why, clean: Callable[[bytes], bytes]) -> Json:
    """A body as a text without secrets, or why it is left out."""
    if isinstance(body, Why):
        return left_out(body)
    if _text(body) is None:
        return left_out(Why.NO_TEXT)
    return {"text": clean(body).decode("utf-8", "replace")}
