"""A passage: one request on its way to the instance, and the answer on its way back."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from mockserver.content_codings import CannotDecode
from mockserver.http.messages import (
    MAX_BODY,
    WITHOUT_BODY,
    BrokenOff,
    Disconnected,
    Header,
    PassedResponse,
    Request,
    Response,
)
from mockserver.proxy import passed_headers
from mockserver.proxy.bodies import BodyCopy
from mockserver.proxy.judge import FoundViolation, OperationJudge, is_json, readable_body

Result = TypeVar("Result")
NOT_MODIFIED = 304  # which no contract has to declare: it is HTTP's
TOO_LARGE = "over 1 MiB"
SURPLUS = "bytes behind the end of an answer, which were dropped with their connection"


class Passage:
    """One request and the answer to it, as far as they have come, and what is wrong with them.

    `judge` is None if the contract has no such operation. `unjudged` says why a body wasn't judged.
    """

    def __init__(self, request: Request, judge: OperationJudge | None, at: float) -> None:
        self.request, self.judge, self.at = request, judge, at
        self.method, self.target = request.method, _target(request)
        self.sent, self.came = BodyCopy(), BodyCopy()
        self.sent_headers: list[Header] = list(request.headers.items())
        self.status = 0
        self.headers: list[Header] = []
        self.lower_headers: list[Header] = []  # the same, their names in lower case
        self.in_request: list[FoundViolation] = []
        self.in_answer: list[FoundViolation] = []
        self.unjudged: set[str] = set()
        self.waited = 0.0  # seconds until the head of the answer was there
        self.is_of_live = False  # whether the answer that the client gets is that of the instance
        self.is_noted = False
        self.shown_body = b""

    @property
    def operation_id(self) -> str | None:
        """The operation; None if the contract has none."""
        return self.judge.operation_id if self.judge else None

    @property
    def found(self) -> list[FoundViolation]:
        """All that is wrong."""
        return [*self.in_request, *self.in_answer]

    @property
    def report(self) -> str | None:
        """The same in a line; None if nothing is wrong."""
        return "; ".join(map(str, self.found)) or None

    def judge_request(self) -> None:
        """Judge the request, as far as it was read."""
        if self.judge is not None:
            body = self._readable(self.sent, list(self.request.headers.items()), "request")
            self.in_request = self.judge.of_request(self.request, body)

    async def judge_answer(self) -> None:
        """Judge the answer: all of it if it has ended, else its head."""
        body = self._readable(self.came, self.lower_headers, "answer") if self.came.has_ended else None
        self.shown_body = bytes(self.came.kept) if body is None else body
        if self.judge is None or self.status == NOT_MODIFIED:
            return
        response = Response(self.status, self.lower_headers, body or b"")
        has_body = body is not None and response.may_have_body(self.request)
        self.in_answer = self.judge.of_answer(response, has_body=has_body)
        self.in_answer += await self.judge.of_access(self.request, self.status)

    def _readable(self, copy: BodyCopy, headers: list[Header], side: str) -> bytes | None:
        """A body as it is judged; None if it can't be."""
        if copy.whole is None:
            if not copy.is_whole:
                self.unjudged.add(f"{side} {TOO_LARGE}")
            return None
        try:
            return readable_body(copy.whole, headers)
        except CannotDecode as error:
            self.unjudged.add(f"{side}: {error}")
            return None

    def take(self, status: int, headers: list[Header]) -> None:
        """Take the head of the answer of the instance."""
        self.status, self.headers, self.is_of_live = status, headers, True
        self.lower_headers = [(name.lower(), value) for name, value in headers]

    def note_surplus(self, has_surplus: bool) -> None:  # noqa: FBT001 (a fact, handed on)
        """Note whether the instance has sent more than its answer."""
        if has_surplus:
            self.unjudged.add(SURPLUS)

    @property
    def length(self) -> int | None:
        """How long the answer says that its body is; None if it doesn't."""
        told = next((value for name, value in self.lower_headers if name == b"content-length"), b"")
        return int(told) if told.isdigit() else None

    @property
    def is_held(self) -> bool:
        """Whether the client gets the answer only once all of it has come, up to what is judged: JSON, of which nobody
        reads a part, and what says that it is short. Streams of events and all else are passed as they come."""
        if self.method == "HEAD" or self.status in WITHOUT_BODY:
            return True
        length = self.length
        return is_json(self.lower_headers) if length is None else length <= MAX_BODY

    def response(self, first: bytes, stream: "PassingStream | None" = None) -> PassedResponse:
        """The answer for the client."""
        response = PassedResponse(self.status, passed_headers.of_answer(self.headers), first, stream)
        if stream is not None or self.method == "HEAD":
            response.size = self.length
        elif self.status in WITHOUT_BODY:
            response.size = 0
        return response


class AnswerSource(Protocol):
    """What an answer is read from."""

    async def read(self) -> bytes:
        """The next piece, or nothing at the end. Raises BrokenOff."""

    async def close(self) -> None:
        """End it."""


class PassingStream:
    """The rest of an answer, as the body of a response. `ended` is called once: with whether all of it has come."""

    def __init__(
        self, source: AnswerSource, copy: BodyCopy, ended: Callable[[bool], Coroutine[Any, Any, None]]
    ) -> None:
        self._source, self._copy, self._ended = source, copy, ended
        self._reader: asyncio.Task[Any] | None = None
        self._is_closed = self._is_over = False
        self._ending: asyncio.Task[None] | None = None

    async def read(self) -> bytes:
        """The next piece, or nothing at its end. Raises BrokenOff if the instance, or the client, has ended it."""
        if self._is_closed:
            raise BrokenOff("the client has left")
        self._reader = asyncio.current_task()
        try:
            piece = await self._source.read()
        except asyncio.CancelledError:
            if not self._is_closed or self._reader is None:
                raise
            self._reader.uncancel()
            await self._end(complete=False)
            raise BrokenOff("the client has left") from None
        except BrokenOff:
            await self._end(complete=False)
            raise
        finally:
            self._reader = None
        self._copy.add(piece)
        if not piece:
            self._copy.has_ended = True
            await self._end(complete=True)
        return piece

    def close(self) -> None:
        """End it, as its client has left or the server ends. May be repeated."""
        if self._is_closed or self._is_over:
            return
        self._is_closed = True
        if self._reader is not None:
            self._reader.cancel()
        else:
            self._ending = asyncio.get_running_loop().create_task(self._end(complete=False))

    async def _end(self, *, complete: bool) -> None:
        if not self._is_over:
            self._is_over = True
            await self._source.close()
            await self._ended(complete)


async def while_client_stays(request: Request, work: Awaitable[Result]) -> Result:
    """What the work returns; it is cancelled if the client leaves. Raises Disconnected then."""
    task, has_left = asyncio.current_task(), False

    def leave() -> None:
        nonlocal has_left
        has_left = True
        if task is not None:
            task.cancel()

    source = request.source
    if source is not None:
        source.when_left(leave)
    try:
        return await work
    except asyncio.CancelledError:
        if not has_left or task is None:
            raise
        task.uncancel()
        raise Disconnected from None
    finally:
        if source is not None:
            source.when_left(None)


def _target(request: Request) -> bytes:
    return request.raw_path + b"?" + request.query_string if request.query_string else request.raw_path
