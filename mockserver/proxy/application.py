"""The application of a proxy: passes on, judges, and tells what it has found.

refusal     what can't be passed on at all: another protocol, a loop, a public host name
fault       one of /_mock/faults, if there is any
request     read up to 1 MiB, and judged; a longer one is passed on without
fallback    operations that the mock answers in any case
live        the instance; if it has no answer a 502 or 504 that says why
answer      held until it can be judged, or passed as it comes; with --strict a 502 in its place
journal     as the mock keeps it, with its stream and its page; the tally, the HAR, a line of the log
"""

import logging
from collections.abc import Sequence
from functools import partial
from time import perf_counter  # noqa: TID251 (how long a request took, for the log and the HAR alone)
from typing import NamedTuple, TypeVar

from starlette.types import Message, Receive, Scope, Send

from mockserver.app.application import Application
from mockserver.app.control_access import ControlAccess, DocumentationAccess
from mockserver.app.cross_origin import ANYBODY, is_preflight, preflight
from mockserver.app.request_log import RequestLine
from mockserver.clock import Clock, Ids
from mockserver.errors import ApiError
from mockserver.http.messages import (
    SINGLE_HEADERS,
    BrokenOff,
    Disconnected,
    Ending,
    Header,
    PassedResponse,
    Request,
    Response,
)
from mockserver.logs import log_event
from mockserver.observers import Observers
from mockserver.pipeline import changed_by
from mockserver.proxy import fallback as standing_in
from mockserver.proxy import passed_headers
from mockserver.proxy.bodies import all_pieces, read_ahead
from mockserver.proxy.control import ProxyControl
from mockserver.proxy.fallback import Fallback
from mockserver.proxy.har import Archive
from mockserver.proxy.judge import ContractJudge, OperationJudge
from mockserver.proxy.live import Live, LiveAnswer, LiveFailed
from mockserver.proxy.own_answers import BAD_GATEWAY, FORBIDDEN, misdirected, own_answer, refusal
from mockserver.proxy.passage import Passage, PassingStream, while_client_stays
from mockserver.proxy.tally import ViolationTally
from mockserver.remarks import LONGEST_TEXT
from mockserver.world import World

logger = logging.getLogger("mockserver")

Given = TypeVar("Given", bound=Response)
CONTROL = b"/_mock/"
ID_DIGITS = 16
PUBLIC_NAME = (
    "This host name might be a public one, by which a web page could read the instance. Call the proxy by its address, "
    "or by a name such as localhost; or start it with --host and an address that other machines reach."
)
NOT_AGREED = "The instance lets no page of this origin call it, and for the mock a body over 1 MiB is too large."
ENDED_EARLY = "{} began an answer and ended the connection before all of it was there: {}"
CANT_CHANGE = (
    "A fault can't change this answer, which is passed as it comes. Give the fault a status, or a longer match."
)


class ProxyOptions(NamedTuple):
    """What a proxy does beside passing on. Without a `fallback` no mock stands in. `own_port` is where it listens."""

    strict: bool = False
    fallback: Fallback | None = None
    archive: Archive | None = None
    own_port: int | None = None


class _IsStreamed(Exception):
    """An answer is passed as it comes, and can't be changed."""


class ProxyApplication:
    """The proxy in front of one instance. It is served by our own server, each request in a task from its start.
    `ended` are told of the tally when all is over."""

    single_headers = SINGLE_HEADERS

    def __init__(self, world: World, mock: Application, live: Live, options: ProxyOptions) -> None:
        """`mock` is the application of the world: its control plane is that of the proxy. Raises ContractError."""
        self.tally, self.ended = ViolationTally(), Observers[[ViolationTally]]()
        self._world, self._mock, self._live = world, mock, live
        self._options, self._fallback = options, options.fallback
        self._judge = ContractJudge(world.contract)
        self._clock = Clock()  # that of the machine: the mock's can be moved
        self._proxy_id = Ids.from_chance().hex(ID_DIGITS).encode()
        self._authority = live.address.authority.encode()
        self._hosts = DocumentationAccess(world.settings.host)
        settings = world.settings
        access = ControlAccess(settings.control_token, settings.control_origin, world.sessions)
        rule = access if settings.control else None
        self._control = ProxyControl(mock.answer, rule, self.tally, has_mock=options.fallback is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's lifespan: as that of the mock; the connections to the instance end before it is over."""

        async def closed_before_the_end(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await self._live.close()
                if self._options.archive:
                    self.tally.complaints = self._options.archive.close()
                self.ended.tell(self.tally)
            await send(message)

        await self._mock(scope, receive, closed_before_the_end)

    def abandoned(self, request: Request) -> None:
        """Note a request whose client left before it had sent all of it, or before its turn came."""
        if request.raw_path.startswith(CONTROL):
            self._mock.abandoned(request)
            return
        judge = self._judge.of(request)
        self._world.journal.record_abandoned(request, judge.operation_id if judge else None)

    async def answer(self, request: Request) -> Response:
        """The response to a request. Raises Disconnected if the client leaves before it is there."""
        if answer := misdirected(request, self._live.address.url, self._options.own_port):
            return answer
        if request.raw_path.startswith(CONTROL):
            return await self._control.answer(request)
        request.began_at = perf_counter()
        passage = Passage(request, self._judge.of(request), self._clock.now())
        try:
            response = await self._answer(passage)
        except Disconnected:
            self._world.journal.record_abandoned(request, passage.operation_id)
            raise
        if isinstance(response, PassedResponse) and response.stream is not None:
            return response  # it is noted at its end
        self._note(passage, response)
        return response

    async def _answer(self, passage: Passage) -> Response:
        request = passage.request
        try:
            self._hosts.check(request)
        except ApiError:
            return own_answer(request, FORBIDDEN, PUBLIC_NAME)
        if refused := refusal(request, self._proxy_id, self._live.address):
            return refused
        faults = self._world.faults
        fault = await faults.for_request(passage.operation_id, request) if faults.of_operations else None
        if fault is None:
            return await self._pass(passage)
        try:
            return await changed_by(fault, self._world, None, partial(self._unframed, passage), request)
        except _IsStreamed:
            return own_answer(request, BAD_GATEWAY, CANT_CHANGE)

    async def _unframed(self, passage: Passage, _request: Request) -> Response:
        """The answer as a fault can change it. Raises _IsStreamed."""
        response = await self._pass(passage)
        if not isinstance(response, PassedResponse):
            return response
        if response.stream is not None:
            response.stream.close()
            raise _IsStreamed
        headers = [(name.lower(), value) for name, value in response.headers]
        return Response(response.status, headers, response.body, remarks=response.remarks)

    async def _pass(self, passage: Passage) -> Response:
        """The answer of the instance, or what is answered in its place."""
        request, sent = passage.request, passage.sent
        if request.body is None and request.source is not None:
            first = await read_ahead(request.source.read, sent)
        else:
            first = request.body or b""
            sent.add(first)
            sent.has_ended = sent.is_whole  # of a longer one a fault has read the beginning
        passage.judge_request()
        if self._fallback and sent.has_ended and (response := await self._unasked(passage, self._fallback)):
            return response
        if self._fallback and self._fallback.has_agreed(passage):
            return own_answer(request, FORBIDDEN, NOT_AGREED)
        if self._options.strict and passage.in_request:
            return self._in_place(passage, "The request leaves the contract, and was not passed on")
        try:
            response = await while_client_stays(request, self._pass_on(passage, first))
        except LiveFailed as failure:
            return own_answer(request, failure.status, str(failure))
        if isinstance(response, PassedResponse) and response.stream and request.source:
            request.source.when_left(response.stream.close)
        return response

    async def _unasked(self, passage: Passage, fallback: Fallback) -> Response | None:
        """What the mock answers without the instance being asked; None if that is asked."""
        if is_preflight(passage.request):
            return await self._preflight(passage) if fallback.is_named(self._wanted(passage)) else None
        if fallback.is_named(passage.judge):
            return await self._by_mock(passage, "named")
        return await self._by_mock(passage, "live refuses this origin") if fallback.has_agreed(passage) else None

    def _wanted(self, passage: Passage) -> OperationJudge | None:
        """The judge of the operation that a page asks to call."""
        wanted = passage.request.headers.get(b"access-control-request-method", b"")
        return self._judge.of(passage.request, wanted.decode("latin-1"))

    async def _pass_on(self, passage: Passage, first: bytes) -> Response:
        request, sent = passage.request, passage.sent
        body = first if sent.has_ended or request.source is None else all_pieces(first, request.source.read, sent)
        headers = passed_headers.of_request(request, self._authority, _framing(passage), self._proxy_id)
        answer = await self._live.ask(request.method, passage.target, headers, body)
        passage.waited = perf_counter() - request.began_at
        passage.take(answer.status, answer.headers)
        if not passage.is_held:
            return await self._passing(passage, answer, b"")
        try:
            came = await read_ahead(answer.read, passage.came)
        except BrokenOff as error:
            raise LiveFailed(BAD_GATEWAY, ENDED_EARLY.format(self._live.address.url, error)) from error
        if not passage.came.has_ended:
            return await self._passing(passage, answer, came)
        passage.note_surplus(answer.has_surplus)
        return await self._held(passage, came)

    async def _held(self, passage: Passage, body: bytes) -> Response:
        """An answer that is there as a whole."""
        request = passage.request
        await passage.judge_answer()
        if self._fallback:
            self._fallback.note(passage)
        if self._fallback and passage.sent.whole is not None:
            if is_preflight(request):
                if self._fallback.agrees(passage, self._wanted(passage)):
                    return await self._preflight(passage)
            elif self._fallback.is_missing(passage):
                return await self._by_mock(passage, f"live answered {passage.status}")
        if self._options.strict and passage.in_answer:
            return self._in_place(passage, f"The answer, a {passage.status}, leaves the contract")
        return _remarked(passage.response(body), passage)

    async def _passing(self, passage: Passage, answer: LiveAnswer, first: bytes) -> Response:
        """An answer that is passed on as it comes, once its head is judged."""
        await passage.judge_answer()
        if self._options.strict and passage.in_answer:
            await answer.close()
            return self._in_place(passage, f"The answer, a {passage.status}, leaves the contract")
        if passage.length is None:
            answer.be_patient()
        stream = PassingStream(answer, passage.came, partial(self._passed_all, passage, answer))
        return _remarked(passage.response(first, stream), passage)

    async def _passed_all(self, passage: Passage, answer: LiveAnswer, is_complete: bool) -> None:  # noqa: FBT001 (a callback)
        """Note an answer that was passed on as it came."""
        passage.note_surplus(answer.has_surplus)
        if is_complete:
            await passage.judge_answer()
        ending: Ending | None = None if is_complete else "truncated"
        self._note(passage, _remarked(Response(passage.status, passage.headers, ending=ending), passage))

    async def _by_mock(self, passage: Passage, why: str) -> Response:
        """The answer of the mock, which says so."""
        self._archive(passage)
        passage.is_of_live = False
        passage.in_answer, passage.shown_body = [], b""
        request = passage.request
        request.body = bytes(passage.sent.kept)
        response = await self._mock.answer(request)
        response.headers.append(standing_in.mark(why))
        self.tally.fallbacks[passage.operation_id or ""] += 1
        passage.is_noted = True
        self._count_found(passage, response.status)
        return _remarked(response, passage)

    async def _preflight(self, passage: Passage) -> Response:
        """The answer to a page that asks whether it may call an operation that the mock answers: any page may, without
        cookies."""
        passage.is_of_live = False
        response = await preflight(passage.request)
        response.headers += [*ANYBODY, standing_in.mark("preflight")]
        return response

    def _in_place(self, passage: Passage, why: str) -> Response:
        """The 502 of --strict in place of what leaves the contract."""
        told = list(map(str, passage.found))
        response = own_answer(passage.request, BAD_GATEWAY, f"{why} (--strict).", told)
        passage.is_of_live = False
        response.remark(violation="; ".join(told)[:LONGEST_TEXT])
        return response

    # ---------------------------------------------------------------- what is kept of it
    def _note(self, passage: Passage, response: Response) -> None:
        """Keep what has happened: journal, tally, metrics, HAR, log."""
        if passage.is_noted:
            return
        passage.is_noted = True
        request, status, operation_id = passage.request, response.status, passage.operation_id
        seconds = perf_counter() - request.began_at
        request.body = bytes(passage.sent.kept)
        shown = passage.shown_body if passage.is_of_live and not response.remarks.fault else response.body
        kept = Response(status, response.headers, shown, ending=response.ending, remarks=response.remarks)
        self._world.journal.record(request, kept, operation_id)
        self._count(passage, response, seconds)
        self._archive(passage)
        log_event(logger, RequestLine(request, response, 1000 * seconds, operation_id))

    def _archive(self, passage: Passage) -> None:
        """Write what the instance has answered, whatever the client gets in its place."""
        if self._options.archive and passage.status:
            self._options.archive.add(passage, perf_counter() - passage.request.began_at)

    def _count(self, passage: Passage, response: Response, seconds: float) -> None:
        tally, metrics, judge = self.tally, self._world.metrics, passage.judge
        traffic = metrics.traffic(passage.operation_id, response.status)
        traffic.number += 1
        traffic.seconds += seconds
        if response.remarks.fault:
            metrics.faults[passage.operation_id] += 1
        if passage.status:  # the instance has answered
            tally.passed += 1
            tally.judged += judge is not None
            tally.add_unjudged(passage.unjudged)
            if judge is None and not is_preflight(passage.request):
                tally.add_unknown(passage.method, passage.request.path)
        self._count_found(passage, response.status)

    def _count_found(self, passage: Passage, status: int) -> None:
        """Count what is wrong with what the journal has got last; `status` is that of an answer which isn't live's."""
        if passage.judge is not None and passage.found:
            self._world.metrics.violations[passage.operation_id] += 1
            request_id = f"r-{self._world.journal.revision}"
            self.tally.add(passage.judge, passage.found, passage.status or status, request_id)


def _framing(passage: Passage) -> Sequence[Header]:
    """The headers that say how long the body of a request is: those with which it came."""
    headers = passage.request.headers
    if b"content-length" in headers:
        return [(b"content-length", headers[b"content-length"])]
    if b"transfer-encoding" not in headers:
        return []
    if passage.sent.has_ended:
        return [(b"content-length", b"%d" % passage.sent.size)]
    return [(b"transfer-encoding", b"chunked")]


def _remarked(response: Given, passage: Passage) -> Given:
    """The response with what is wrong with it."""
    if report := passage.report:
        response.remark(violation=report[:LONGEST_TEXT])
    return response
